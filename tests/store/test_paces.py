"""What all processes keep to together: changed by one at a time, and never waited for long."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import Transient
from bot.store.database import Database
from bot.store.rate_limits import PaceStore
from bot.store.tables import paces


def count(kept: dict[str, Any] | None, now: float) -> tuple[dict[str, Any] | None, int]:
    """One more."""
    number = (kept or {"number": 0})["number"] + 1
    return {"number": number}, number


def see(kept: dict[str, Any] | None, now: float) -> tuple[dict[str, Any] | None, Any]:
    """As it is."""
    return None, (kept, now)


async def test_no_change_is_lost_and_each_sees_the_one_before(any_database: Database) -> None:
    stores = [PaceStore(any_database) for _ in range(3)]

    seen = await asyncio.gather(*(store.change("a", count) for store in stores for _ in range(10)))

    assert sorted(seen) == list(range(1, 31))
    kept, now = await stores[0].change("a", see)
    assert kept == {"number": 30}
    assert abs(now - time.time()) < 5
    assert (await stores[0].change("b", see))[0] is None


async def test_what_nobody_changed_for_a_day_is_forgotten(any_database: Database) -> None:
    store = PaceStore(any_database)
    await store.change("old", count)
    await store.change("new", count)
    long_ago = datetime.now(UTC) - timedelta(days=2)
    age = sa.update(paces).where(paces.c.name == "old").values(changed_at=long_ago)
    await any_database.write(lambda on: on.execute(age))

    await store.forget_old()

    assert (await store.change("old", see))[0] is None
    assert (await store.change("new", see))[0] == {"number": 1}


async def test_a_database_that_is_away_is_said_within_a_second_and_then_at_once() -> None:
    database = Database("postgresql+psycopg://u:p@127.0.0.1:1/x")
    store = PaceStore(database)

    async with asyncio.timeout(2):
        with pytest.raises(Transient):
            await store.change("a", count)
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(Transient):
            await store.change("a", count)

    assert time.monotonic() - began < 0.5
    await database.close()
