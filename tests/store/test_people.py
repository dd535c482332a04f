"""People are in the ledger by pseudonyms; forgetting one leaves every sum."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.generations.record import FORGOTTEN
from bot.images.usage import By
from bot.policy.budgets import Budget, Period, Scope, Window, find_ceilings
from bot.store.database import Database
from bot.store.ledger import LedgerStore, keep_charge
from bot.store.migrate import migrate
from bot.store.people import PREFIX
from bot.store.personal_data import PersonalDataStore
from bot.store.retention import FORGOTTEN_LIFETIME, KEPT, RetentionStore
from bot.store.spending import SpendingStore
from bot.store.tables import generations, ledger, ledger_sums, people
from bot.store.usage import UsageStore
from tests.store.examples import NOON, generation_row, insert, read_rows
from tests.support.ledger_entries import entry
from tests.support.schema import connect, migrate_to

ADA, BEN = "U0ADA", "U0BEN"
WINDOW = Window(NOON - timedelta(days=1), NOON + timedelta(days=1))
BUDGET = Budget(id="b", scope=Scope.PERSON, period=Period.DAY, credits=100)


async def charge(database: Database, id_: str, user: str, **changes: Any) -> None:
    row = generation_row(id_, user_id=user, submitted_at=NOON, **changes)
    await insert(database, generations, row)
    await database.write(lambda on: keep_charge(on, database, id_))


async def used_by(database: Database, user: str) -> float:
    ceilings = find_ceilings(
        [BUDGET], channel_id="C1", user_id=user, now=NOON, zone=ZoneInfo("UTC")
    )
    (use,) = await SpendingStore(database).usage("T1", ceilings)
    return use.used


async def sums(database: Database, by: By) -> dict[str, float]:
    lines = await UsageStore(database).add_up(by, "T1", WINDOW)
    return {line.key: line.credits for line in lines}


async def test_no_id_of_a_person_is_entered_and_everything_is_found_by_it(
    any_database: Database,
) -> None:
    await charge(any_database, "g1", ADA, approved_by=BEN)
    await charge(any_database, "g2", ADA)
    await charge(any_database, "g3", BEN)

    entered = await read_rows(any_database, ledger)
    assert all(row["user_id"].startswith(PREFIX) for row in entered)
    assert ADA not in str(entered)
    assert BEN not in str(entered)
    assert len({row["user_id"] for row in entered}) == 2
    assert await sums(any_database, By.USER) == {ADA: 24.0, BEN: 12.0}
    assert await used_by(any_database, ADA) == 24.0
    usage = UsageStore(any_database)
    charged = await usage.list_charged("T1", WINDOW)
    assert {(each.user_id, each.approved_by) for each in charged} == {
        (ADA, BEN),
        (ADA, None),
        (BEN, None),
    }
    assert {user for _, _, user, _ in await usage.list_spenders(NOON)} == {ADA, BEN}
    own = await usage.add_up(By.MODEL, "T1", WINDOW, ADA)
    assert [line.credits for line in own] == [24.0]


async def test_a_forgotten_person_is_nobody_and_every_sum_stays(any_database: Database) -> None:
    await charge(any_database, "g1", ADA)
    await charge(any_database, "g2", BEN, approved_by=ADA)
    before = await sums(any_database, By.MODEL)
    entered = await read_rows(any_database, ledger)

    await PersonalDataStore(any_database).forget(ADA, NOON)

    assert await read_rows(any_database, ledger) == entered
    assert await sums(any_database, By.MODEL) == before
    assert await sums(any_database, By.USER) == {FORGOTTEN: 12.0, BEN: 12.0}
    # Else who has spent their budget would have their data deleted, and another one.
    assert await used_by(any_database, ADA) == 12.0
    await charge(any_database, "g3", ADA)
    assert await used_by(any_database, ADA) == 24.0
    assert await sums(any_database, By.USER) == {FORGOTTEN: 12.0, BEN: 12.0, ADA: 12.0}
    charged = await UsageStore(any_database).list_charged("T1", WINDOW)
    assert {(each.user_id, each.approved_by) for each in charged} == {
        (FORGOTTEN, None),
        (BEN, FORGOTTEN),
        (ADA, None),
    }
    later = NOON + FORGOTTEN_LIFETIME + timedelta(seconds=1)
    (kept,) = [each for each in KEPT if each.name == "people"]
    assert await RetentionStore(any_database, None).sweep(kept, later, 10) == 1
    assert len(await read_rows(any_database, people)) == 2
    assert await sums(any_database, By.MODEL) == dict.fromkeys(before, 36.0)


async def test_a_refund_of_a_forgotten_persons_charge_is_entered_under_the_same_name(
    any_database: Database,
) -> None:
    failed = {"state": "failed", "credits_used": 12.0, "finished_at": NOON}
    await charge(any_database, "g1", ADA, **failed)
    store = LedgerStore(any_database)
    await PersonalDataStore(any_database).forget(ADA, NOON)

    await store.settle("g1", NOON)

    charged, refund = await store.read_entries()
    assert (refund.user_id, refund.expected) == (charged.user_id, -12.0)


def enter_plainly(url: str) -> None:
    """As a version before the pseudonyms did."""
    rows = [
        entry(f"g{n}", user_id=user, team_id="T1", approved_by=approver)
        for n, (user, approver) in enumerate([(ADA, None), (ADA, BEN), (BEN, None)])
    ]
    with connect(url) as on:
        on.execute(sa.insert(ledger), rows)


async def test_the_migration_gives_everybody_a_pseudonym_and_closes_the_ledger_again(
    empty_database_url: str,
) -> None:
    migrate_to(empty_database_url, "0014")
    enter_plainly(empty_database_url)
    migrate(empty_database_url)
    database = Database(empty_database_url)

    entered = await read_rows(database, ledger)
    assert ADA not in str(entered)
    assert BEN not in str(entered)
    assert await sums(database, By.USER) == {ADA: 18.0, BEN: 9.0}
    assert await used_by(database, ADA) == 18.0
    await database.close()
    for change in ("UPDATE ledger SET credits = 0", "DELETE FROM ledger"):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            connect(empty_database_url) as on,
        ):
            on.execute(sa.text(change))


async def test_no_direct_message_is_entered_by_its_id(any_database: Database) -> None:
    await charge(any_database, "g1", ADA, channel_id="D0ADA")
    await charge(any_database, "g2", BEN, channel_id="D0BEN")

    assert await sums(any_database, By.CHANNEL) == {"D": 24.0}
    assert await LedgerStore(any_database).find_wrong_sums(NOON - timedelta(days=1)) == []
    assert await used_by(any_database, ADA) == 12.0


async def test_the_migration_takes_the_ids_of_direct_messages_out_of_the_ledger(
    empty_database_url: str,
) -> None:
    migrate_to(empty_database_url, "0016")
    where = ("D0ADA", "D0BEN", "C1", "D0ADA")
    with connect(empty_database_url) as on:
        rows = [entry(f"g{n}", channel_id=each, team_id="T1") for n, each in enumerate(where)]
        on.execute(sa.insert(ledger), rows)
    migrate(empty_database_url)
    database = Database(empty_database_url)

    assert "D0" not in str(await read_rows(database, ledger))
    assert "D0" not in str(await read_rows(database, ledger_sums))
    assert await sums(database, By.CHANNEL) == {"D": 27.0, "C1": 9.0}
    assert await LedgerStore(database).find_wrong_sums(NOON - timedelta(days=1)) == []
    await charge(database, "g9", ADA, channel_id="D0ADA")
    assert await LedgerStore(database).find_wrong_sums(NOON - timedelta(days=1)) == []
    await database.close()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), connect(empty_database_url) as on:
        on.execute(sa.text("UPDATE ledger SET credits = 0"))


async def test_what_an_older_process_enters_beside_this_one_counts_as_well(
    any_database_url: str,
) -> None:
    enter_plainly(any_database_url)
    database = Database(any_database_url)
    await charge(database, "g9", ADA)

    assert await sums(database, By.USER) == {ADA: 30.0, BEN: 9.0}
    assert await used_by(database, ADA) == 30.0
    await database.close()
