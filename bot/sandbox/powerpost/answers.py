"""Answers that are none, or not what they seem: the ASGI side of the faults's faults."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.responses import Response

from bot.sandbox.serving import (
    Receive,
    Scope,
    Send,
    drop_connection,
    wait_for_disconnect,
)


class NoAnswer(Response):
    """The connection stays open and silent until the client goes away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await wait_for_disconnect(receive)


class DroppedAnswer(Response):
    """The connection is closed: before the answer, or in the middle of `content` if there is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.body:
            half = bytes(self.body[: len(self.body) // 2])
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            await send({"type": "http.response.body", "body": half, "more_body": True})
        drop_connection(scope)
        await wait_for_disconnect(receive)


class EndlessAnswer(Response):
    """Begins like a picture and never ends, as fast as the client reads."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"image/webp")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        leaving = asyncio.ensure_future(wait_for_disconnect(receive))
        try:
            chunk = b"RIFF\xff\xff\xff\x7fWEBPVP8 " + b"\x00" * 65536
            while not leaving.done():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.sleep(0)
        finally:
            leaving.cancel()


def break_answer(payload: dict[str, Any]) -> Response:
    """200 with JSON that stops in the middle."""
    text = json.dumps(payload)
    return Response(text[: len(text) * 2 // 3], media_type="application/json")


def make_html_answer() -> Response:
    """What a captive portal or a login wall would send instead."""
    page = "<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>"
    return Response(page, media_type="text/html")
