"""Reading the bodies of requests that anybody can send: a limit on each, a budget for all of them.

Nobody has been let in while a body is read, so what is open at the same time is bounded as a
whole. Where it would be more, the largest one goes: Slack's own bodies are small, so that those
who send much only stop each other.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse

from bot.telemetry.instrumentation import Seldom

BUDGET_BYTES: Final = 32_000_000
# Slack has given up after 3 seconds, PowerPost after 10; whoever sends more slowly only holds our
# memory.
_BODY_SECONDS: Final = 2.0

log = structlog.get_logger()


class BodyRefused(Exception):
    """The body was not read to its end: 413 too large, 408 too slow, 400 cut off, 503 over the
    budget of all."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self._status, self._words = status, words

    def answer(self) -> PlainTextResponse:
        """What the sender is told."""
        return PlainTextResponse(self._words, self._status)


@dataclass(eq=False)
class _Body:
    patience: asyncio.Timeout
    content: bytearray = field(default_factory=bytearray)
    is_refused: bool = False


class Bodies:
    """Reads them. One for the process."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget_bytes = budget_bytes
        self._open: set[_Body] = set()
        self._held_bytes = 0
        self._refusals = Seldom(log.warning)

    async def read(self, request: Request, max_bytes: int) -> bytes:
        """The whole body. Raises BodyRefused."""
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and (len(length) > 15 or int(length) > max_bytes):
            raise BodyRefused(413, "too large")
        body = _Body(asyncio.timeout(_BODY_SECONDS))
        self._open.add(body)
        try:
            async with body.patience:
                async for piece in request.stream():
                    self._take(body, piece)
                    if len(body.content) > max_bytes:
                        raise BodyRefused(413, "too large")
            return bytes(body.content)
        except TimeoutError:
            raise _over_budget() if body.is_refused else BodyRefused(408, "too slow") from None
        except ClientDisconnect:
            raise BodyRefused(400, "cut off") from None
        finally:
            self._open.discard(body)
            self._held_bytes -= len(body.content)

    def _take(self, body: _Body, piece: bytes) -> None:
        if not body.is_refused:
            body.content += piece
            self._held_bytes += len(piece)
        while self._held_bytes > self._budget_bytes:
            self._refuse(max(self._open, key=lambda each: len(each.content)), body)
        if body.is_refused:
            raise _over_budget()

    def _refuse(self, largest: _Body, current: _Body) -> None:
        self._refusals.note("bodies.refused", bytes=self._held_bytes, open=len(self._open))
        self._held_bytes -= len(largest.content)
        largest.content.clear()
        largest.is_refused = True
        if largest is not current and not largest.patience.expired():
            largest.patience.reschedule(asyncio.get_running_loop().time())


def _over_budget() -> BodyRefused:
    return BodyRefused(503, "too many bodies")
