"""Whatever is signed and sent, the bot answers without a fault, tells nothing, and goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile import Door, make_form
from tests.support.hostile_input import (
    ACTION_IDS,
    ANYTHING,
    CONTEXT,
    ELEMENT,
    PREFIXES,
    STATE,
    TEXT,
    VIEW_IDS,
    WHO,
    hostile,
    nearly,
)
from tests.support.signed_requests import FORM

TEAM = {"id": "T0SANDBOX"}
# The bot runs in threads of this process, and rolls its dice while examples are drawn.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]


@hostile
@given(
    text=TEXT | st.lists(st.sampled_from(["--size", "-n", "x", "—model", '"', "4"])).map(" ".join),
    place=st.fixed_dictionaries(
        {"channel_id": nearly(st.sampled_from(["C0DESIGN", "D0ADA"])), "user_id": nearly(WHO)}
    ),
    trigger_id=TEXT,
)
async def test_commands(door: Door, text: str, place: dict[str, Any], trigger_id: str) -> None:
    fields = {"command": "/imagine", "team_id": "T0SANDBOX", "trigger_id": trigger_id}

    await door.send(make_form(fields | place | {"text": text}), FORM)


@hostile
@given(
    kind=st.sampled_from(["view_submission", "view_submission", "view_closed"]),
    callback_id=VIEW_IDS,
    state=nearly(STATE),
    metadata=nearly(CONTEXT.map(json.dumps) | st.just("the generation")) | TEXT,
    user=WHO,
    view_id=TEXT,
)
async def test_forms(
    door: Door, kind: str, callback_id: str, state: Any, metadata: Any, user: str, view_id: str
) -> None:
    if metadata == "the generation":
        metadata = door.generation_id
    view = {"id": view_id, "callback_id": callback_id, "state": state, "hash": "1.a"}
    view |= {"private_metadata": metadata, "type": "modal", "blocks": []}

    await door.send_interaction({"type": kind, "team": TEAM, "user": {"id": user}, "view": view})


@hostile
@given(
    action_id=ACTION_IDS,
    element=nearly(ELEMENT),
    prefix=PREFIXES,
    is_known=st.booleans(),
    in_modal=st.booleans(),
    state=nearly(STATE),
    message=nearly(st.fixed_dictionaries({"ts": TEXT}, optional={"thread_ts": nearly(TEXT)})),
    action_ts=TEXT,
)
async def test_clicks(
    door: Door,
    action_id: str,
    element: Any,
    prefix: str,
    is_known: bool,
    in_modal: bool,
    state: Any,
    message: Any,
    action_ts: str,
) -> None:
    action: dict[str, Any] = {"type": "button", "block_id": "b", "action_ts": action_ts}
    action |= element if isinstance(element, dict) else {}
    if is_known:
        known = f"{prefix}:{door.generation_id}" if prefix else door.generation_id
        action |= {"value": known, "selected_option": {"value": known}}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": TEAM,
        "user": {"id": "U0ADA"},
        "trigger_id": "1.2.3",
        "actions": [action | {"action_id": action_id}],
    }
    if in_modal:
        payload["view"] = {"id": "V1", "type": "modal", "state": state, "hash": "1.a"}
    else:
        payload |= {"channel": {"id": "C0DESIGN"}, "message": message}

    await door.send_interaction(payload)


@hostile
@given(
    kind=st.sampled_from(["message", "app_mention", "app_mention", "link_shared"]) | TEXT,
    event=st.fixed_dictionaries(
        {
            "user": nearly(WHO),
            "text": nearly(TEXT | TEXT.map("<@U0IMAGINE> {}".format)),
            "ts": nearly(TEXT),
            "channel": nearly(st.sampled_from(["C0DESIGN", "D0ADA", "C0NOWHERE"])),
        },
        optional={
            "thread_ts": nearly(TEXT),
            "subtype": nearly(st.just("file_share")),
            "files": nearly(st.lists(nearly(st.fixed_dictionaries({"id": TEXT})))),
            "channel_type": nearly(st.just("im")),
            "edited": ANYTHING,
            "blocks": ANYTHING,
        },
    ),
)
async def test_events(door: Door, kind: str, event: dict[str, Any]) -> None:
    envelope = {"type": "event_callback", "team_id": "T0SANDBOX", "event_id": "Ev1"}

    await door.send_event(envelope | {"event": event | {"type": kind}})


@hostile
@given(
    kind=st.sampled_from(["shortcut", "message_action", "block_suggestion"]),
    callback_id=st.sampled_from(["create_image", "image_of_message"]) | TEXT,
    message=nearly(
        st.fixed_dictionaries(
            {"ts": nearly(TEXT), "text": nearly(TEXT)},
            optional={
                "files": ANYTHING,
                "blocks": nearly(
                    st.lists(
                        nearly(
                            st.fixed_dictionaries(
                                {"type": st.just("image"), "slack_file": nearly(ELEMENT)},
                                optional={"title": ANYTHING},
                            )
                        )
                    )
                ),
            },
        )
    ),
    action_id=st.just("caption") | TEXT,
    value=nearly(TEXT),
)
async def test_shortcuts_and_searches(
    door: Door, kind: str, callback_id: str, message: Any, action_id: str, value: Any
) -> None:
    await door.send_interaction(
        {
            "type": kind,
            "team": TEAM,
            "user": {"id": "U0BEN"},
            "trigger_id": "1.2.3",
            "callback_id": callback_id,
            "channel": {"id": "C0DESIGN"},
            "message": message,
            "action_id": action_id,
            "block_id": "caption",
            "value": value,
            "view": {"id": "V1", "type": "modal"},
        }
    )
