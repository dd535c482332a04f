"""What PowerPost took lately, by model and quantity: read from the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from bot.credits.estimates import Estimate, estimate
from bot.credits.ledger import EntryKind
from bot.images.catalogue import Model
from bot.store.database import Database
from bot.store.tables import ledger


class PriceStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def estimate(self, model: Model, quantity: int) -> Estimate:
        """What `quantity` pictures of `model` will probably cost."""
        return await self._database.read(lambda on: estimate(read_prices(on, model), quantity))


def read_prices(on: sa.Connection, model: Model) -> dict[int, float]:
    """The last charge for each quantity of `model` that was ever charged for."""
    newest = (
        sa.select(sa.func.max(ledger.c.id))
        .where(ledger.c.kind == EntryKind.CHARGE.value)
        .where(ledger.c.model == model.value)
        .where(ledger.c.credits.is_not(None))
        .group_by(ledger.c.quantity)
    )
    found = sa.select(ledger.c.quantity, ledger.c.credits).where(ledger.c.id.in_(newest))
    return {row.quantity: row.credits for row in on.execute(found)}
