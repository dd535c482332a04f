"""What a request will cost, as far as the ledger can tell: PowerPost has no price list. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.images.catalogue import Model


class Basis(StrEnum):
    """What an estimate rests on."""

    SEEN = "seen"  # the last charge for this model and quantity
    SCALED = "scaled"  # the last charge for another quantity of this model
    NEVER = "never"  # this model was never charged for


@dataclass(frozen=True, slots=True)
class Estimate:
    """Credits that a request will probably take; None with NEVER."""

    basis: Basis
    credits: float | None = None
    quantity: int | None = None  # with SCALED: of how many pictures the charge was


class Prices(Protocol):
    """What was seen to be taken (bot/store/prices.py)."""

    async def estimate(self, model: Model, quantity: int) -> Estimate: ...


def estimate(prices: Mapping[int, float], quantity: int) -> Estimate:
    """The estimate for `quantity` pictures of a model whose last charges were `prices` (quantity ->
    credits). Of several other quantities the nearest one counts, the larger of two."""
    if (seen := prices.get(quantity)) is not None:
        return Estimate(Basis.SEEN, seen)
    if not prices:
        return Estimate(Basis.NEVER)
    nearest = min(prices, key=lambda other: (abs(other - quantity), -other))
    return Estimate(Basis.SCALED, prices[nearest] / nearest * quantity, nearest)
