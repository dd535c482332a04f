"""The limiter where several processes share PowerPost's limit: one book for all (rate_window.py).

Each process keeps its own limiter beside it: it puts its calls in order, and goes on alone while
the book is out of reach. No answer ever waits for the book.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final, TypeVar

import structlog

from bot.errors import Transient
from bot.limits import SharedState, State
from bot.powerpost.calls import CallKind
from bot.powerpost.headers import Headers
from bot.powerpost.rate_limiter import Limiter, TurnQueue, read_window
from bot.powerpost.rate_window import (
    Grant,
    Window,
    give_back,
    is_news,
    note_reading,
    penalise_all,
    read_book,
    take_tokens,
    write_book,
)

log = structlog.get_logger()

_T = TypeVar("_T")
_NAME: Final = "powerpost"


class SharedLimiter:
    """Implements `CallLimiter` for all processes. One for the process, on one event loop.

    Calls that come together take their tokens in one statement.
    """

    def __init__(
        self,
        shared: SharedState,
        *,
        clock: Callable[[], float] = time.monotonic,
        unix_clock: Callable[[], float] = time.time,
    ) -> None:
        self._own = Limiter(clock=clock, unix_clock=unix_clock)
        self._unix_clock = unix_clock
        self._shared = shared
        self._queue = TurnQueue()
        self._window: Window | None = None  # as it was last seen
        self._in_flight = 0
        self._ask_again = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._news: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self, kind: CallKind) -> AsyncIterator[None]:
        """Wait until a call of this kind may go; the call is in flight until the exit."""
        async with self._own.turn(kind):
            await self._take(kind)
            self._in_flight += 1
            try:
                yield
            finally:
                self._in_flight -= 1
                self._give_back()

    def observe(self, headers: Headers) -> None:
        """An answer to a call in flight had these headers."""
        self._own.observe(headers)
        reading = read_window(headers, self._unix_clock())
        others = max(0, self._in_flight - 1)
        if reading is not None and is_news(self._window, reading):
            self._news = self._write(lambda window, now: note_reading(window, reading, others, now))

    def penalise(self, retry_after_seconds: float | None) -> None:
        """A call was answered 429."""
        self._own.penalise(retry_after_seconds)
        self._write(lambda window, now: penalise_all(window, retry_after_seconds, now))

    async def close(self) -> None:
        """Let what is being written end. Nobody may wait for a turn any more."""
        if self._asking is not None:
            self._asking.cancel()
        tasks = [*self._writing, *([self._asking] if self._asking else [])]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, kind: CallKind) -> None:
        waiter = self._queue.add(kind)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            await waiter
        except asyncio.CancelledError:
            self._queue.remove(waiter)  # a token that it had got is not used in this window
            raise

    async def _ask(self) -> None:
        """Take tokens as long as somebody waits for them."""
        while self._queue:
            self._ask_again.clear()
            try:
                grant = await self._change(partial(_take, wanted=len(self._queue)))
            except Transient:
                grant = Grant(len(self._queue))  # our own limiter has let them through
            except Exception:  # whatever it is, nobody may wait for ever
                log.exception("rate_limit.unavailable")
                grant = Grant(len(self._queue))
            for _ in range(min(grant.number, len(self._queue))):
                waiter = self._queue.take_next()
                if not waiter.done():
                    waiter.set_result(None)
            if grant.wait_seconds > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(grant.wait_seconds):
                        await self._ask_again.wait()

    def _give_back(self) -> None:
        """A call has ended: another may go in its stead, if no answer has told of the window."""
        is_told = self._news is not None and not self._news.done()
        if self._window is not None and self._window.end is None and not is_told:
            self._write(give_back)

    def _write(self, do: Callable[[Window, float], Window]) -> asyncio.Task[None]:
        """Note it in the book, without anybody waiting for that."""
        task = asyncio.create_task(self._note(do))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        return task

    async def _note(self, do: Callable[[Window, float], Window]) -> None:
        try:
            await self._change(lambda window, now: (do(window, now), None))
        except Transient:
            return  # our own limiter knows
        except Exception:
            log.exception("rate_limit.unavailable")
        self._ask_again.set()  # there may be more, or none before another time

    async def _change(self, do: Callable[[Window, float], tuple[Window, _T]]) -> _T:
        def change(kept: State | None, now: float) -> tuple[State | None, tuple[Window, _T]]:
            before = read_book(kept)
            after, result = do(before, now)
            return None if after == before else write_book(after), (after, result)

        self._window, result = await self._shared.change(_NAME, change)
        return result


def _take(window: Window, now: float, *, wanted: int) -> tuple[Window, Grant]:
    return take_tokens(window, wanted, now)
