"""What the Home tab reads: the last changes, and the balance that was told last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.policy.policy import Policy
from bot.store.balances import BalanceStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.policies import PolicyStore
from bot.store.tables import generations
from tests.support.rows import new_generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


async def test_changes_are_listed_newest_first_without_peoples_own_defaults(
    any_database: Database,
) -> None:
    store = PolicyStore(any_database)

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


async def test_the_last_balance_comes_with_its_time(any_database: Database) -> None:
    rows, balances = GenerationStore(any_database), BalanceStore(any_database)
    assert await balances.last() is None
    await rows.accept(new_generation("g1", "o1"))
    await rows.accept(new_generation("g2", "o2"))
    assert await balances.last() is None

    def note(on: sa.Connection) -> None:
        for id_, minute, balance in (("g1", 5, 40.0), ("g2", 1, 44.0)):
            at = NOW + timedelta(minutes=minute)
            told = sa.update(generations).where(generations.c.id == id_)
            on.execute(told.values(submitted_at=at, balance_after=balance))

    await any_database.write(note)

    assert await balances.last() == (40.0, NOW + timedelta(minutes=5))


async def test_the_end_of_a_generation_makes_the_balance_of_its_charge_no_newer(
    any_database: Database,
) -> None:
    rows, balances = GenerationStore(any_database), BalanceStore(any_database)
    await rows.accept(new_generation("slow", "o1"))
    await rows.accept(new_generation("quick", "o2"))
    minutes = [NOW + timedelta(minutes=number) for number in range(3)]

    def note(on: sa.Connection) -> None:
        for id_, at, left in (("slow", minutes[0], 44.0), ("quick", minutes[1], 40.0)):
            told = sa.update(generations).where(generations.c.id == id_)
            on.execute(told.values(submitted_at=at, balance_after=left))
        done = sa.update(generations).where(generations.c.id == "slow")
        on.execute(done.values(finished_at=minutes[2]))

    await any_database.write(note)

    assert await balances.last() == (40.0, minutes[1])
