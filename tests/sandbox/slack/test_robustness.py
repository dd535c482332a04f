"""Nothing that a bot sends breaks the stand-in: every call gets an answer with `ok`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.slack.api.call import SlackError
from bot.sandbox.slack.api.table import METHODS, answer_call
from bot.sandbox.slack.blocks import BLOCKS, ELEMENTS
from bot.sandbox.slack.records import ResponseUrl
from bot.sandbox.slack.responses import take_response
from bot.sandbox.slack.workspace import Workspace
from tests.support.slack_stand_in import Slack

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5000)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(
        [
            *("C0DESIGN", "D0ADA", "U0ADA", "plain_text", "mrkdwn", "modal", "home"),
            *sorted(BLOCKS),
            *sorted(ELEMENTS),
        ]
    )
)
KEYS = st.sampled_from(
    [
        *("type", "text", "blocks", "elements", "element", "accessory", "fields", "options"),
        *("option_groups", "initial_option", "initial_options", "label", "title", "submit"),
        *("slack_file", "id", "url", "image_url", "alt_text", "block_id", "action_id", "value"),
        *("rows", "child_blocks", "confirm", "min_value", "max_length", "min_length", "view"),
    ]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
NAMES = sorted({name for method in METHODS.values() for name in method.arguments})
FEW = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.sampled_from(sorted(METHODS)), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_any_arguments_get_an_answer(method: str, arguments: dict[str, Any]) -> None:
    workspace = Workspace(scopes=["chat:write", "files:write", "files:read", "im:history"])
    arguments = {"channel": "C0DESIGN", "text": "hi"} | arguments
    known = {k: v for k, v in arguments.items() if k in METHODS[method].arguments}
    token = workspace.app_token if METHODS[method].caller == "app" else workspace.bot_token
    answer = answer_call(workspace, method, token, known)
    assert isinstance(answer["ok"], bool)
    json.dumps(answer).encode()


@FEW
@given(st.lists(JSON, max_size=3))
def test_any_blocks_get_an_answer(blocks: list[Any]) -> None:
    workspace = Workspace()
    arguments = {"channel": "C0DESIGN", "blocks": blocks}
    answer = answer_call(workspace, "chat.postMessage", workspace.bot_token, arguments)
    assert answer["ok"] or answer["error"] in {"invalid_blocks", "no_text"}


@FEW
@given(JSON)
def test_any_view_gets_an_answer(view: Any) -> None:
    workspace = Workspace()
    arguments = {"trigger_id": workspace.grant_trigger("U0ADA"), "view": view}
    assert "ok" in answer_call(workspace, "views.open", workspace.bot_token, arguments)


@FEW
@given(JSON)
def test_any_response_is_taken_or_refused(body: Any) -> None:
    workspace = Workspace()
    url = ResponseUrl("t", "C0DESIGN", "U0ADA", workspace.clock())
    with contextlib.suppress(SlackError):
        take_response(workspace, url, body)


async def test_half_surrogates_are_replaced(slack: Slack) -> None:
    body = b'{"channel": "C0DESIGN", "text": "a\\ud800b"}'
    headers = {"Content-Type": "application/json", "Authorization": "Bearer xoxb-sandbox"}
    async with slack.http.post(
        f"{slack.url}/api/chat.postMessage", data=body, headers=headers
    ) as response:
        answer = await response.json()
    assert answer["message"]["text"] == "a?b"


async def test_many_calls_at_once_are_all_answered(slack: Slack) -> None:
    calls = [slack.call("chat.postMessage", channel="D0ADA", text=str(n)) for n in range(100)]
    answers = await asyncio.gather(*calls)
    assert all(answer["ok"] for answer in answers)
    assert len({answer["ts"] for answer in answers}) == 100
