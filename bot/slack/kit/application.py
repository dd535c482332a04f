"""Bolt, set up so that an answer costs a fraction of a millisecond and never a call to Slack."""

from __future__ import annotations

import logging
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.kit.connection import SlackConnection
from bot.slack.kit.failed_listeners import FaultAnswers, read_retry_number
from bot.slack.kit.routing import Route, register_routes


def build_bolt_app(
    client: AsyncWebClient,
    bot_token: str,
    connection: SlackConnection,
    routes: list[Route],
    faults: FaultAnswers,
) -> AsyncApp:
    """Bolt with our listeners.

    `process_before_response`: the answer is the listener's own, without Bolt's polling for it; so
    a listener may only store and ack. Signatures are checked before Bolt (endpoint.py), which would
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
        name="imagine",  # else Bolt reads the sources of all its callers to find one: 30 ms
        client=client,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        logger=logging.getLogger("slack_bolt"),
    )

    async def answer_fault(
        error: Exception, body: dict[str, Any], request: AsyncBoltRequest
    ) -> BoltResponse:
        return await faults.answer(error, body, read_retry_number(request.headers))

    app.error(answer_fault)
    register_routes(app, routes)
    return app
