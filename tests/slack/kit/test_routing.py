"""Of what Slack sends, each thing reaches its own listener, and the rest is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.slack.kit.rights import Right
from bot.slack.kit.routing import Route, Surface, register_routes

_WHO = {"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "1.2"}
_VIEW = {"id": "V1", "type": "modal", "state": {"values": {}}, "blocks": []}


def body_of(surface: Surface, key: Any) -> dict[str, Any]:
    """What Slack sends of that."""
    view = {**_VIEW, "callback_id": key}
    block = {"type": "button", "block_id": "b", "action_id": key, "value": "1"}
    kinds: dict[Surface, dict[str, Any]] = {
        Surface.COMMAND: {"command": key, "team_id": "T1", "user_id": "U1"},
        Surface.SHORTCUT: {**_WHO, "type": "shortcut", "callback_id": key},
        Surface.VIEW: {**_WHO, "type": "view_submission", "view": view},
        Surface.VIEW_CLOSED: {**_WHO, "type": "view_closed", "view": view},
        Surface.ACTION: {**_WHO, "type": "block_actions", "actions": [block]},
        Surface.OPTIONS: {**_WHO, "type": "block_suggestion", "action_id": key, "value": "x"},
        Surface.EVENT: {"type": "event_callback", "team_id": "T1", "event": {"type": key}},
    }
    return kinds[surface]


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    """Surface and key of what was heard."""
    return []


@pytest.fixture
def app(heard: list[tuple[str, str]]) -> AsyncApp:
    """With a listener for one thing of each surface."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")

    def make(surface: Surface, key: str) -> Route:
        async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
            assert body == body_of(surface, key)
            heard.append((surface, key))
            await ack()

        return Route(surface, key, listener, Right.OWN)

    app = AsyncApp(
        name="test",
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
    )
    register_routes(app, [make(surface, f"/{surface}") for surface in Surface])
    return app


async def send(app: AsyncApp, body: dict[str, Any]) -> int:
    """The status of the answer."""
    request = AsyncBoltRequest(
        body=json.dumps(body), headers={"content-type": ["application/json"]}
    )
    return int((await app.async_dispatch(request)).status)


@pytest.mark.parametrize("surface", Surface)
async def test_each_reaches_its_own(
    app: AsyncApp, heard: list[tuple[str, str]], surface: Surface
) -> None:
    assert await send(app, body_of(surface, f"/{surface}")) == 200
    assert heard == [(surface, f"/{surface}")]


@pytest.mark.parametrize("surface", [each for each in Surface if each is not Surface.COMMAND])
@pytest.mark.parametrize("key", ["another", "", "/event/event", "a\nb"])
async def test_what_means_nothing_to_us_is_answered(
    app: AsyncApp, heard: list[tuple[str, str]], surface: Surface, key: str
) -> None:
    assert await send(app, body_of(surface, key)) == 200
    assert heard == []
