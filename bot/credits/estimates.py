"""What a request will cost, as far as that is known: PowerPost's API has no price list. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from bot.images.catalogue import Model

# Credits per picture as PowerPost published them once, in March 2026, and removed since because
# they change (powerpost-neighbours.md, "Prices, published once"). A guide for estimates and holds,
# until a charge was seen; the ledger knows nothing of it.
GUIDE_PRICES: Final[Mapping[Model, int]] = {
    Model.FLUX2_FLEX: 5,
    Model.IDEOGRAM_3: 6,
    Model.NANO_BANANA_2: 6,
    Model.GPT_IMAGE_1_5: 14,
}


# The same of a text that it writes, and more for each picture that it is written for.
GUIDE_TEXT: Final = 6
GUIDE_TEXT_PICTURE: Final = 1


class Basis(StrEnum):
    """What an estimate rests on."""

    SEEN = "seen"  # the last charge for this model and quantity
    SCALED = "scaled"  # the last charge for another quantity of this model
    GUIDE = "guide"  # this model was never charged for: its guide price


@dataclass(frozen=True, slots=True)
class Estimate:
    """Credits that a request will probably take."""

    basis: Basis
    credits: float
    quantity: int | None = None  # with SCALED: of how many pictures the charge was


class Prices(Protocol):
    """What was seen to be taken (bot/store/prices.py)."""

    async def estimate(self, model: Model, quantity: int) -> Estimate: ...


def estimate(model: Model, prices: Mapping[int, float], quantity: int) -> Estimate:
    """The estimate for `quantity` pictures of `model`, whose last charges were `prices` (quantity
    -> credits). Of several other quantities the nearest one counts, the larger of two."""
    if (seen := prices.get(quantity)) is not None:
        return Estimate(Basis.SEEN, seen)
    if not prices:
        return Estimate(Basis.GUIDE, float(GUIDE_PRICES[model] * quantity))
    nearest = min(prices, key=lambda other: (abs(other - quantity), -other))
    return Estimate(Basis.SCALED, prices[nearest] / nearest * quantity, nearest)


def add_up(estimates: Sequence[Estimate]) -> Estimate:
    """What they come to together, resting on what is least sure of it."""
    bases = [Basis.GUIDE, Basis.SCALED]
    basis = next((b for b in bases if any(each.basis is b for each in estimates)), Basis.SEEN)
    if len(estimates) == 1:
        return estimates[0]
    return Estimate(basis, sum(each.credits for each in estimates))


def estimate_text(prices: Mapping[int, float], pictures: int) -> Estimate:
    """The estimate for a text for so many pictures, from its last charges (pictures -> credits).
    From another number it is carried by the guide price of a picture."""
    if (seen := prices.get(pictures)) is not None:
        return Estimate(Basis.SEEN, seen)
    if not prices:
        return Estimate(Basis.GUIDE, float(GUIDE_TEXT + GUIDE_TEXT_PICTURE * pictures))
    nearest = min(prices, key=lambda other: (abs(other - pictures), -other))
    more = GUIDE_TEXT_PICTURE * (pictures - nearest)
    return Estimate(Basis.SCALED, max(0.0, prices[nearest] + more), nearest)
