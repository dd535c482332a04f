"""A workspace that is served on loopback, and a tiny Bolt app as the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.serving import serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from tests.support.slack_stand_in import Bot, Clock, ServeBot, Slack


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock, enforce_rates=False)


@pytest.fixture
async def slack(workspace: Workspace) -> AsyncIterator[Slack]:
    async with serve(build_app(workspace)) as url, aiohttp.ClientSession() as http:
        workspace.base_url = url
        client = AsyncWebClient(token=workspace.bot_token, base_url=f"{url}/api/", session=http)
        yield Slack(workspace, url, client, http)


@pytest.fixture
async def bot(slack: Slack) -> AsyncIterator[Bot]:
    app = AsyncApp(
        client=slack.client,
        signing_secret=slack.workspace.signing_secret,
        process_before_response=True,
        ignoring_self_events_enabled=False,
    )
    handler = AsyncSlackRequestHandler(app)
    requests: list[Request] = []

    async def take(request: Request) -> Response:
        await request.body()
        requests.append(request)
        return await handler.handle(request)

    asgi = Starlette(routes=[Route("/slack/events", take, methods=["POST"])])
    async with serve(asgi) as url:
        delivery = Delivery(
            slack.workspace, bot_url=url, answer_seconds=30.0, retry_delays=(0.0, 0.01, 0.01)
        )
        ada = Person(slack.workspace, delivery, "U0ADA")
        ben = Person(slack.workspace, delivery, "U0BEN")
        yield Bot(app, delivery, ada, ben, requests)
        await delivery.aclose()


@pytest.fixture
async def serve_bot(slack: Slack) -> AsyncIterator[ServeBot]:
    """Serve a plain function as the bot: `await serve_bot(answer)` gives its Delivery."""
    async with AsyncExitStack() as stack:

        async def start(
            answer: Callable[[Request], Awaitable[Response]], **options: Any
        ) -> Delivery:
            asgi = Starlette(routes=[Route("/slack/events", answer, methods=["POST"])])
            url = await stack.enter_async_context(serve(asgi))
            given: dict[str, Any] = {"retry_delays": (0.0, 0.01, 0.01), "answer_seconds": 30.0}
            delivery = Delivery(slack.workspace, bot_url=url, **(given | options))
            stack.push_async_callback(delivery.aclose)
            return delivery

        yield start
