"""The ledger's rows: entered once, complete, and never changed; on both databases."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.cli.audit import write_audit, write_wrong_sums
from bot.credits.audit import WrongSum, audit
from bot.credits.estimates import Basis, Estimate
from bot.credits.ledger import Entry, EntryKind
from bot.errors import Transient
from bot.generations.record import NewGeneration, Picture, Place, State
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.migrate import migrate
from bot.store.prices import PriceStore
from bot.store.spending import SpendingStore
from bot.store.tables import generations, ledger, ledger_sums, people
from tests.store.examples import NOON, generation_row, insert, read_rows
from tests.support.budget_rows import NOW as BUDGET_NOW
from tests.support.budget_rows import enter
from tests.support.root import ROOT

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
REQUEST = ImageRequest(prompt="fog")
MIGRATIONS = ROOT / "bot" / "store" / "migrations"


def at(seconds: float) -> datetime:
    """Seconds after an hour ago."""
    return NOW + timedelta(seconds=seconds - 3600)


def is_about(one: datetime | None, other: datetime) -> bool:
    """The same, by the database's clock and by ours."""
    return one is not None and abs(one - other) < timedelta(seconds=5)


async def submit(
    any_database: Database, id_: str = "g1", begun: float = 0, quantity: int = 3
) -> None:
    """Accepted, and about to be paid."""
    store = GenerationStore(any_database)
    request = ImageRequest(prompt="fog", model=Model.FLUX2_FLEX, quantity=quantity)
    place = Place("T1", "C1", "U1")
    await store.accept(
        NewGeneration(id_, f"test:{id_}", place, request, at(begun), approved_by="U2")
    )
    await store.advance(id_, State.ACCEPTED, State.SUBMITTING, intended_at=at(begun))


def receipt(begun: float = 0, credits_: float | None = 9, after: float = 91) -> dict[str, Any]:
    return {
        "image_generation_id": f"i{begun}",
        "submitted_at": at(begun + 1),
        "credits_used": credits_,
        "balance_after": after,
    }


async def pay(any_database: Database, id_: str = "g1", begun: float = 0, **paid: Any) -> None:
    await submit(any_database, id_, begun, paid.pop("quantity", 3))
    store = GenerationStore(any_database)
    await store.advance(id_, State.SUBMITTING, State.PROCESSING, **receipt(begun, **paid))


async def fail(any_database: Database, id_: str, ended: float, balance: float | None) -> None:
    await GenerationStore(any_database).advance(
        id_, State.PROCESSING, State.FAILED, finished_at=at(ended), balance_at_end=balance
    )


async def entries(any_database: Database) -> list[Entry]:
    return await LedgerStore(any_database).read_entries()


async def test_what_is_paid_is_charged_for_in_the_ledger_once_and_nothing_before(
    any_database: Database,
) -> None:
    await submit(any_database)
    assert await entries(any_database) == []
    store = GenerationStore(any_database)

    won = [
        await store.advance("g1", State.SUBMITTING, State.PROCESSING, **receipt()) for _ in range(2)
    ]

    assert won == [True, False]
    (charge,) = await entries(any_database)
    assert (charge.kind, charge.credits, charge.balance) == (EntryKind.CHARGE, 9, 91)
    assert (charge.team_id, charge.channel_id) == ("T1", "C1")
    known = {row["pseudonym"]: row["user_id"] for row in await read_rows(any_database, people)}
    assert (known[charge.user_id], known[charge.approved_by or ""]) == ("U1", "U2")
    assert (charge.model, charge.quantity) == (Model.FLUX2_FLEX, 3)
    assert charge.entered_at == charge.counts_at
    assert is_about(charge.entered_at, at(1))


