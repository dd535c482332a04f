"""Which pictures PowerPost has, per workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.media import MediaStore
from tests.support.schema import make_migrated_file

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = make_migrated_file(tmp_path / "imagine.sqlite3")
    opened = Database(url)
    yield opened
    await opened.close()


async def test_media_belong_to_a_workspace(database: Database) -> None:
    ours, theirs = MediaStore(database, "ws1"), MediaStore(database, "ws2")
    await ours.keep("hash", "m1", NOW)

    assert await ours.find("hash") == "m1"
    assert await theirs.find("hash") is None


async def test_the_last_upload_of_the_same_bytes_counts(database: Database) -> None:
    store = MediaStore(database, "ws1")
    await store.keep("hash", "m1", NOW)
    await store.keep("hash", "m2", NOW)

    assert await store.find("hash") == "m2"


async def test_what_is_forgotten_is_forgotten_here_only(database: Database) -> None:
    ours, theirs = MediaStore(database, "ws1"), MediaStore(database, "ws2")
    for store in (ours, theirs):
        await store.keep("hash", "m1", NOW)
    await ours.keep("other", "m2", NOW)
    await ours.forget(("m1", "m9"))
    await ours.forget(())

    assert await ours.find("hash") is None
    assert await ours.find("other") == "m2"
    assert await theirs.find("hash") == "m1"
