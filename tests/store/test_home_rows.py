"""What the Home tab reads: the last changes, and the balance that was told last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.policy.policy import Policy
from bot.store.balances import BalanceStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.migrate import migrate
from bot.store.policies import PolicyStore
from bot.store.tables import generations
from tests.store.test_generations import new_generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    await asyncio.to_thread(migrate, url)
    opened = Database(url)
    yield opened
    await opened.close()


async def test_changes_are_listed_newest_first_without_peoples_own_defaults(
    database: Database,
) -> None:
    store = PolicyStore(database)

    def leave(policy: Policy) -> Policy:
        return policy

    for number, what in enumerate(("settings", "defaults", "rules", "budget_added")):
        at = NOW + timedelta(minutes=number)
        await store.change("T1", leave, user_id=f"U{number}", what=what, now=at)
    await store.change("T2", leave, user_id="U9", what="settings", now=NOW)

    page = await store.list_changes("T1", 0, 2)
    rest = await store.list_changes("T1", 2, 2)

    assert [(each.what, each.changed_by) for each in page] == [
        ("budget_added", "U3"),
        ("rules", "U2"),
    ]
    assert page[0].changed_at == NOW + timedelta(minutes=3)
    assert [each.what for each in rest] == ["settings"]


async def test_the_last_balance_comes_with_its_time(database: Database) -> None:
    rows, balances = GenerationStore(database), BalanceStore(database)
    assert await balances.last() is None
    await rows.accept(new_generation("g1", "o1"))
    await rows.accept(new_generation("g2", "o2"))
    assert await balances.last() is None

    def note(on: sa.Connection) -> None:
        for id_, minute, balance in (("g1", 5, 40.0), ("g2", 1, 44.0)):
            at = NOW + timedelta(minutes=minute)
            told = sa.update(generations).where(generations.c.id == id_)
            on.execute(told.values(submitted_at=at, balance_after=balance))

    await database.write(note)

    assert await balances.last() == (40.0, NOW + timedelta(minutes=5))
