"""The balance that PowerPost told last with a generation, and when that was."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import generations


class BalanceStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> tuple[float, datetime] | None:
        """Credits and when they were told (UTC); None where nothing was ever made."""
        return await self._database.read(read_last_balance)


def read_last_balance(on: sa.Connection) -> tuple[float, datetime] | None:
    """See `BalanceStore.last`."""
    seen_at = sa.func.coalesce(
        generations.c.finished_at, generations.c.submitted_at, type_=generations.c.told_at.type
    ).label("seen_at")
    left = sa.func.coalesce(generations.c.balance_at_end, generations.c.balance_after)
    statement = (
        sa.select(left.label("balance"), seen_at)
        .where(generations.c.balance_after.is_not(None))
        .order_by(seen_at.desc())
        .limit(1)
    )
    row = on.execute(statement).one_or_none()
    return None if row is None or row.seen_at is None else (row.balance, row.seen_at)
