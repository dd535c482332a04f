"""The limiter: how fast PowerPost may be called, and whose turn it is.

Source: powerpost-neighbours.md, "Errors": every response says how many calls are left
(`X-RateLimit-Remaining`) until when (`X-RateLimit-Reset`, Unix seconds on the server's clock).
The upper half is pure and keeps the books; the lower half lets calls wait for their turn.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from bot.powerpost.calls import CallKind
from bot.powerpost.headers import (
    Headers,
    clamp_wait,
    find_header,
    read_count,
    read_number,
    read_server_time,
)

# As long as nothing is known of the window, so few go at once that a surprise costs little.
UNKNOWN_IN_FLIGHT_MAX = 8
# How long a call waits that can only go when another one ends (its end wakes it at once).
RECHECK_SECONDS = 1.0
PENALTY_SECONDS = 2.0
# While both classes wait, this many turns go to the first one before a poll gets one.
TURNS_BEFORE_A_LOOK = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of PowerPost's limit. Times are seconds of one clock of ours."""

    limit: int | None = None
    """Calls per window."""
    lowest_remaining: int | None = None
    """The fewest calls left that any answer of this window spoke of (answers overtake)."""
    window: float | None = None
    """When the window ends, on the server's clock: the window's name."""
    reset_at: float = 0.0
    """The same on our clock."""
    blocked_until: float = 0.0
    """No call before this: a 429 said so."""
    in_flight: int = 0
    """Calls begun and not answered. They may or may not be counted in `lowest_remaining`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the headers of one answer say of the window."""

    limit: int | None
    remaining: int
    window: float
    """When it ends, on the server's clock: its name."""
    wait_seconds: float
    """How long until then, within 0.5-300 s."""


def read_window(headers: Headers, unix_now: float | None) -> Reading | None:
    """What an answer's headers say; None where they say nothing usable. `unix_now` stands in for
    the server's clock only where `Date` is missing."""
    remaining = read_count(find_header(headers, "X-RateLimit-Remaining"))
    reset = read_number(find_header(headers, "X-RateLimit-Reset"))
    server_now = read_server_time(headers, unix_now)
    if remaining is None or reset is None or server_now is None:
        return None
    wait = clamp_wait(reset - server_now)
    # Untouched where it is believable, so that two answers name one window alike.
    window = reset if wait == reset - server_now else server_now + wait
    limit = read_count(find_header(headers, "X-RateLimit-Limit")) or None
    return Reading(limit, remaining, window, wait)


def observe(
    state: Pace, headers: Headers, now: float, in_flight: int, *, unix_now: float | None = None
) -> Pace:
    """What is known after an answer with `headers`, `in_flight` other calls being under way.

    `now` is the clock of the state; `unix_now` (the same, unless given) stands in for the
    server's clock only where `Date` is missing. A Reset that is past or further away than five
    minutes is held within 0.5-300 s.
    """
    state = replace(state, in_flight=in_flight)
    reading = read_window(headers, now if unix_now is None else unix_now)
    if reading is None:
        return state
    remaining, window = reading.remaining, reading.window
    reset_at = now + reading.wait_seconds
    if state.window is not None and now < state.reset_at:
        if window < state.window:
            return state  # a late answer of a window that is over
        if window == state.window:
            remaining = min(remaining, state.lowest_remaining or 0)
            # Date is cut to whole seconds and answers travel, so the earlier guess is the better.
            reset_at = min(reset_at, state.reset_at)
    limit = reading.limit or state.limit
    return replace(state, limit=limit, lowest_remaining=remaining, window=window, reset_at=reset_at)


def penalise(state: Pace, retry_after_seconds: float | None, now: float) -> Pace:
    """What is known after a 429: nothing goes before `retry_after_seconds` (2, if not said)."""
    wait = PENALTY_SECONDS if retry_after_seconds is None else clamp_wait(retry_after_seconds)
    return replace(state, blocked_until=max(state.blocked_until, now + wait))


def wait_seconds(state: Pace, now: float) -> float:
    """Seconds until one more call may begin; 0 if it may now. Calls in flight count as spent."""
    return max(0.0, state.blocked_until - now, _wait_for_window(state, now))