@pytest.mark.parametrize(
    "deed", ["INSERT OR REPLACE INTO", "REPLACE INTO", "INSERT OR IGNORE INTO"]
)
async def test_no_insert_changes_an_entry(any_database: Database, deed: str) -> None:
    await pay(any_database)
    before = await entries(any_database)
    names = ", ".join(column.name for column in ledger.c if column.name not in ("id", "credits"))
    again = f"SELECT {{id}}, 0, {names} FROM ledger"  # noqa: S608 - no value of anybody's

    def replace(on: sa.Connection) -> None:
        for id_ in ("id", "NULL"):  # by its own number, and by what it is of
            on.execute(sa.text(f"{deed} ledger (id, credits, {names}) {again.format(id=id_)}"))

    if any_database.dialect == "sqlite":
        await any_database.write(replace)
    else:
        with pytest.raises(Transient):  # there it is ON CONFLICT, which a trigger refuses
            await any_database.write(
                lambda on: on.execute(
                    any_database.insert(ledger)
                    .from_select([c.name for c in ledger.c], sa.select(ledger))
                    .on_conflict_do_update(index_elements=["id"], set_={"credits": 0})
                )
            )

    assert await entries(any_database) == before


async def test_a_late_answer_that_revives_a_generation_is_charged_for_once(
    any_database: Database,
) -> None:
    await submit(any_database)
    store = GenerationStore(any_database)
    await store.advance("g1", State.SUBMITTING, State.UNKNOWN, finished_at=at(9))

    assert await store.revive("g1", **receipt())
    await store.advance("g1", State.PROCESSING, State.UNKNOWN, finished_at=at(20))
    assert await store.revive("g1", **receipt(credits_=8))

    assert [(e.kind, e.credits) for e in await entries(any_database)] == [(EntryKind.CHARGE, 9)]


async def test_a_charge_without_a_number_is_entered_without_one(any_database: Database) -> None:
    await pay(any_database, credits_=None)
    await fail(any_database, "g1", 60, 100)

    settled = await LedgerStore(any_database).settle("g1", NOW)

    assert settled.refunded is None
    assert [(e.kind, e.credits) for e in await entries(any_database)] == [(EntryKind.CHARGE, None)]


async def test_a_refund_is_expected_and_confirmed_once_however_often_it_is_settled(
    any_database: Database,
) -> None:
    await pay(any_database)
    await fail(any_database, "g1", 60, 100)
    store = LedgerStore(any_database)

    first = await store.settle("g1", NOW)
    again = await store.settle("g1", NOW)

    assert (first.refunded, len(first.confirmed)) == (9, 1)
    assert (again.refunded, len(again.confirmed)) == (9, 0)
    kept = await entries(any_database)
    assert [e.kind for e in kept] == list(EntryKind)[:3]
    assert sum(e.credits or 0 for e in kept) == sum(e.expected for e in kept) == 0
    assert len({e.counts_at for e in kept}) == 1
    assert is_about(kept[0].counts_at, at(1))
    assert is_about(kept[-1].entered_at, at(60))
    assert kept[-1].balance == 100


async def test_a_partial_refund_counts_the_pictures_that_are_there(any_database: Database) -> None:
    await pay(any_database)
    picture = Picture(1, "m1", "https://p.example/1.webp", 9, 9, at(0))
    await GenerationStore(any_database).finish(
        "g1", [picture], finished_at=at(60), balance_at_end=97
    )

    settled = await LedgerStore(any_database).settle("g1", NOW)

    assert settled.refunded == 6
    assert [(e.quantity, e.expected) for e in await entries(any_database)] == [
        (3, 0),
        (2, -6),
        (2, 6),
    ]


async def test_what_no_balance_has_shown_is_outstanding(any_database: Database) -> None:
    await pay(any_database)
    await fail(any_database, "g1", 60, None)
    store = LedgerStore(any_database)

    assert (await store.settle("g1", NOW)).refunded is None
    outstanding = await store.read_outstanding()

    assert (outstanding.count, outstanding.credits) == (1, 9)
    assert is_about(outstanding.oldest_at, at(60))


