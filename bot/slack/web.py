"""Slack over HTTP: one address for all its traffic, read with a limit and checked before Bolt.

Signatures: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

BODY_MAX_BYTES: Final = 1_000_000
_MAX_AGE_SECONDS: Final = 300

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
        self._verifier = SignatureVerifier(signing_secret)
        self._answering = answering
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Answer Slack. 413 over 1 MB, 401 without a fresh and true signature."""
        with self._answering():
            body = await read_body(request, BODY_MAX_BYTES)
            if body is None:
                return PlainTextResponse("too large", 413)
            headers = dict(request.headers)
            if not is_from_slack(self._verifier, headers, body, self._clock()):
                log.warning("bad_signature", size=len(body))
                return PlainTextResponse("bad signature", 401)
            bolt_headers: dict[str, str | Sequence[str]] = dict(request.headers)
            bolt_request = AsyncBoltRequest(
                body=body.decode("utf-8", errors="replace"),
                query=request.url.query,
                headers=bolt_headers,
            )
            answer = await self._app.async_dispatch(bolt_request)
            return to_starlette_response(answer)


async def read_body(request: Request, max_bytes: int) -> bytes | None:
    """The body, or None where it is longer than `max_bytes` (whatever its header says)."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            return None
    return bytes(body)


def is_from_slack(
    verifier: SignatureVerifier, headers: dict[str, str], body: bytes, now: float
) -> bool:
    """Whether Slack signed `body` within the last five minutes. Pure.

    The timestamp is looked at here first: one that is no number makes the SDK raise.
    """
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if not signature.isascii() or abs(now - int(timestamp)) > _MAX_AGE_SECONDS:
        return False
    return verifier.is_valid(body, timestamp, signature)
