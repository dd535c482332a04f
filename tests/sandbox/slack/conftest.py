"""A workspace that is served on loopback, and a tiny Bolt app as the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
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


@dataclass
class Clock:
    """A clock that tests move by hand."""

    now: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Slack:
    """The stand-in as a test sees it."""

    workspace: Workspace
    url: str
    client: AsyncWebClient
    http: aiohttp.ClientSession

    async def call(
        self,
        method: str,
        token: str | None = "xoxb-sandbox",  # noqa: S107 - worth nothing
        **arguments: Any,
    ) -> dict[str, Any]:
        """Call a method with a JSON body and give back the answer's body, `ok` or not."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(
            f"{self.url}/api/{method}", json=arguments, headers=headers
        ) as response:
            answer: dict[str, Any] = await response.json()
            return answer


@dataclass
class Bot:
    """A tiny Bolt app: tests register listeners on `app`, requests are kept in `requests`."""

    app: AsyncApp
    delivery: Delivery
    ada: Person
    ben: Person
    requests: list[Request] = field(default_factory=list)
    heard: list[Any] = field(default_factory=list)


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


ServeBot = Callable[..., Awaitable[Delivery]]


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
