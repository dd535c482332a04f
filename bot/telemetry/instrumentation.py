"""Being watched: the rooms say what they begin and how it ended, and do not know who listens.

Names are of our own making (a kind of call, a method, a step, an id of ours): never a prompt, a
person, a channel or an address, since they become labels and spans.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from bot.errors import ImagineError

OK: Final = "ok"
CANCELLED: Final = "cancelled"
FAULT: Final = "fault"  # of our own


class Operation(StrEnum):
    """What is watched; in brackets: its name."""

    GENERATION = "generation"  # the whole life of it, in this process [our id]
    STEP = "step"  # one try of a step [the step]
    POWERPOST = "powerpost"  # a call, or a download [the kind of call]
    SLACK = "slack"  # a call of the Web API [the method]
    TASK = "task"  # one round of what is done again and again [the task]
    ANSWER = "answer"  # from a payload of Slack's to our answer ["slack"]


@dataclass(slots=True)
class Note:
    """How it ended: a Cause, `ok`, `cancelled` or `fault`. Filled in by what is raised, unless the
    one who is watched knows better."""

    outcome: str | None = None

    def settle(self, error: BaseException | None) -> str:
        """The outcome, `error` being what was raised."""
        if self.outcome is None:
            self.outcome = _read_outcome(error)
        return self.outcome


class Observer(Protocol):
    """Sees what is done. Never raises, and never waits."""

    def watch(self, operation: Operation, name: str, /) -> AbstractContextManager[Note]:
        """To be held while it is done. What is raised goes through."""


class NullObserver:
    """Watches nothing."""

    @contextmanager
    def watch(self, _operation: Operation, _name: str, /) -> Iterator[Note]:
        """See the protocol."""
        yield Note()


class Observers:
    """Several at once, who see the same."""

    def __init__(self, *observers: Observer | None) -> None:
        self._observers = [each for each in observers if each is not None]

    @contextmanager
    def watch(self, operation: Operation, name: str, /) -> Iterator[Note]:
        """See the protocol."""
        note = Note()
        with ExitStack() as stack:
            theirs = [stack.enter_context(each.watch(operation, name)) for each in self._observers]
            try:
                yield note
            finally:
                for each in theirs:
                    each.outcome = note.outcome


class Seldom:
    """Says what others can make happen as often as they like: the first time at once, and then
    once a minute with how often it happened (`times`). One for each thing that is said."""

    def __init__(
        self,
        say: Callable[..., Any],
        seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._say = say
        self._seconds = seconds
        self._clock = clock
        self._times = 0
        self._quiet_until = float("-inf")

    def note(self, event: str, **fields: Any) -> None:
        """It happened."""
        self._times += 1
        now = self._clock()
        if now >= self._quiet_until:
            self._say(event, times=self._times, **fields)
            self._times, self._quiet_until = 0, now + self._seconds


def _read_outcome(error: BaseException | None) -> str:
    if error is None:
        return OK
    if isinstance(error, ImagineError):
        return error.cause.value
    return CANCELLED if isinstance(error, asyncio.CancelledError) else FAULT
