"""The limiter of several processes: one book on a real PostgreSQL, and nobody waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, TypeVar

import pytest

from bot.errors import Cause, Transient
from bot.powerpost.calls import CallKind
from bot.powerpost.rate_limiter import RateLimiter
from bot.store.database import Database
from bot.store.rate_limits import RateLimitStore

_T = TypeVar("_T")
_BOOKS: Final[dict[RateLimiter, Watched]] = {}


def left(remaining: int, seconds: float, limit: int = 30) -> dict[str, str]:
    """Headers of an answer without a date: our own clock is taken."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(int(time.time() + seconds)),
    }


class Watched:
    """The book, and how many wait for it just now."""

    def __init__(self, book: RateLimitStore) -> None:
        self._book = book
        self.waiting = 0

    async def change(
        self,
        name: str,
        do: Callable[[dict[str, Any] | None, float], tuple[dict[str, Any] | None, _T]],
    ) -> _T:
        """See the protocol."""
        self.waiting += 1
        try:
            return await self._book.change(name, do)
        finally:
            self.waiting -= 1


class Away:
    """A database that does not answer."""

    async def change(
        self,
        name: str,
        do: Callable[[dict[str, Any] | None, float], tuple[dict[str, Any] | None, _T]],
    ) -> _T:
        """See the protocol."""
        raise Transient(Cause.STORAGE, name)


@pytest.fixture
async def limiters(postgres_url: str) -> AsyncIterator[tuple[RateLimiter, RateLimiter]]:
    """Two processes'."""
    databases = Database(postgres_url), Database(postgres_url)
    books = [Watched(RateLimitStore(database)) for database in databases]
    one, other = map(RateLimiter, books)
    _BOOKS.update(zip((one, other), books, strict=True))
    yield one, other
    _BOOKS.clear()
    for limiter, database in zip((one, other), databases, strict=True):
        await limiter.close()
        await database.close()


async def call(
    limiter: RateLimiter, headers: dict[str, str], kind: CallKind = CallKind.POLL
) -> None:
    async with limiter.turn(kind):
        limiter.observe(headers)


async def count_soon(limiter: RateLimiter, calls: int, headers: dict[str, str]) -> int:
    """How many of so many calls may go at once."""
    tasks = [asyncio.create_task(call(limiter, headers)) for _ in range(calls)]
    await settle()
    gone = sum(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return gone


async def settle() -> None:
    """Until nobody has waited for the book for a moment, however slowly it answers."""
    quiet = 0
    while quiet < 10:
        await asyncio.sleep(0.03)
        quiet = 0 if any(book.waiting for book in _BOOKS.values()) else quiet + 1


async def test_what_one_process_learns_holds_for_another(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    one, other = limiters
    headers = left(3, 30)
    await call(one, headers)
    await settle()  # it is written beside the answer, not before

    assert await count_soon(other, 10, headers) == 3
    assert await count_soon(one, 10, headers) == 0


async def test_two_processes_share_one_window(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    one, other = limiters
    headers = left(20, 30)
    await call(one, headers)
    await settle()

    gone = await asyncio.gather(count_soon(one, 30, headers), count_soon(other, 30, headers))

    assert sum(gone) == 20


async def test_a_429_to_one_process_holds_the_other(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    one, other = limiters
    async with one.turn(CallKind.SUBMIT):
        one.penalise(30.0)
    await settle()  # it is written beside the answer, not before

    assert await count_soon(other, 3, left(29, 60)) == 0


async def test_while_the_database_is_away_each_goes_by_its_own_memory() -> None:
    limiter = RateLimiter(Away())

    async with asyncio.timeout(30):
        for remaining in range(22, 2, -1):
            await call(limiter, left(remaining, 30))
        await call(limiter, left(0, 30))

    assert await count_soon(limiter, 10, left(0, 30)) == 0
    await limiter.close()


async def test_a_submission_goes_before_looks_that_came_earlier(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    one, other = limiters
    order: list[CallKind] = []

    async def visit(kind: CallKind) -> None:
        async with other.turn(kind):
            order.append(kind)

    await call(one, left(0, 3))  # three seconds without a call for anyone
    await settle()
    looks = [asyncio.create_task(visit(CallKind.POLL)) for _ in range(3)]
    await asyncio.sleep(0.1)
    await asyncio.gather(*looks, visit(CallKind.SUBMIT))

    assert order[0] is CallKind.SUBMIT


async def test_who_gives_up_waiting_holds_nobody_up(
    limiters: tuple[RateLimiter, RateLimiter],
) -> None:
    one, _ = limiters
    await call(one, left(0, 3))

    assert await count_soon(one, 3, left(0, 3)) == 0
    async with asyncio.timeout(60):
        await call(one, left(29, 60))