def _wait_for_window(state: Pace, now: float) -> float:
    if state.lowest_remaining is None or now >= state.reset_at:
        most = min(state.limit or UNKNOWN_IN_FLIGHT_MAX, UNKNOWN_IN_FLIGHT_MAX)
        return RECHECK_SECONDS if state.in_flight >= most else 0.0
    is_spent = state.lowest_remaining <= state.in_flight
    return state.reset_at - now if is_spent else 0.0


class CallLimiter(Protocol):
    """What the client needs of a limiter (one for all processes may stand in for `Limiter`)."""

    def turn(self, kind: CallKind) -> AbstractAsyncContextManager[None]:
        """Wait until a call of this kind may go; the call is in flight until the exit."""
        ...

    def observe(self, headers: Headers) -> None:
        """An answer to a call in flight had these headers."""
        ...

    def penalise(self, retry_after_seconds: float | None) -> None:
        """A call was answered 429."""
        ...


class TurnQueue:
    """Who waits for a turn, and who is next.

    Polls wait for everything else (a person waits for a submission, the balance or a form; a poll
    only comes a little later), yet one turn in four is a poll's while any waits, so that nobody
    waits for ever. First come, first served within a class.
    """

    def __init__(self) -> None:
        self._first: deque[asyncio.Future[None]] = deque()
        self._looks: deque[asyncio.Future[None]] = deque()
        self._turns_since_look = 0

    def __len__(self) -> int:
        return len(self._first) + len(self._looks)

    def add(self, kind: CallKind) -> asyncio.Future[None]:
        """A place in the line: done when it is its turn."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._looks if kind is CallKind.POLL else self._first).append(waiter)
        return waiter

    def remove(self, waiter: asyncio.Future[None]) -> None:
        """Give a place in the line up, if it is still there."""
        for line in (self._first, self._looks):
            with suppress(ValueError):
                line.remove(waiter)

    def take_next(self) -> asyncio.Future[None]:
        """Whose turn it is now. IndexError where nobody waits."""
        is_look_due = self._turns_since_look >= TURNS_BEFORE_A_LOOK
        if self._looks and (is_look_due or not self._first):
            self._turns_since_look = 0
            return self._looks.popleft()
        # Only a poll that waits is passed over.
        self._turns_since_look = self._turns_since_look + 1 if self._looks else 0
        return self._first.popleft()


class Limiter:
    """Turns for the calls of one process, in the order of `TurnQueue` where calls are scarce.

    A caller that is cancelled, waiting or running, gives its place back. One event loop only.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        unix_clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock  # monotonic: a clock that is set must not stop the calls
        self._unix_clock = unix_clock
        self._pace = Pace()
        self._open_turns = 0
        self._queue = TurnQueue()
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, kind: CallKind) -> AsyncIterator[None]:
        """Wait until a call of this kind may go; the call is in flight until the exit."""
        waiter = self._queue.add(kind)
        self._give_turns()
        try:
            await waiter
        except asyncio.CancelledError:
            self._queue.remove(waiter)
            if waiter.done() and not waiter.cancelled():
                self._end_turn()  # the turn and the cancellation came in the same moment
            raise
        try:
            yield
        finally:
            self._end_turn()

    def observe(self, headers: Headers) -> None:
        """An answer to a call in flight had these headers."""
        others = max(0, self._open_turns - 1)
        now, unix_now = self._clock(), self._unix_clock()
        self._pace = observe(self._pace, headers, now, others, unix_now=unix_now)
        self._give_turns()

    def penalise(self, retry_after_seconds: float | None) -> None:
        """A call was answered 429."""
        self._pace = penalise(self._pace, retry_after_seconds, self._clock())
        self._give_turns()

    def _end_turn(self) -> None:
        self._count_open_turns(-1)
        self._give_turns()

    def _count_open_turns(self, change: int) -> None:
        self._open_turns += change
        self._pace = replace(self._pace, in_flight=self._open_turns)

    def _give_turns(self) -> None:
        """Wake whoever may go now, and come back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue:
            wait = wait_seconds(self._pace, self._clock())
            if wait > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(wait, self._give_turns)
                return
            waiter = self._queue.take_next()
            if not waiter.done():
                self._count_open_turns(+1)
                waiter.set_result(None)
