"""The nightly sweep: when it is due, in which portions, and that it is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app.sweep import LOOK_SECONDS, PORTION, NightlySweep, find_night
from bot.store.database import Database
from bot.store.drafts import DRAFT_LIFETIME, DraftStore
from bot.store.retention import RetentionStore
from bot.store.tables import drafts, media
from tests.store.examples import NOON, insert, read_rows
from tests.support.schema import make_migrated_file

HOUR = timedelta(hours=1)


class Counts:
    """What was counted."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.ended_at: datetime | None = None

    def note_swept(self, kind: str, rows: int) -> None:
        self.rows[kind] = self.rows.get(kind, 0) + rows

    def note_sweep_ended(self, at: datetime) -> None:
        self.ended_at = at


class House:
    """A sweep by a clock that only moves while it sleeps."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOON
        self.slept: list[float] = []
        self.counts = Counts()
        self.sweep = NightlySweep(
            RetentionStore(database, None),
            self.counts,
            clock=lambda: self.now,
            sleep=self.pass_time,
        )

    async def pass_time(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = Database(make_migrated_file(tmp_path / "imagine.sqlite3"))
    yield House(database)
    await database.close()


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-11-23T03:00:00", "2026-11-23T03:00:00"),
        ("2026-11-23T02:59:59", "2026-11-22T03:00:00"),
        ("2026-11-23T23:00:00", "2026-11-23T03:00:00"),
    ],
)
def test_a_night_begins_at_three(now: str, night: str) -> None:
    moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, night)]

    assert find_night(moments[0]) == moments[1]


async def test_a_night_is_swept_once_in_portions_and_counted(house: House) -> None:
    old = NOON - timedelta(days=100)
    rows = [
        {"workspace_id": "w", "content_hash": f"{n}", "media_id": "m", "uploaded_at": old}
        for n in range(PORTION + 1)
    ]
    await insert(house.database, media, *rows)

    await house.sweep.look()

    assert await read_rows(house.database, media) == []
    assert house.counts.rows["media"] == PORTION + 1
    assert house.slept  # between the two portions others may write
    ended_at = house.counts.ended_at
    assert ended_at == house.now
    await insert(house.database, media, rows[0])
    house.now += HOUR
    await house.sweep.look()
    assert len(await read_rows(house.database, media)) == 1  # the next night's
    house.now += timedelta(days=1)
    await house.sweep.look()
    assert await read_rows(house.database, media) == []


async def test_a_draft_is_gone_when_its_day_is_over(house: House) -> None:
    store = DraftStore(house.database)
    await house.sweep.look()
    saved_at = house.now + HOUR
    await store.save("T1", "U1", {"prompt": "fog"}, saved_at)
    while house.now < saved_at + DRAFT_LIFETIME:
        assert len(await read_rows(house.database, drafts)) == 1
        await house.pass_time(await house.sweep.look())
    await house.sweep.look()

    assert await read_rows(house.database, drafts) == []
    assert house.now - (saved_at + DRAFT_LIFETIME) < timedelta(seconds=2)


async def test_it_looks_again_at_the_latest_when_the_night_begins(house: House) -> None:
    await house.sweep.look()

    assert await house.sweep.look() == LOOK_SECONDS
    house.now = find_night(house.now) + timedelta(days=1) - timedelta(seconds=5)
    assert await house.sweep.look() == 5.0
