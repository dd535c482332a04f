"""The yardstick: an empty Bolt AsyncApp with default settings, whose one listener only acks.

`python -m tests.benchmarks.empty PORT SLACK_URL SIGNING_SECRET`, behind the server of bot/server.
"""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app.server import configure_server
from bot.http.connections import Connections


def build_empty_app(slack_url: str, signing_secret: str) -> Starlette:
    """Bolt as its documentation sets it up."""
    client = AsyncWebClient(token="xoxb-sandbox", base_url=f"{slack_url}/api/")
    app = AsyncApp(client=client, signing_secret=signing_secret)

    @app.command("/imagine")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack()

    handler = AsyncSlackRequestHandler(app)

    async def answer(request: Request) -> Response:
        return await handler.handle(request)

    async def say_ready(_request: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/slack/events", answer, methods=["POST"]),
            Route("/readyz", say_ready),
        ]
    )


async def _run(port: int, slack_url: str, signing_secret: str) -> None:
    app = build_empty_app(slack_url, signing_secret)
    await uvicorn.Server(
        configure_server(app, Connections(1000), host="127.0.0.1", port=port)
    ).serve()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
