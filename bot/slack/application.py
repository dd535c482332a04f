"""Bolt, set up so that an answer costs a fraction of a millisecond and never a call to Slack."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import structlog
from pydantic import ValidationError
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import words
from bot.slack.connection import SlackConnection
from bot.slack.routes import Route, register_routes
from bot.slack.views.answers import show_sentence

log = structlog.get_logger()


def build_bolt_app(
    client: AsyncWebClient, bot_token: str, connection: SlackConnection, routes: list[Route]
) -> AsyncApp:
    """Bolt with our listeners.

    `process_before_response`: the answer is the listener's own, without Bolt's polling for it; so
    a listener may only store and ack. Signatures are checked before Bolt (web.py), which would
    log whole bodies. `authorize` is ours: Bolt's would call auth.test before each ack.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        identity = connection.identity
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=bot_token,
            bot_user_id=identity.bot_user_id if identity else None,
            bot_id=identity.bot_id if identity else None,
        )

    app = AsyncApp(
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )
    app.error(_answer_fault)
    register_routes(app, routes)
    return app


async def _answer_fault(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """A fault of ours: the person gets a sentence and Slack a 200, since a 5xx would only show as
    `operation_timeout` or make Slack send it again."""
    kind = str(body.get("type") or "command")
    if isinstance(error, ValidationError):  # its text would quote the payload, prompt and all
        fields = [".".join(map(str, problem["loc"])) for problem in error.errors()]
        log.error("unreadable_payload", payload=kind, model=error.title, fields=fields)
    elif _is_ours(error):
        log.error("listener_failed", payload=kind, exc_info=error)
    else:
        log.warning("malformed_payload", payload=kind, error=type(error).__name__)
    if "command" not in body:
        return BoltResponse(status=200)
    answer = show_sentence(words.something_broke()).to_dict()
    return BoltResponse(status=200, body={"response_type": "ephemeral", **answer})


def _is_ours(error: Exception) -> bool:
    """Whether a listener raised it, rather than Bolt over a payload that is not like Slack's."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").startswith("bot.") for frame, _ in frames)
