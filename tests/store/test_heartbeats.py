"""The newest balance on record, and what may be out: what a start is held against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.credits.restore import LastSeen
from bot.generations.record import State
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.heartbeats import HeartbeatStore
from bot.store.tables import generations
from tests.support.rows import new_generation

NOW = datetime(2026, 11, 27, 5, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def put(database: Database, id_: str, **values: Any) -> None:
    await GenerationStore(database).accept(new_generation(id_, f"origin of {id_}"))
    change = sa.update(generations).where(generations.c.id == id_).values(values)
    await database.write(lambda on: on.execute(change))


async def test_of_answers_that_crossed_the_lowest_balance_is_the_last_one(
    any_database: Database,
) -> None:
    beats = HeartbeatStore(any_database)
    assert await beats.last_seen() is None
    await put(any_database, "first answered", submitted_at=NOW + SECOND, balance_after=97.0)
    await put(any_database, "first written", submitted_at=NOW, balance_after=94.0)
    await beats.note(100.0, NOW + 2 * SECOND)  # it was asked for before both

    assert await beats.last_seen() == LastSeen(94.0, NOW + 2 * SECOND)


async def test_an_older_balance_is_no_longer_looked_at(any_database: Database) -> None:
    beats = HeartbeatStore(any_database)
    long_ago = NOW - timedelta(minutes=5)
    await put(any_database, "before a top-up", submitted_at=long_ago, balance_after=1.0)
    await beats.note(1_001.0, NOW)

    assert await beats.last_seen() == LastSeen(1_001.0, NOW)


async def test_what_was_made_without_a_balance_told_may_have_been_charged(
    any_database: Database,
) -> None:
    made = {"intended_at": NOW, "image_generation_id": "made", "state": State.PROCESSING.value}
    await put(any_database, "told", **made, balance_after=97.0)
    await put(any_database, "untold", **made)
    await put(any_database, "out", intended_at=NOW, state=State.SUBMITTING.value)
    await put(any_database, "not sent", state=State.ACCEPTED.value)

    assert len(await HeartbeatStore(any_database).list_out(NOW - SECOND)) == 2
    assert await HeartbeatStore(any_database).list_out(NOW + SECOND) == []