async def test_a_refund_that_never_came_does_not_take_the_next_ones(any_database: Database) -> None:
    await pay(any_database)
    await fail(any_database, "g1", 60, None)
    store = LedgerStore(any_database)
    await store.settle("g1", NOW)
    await pay(any_database, "g2", 500, after=82)
    await fail(any_database, "g2", 560, 91)

    settled = await store.settle("g2", NOW)

    assert [(e.generation_id, e.credits) for e in settled.confirmed] == [("g2", -9)]
    assert is_about((await store.read_outstanding()).oldest_at, at(60))


async def test_of_a_later_charge_the_balance_confirms_an_earlier_refund(
    any_database: Database,
) -> None:
    await pay(any_database)
    await fail(any_database, "g1", 60, None)
    store = LedgerStore(any_database)
    await store.settle("g1", NOW)
    await pay(any_database, "g2", 300, after=91, quantity=1)
    picture = Picture(1, "m1", "https://p.example/1.webp", 9, 9, at(0))
    await GenerationStore(any_database).finish("g2", [picture], finished_at=at(360))

    settled = await store.settle("g2", NOW)

    assert settled.refunded is None
    assert [(e.generation_id, e.credits) for e in settled.confirmed] == [("g1", -9)]
    assert (await store.read_outstanding()).count == 0


@pytest.mark.parametrize("state", [State.UNKNOWN, State.SUBMITTING, State.PROCESSING])
async def test_what_began_long_before_and_may_have_moved_the_balance_since_blurs_a_rise(
    any_database: Database, state: State
) -> None:
    """Longer ago than the balances that the rise is measured from."""
    store = GenerationStore(any_database)
    if state is State.PROCESSING:
        await pay(any_database, "old", -9000)
    else:
        await submit(any_database, "old", -9000)
    if state is State.UNKNOWN:
        await store.advance("old", State.SUBMITTING, state, finished_at=at(30))
    await pay(any_database)
    await fail(any_database, "g1", 60, 100)

    settled = await LedgerStore(any_database).settle("g1", NOW)

    assert settled.refunded is None


async def test_two_that_settle_at_once_take_one_rise_for_one_refund(any_database: Database) -> None:
    await pay(any_database, "g1", 0, after=91)
    await pay(any_database, "g2", 100, after=82)
    await fail(any_database, "g1", 160, None)
    await fail(any_database, "g2", 170, 100)
    store = LedgerStore(any_database)

    settled = await asyncio.gather(*(store.settle(id_, NOW) for id_ in ("g1", "g2", "g1", "g2")))

    confirmed = [e.generation_id for one in settled for e in one.confirmed]
    assert sorted(confirmed) in ([], ["g1", "g2"])
    kept = await entries(any_database)
    assert len({(e.generation_id, e.kind) for e in kept}) == len(kept)


async def test_a_refund_that_never_comes_is_expected_for_a_day_and_counts_as_spent_then(
    any_database: Database,
) -> None:
    await pay(any_database)
    await fail(any_database, "g1", 60, None)
    store = LedgerStore(any_database)
    await store.settle("g1", NOW)

    async def used() -> float:
        day = Window(at(0) - timedelta(days=1), at(0) + timedelta(days=1))
        all_ = Budget(id="b", scope=Scope.WORKSPACE, period=Period.DAY, credits=9)
        (use,) = await SpendingStore(any_database).usage("T1", [Ceiling(all_, None, day)])
        return use.used

    assert await store.end_overdue(NOW) == []
    assert await used() == 0
    later = NOW + timedelta(days=1)
    ended = await asyncio.gather(*(store.end_overdue(later) for _ in range(3)))

    assert [e.generation_id for one in ended for e in one] == ["g1"]
    assert await used() == 9
    assert (await store.read_outstanding()).count == 0
    charge_windows, kept = await store.read_charge_windows(), await store.read_entries()
    found = audit(kept, charge_windows, 91, later + timedelta(minutes=1))
    assert found is not None
    assert [e.generation_id for e in found.missing] == ["g1"]
    assert any("budgets count them as spent" in line for line in write_audit(found))


