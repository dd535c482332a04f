"""The nightly sweep: when it is due, in which portions, and that it is counted."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.app.sweep import LOOK_SECONDS, PORTION, NightlySweep, find_night
from bot.store.database import Database
from bot.store.drafts import DRAFT_LIFETIME, DraftStore
from bot.store.retention import RetentionStore
from bot.store.tables import drafts, generations, media
from tests.store.examples import NOON, insert, read_rows
from tests.support.aged import NOW, open_aged
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


@contextlib.contextmanager
def note_changes(changes: list[int]) -> Iterator[None]:
    """The rows that each transaction changes in a SQLite file, in the order of their ends."""
    before: dict[int, int] = {}

    def read(on: sa.Connection) -> int:
        driver = on.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver.total_changes

    def begin(on: sa.Connection) -> None:
        before[id(on)] = read(on)

    def commit(on: sa.Connection) -> None:
        changes.append(read(on) - before[id(on)])

    sa.event.listen(sa.Engine, "begin", begin)
    sa.event.listen(sa.Engine, "commit", commit)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "begin", begin)
        sa.event.remove(sa.Engine, "commit", commit)


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


async def test_a_busy_writer_waits_for_the_rows_of_one_portion_at_most(tmp_path: Path) -> None:
    path = tmp_path / "imagine.sqlite3"
    changes: list[int] = []
    async with open_aged(f"sqlite:///{path}", 5 * PORTION) as database:
        urls = sa.update(generations).values(response_url="https://hooks.slack.com/commands/1")
        await database.write(lambda on: on.execute(urls))
        # It waits for nobody: while the sweep had the file to itself, this would fail.
        writer = sqlite3.connect(path, timeout=0, isolation_level=None)

        async def write(_seconds: float) -> None:
            writer.execute("UPDATE heartbeats SET balance = 1")

        store, counts = RetentionStore(database, timedelta(days=1)), Counts()
        later = NOW + timedelta(days=40)
        sweep = NightlySweep(store, counts, clock=lambda: later, sleep=write)
        with note_changes(changes):
            await sweep.look()
        writer.close()

    assert counts.rows["prompts"] == counts.rows["response_urls"] == 5 * PORTION
    assert counts.rows["picture_links"] > 5 * PORTION
    # A request has four pictures at most, and is taken out of the index of the library, which
    # FTS5 writes for each; and a row for the sweep itself.
    assert PORTION < max(changes) <= (5 + 7) * PORTION + 1
