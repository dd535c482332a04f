"""What the form tells beside what it asks: the price, the balance, the chosen caption."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from bot.credits.estimates import Estimate, add_up
from bot.errors import ImagineError
from bot.images.captions import CaptionFacts, CaptionSummary
from bot.images.catalogue import Model
from bot.policy.budgets import BudgetUse, ReadUsage
from bot.slack.image_form.offers import EVERYTHING, Offer
from bot.slack.image_form.several import Asked, plan_form
from bot.slack.image_form.values import FormValues
from bot.slack.image_form.views import FormFacts

_BALANCE_SECONDS: Final = 15.0
_BALANCE_KEPT_SECONDS: Final = 60.0

log = structlog.get_logger()


class FormPrices(Protocol):
    """What was seen before (bot/store/prices.py)."""

    async def last_balance(self) -> float | None: ...
    async def look(self, asked: Sequence[tuple[Model, int]]) -> tuple[list[Estimate], float | None]:
        """What each model and quantity will probably cost, and the last balance."""


class Captions(Protocol):
    """The caption generations of PowerPost's workspaces (bot/powerpost/captions.py)."""

    def known(self, generation_id: str) -> CaptionFacts | None: ...
    async def search(self, query: str, workspace_id: str | None = None) -> list[CaptionSummary]: ...
    async def read(self, generation_id: str, workspace_id: str | None = None) -> CaptionFacts: ...


@dataclass(frozen=True, slots=True)
class _Balance:
    """The account's credits as PowerPost told them, and what the store said then: once that is
    something else, a generation has told a newer one."""

    credits: float
    stored: float | None
    until: float


class FactFinder:
    """Looks facts up. What cannot be had is left out: no fact is worth holding a form up."""

    def __init__(
        self,
        prices: FormPrices,
        ask_balance: Callable[[], Awaitable[float]],
        captions: Captions,
        read_usage: ReadUsage,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prices = prices
        self._ask_powerpost = ask_balance
        self._captions = captions
        self._read_usage = read_usage
        self._clock = clock
        self._balance: _Balance | None = None
        self._asking: asyncio.Task[None] | None = None

    async def find_known(
        self, values: FormValues, offer: Offer = EVERYTHING, asked: Asked | None = None
    ) -> FormFacts:
        """What this machine knows: quick, and good enough to open and redraw with. `asked` is what
        the form comes to, if that was looked at."""
        estimate = stored = None
        is_unread = asked is None and values.is_several and values.list_file is not None
        brief = (asked or plan_form(values)).brief if not is_unread else None
        requests = [part.request for part in brief.parts] if brief else [values]
        try:
            kinds = [(each.model, each.quantity) for each in requests]
            prices, stored = await self._prices.look(kinds)
            estimate = add_up(prices) if prices and not is_unread else None
        except ImagineError as error:
            log.warning("prices.read_failed", cause=error.cause)
        caption = None
        if values.caption_id is not None:
            caption = self._captions.known(values.caption_id)
        pictures = brief.pictures if brief else 0
        return FormFacts(estimate, self._newer(stored), caption, offer=offer, pictures=pictures)

    async def find_all(
        self, values: FormValues, offer: Offer = EVERYTHING, *, team_id: str, is_opening: bool
    ) -> FormFacts:
        """What PowerPost has to be asked for, and budgets be summed up for, too. The balance is
        asked for afresh where the form opens, and once a minute while it is open."""
        caption_id, there = values.caption_id, values.powerpost_workspace
        caption, _ = await asyncio.gather(
            self._captions.read(caption_id, there) if caption_id is not None else _nothing(),
            self._ask_balance(is_opening=is_opening),
        )
        budget = await self.find_budget(team_id, offer)
        return replace(await self.find_known(values, offer), caption=caption, budget=budget)

    async def find_budget(self, team_id: str, offer: Offer) -> BudgetUse | None:
        """The budget that has least left, the narrowest of several; None where none holds."""
        if not offer.ceilings:
            return None
        try:
            uses = await self._read_usage(team_id, offer.ceilings)
        except ImagineError as error:
            log.warning("budgets.read_failed", cause=error.cause)
            return None
        return min(uses, key=lambda use: use.left, default=None)

    async def _ask_balance(self, *, is_opening: bool) -> None:
        if self._asking is None or self._asking.done():
            if not is_opening and self._balance and self._clock() < self._balance.until:
                return
            self._asking = asyncio.create_task(self._read_balance())
        # Forms that open together ask once; one that goes away does not end it for the others.
        await asyncio.shield(self._asking)

    async def _read_balance(self) -> None:
        try:
            async with asyncio.timeout(_BALANCE_SECONDS):
                stored = await self._prices.last_balance()
                credits_ = await self._ask_powerpost()
        except (TimeoutError, ImagineError) as error:
            log.info("balance.unknown", error=type(error).__name__)
        else:
            self._balance = _Balance(credits_, stored, self._clock() + _BALANCE_KEPT_SECONDS)

    def _newer(self, stored: float | None) -> float | None:
        told = self._balance
        if told is None or told.stored != stored or self._clock() > told.until:
            return stored
        return told.credits


async def _nothing() -> None:
    return None
