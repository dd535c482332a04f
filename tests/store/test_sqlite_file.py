"""A SQLite file: nobody else reads it, and what is taken away makes it smaller."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import bot.store.migrate
from bot.store.database import Database, lock_sqlite_file, make_private
from bot.store.migrate import migrate
from bot.store.retention import RetentionStore
from bot.store.tables import media
from tests.store.examples import NOON, insert
from tests.support.schema import make_migrated_file
from tests.support.stage import Stage, run_bot


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(directory: Path) -> dict[str, str]:
    """Who may read which file."""
    return {
        path.name: oct(path.stat().st_mode & 0o777)
        for path in directory.iterdir()
        if path.name.startswith("imagine.sqlite3")
    }


async def test_a_new_file_and_what_stands_beside_it_are_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "imagine.sqlite3"
    with umask(0o022):
        lock = lock_sqlite_file(path)
        assert make_private(path)
        migrate(f"sqlite:///{path}")
        database = Database(f"sqlite:///{path}")
        await insert(database, media, upload(1))
        found = modes(tmp_path)
        await database.close()
    lock.release()

    assert found == dict.fromkeys(
        [f"imagine.sqlite3{suffix}" for suffix in ("", "-wal", "-shm", ".lock")], "0o600"
    )


async def test_a_bot_makes_an_older_file_private_and_says_where_it_is(
    stage_without_bot: Stage,
) -> None:
    # What an older version wrote below an older umask, a journal that it left included.
    stage, path = stage_without_bot, stage_without_bot.settings.sqlite_path
    assert path is not None
    with umask(0o022):
        make_migrated_file(path)
        for suffix in (".lock", "-journal"):
            path.with_name(path.name + suffix).touch()
        with capture_logs() as logs:
            async with run_bot(stage):
                found = modes(path.parent)

    assert set(found.values()) == {"0o600"}
    said = [each for each in logs if each["event"] == "database.opened"]
    assert [(each["path"], each["is_private"]) for each in said] == [(str(path), True)]


def upload(number: int) -> dict[str, object]:
    hash_ = f"{number:0>64}"
    return {"workspace_id": "w", "content_hash": hash_, "media_id": "m" * 200, "uploaded_at": NOON}


def make_older(path: Path) -> None:
    """As a version made it that gave no space back."""
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA auto_vacuum=0")
        connection.execute("VACUUM")


def read_pragma(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


@pytest.mark.parametrize("is_older", [False, True])
async def test_space_is_given_back_a_portion_at_a_time(tmp_path: Path, *, is_older: bool) -> None:
    path = tmp_path / "imagine.sqlite3"
    if is_older:
        make_older(path)
        assert read_pragma(path, "auto_vacuum") == 0
    migrate(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    await insert(database, media, *(upload(number) for number in range(2000)))
    full = read_pragma(path, "page_count")
    await database.write(lambda on: on.execute(media.delete()))
    store = RetentionStore(database, None)
    free = read_pragma(path, "freelist_count")

    assert await store.give_back_space(10) == free - 10
    assert await store.give_back_space(10_000) == 0
    await database.close()
    assert read_pragma(path, "page_count") <= full - free
    assert path.stat().st_size < full * 4096 / 2


def test_a_large_older_file_is_left_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "imagine.sqlite3"
    make_older(path)
    monkeypatch.setattr(bot.store.migrate, "VACUUM_MAX_BYTES", 4096)

    with capture_logs() as logs:
        migrate(f"sqlite:///{path}")

    assert read_pragma(path, "auto_vacuum") == 0
    assert [each["event"] for each in logs] == ["database.cannot_shrink"]


def test_a_start_forgets_what_somebody_has_let_sqlite_learn_of_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "imagine.sqlite3"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO welcomes VALUES ('T1', 'U1')")
        connection.execute("ANALYZE")
        learned = connection.execute("SELECT count(*) FROM sqlite_stat1").fetchone()

    migrate(f"sqlite:///{path}")

    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT count(*) FROM sqlite_stat1").fetchone()
    assert learned != (0,)
    assert found == (0,)