async def test_a_slow_charge_is_not_lost_among_many_quick_ones(any_database: Database) -> None:
    """While the slow one is out, nobody can say whose refund a rise is."""
    await pay(any_database, "slow", 0, credits_=None, after=200)
    row = {
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "request": ImageRequest(prompt="fog").model_dump(mode="json"),
        "state": State.DELIVERED.value,
        "accepted_at": at(0),
        "told_at": at(9),
    }
    quick = [
        {
            **row,
            "id": f"q{number}",
            "origin": f"q{number}",
            "intended_at": at(10 + number),
            "submitted_at": at(10.5 + number),
            "finished_at": at(10.9 + number),
            "credits_used": 0.0,
        }
        for number in range(300)
    ]
    await any_database.write(lambda on: on.execute(sa.insert(generations), quick))
    await pay(any_database, "failed", 400, after=91)
    await fail(any_database, "failed", 460, 100)

    settled = await LedgerStore(any_database).settle("failed", NOW)

    assert settled.confirmed == ()


async def test_what_money_is_ordered_by_is_by_the_databases_clock(postgres_url: str) -> None:
    await asyncio.to_thread(migrate, postgres_url)
    database = Database(postgres_url)
    begun = datetime.now(UTC)
    # Machines whose clocks are an hour ahead and behind: what one does later is later.
    for number, skew in enumerate((1, -1, 1)):
        off = timedelta(hours=skew)
        store = GenerationStore(database, clock=lambda off=off: datetime.now(UTC) + off)  # type: ignore[misc]
        new = NewGeneration(f"g{number}", f"g{number}", Place("T1", "C1", "U1"), REQUEST, begun)
        await store.accept(new)
        generation = await store.read(new.id)
        now = datetime.now(UTC) + off
        assert await store.intend(generation, None, intended_at=now)
        paid = {"submitted_at": datetime.now(UTC) + off, "credits_used": 1.0}
        assert await store.advance(new.id, State.SUBMITTING, State.PROCESSING, **paid)
        picture = Picture(1, "m1", "https://p.example/1.webp", 9, 9, begun)
        ended = datetime.now(UTC) + off
        assert await store.finish(new.id, [picture], finished_at=ended)

    rows = [await GenerationStore(database).read(f"g{number}") for number in range(3)]
    moments = [each for r in rows for each in (r.intended_at, r.submitted_at, r.finished_at)]
    await database.close()

    assert all(moment is not None for moment in moments)
    assert moments == sorted(moment for moment in moments if moment)
    assert moments[0] is not None
    assert moments[-1] is not None
    assert begun - timedelta(minutes=1) < moments[0] <= moments[-1]
    assert moments[-1] < datetime.now(UTC) + timedelta(minutes=1)


async def test_nobody_changes_an_entry_or_takes_one_away(any_database: Database) -> None:
    await pay(any_database)

    for deed in (sa.update(ledger).values(credits=0), sa.delete(ledger)):
        with pytest.raises(Transient):
            await any_database.write(lambda on, deed=deed: on.execute(deed))  # type: ignore[misc]

    assert [e.credits for e in await entries(any_database)] == [9]


async def test_an_estimate_is_the_last_charge_or_reckoned_from_the_nearest(
    any_database: Database,
) -> None:
    prices = PriceStore(any_database)
    assert await prices.estimate(Model.FLUX2_FLEX, 2) == Estimate(Basis.GUIDE, 10)

    await pay(any_database, "g1", 0, quantity=3, credits_=9)
    await pay(any_database, "g2", 10, quantity=3, credits_=12)
    await pay(any_database, "g3", 20, quantity=4, credits_=None)

    assert await prices.estimate(Model.FLUX2_FLEX, 3) == Estimate(Basis.SEEN, 12)
    assert await prices.estimate(Model.FLUX2_FLEX, 4) == Estimate(Basis.SCALED, 16, 3)
    assert await prices.estimate(Model.IDEOGRAM_3, 3) == Estimate(Basis.GUIDE, 18)
    both = [(Model.IDEOGRAM_3, 3), (Model.FLUX2_FLEX, 3)]
    found, _ = await prices.look(both)
    assert found == [Estimate(Basis.GUIDE, 18), Estimate(Basis.SEEN, 12)]


