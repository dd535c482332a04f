"""What a generation will probably cost, and whether a button asks before it is made again."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.credits.estimates import Estimate, Prices
from bot.errors import ImagineError
from bot.generations.record import Generation
from bot.policy.book import PolicyBook

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Quote:
    """What the buttons under a result ask about first; None: they ask nothing. `can_post`: Use in
    post is one of them."""

    again: Estimate | None = None
    missing: Estimate | None = None
    can_post: bool = False


class Quotes:
    """Looks prices up. A failure costs some small print, and is only logged."""

    def __init__(self, prices: Prices, policies: PolicyBook, *, can_post: bool = False) -> None:
        """`can_post`: drafts are set up (IMAGINE_POSTS)."""
        self._can_post = can_post
        self._prices = prices
        self._policies = policies

    async def estimate(self, generation: Generation) -> Estimate | None:
        """What it will probably take; None where that could not be looked up."""
        request = generation.request
        try:
            return await self._prices.estimate(request.model, request.quantity)
        except ImagineError as error:
            log.warning("prices.read_failed", cause=error.cause)
            return None

    async def quote(self, generation: Generation) -> Quote:
        """What its buttons have to ask about, by what the workspace has set."""
        request, missing = generation.request, generation.pictures_missing
        try:
            policy = await self._policies.read(generation.place.team_id, fresh=True)
            above = policy.settings.confirm_above
            if above is None:
                return Quote(can_post=self._can_post)
            again = await self._prices.estimate(request.model, request.quantity)
            rest = await self._prices.estimate(request.model, missing) if missing else None
        except ImagineError as error:
            log.warning("prices.read_failed", cause=error.cause)
            return Quote(can_post=self._can_post)
        return Quote(_ask(again, above), _ask(rest, above), self._can_post)


def _ask(estimate: Estimate | None, above: float) -> Estimate | None:
    """The estimate where it has to be asked about."""
    if estimate is None or estimate.credits < above:
        return None
    return estimate
