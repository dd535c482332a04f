"""Slack over HTTP: one address for all its traffic, read with a limit and checked before Bolt.

Signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.http.bodies import Bodies, BodyRefused
from bot.telemetry.instrumentation import Seldom

BODY_MAX_BYTES: Final = 1_000_000
_MAX_AGE_SECONDS: Final = 300
_SMALL_BYTES: Final = 64 * 1024
_SIGNATURE: Final = re.compile("v0=[0-9a-f]{64}")

log = structlog.get_logger()


class SlackEndpoint:
    """`POST /slack/events`: commands, clicks, forms and events."""

    def __init__(
        self,
        app: AsyncApp,
        signing_secret: str,
        answering: Callable[[], AbstractContextManager[None]],
        bodies: Bodies,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bodies = bodies
        self._bad_signatures = Seldom(log.warning)
        self._app = app
        self._signing_secret = signing_secret
        self._answering = answering
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Answer Slack. 401 without a fresh and true signature, and before the body is read where
        the headers tell; 413 over 1 MB, 400, 408 and 503 for what was not read to its end; never
        another 5xx for what was sent."""
        headers = request.headers
        if not may_be_from_slack(headers, self._clock()):
            return self._refuse_signature()
        try:
            body = await self._bodies.read(request, BODY_MAX_BYTES)
        except BodyRefused as refused:
            return refused.answer()
        if not is_from_slack(self._signing_secret, headers, body, self._clock()):
            return self._refuse_signature()
        with self._answering():
            return await self._dispatch(request, body)

    def _refuse_signature(self) -> Response:
        self._bad_signatures.note("signature.refused")
        return PlainTextResponse("bad signature", 401)

    async def _dispatch(self, request: Request, body: bytes) -> Response:
        payload = await _read_payload(body, request.headers.get("content-type", ""))
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
        log.warning("payload.malformed", size=len(body))
        return PlainTextResponse("malformed", 400)


def may_be_from_slack(headers: Mapping[str, str], now: float) -> bool:
    """Whether there is a signature to look at, within five minutes of `now` (Unix seconds): all
    that can be said without the body. `headers` have lower-case names. Pure."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > _MAX_AGE_SECONDS:
        return False
    return _SIGNATURE.fullmatch(headers.get("x-slack-signature", "")) is not None


def is_from_slack(signing_secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether Slack signed `body` within five minutes of `now` (Unix seconds). Pure.

    `headers` have lower-case names. The SDK's verifier is not asked: it raises for a timestamp
    that is no number and for a body that is no UTF-8, which anybody can send, and it has a clock
    of its own.
    """
    if not may_be_from_slack(headers, now):
        return False
    timestamp, signature = headers["x-slack-request-timestamp"], headers["x-slack-signature"]
    signed = b"v0:" + timestamp.encode() + b":" + body
    expected = hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={expected}", signature)


async def _read_payload(body: bytes, content_type: str) -> dict[str, Any] | None:
    """A large one is read in a thread: that takes up to 0.1 s, in which others are answered."""
    if len(body) <= _SMALL_BYTES:
        return read_payload(body, content_type)
    return await asyncio.to_thread(read_payload, body, content_type)


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
