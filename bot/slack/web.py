"""Slack over HTTP: one address for all its traffic, read with a limit and checked before Bolt.

Signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

BODY_MAX_BYTES: Final = 1_000_000
_MAX_AGE_SECONDS: Final = 300
# Slack itself has given up after 3 seconds; whoever sends more slowly only holds our memory.
_BODY_SECONDS: Final = 2.0

log = structlog.get_logger()


class SlackEndpoint:
    """`POST /slack/events`: commands, clicks, forms and events."""

    def __init__(
        self,
        app: AsyncApp,
        signing_secret: str,
        answering: Callable[[], AbstractContextManager[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._signing_secret = signing_secret
        self._answering = answering
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Answer Slack. 413 over 1 MB, 401 without a fresh and true signature, 400 and 408 for
        what is not whole; never 5xx for what was sent."""
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await read_body(request, BODY_MAX_BYTES)
        except TimeoutError:
            return PlainTextResponse("too slow", 408)
        except ClientDisconnect:
            return PlainTextResponse("cut off", 400)
        if body is None:
            return PlainTextResponse("too large", 413)
        if not is_from_slack(self._signing_secret, request.headers, body, self._clock()):
            log.warning("bad_signature", size=len(body))
            return PlainTextResponse("bad signature", 401)
        with self._answering():
            return await self._dispatch(request, body)

    async def _dispatch(self, request: Request, body: bytes) -> Response:
        payload = read_payload(body, request.headers.get("content-type", ""))
        try:
            if payload is not None:
                # The mode says that it is read, and its signature looked at, already.
                bolt_request = AsyncBoltRequest(
                    mode="socket_mode", body=payload, headers=dict(request.headers)
                )
                return to_starlette_response(await self._app.async_dispatch(bolt_request))
        # What Bolt itself raises where a payload has another shape than Slack's; a listener's
        # faults are answered in application.py.
        except (AttributeError, LookupError, TypeError, ValueError):
            pass
        log.warning("malformed_payload", size=len(body))
        return PlainTextResponse("malformed", 400)


async def read_body(request: Request, max_bytes: int) -> bytes | None:
    """The body, or None where it is longer than `max_bytes` (whatever its header says)."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            return None
    return bytes(body)


def is_from_slack(signing_secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether Slack signed `body` within five minutes of `now` (Unix seconds). Pure.

    `headers` have lower-case names. The SDK's verifier is not asked: it raises for a timestamp
    that is no number and for a body that is no UTF-8, which anybody can send, and it has a clock
    of its own.
    """
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if not signature.isascii() or abs(now - int(timestamp)) > _MAX_AGE_SECONDS:
        return False
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={expected}", signature)


def read_payload(body: bytes, content_type: str) -> dict[str, Any] | None:
    """What Slack sent: JSON, a form, or a form whose `payload` is JSON. None for anything else.

    Bolt's own reader is not used: it drops a whole form that has the word "payload" in a value,
    so that `/imagine a rocket and its payload` would be answered 404.
    """
    text = body.decode("utf-8", errors="replace")
    try:
        if content_type.startswith("application/json"):
            payload = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            payload = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and payload else None
