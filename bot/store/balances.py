"""The balance that PowerPost told last with a generation, and when that was."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import generations, posts


class BalanceStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> tuple[float, datetime] | None:
        """Credits and when they were told (UTC); None where nothing was ever made."""
        return await self._database.read(read_last_balance)


def read_last_balance(on: sa.Connection) -> tuple[float, datetime] | None:
    """See `BalanceStore.last`."""
    return max(read_balances(on, 1), key=lambda told: told[1], default=None)


def read_balances(on: sa.Connection, count: int) -> list[tuple[float, datetime]]:
    """The last `count` balances that were told with a charge, and as many of those asked for at an
    end, of pictures and of texts; each with the time at which it was told, in no order."""
    found = on.execute(_build_balances(), {"count": count})
    return [(row.balance, row.told_at) for row in found]


@cache
def _build_balances() -> sa.CompoundSelect[Any]:
    told = (
        (generations.c.balance_after, generations.c.submitted_at),
        (generations.c.balance_at_end, generations.c.finished_at),
        # Texts are paid for from the same account.
        (posts.c.balance_after, posts.c.submitted_at),
        (posts.c.balance_at_end, posts.c.finished_at),
    )
    looks = (
        sa.select(balance.label("balance"), at.label("told_at"))
        .where(balance.is_not(None), at.is_not(None))
        .order_by(at.desc())
        .limit(sa.bindparam("count"))
        .subquery()
        for balance, at in told
    )
    return sa.union_all(*map(sa.select, looks))
