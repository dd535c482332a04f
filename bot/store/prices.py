"""What PowerPost took lately, by model and quantity, and what it left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.estimates import Estimate, estimate, estimate_text
from bot.credits.ledger import CAPTIONS, EntryKind
from bot.images.catalogue import QUANTITY_MAX, Model
from bot.store.balances import read_last_balance
from bot.store.database import Database
from bot.store.tables import is_unindexed, ledger

_QUANTITIES: Final = range(1, QUANTITY_MAX + 1)


class PriceStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def estimate(self, model: Model, quantity: int) -> Estimate:
        """What `quantity` pictures of `model` will probably cost."""
        return await self._database.read(lambda on: read_estimate(on, model, quantity))

    async def estimate_text(self, pictures: int) -> Estimate:
        """What a text that PowerPost writes for so many pictures will probably cost."""
        return await self._database.read(lambda on: read_text_estimate(on, pictures))

    async def look(self, asked: Sequence[tuple[Model, int]]) -> tuple[list[Estimate], float | None]:
        """`estimate` of each model and quantity, and `last_balance`, in one look."""

        def read(on: sa.Connection) -> tuple[list[Estimate], float | None]:
            prices = {model: _read_prices(on, model) for model in {model for model, _ in asked}}
            last = read_last_balance(on)
            found = [estimate(model, prices[model], quantity) for model, quantity in asked]
            return found, None if last is None else last[0]

        return await self._database.read(read)

    async def last_balance(self) -> float | None:
        """The balance as PowerPost last told it to us with a generation."""
        last = await self._database.read(read_last_balance)
        return None if last is None else last[0]


def read_estimate(on: sa.Connection, model: Model, quantity: int) -> Estimate:
    """What `quantity` pictures of `model` will probably cost."""
    return estimate(model, _read_prices(on, model), quantity)


def read_text_estimate(on: sa.Connection, pictures: int) -> Estimate:
    """What a text for so many pictures will probably cost."""
    return estimate_text(_read_prices(on, CAPTIONS), pictures)


def _read_prices(on: sa.Connection, model: str) -> dict[int, float]:
    """The last charge for each quantity of `model` that was ever charged for."""
    prices = zip(_QUANTITIES, on.execute(_build_looks(), {"model": str(model)}).one(), strict=True)
    return {quantity: credits_ for quantity, credits_ in prices if credits_ is not None}


@cache
def _build_looks() -> sa.Select[Any]:
    """One look into the index for each quantity: quick, however long the ledger is."""
    newest = [
        sa.select(ledger.c.credits)
        .where(ledger.c.model == sa.bindparam("model"))
        .where(ledger.c.quantity == quantity)
        .where(is_unindexed(ledger.c.kind, EntryKind.CHARGE.value))
        .where(ledger.c.credits.is_not(None))
        .order_by(ledger.c.entered_at.desc(), ledger.c.id.desc())
        .limit(1)
        .scalar_subquery()
        for quantity in _QUANTITIES
    ]
    return sa.select(*newest)
