"""What is done again and again: it goes on after what fails, is counted, and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import Cause, Transient
from bot.periodic import PeriodicTask
from bot.telemetry.instrumentation import Note, Operation


class Seen:
    """Notes how each round ended."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, str]] = []

    @contextmanager
    def watch(self, operation: Operation, name: str, /) -> Iterator[Note]:
        """See the protocol."""
        note, raised = Note(), None
        try:
            yield note
        except BaseException as error:
            raised = error
            raise
        finally:
            self.outcomes.append((f"{operation} {name}", note.settle(raised)))


async def test_what_fails_is_counted_and_tried_again() -> None:
    seen, enough = Seen(), asyncio.Event()
    failures: list[Exception] = [Transient(Cause.STORAGE), TimeoutError(), ValueError("ours")]

    async def do() -> None:
        if failures:
            raise failures.pop(0)
        enough.set()

    task = PeriodicTask("sweep", 0.0, do, seen)
    task.start()
    async with asyncio.timeout(30):
        await enough.wait()
    await task.stop()

    assert seen.outcomes[:4] == [
        ("task sweep", "storage"),
        ("task sweep", "fault"),
        ("task sweep", "fault"),
        ("task sweep", "ok"),
    ]


async def test_it_stops_in_the_middle_of_a_round_and_before_the_first() -> None:
    begun = asyncio.Event()

    async def do() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = PeriodicTask("sweep", 0.0, do)
    await task.stop()
    task.start()
    async with asyncio.timeout(30):
        await begun.wait()
        await task.stop()
        await task.stop()


async def test_a_round_may_say_how_soon_the_next_one_is_due() -> None:
    rounds, enough = 0, asyncio.Event()

    async def do() -> float:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            enough.set()
        return 0.0

    task = PeriodicTask("sweep", 3600.0, do)
    task.start()
    async with asyncio.timeout(30):
        await enough.wait()
    await task.stop()
