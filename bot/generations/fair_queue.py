"""Whose turn it is: one person's burst does not keep another's single request waiting.

People take turns, and each has at most so many under way; within a person, first come, first
served. One event loop only.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

# How much a new observation counts when the typical time is learned.
_LEARNING: Final = 0.3


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """How long somebody waits: how many of their own are before it, and about how many seconds
    that takes (None where nothing was seen yet). `per_workspace`: of all people's together, only
    so many run at a time (None: any number)."""

    before: int
    seconds: float | None
    per_workspace: int | None = None


@dataclass(slots=True)
class Stay:
    """Somebody's time inside. `began` (loop time) may be set later, where they had to wait inside
    for something else: it is what others' waiting is guessed by."""

    began: float
    has_left: bool = False  # its slot was given back before its time was over


@dataclass(eq=False, slots=True)
class _Ticket:
    person: str
    name: str
    called: asyncio.Future[None]


class FairQueue:
    """At most `capacity` inside (None: any number), at most `per_person` of one person."""

    def __init__(self, *, capacity: int | None, per_person: int) -> None:
        self._capacity = capacity
        self._per_person = per_person
        self._inside: Counter[str] = Counter()
        self._waiting: dict[str, deque[_Ticket]] = {}
        self._served: dict[str, int] = {}  # of those inside or waiting: when last, by a count
        self._count = 0
        self._typical_seconds: float | None = None

    @asynccontextmanager
    async def turn(
        self,
        person: str,
        name: str,
        on_wait: Callable[[QueuePosition], Awaitable[None]] | None = None,
        *,
        is_inside: bool = False,
    ) -> AsyncIterator[Stay]:
        """Wait for a turn of `person`'s and hold it. `on_wait` is told once where it has to wait.

        `name` is what `skip` calls it by. Cancellation gives the slot back. What `is_inside`
        already (an earlier process let it in) waits for nobody, and counts.
        """
        loop = asyncio.get_running_loop()
        ticket = _Ticket(person, name, loop.create_future())
        if is_inside:
            self._let_in(ticket)
        else:
            self._waiting.setdefault(person, deque()).append(ticket)
            self._call_next()
        try:
            if not ticket.called.done() and on_wait is not None:
                await on_wait(self.position_of(person, name))
            await ticket.called
        except BaseException:
            self._give_back(ticket)
            raise
        stay = Stay(loop.time())
        try:
            yield stay
        finally:
            if not stay.has_left:
                self._learn(loop.time() - stay.began)
                self._leave(person)

    def give_back(self, person: str, stay: Stay) -> None:
        """End a turn of `person`'s before its time is over: others may come in, and nothing is
        learned from it. Harmless if it was given back before."""
        if not stay.has_left:
            stay.has_left = True
            self._leave(person)

    def position_of(self, person: str, name: str) -> QueuePosition:
        """How long `name` waits. 0 before it where it does not wait."""
        names = [ticket.name for ticket in self._waiting.get(person, ())]
        return self.guess(names.index(name) if name in names else 0)

    def guess(self, before: int) -> QueuePosition:
        """How long somebody waits who has `before` of their own before them."""
        seconds = None
        if self._typical_seconds is not None:
            seconds = (before + 1) * self._typical_seconds / self._per_person
        return QueuePosition(before, seconds)

    def skip(self, name: str) -> None:
        """Let `name` in now, out of turn: it has nothing to do any more but to leave."""
        for tickets in self._waiting.values():
            for ticket in tickets:
                if ticket.name == name:
                    tickets.remove(ticket)
                    self._let_in(ticket)
                    return

    def _call_next(self) -> None:
        while self._capacity is None or self._inside.total() < self._capacity:
            may_enter = [
                person
                for person, tickets in self._waiting.items()
                if tickets and self._inside[person] < self._per_person
            ]
            if not may_enter:
                return
            person = min(may_enter, key=lambda person: self._served.get(person, 0))
            self._let_in(self._waiting[person].popleft())

    def _let_in(self, ticket: _Ticket) -> None:
        self._count += 1
        self._served[ticket.person] = self._count
        self._inside[ticket.person] += 1
        if not ticket.called.done():
            ticket.called.set_result(None)

    def _give_back(self, ticket: _Ticket) -> None:
        tickets = self._waiting.get(ticket.person, deque())
        if ticket in tickets:
            tickets.remove(ticket)
        else:
            self._leave(ticket.person)

    def _leave(self, person: str) -> None:
        self._inside[person] -= 1
        self._call_next()
        if self._inside[person] <= 0:
            del self._inside[person]
            if not self._waiting.get(person):
                self._waiting.pop(person, None)
                self._served.pop(person, None)

    def _learn(self, seconds: float) -> None:
        known = self._typical_seconds
        self._typical_seconds = seconds if known is None else known + _LEARNING * (seconds - known)
