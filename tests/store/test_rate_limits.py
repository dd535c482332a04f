"""What all processes keep to together: changed by one at a time, and never waited for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from bot.errors import Transient
from bot.store.database import Database
from bot.store.rate_limits import RateLimitStore

_T = TypeVar("_T")


class CountingDatabase(Database):
    """Counts how often somebody tried to write."""

    writes = 0

    async def write(self, do: Callable[[sa.Connection], _T]) -> _T:
        self.writes += 1
        return await super().write(do)


def count(kept: dict[str, Any] | None, now: float) -> tuple[dict[str, Any] | None, int]:
    """One more."""
    number = (kept or {"number": 0})["number"] + 1
    return {"number": number}, number


def see(kept: dict[str, Any] | None, now: float) -> tuple[dict[str, Any] | None, Any]:
    """As it is."""
    return None, (kept, now)


async def test_no_change_is_lost_and_each_sees_the_one_before(any_database: Database) -> None:
    stores = [RateLimitStore(any_database) for _ in range(3)]

    seen = await asyncio.gather(*(store.change("a", count) for store in stores for _ in range(3)))

    assert sorted(seen) == list(range(1, 10))
    kept, now = await stores[0].change("a", see)
    assert kept == {"number": 9}
    assert abs(now - time.time()) < 5
    assert (await stores[0].change("b", see))[0] is None


async def test_a_database_that_is_away_is_asked_once_and_then_not_for_a_while() -> None:
    database = CountingDatabase("postgresql+psycopg://u:p@127.0.0.1:1/x")
    store = RateLimitStore(database)

    for _ in range(10):
        with pytest.raises(Transient):
            await store.change("a", count)

    assert database.writes == 1
    await database.close()
