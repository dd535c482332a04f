"""What people wait for looks into indexes, on both databases, and reads no table as a whole. On a
database of a year each call is made, and what the database does for it is counted: no clock."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from bot.images.campaigns import campaign_key
from bot.policy.budgets import Period, Scope
from bot.store.campaigns import CampaignStore
from bot.store.database import Database
from bot.store.generations import LOCAL_OWNER, GenerationStore
from bot.store.heartbeats import HeartbeatStore
from bot.store.processes import ProcessStore
from bot.store.retention import SWEPT, RetentionStore
from bot.store.slots import SlotStore
from bot.store.spending import SpendingStore
from bot.store.tables import QUARTER_SECONDS, campaign_sums, campaigns, metadata
from bot.store.versions import VersionStore
from bot.store.welcomes import WelcomeStore
from tests.support.aged import CHANNELS, LONG, NOW, PEOPLE, TEAM, Waits, Year
from tests.support.budget_rows import budget, ceilings
from tests.support.work import Work, count_work

Call = Callable[[], Awaitable[object]]

GENERATIONS: Final = 10_000
FEW: Final = 500
# So many calls later it is the same person's turn, and the same channel's: those that have most.
ROUND: Final = math.lcm(PEOPLE, CHANNELS)
# A month is added up from some 1,700 sums. To look at all generations or entries, or at those of
# one person, is more.
MOST: Final = {"sqlite": 3 * GENERATIONS, "postgresql": GENERATIONS // 4}
# Each is a way to the database and back.
MOST_STATEMENTS: Final = 24
GROWING: Final = ("generations", "ledger", "ledger_sums", "campaign_sums", "pictures")
# What is read from one end to the other are the few that are owed.
OF_FEW: Final = {"ix_generations_owner", "ix_generations_owed"}
WHOLE: Final = {
    "sqlite": re.compile(rf"SCAN ({'|'.join(GROWING)})\b(?: USING (?:COVERING )?INDEX (\w+))?"),
    "postgresql": re.compile(rf"Seq Scan on ({'|'.join(GROWING)})\b()"),
}


async def list_calls(database: Database, turn: int) -> dict[str, Call]:
    """What is waited for, and what is looked at again and again beside it. No two have one
    `turn`."""
    waits, versions = Waits(database, GENERATIONS), VersionStore(database)
    store = GenerationStore(database)
    await waits.accept(turn + ROUND)
    waiting = await store.read(f"new{turn + ROUND}")
    slots = SlotStore(database, LOCAL_OWNER, per_person=3, per_workspace=9)
    hearts, sweeps = HeartbeatStore(database), RetentionStore(database, timedelta(days=180))
    of_one = ceilings(budget(9.0, Scope.CAMPAIGN, Period.MONTH), campaign="Campaign 1", now=NOW)
    calls: dict[str, Call] = {
        what: partial(call, turn) for what, call in waits.calls.items() if what not in LONG
    }
    return calls | {
        "versions of a picture": lambda: versions.version_of(f"g{7:035}"),
        "a first picture in its thread": lambda: versions.is_first_in_thread(waiting),
        "Try again that came to nothing": lambda: versions.count_vain(f"g{7:035}", "again"),
        "what is left for a campaign": lambda: SpendingStore(database).usage(TEAM, of_one),
        "the last campaigns": lambda: CampaignStore(database).list_recent(TEAM),
        "whether somebody is new": lambda: WelcomeStore(database).claim(TEAM, "U1"),
        "a place to run": lambda: slots.claim(waiting),
        "how many wait before": lambda: slots.count_before(waiting),
        "what a start finds": store.list_pending,
        "what was out": lambda: hearts.list_out(NOW - timedelta(hours=1)),
        "work that nobody has": lambda: ProcessStore(database, "p").claim_orphans(9),
        **{f"sweep: {each.name}": partial(sweeps.sweep, each, NOW, 20) for each in SWEPT},
    }


async def look_at_each(url: str, turn: int) -> tuple[dict[str, Work], dict[str, str]]:
    """How much each call does, and which tables are read as a whole for it."""
    database = Database(url)
    done, whole = {}, {}
    waits = Waits(database, GENERATIONS)
    for what, call in (await list_calls(database, turn)).items():
        await waits.prepare(what, turn)
        statements: list[tuple[str, Any]] = []
        with count_work() as work, note_reads(statements):
            await call()
        done[what] = work
        plans = await database.read(partial(explain, statements=statements))
        found = WHOLE[database.dialect].findall(plans)
        if scans := [" ".join(each) for each in found if each[1] not in OF_FEW]:
            whole[what] = f"{scans}: {plans}"
    await database.close()
    return done, whole


@contextlib.contextmanager
def note_reads(statements: list[tuple[str, Any]]) -> Iterator[None]:
    def note(_on: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            statements.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def explain(on: sa.Connection, statements: Sequence[tuple[str, Any]]) -> str:
    how = "EXPLAIN QUERY PLAN" if on.dialect.name == "sqlite" else "EXPLAIN"
    plans = [on.exec_driver_sql(f"{how} {sql}", values) for sql, values in statements]
    return "\n".join(str(row[-1]) for each in plans for row in each)


def analyse(on: sa.Connection) -> None:
    on.exec_driver_sql("ANALYZE")


def forget_statistics(on: sa.Connection, *, is_reversed: bool) -> None:
    """As our SQLite files are. Of two indexes that it takes for equal, SQLite then chooses by the
    order in which they were made, and that is another one in older files."""
    on.exec_driver_sql("DELETE FROM sqlite_stat1")
    indexes = [index for name in GROWING for index in metadata.tables[name].indexes]
    for index in sorted(indexes, key=lambda each: str(each.name), reverse=is_reversed):
        index.drop(on)
        index.create(on)
    on.exec_driver_sql("ANALYZE sqlite_schema")  # which reads them again


def enter_campaign(on: sa.Connection, quarters: range) -> None:
    """Something was made for it in each of these quarters of an hour before now."""
    last = int(NOW.timestamp()) // QUARTER_SECONDS
    rows = [{"quarter": last - each, "credits": 9.0} for each in quarters]
    on.execute(sa.insert(campaign_sums).values(team_id=TEAM, campaign="Spring"), rows)
    if 0 in quarters:
        name = {"key": campaign_key("Spring"), "name": "Spring", "used_at": NOW}
        on.execute(sa.insert(campaigns).values(team_id=TEAM, **name))


def leave_statistics_alone(on: sa.Connection) -> None:
    """PostgreSQL would take them whenever it likes."""
    for name in GROWING:
        on.exec_driver_sql(f"ALTER TABLE {name} SET (autovacuum_enabled = false)")


# What the planner may know of the rows, one after the other.
STATISTICS: Final[dict[str, dict[str, Callable[[sa.Connection], None]]]] = {
    "sqlite": {
        "of when there were few": lambda _on: None,
        "none": partial(forget_statistics, is_reversed=False),
        "none, and the indexes in another order": partial(forget_statistics, is_reversed=True),
        "of all rows": analyse,
    },
    "postgresql": {"of when there were few": lambda _on: None, "of all rows": analyse},
}


async def test_no_call_that_is_waited_for_does_more_as_the_rows_become_many(
    any_database: Database, any_database_url: str
) -> None:
    dialect, year = any_database.dialect, Year(GENERATIONS)
    if dialect == "postgresql":
        await any_database.write(leave_statistics_alone)
    await year.enter(any_database, FEW)
    await any_database.write(partial(enter_campaign, quarters=range(FEW)))
    await any_database.write(analyse)
    await year.enter(any_database)
    await any_database.write(partial(enter_campaign, quarters=range(FEW, GENERATIONS)))

    for turn, (known, know) in enumerate(STATISTICS[dialect].items(), 1):
        await any_database.write(know)
        done, whole = await look_at_each(any_database_url, turn * 2 * ROUND)

        too_much = {
            what: work
            for what, work in done.items()
            if work.amount > MOST[dialect] or work.statements > MOST_STATEMENTS
        }
        assert (whole, too_much) == ({}, {}), f"with statistics {known}"
