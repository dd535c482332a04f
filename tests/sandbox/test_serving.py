"""Serving on loopback: HTTP, websockets, hanging up, and stopping quickly whatever is open."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bot.sandbox.serving import (
    Outage,
    Receive,
    Scope,
    Send,
    drop_connection,
    serve,
    wait_for_disconnect,
)


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def stream_forever(request: Request) -> Response:
    async def events() -> AsyncIterator[str]:
        yield "data: first\n\n"
        await asyncio.Event().wait()

    return StreamingResponse(events(), media_type="text/event-stream")


async def hang_forever(request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


APP = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/stream", stream_forever),
        Route("/hang", hang_forever),
        WebSocketRoute("/echo", echo),
    ]
)


async def hang_up(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await receive()
        drop_connection(scope)
        await wait_for_disconnect(receive)


async def test_it_serves_on_a_free_loopback_port() -> None:
    async with serve(APP) as url, serve(APP) as other_url, httpx.AsyncClient() as client:
        assert url.startswith("http://127.0.0.1:")
        assert url != other_url
        assert (await client.get(url + "/hello")).text == "hello"


async def test_a_taken_port_is_an_error() -> None:
    async with serve(APP) as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(APP, port=int(url.rsplit(":", 1)[1])):
                pass


async def test_websockets_are_accepted() -> None:
    async with serve(APP) as url, connect(url.replace("http", "ws") + "/echo") as websocket:
        await websocket.send("ping")
        assert await websocket.recv() == "ping"


async def test_a_dropped_connection_ends_without_an_answer() -> None:
    async with serve(hang_up) as url, httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_it_stops_quickly_and_quietly_with_everything_still_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def hang(client: httpx.AsyncClient, url: str) -> None:
        with pytest.raises(httpx.TransportError):
            await client.get(url + "/hang")

    with caplog.at_level(logging.WARNING):
        async with httpx.AsyncClient(timeout=60) as client:
            async with serve(APP) as url:
                hanging = asyncio.create_task(hang(client, url))
                websocket = await connect(url.replace("http", "ws") + "/echo")
                request = client.build_request("GET", url + "/stream")
                answer = await client.send(request, stream=True)
                started = time.perf_counter()
            seconds = time.perf_counter() - started
            await hanging
            with pytest.raises(httpx.TransportError):
                await answer.aread()
            with pytest.raises(ConnectionClosed):
                await websocket.recv()
    assert seconds < 4  # the client would wait for 5
    assert caplog.records == []


async def test_behind_a_shutter_callers_are_refused_until_it_opens() -> None:
    outage = Outage()
    app = Starlette(routes=[Route("/", hello)])
    async with serve(app, outage=outage) as url:
        assert await fetch(url) == "hello"
        outage.set_away(True)
        with pytest.raises(httpx.ConnectError):
            await fetch(url)
        outage.set_away(False)
        assert await fetch(url, patience_seconds=60) == "hello"


async def fetch(url: str, patience_seconds: float = 0.0) -> str:
    """A page, over a connection of its own; refusals are overlooked for so long."""
    deadline = time.monotonic() + patience_seconds
    async with httpx.AsyncClient() as http:
        while True:
            try:
                return (await http.get(url)).text
            except httpx.ConnectError:
                if time.monotonic() >= deadline:
                    raise
                await asyncio.sleep(0.01)
