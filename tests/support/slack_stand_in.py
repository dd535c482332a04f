"""The stand-in of Slack, and a bot that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
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


ServeBot = Callable[..., Awaitable[Delivery]]
