"""The limiter: how fast PowerPost may be called (bot/limits.py), and whose turn it is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

from bot.limits import (
    Grant,
    RateLimitState,
    SharedState,
    State,
    Window,
    give_back,
    is_news,
    note_reading,
    penalise,
    read_window_state,
    take_tokens,
    write_window_state,
)
from bot.powerpost.calls import CallKind
from bot.powerpost.headers import Headers, read_rate_limit

_T = TypeVar("_T")

# While both classes wait, this many turns go to the first one before a poll gets one.
TURNS_BEFORE_A_POLL: Final = 3
_NAME: Final = "powerpost"


class TurnQueue:
    """Who waits for a turn, and who is next.

    Polls wait for everything else (a person waits for a submission, the balance or a form; a poll
    only comes a little later), yet one turn in four is a poll's while any waits, so that nobody
    waits for ever. First come, first served within a class.
    """

    def __init__(self) -> None:
        self._first: deque[asyncio.Future[None]] = deque()
        self._polls: deque[asyncio.Future[None]] = deque()
        self._turns_since_poll = 0

    def __len__(self) -> int:
        return len(self._first) + len(self._polls)

    def add(self, kind: CallKind) -> asyncio.Future[None]:
        """A place in the line: done when it is its turn."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._polls if kind is CallKind.POLL else self._first).append(waiter)
        return waiter

    def remove(self, waiter: asyncio.Future[None]) -> None:
        """Give a place in the line up, if it is still there."""
        for line in (self._first, self._polls):
            with suppress(ValueError):
                line.remove(waiter)

    def take_next(self) -> asyncio.Future[None]:
        """Whose turn it is now. IndexError where nobody waits."""
        is_poll_due = self._turns_since_poll >= TURNS_BEFORE_A_POLL
        if self._polls and (is_poll_due or not self._first):
            self._turns_since_poll = 0
            return self._polls.popleft()
        # Only a poll that waits is passed over.
        self._turns_since_poll = self._turns_since_poll + 1 if self._polls else 0
        return self._first.popleft()


class RateLimiter:
    """Turns for calls, in the order of `TurnQueue` where they are scarce; of all processes
    together where they have a `shared` state. One for the process, on one event loop.

    Calls that come together take their tokens in one change of the state, and no answer waits for
    it. A caller that is cancelled, waiting or running, gives its turn back.
    """

    def __init__(
        self,
        shared: SharedState | None = None,
        *,
        unix_clock: Callable[[], float] = time.time,
    ) -> None:
        self._unix_clock = unix_clock
        self._state = RateLimitState(shared)
        self._in_order = asyncio.Lock()
        self._queue = TurnQueue()
        self._window = Window()  # as it was last seen
        self._in_flight = 0
        self._untold = 0  # calls that ended, less the answers that told of the window
        self._ask_again = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._writing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def turn(self, kind: CallKind) -> AsyncIterator[None]:
        """Wait until a call of this kind may go; the call is in flight until the exit."""
        window_end = await self._take(kind)
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            self._untold += 1
            if self._untold > 0:
                self._untold -= 1
                self._give_back(window_end)

    def observe(self, headers: Headers) -> None:
        """An answer to a call in flight had these headers."""
        reading = read_rate_limit(headers, self._unix_clock())
        if reading is None:
            return
        if self._in_flight:
            self._untold -= 1
        others = max(0, self._in_flight - 1)
        if is_news(self._window, reading):
            self._write(lambda window, now: note_reading(window, reading, others, now))

    def penalise(self, retry_after_seconds: float | None) -> None:
        """A call was answered 429."""
        self._write(lambda window, now: penalise(window, retry_after_seconds, now))

    async def close(self) -> None:
        """Let what is being written end. Nobody may wait for a turn any more."""
        if self._asking is not None:
            self._asking.cancel()
        tasks = [*self._writing, *([self._asking] if self._asking else [])]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, kind: CallKind) -> float | None:
        """Take a token; the `end` of the window that gave it."""
        waiter = self._queue.add(kind)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            await waiter
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if waiter.done() and not waiter.cancelled():
                self._give_back(self._window.end)  # both came in the same moment
            raise
        return self._window.end

    async def _ask(self) -> None:
        """Take tokens as long as somebody waits for them."""
        while self._queue:
            self._ask_again.clear()
            grant = await self._take_tokens(len(self._queue))
            for _ in range(min(grant.number, len(self._queue))):
                waiter = self._queue.take_next()
                if not waiter.done():
                    waiter.set_result(None)
            if grant.wait_seconds > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(grant.wait_seconds):
                        await self._ask_again.wait()

    async def _take_tokens(self, wanted: int) -> Grant:
        return await self._change(lambda window, now: take_tokens(window, wanted, now))

    def _give_back(self, window_end: float | None) -> None:
        self._write(lambda window, now: give_back(window, now, window_end))

    def _write(self, do: Callable[[Window, float], Window]) -> None:
        """Note it in the state, without anybody waiting for that but those who ask after it."""
        task = asyncio.create_task(self._note(do))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _note(self, do: Callable[[Window, float], Window]) -> None:
        await self._change(lambda window, now: (do(window, now), None))
        self._ask_again.set()  # there may be more, or none before another time

    async def _change(self, do: Callable[[Window, float], tuple[Window, _T]]) -> _T:
        def change(kept: State | None, now: float) -> tuple[State | None, tuple[Window, _T]]:
            before = read_window_state(kept)
            after, result = do(before, now)
            return None if after == before else write_window_state(after), (after, result)

        async with self._in_order:
            self._window, result = await self._state.change(_NAME, change)
        return result