# What was paid for before there was a ledger -------------------------------------------------


def migrate_to(database_url: str, revision: str) -> sa.Engine:
    """The database as an older version left it."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return engine


def old_row(
    id_: str, state: State, begun: float, ended: float | None, **more: Any
) -> dict[str, Any]:
    return {
        "id": id_,
        "origin": f"test:{id_}",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "request": json.loads(ImageRequest(prompt="fog", quantity=3).model_dump_json()),
        "state": state.value,
        "accepted_at": at(begun),
        "intended_at": at(begun),
        "submitted_at": at(begun + 1),
        "finished_at": None if ended is None else at(ended),
        "image_generation_id": f"i-{id_}",
        "credits_used": 9.0,
        "balance_after": 91.0,
        "balance_at_end": None,
    } | more


async def test_what_was_paid_for_before_is_in_the_ledger_after_the_upgrade(
    empty_database_url: str,
) -> None:
    old = [
        old_row("failed", State.FAILED, 0, 60, balance_at_end=100.0),
        old_row("unseen", State.FAILED, 100, 160),
        old_row("crowded", State.FAILED, 200, 260, balance_at_end=100.0),
        old_row("runs", State.PROCESSING, 250, None, credits_used=None),
        old_row("unsent", State.REFUSED, 300, 301, image_generation_id=None, credits_used=None),
    ]
    columns = [generations.c[name] for name in old[0]]
    table = sa.table("generations", *(sa.column(c.name, c.type) for c in columns))
    engine = migrate_to(empty_database_url, "0004")
    with engine.begin() as connection:
        connection.execute(sa.insert(table), old)
    engine.dispose()

    await asyncio.to_thread(migrate, empty_database_url)
    opened = Database(empty_database_url)
    found = [(e.generation_id, e.kind, e.credits, e.expected) for e in await entries(opened)]
    await opened.close()

    charge, expected, confirmed, _ = EntryKind
    assert sorted(found, key=str) == sorted(
        [
            ("failed", charge, 9, 0),
            ("failed", expected, 0, -9),
            ("failed", confirmed, -9, 9),
            ("unseen", charge, 9, 0),
            ("unseen", expected, 0, -9),
            ("crowded", charge, 9, 0),
            ("crowded", expected, 0, -9),
            ("runs", charge, None, 0),
        ],
        key=str,
    )


async def test_sums_that_are_not_what_the_ledger_comes_to_are_found(any_database: Database) -> None:
    await enter(any_database, "g1", 6.0)
    await enter(any_database, "g2", None)
    store = LedgerStore(any_database)
    since = BUDGET_NOW - timedelta(days=60)
    assert await store.find_wrong_sums(since) == []

    off = sa.update(ledger_sums).where(ledger_sums.c.subject == "").values(credits=4.0)
    await any_database.write(lambda on: on.execute(off))

    assert await store.find_wrong_sums(since) == [WrongSum("T1", "", 2.0)]
    (line,) = [line for line in write_wrong_sums([WrongSum("T1", "", 2.0)]) if "T1" in line]
    assert "the whole workspace" in line


async def test_the_last_requests_that_were_sent_to_be_paid_are_found(
    any_database: Database,
) -> None:
    moments = [NOON + timedelta(minutes=minute) for minute in range(4)]
    rows = [
        generation_row(f"g{number}", intended_at=moment) for number, moment in enumerate(moments)
    ]
    await insert(any_database, generations, *rows, generation_row("refused", intended_at=None))
    store = LedgerStore(any_database)

    assert await store.find_beginning(2) == moments[1]
    assert await store.find_beginning(4) is None
    windows = await store.read_charge_windows(moments[1])
    assert [each.generation_id for each in windows] == ["g1", "g2", "g3"]
