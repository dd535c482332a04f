"""What a channel's rules add, lift and require; and that nothing is lifted by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.choices import Choice, GaveWay, PresetConflictError, PresetRequired, Settled, settle
from bot.policy.documents import dump_policy, read_policy, write_policy
from bot.policy.policy import Policy
from bot.policy.presets import Preset
from bot.policy.rules import (
    FIELDS_OF,
    LIFTABLE,
    BlockedWord,
    RuleName,
    Rules,
    find_blocked_word,
    find_rule_violations,
    find_word,
)

FOX = ImageRequest(prompt="a red fox", quantity=2)
STRICT = Rules(
    models=(Model.IDEOGRAM_3,), quantity_max=1, people=("U9",), groups=(), words=("fox",)
)
BROKEN = [RuleName.PERSON, RuleName.MODEL, RuleName.QUANTITY, RuleName.WORD]
BRAND = Preset(name="Brand", suffix="on white", model=Model.IDEOGRAM_3)
OTHER = Preset(name="Other")
POLICY = Policy(
    presets=(BRAND, OTHER),
    channel_rules={"C1": Rules(preset="brand"), "C2": Rules(preset="gone")},
)

_options = st.none() | st.just(())
_rules = st.builds(
    Rules,
    models=st.none() | st.lists(st.sampled_from(Model), unique=True).map(tuple),
    quantity_max=st.none() | st.integers(1, 4),
    people=_options | st.just(("U1",)) | st.just(("U2",)),
    groups=_options | st.just(("S1",)),
    words=_options | st.just(("fox",)),
    beginnings=_options | st.just(("fo",)),
    preset=st.none() | st.just("Brand"),
    lifted=st.none() | st.lists(st.sampled_from(LIFTABLE), unique=True).map(tuple),
)


def find_broken(rules: Rules, preset: str | None = None) -> list[RuleName]:
    """The rules that the fox breaks."""
    found = find_rule_violations(
        rules, FOX, channel_id="C1", user_id="U1", groups=(), preset=preset
    )
    return [each.rule for each in found]


@pytest.mark.parametrize("rule", LIFTABLE)
def test_a_lifted_rule_does_not_hold_and_all_others_do(rule: RuleName) -> None:
    lifted = STRICT.with_exceptions(Rules(lifted=(rule,)))

    assert find_broken(STRICT) == BROKEN
    assert find_broken(lifted) == [each for each in BROKEN if each is not rule]


def test_an_exception_without_anything_lifts_nothing() -> None:
    assert find_broken(STRICT.with_exceptions(Rules())) == BROKEN


@given(workspace=_rules, channel=_rules)
def test_each_rule_is_the_channels_the_lifted_or_the_workspaces(
    workspace: Rules, channel: Rules
) -> None:
    merged = workspace.with_exceptions(channel)

    for rule, fields in FIELDS_OF.items():
        of_channel = {name: getattr(channel, name) for name in fields}
        is_set = any(value is not None for value in of_channel.values())
        is_lifted = rule in (channel.lifted or ())
        otherwise = dict.fromkeys(fields) if is_lifted else _pick(workspace, fields)
        assert _pick(merged, fields) == (of_channel if is_set else otherwise)


@given(workspace=_rules, channel=_rules)
def test_who_does_not_lift_anything_gets_no_rule_of_the_workspace_out_of_the_way(
    workspace: Rules, channel: Rules
) -> None:
    """What an older version, which knows of no lifting, makes of it is never more."""
    bare = channel.model_copy(update={"lifted": None})

    allowed = find_broken(workspace.with_exceptions(bare), "Brand")
    assert set(find_broken(workspace.with_exceptions(channel), "Brand")) <= set(allowed)


def _pick(rules: Rules, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in names}


@given(before=_rules, after=_rules, channel=_rules)
def test_a_document_says_only_what_is_ruled_and_reads_back_as_it_was(
    before: Rules, after: Rules, channel: Rules
) -> None:
    old = Policy(rules=before)
    new = Policy(rules=after, channel_rules={"C1": channel})
    empty = Policy()
    document = write_policy(write_policy(dump_policy(empty), empty, old), old, new)

    assert read_policy(document, 0) == new
    assert None not in document.get("rules", {}).values()
    assert None not in document["channel_rules"]["C1"].values()


@pytest.mark.parametrize(
    ("prompt", "is_found"),
    [
        ("a kite", True),
        ("two kites", True),
        ("KITEBOARDING", True),
        ("a Kíte", True),
        ("_kites_", True),
        ("akite", False),
        ("a ki te", False),
        ("köln-kite-fest", True),
    ],
)
def test_a_blocked_beginning_is_found_where_a_word_begins(prompt: str, *, is_found: bool) -> None:
    rules = Rules(beginnings=("kite",))
    found = find_blocked_word(prompt, rules)

    assert found == (BlockedWord("kite", is_beginning=True) if is_found else None)


@pytest.mark.parametrize(
    ("prompt", "word"),
    [("Straßenbahn", "strasse"), ("ЗИМНИЙ", "зим"), ("雪の中の狐火", "狐"), ("नमस्ते", "नम")],
)
def test_beginnings_are_found_in_every_script(prompt: str, word: str) -> None:
    assert find_word(prompt, (word,), are_beginnings=True) == word


def test_a_blocked_word_alone_is_a_whole_word() -> None:
    assert find_blocked_word("two kites", Rules(words=("kite",))) is None
    assert find_blocked_word("a kite", Rules(words=("kite",))) == BlockedWord("kite")


def run(
    preset: str | None, *, channel_id: str = "C1", is_continued: bool = False, **said: Any
) -> Settled:
    """The fox, settled where brand is required."""
    request = FOX.model_copy(update=said)
    choice = Choice(frozenset(said), preset, has_defaults=True, is_continued=is_continued)
    return settle(POLICY, choice, request, channel_id=channel_id, user_id="U1")


@pytest.mark.parametrize("preset", [None, "Brand", "brand"])
def test_what_a_channel_requires_is_taken_without_being_named(preset: str | None) -> None:
    settled = run(preset)

    assert settled.applied is not None
    assert settled.applied.name == "Brand"
    assert settled.request.model is Model.IDEOGRAM_3
    assert settled.gave_way == ()


@pytest.mark.parametrize("preset", ["", "other", "never heard of"])
def test_another_preset_or_none_is_refused_where_one_is_required(preset: str) -> None:
    with pytest.raises(PresetConflictError) as refused:
        run(preset)

    assert refused.value.misfits == (PresetRequired("Brand", preset),)


@pytest.mark.parametrize("preset", ["", "Other"])
def test_a_version_of_what_was_made_without_it_is_made_with_it_and_says_so(preset: str) -> None:
    settled = run(preset, is_continued=True)

    assert settled.applied is not None
    assert settled.applied.name == "Brand"
    assert settled.gave_way[0] == GaveWay("preset", preset, "Brand")


@pytest.mark.parametrize("preset", [None, "", "Other", "gone"])
def test_where_the_required_preset_is_gone_nothing_is_made(preset: str | None) -> None:
    with pytest.raises(PresetConflictError) as refused:
        run(preset, channel_id="C2")

    assert refused.value.misfits == (PresetRequired("gone", preset, is_gone=True),)


def test_elsewhere_it_is_not_required() -> None:
    assert run("", channel_id="C3").applied is None
    assert run("", channel_id="D1").applied is None


@pytest.mark.parametrize(("preset", "is_broken"), [(None, True), ("Other", True), ("BRAND", False)])
def test_what_was_promised_without_it_breaks_the_rule_before_it_is_paid(
    preset: str | None, *, is_broken: bool
) -> None:
    assert find_broken(Rules(preset="Brand"), preset) == [RuleName.PRESET] * is_broken
