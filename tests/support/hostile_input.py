"""What hostile people send: anything at all, and what is nearly right, so that it gets far."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.slack.kit.ids import ActionId, Field, MenuChoice, Opinion, PickField, ViewId

hostile = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_ODD = (
    "",
    "\x00",
    "\ud800",
    "a\udfff\x00b",
    "x" * 5000,
    "<!channel> <@U0BEN> &lt;",
    "\u202etxet",
    "🦊" * 700,
    "٣",
    "-0",
    "9" * 5000,
    "NaN",
    "../../etc/passwd",
    "'; DROP TABLE generations; --",
    "%s%n{0.__class__}",
    "[" * 3000,
    "null",
)
# Not sampled_from: with these in it, Hypothesis would print pages.
ODD_TEXTS = st.integers(0, len(_ODD) - 1).map(lambda number: _ODD[number])
TEXT = ODD_TEXTS | st.text(max_size=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


def nearly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly right."""
    return st.one_of(right, right, right, ANYTHING)


OPTION = st.fixed_dictionaries({"value": nearly(TEXT)}, optional={"text": ANYTHING})
ELEMENT = st.fixed_dictionaries(
    {},
    optional={
        "value": nearly(TEXT),
        "selected_option": nearly(OPTION),
        "selected_options": nearly(st.lists(nearly(OPTION), max_size=3)),
        "selected_conversation": nearly(TEXT),
        "files": nearly(st.lists(nearly(st.fixed_dictionaries({"id": TEXT})), max_size=6)),
    },
)
FIELD_NAMES = st.sampled_from([*Field, *PickField]).map(str)
STATE = st.fixed_dictionaries(
    {"values": nearly(st.dictionaries(TEXT, nearly(st.dictionaries(FIELD_NAMES, nearly(ELEMENT)))))}
)
CONTEXT = st.fixed_dictionaries(
    {},
    optional={
        "channel_id": nearly(st.sampled_from(["C0DESIGN", "G0LAUNCH", "D0ADA", "C0NOWHERE"])),
        "thread_ts": nearly(TEXT),
        "offered": ANYTHING,
        "parent_id": nearly(TEXT),
        "is_restored": ANYTHING,
        "round": ANYTHING,
    },
)
WHO = st.sampled_from(["U0ADA", "U0BEN", "U0NOBODY"])
ACTION_IDS = st.sampled_from([*Field, *ActionId]).map(str) | TEXT
PREFIXES = st.sampled_from(["", *MenuChoice, *Opinion]).map(str)
VIEW_IDS = st.sampled_from(list(ViewId)).map(str) | TEXT
