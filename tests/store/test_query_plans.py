"""What people wait for looks into indexes, on both databases, and reads no table as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.images.catalogue import Model
from bot.policy.budgets import Scope
from bot.store.balances import BalanceStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.prices import PriceStore
from bot.store.spending import SpendingStore
from bot.store.usage import UsageStore
from bot.store.versions import VersionStore
from bot.store.welcomes import WelcomeStore
from tests.support.budget_rows import NOW, budget, ceilings

Call = Callable[[Database], Awaitable[object]]

BUDGETS = ceilings(budget(9.0), budget(9.0, Scope.CHANNEL), budget(9.0, Scope.WORKSPACE))
CALLS: dict[str, Call] = {
    "what is left of budgets": lambda on: SpendingStore(on).usage("T1", BUDGETS),
    "the newest of a thread": lambda on: VersionStore(on).newest_in_thread("T1", "C1", "1.1"),
    "what a message shows": lambda on: VersionStore(on).find_shown("T1", "C1", "1.1", None, ["F1"]),
    "a person's history": lambda on: VersionStore(on).history("T1", "U1", NOW, 5),
    "how long a model takes": lambda on: GenerationStore(on).recent_durations(
        Model.FLUX2_FLEX, 1, 9
    ),
    "the price of a model": lambda on: PriceStore(on).estimate(Model.FLUX2_FLEX, 1),
    "the last balance": lambda on: BalanceStore(on).last(),
    "refunds that are to come": lambda on: LedgerStore(on).read_outstanding(),
    "refunds that did not come": lambda on: LedgerStore(on).end_overdue(NOW),
    "what was spent lately": lambda on: UsageStore(on).list_spenders(NOW - timedelta(hours=36)),
    "whether somebody is new": lambda on: WelcomeStore(on).claim("T1", "U1"),
}


async def explain(database: Database, call: Call) -> str:
    """The plans of all that is read."""
    seen: list[tuple[str, Any]] = []

    def note(_on: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        await call(database)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    how = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"

    def plan(on: sa.Connection) -> str:
        if database.dialect == "postgresql":
            # With so few rows it would read them all; what counts is whether it could do otherwise.
            on.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plans = [on.exec_driver_sql(f"{how} {sql}", values) for sql, values in seen]
        return "\n".join(str(row) for each in plans for row in each)

    assert seen
    return await database.read(plan)


@pytest.mark.parametrize("name", CALLS)
async def test_no_table_that_grows_is_read_as_a_whole(any_database: Database, name: str) -> None:
    plans = await explain(any_database, CALLS[name])

    # Nearly all rows are of one workspace: to look through those is to read them all.
    assert "ix_generations_team_id_user_id_accepted_at (team_id=?)" not in plans, plans
    for table in ("generations", "ledger", "ledger_sums", "pictures"):
        for whole in (f"SCAN {table}'", f"SCAN {table} U", f"Seq Scan on {table} "):
            assert whole not in plans.replace(f"SCAN {table} USING INDEX", ""), plans
