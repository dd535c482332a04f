"""The rows of drafts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.drafts import DRAFT_LIFETIME, DraftStore
from tests.support.schema import make_migrated_file

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DraftStore]:
    url = make_migrated_file(tmp_path / "imagine.sqlite3")
    database = Database(url)
    yield DraftStore(database)
    await database.close()


async def test_the_last_one_is_kept(store: DraftStore) -> None:
    await store.save("T1", "U1", {"prompt": "fog"}, NOW, generation_id="g1")
    await store.save("T1", "U1", {"prompt": "rain 🦊"}, NOW)
    found = await store.find("T1", "U1", NOW)

    assert found is not None
    assert (found.form, found.sent_state) == ({"prompt": "rain 🦊"}, None)


async def test_it_lasts_for_a_day(store: DraftStore) -> None:
    await store.save("T1", "U1", {}, NOW)
    moment = NOW + DRAFT_LIFETIME

    assert await store.find("T1", "U1", moment - timedelta(seconds=1)) is not None
    assert await store.find("T1", "U1", moment) is None


async def test_forgetting_takes_ones_own_only(store: DraftStore) -> None:
    for team, user in (("T1", "U1"), ("T1", "U2"), ("T2", "U1")):
        await store.save(team, user, {}, NOW)
    await store.forget("T1", "U1")

    assert await store.find("T1", "U1", NOW) is None
    assert await store.find("T1", "U2", NOW) is not None
    assert await store.find("T2", "U1", NOW) is not None
