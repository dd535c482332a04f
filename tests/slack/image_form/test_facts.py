"""What the form tells: the newest balance there is, and nothing is worth waiting for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from bot.credits.estimates import Basis, Estimate
from bot.errors import Cause, Transient
from bot.images.captions import CaptionFacts, CaptionSummary
from bot.images.catalogue import Model
from bot.policy.budgets import Budget, BudgetUse, Ceiling, Period, Scope, Window
from bot.slack.image_form.facts import FactFinder
from bot.slack.image_form.offers import Offer
from bot.slack.image_form.values import FormContext, FormValues
from bot.slack.image_form.views import FormFacts, show_form

NINE = Estimate(Basis.SEEN, 9.0)


class Office:
    """Prices, purse and captions, as this test has them."""

    def __init__(self) -> None:
        self.price = NINE
        self.stored: float | None = None
        self.credits: float = 36.0
        self.is_away = False
        self.asked = 0
        self.pause_seconds = 0.0
        self.now = 0.0
        self.read_captions: dict[str, CaptionFacts] = {}

    async def look(self, asked: Sequence[tuple[Model, int]]) -> tuple[list[Estimate], float | None]:
        return [self.price for _ in asked], self.stored

    async def usage(self, team_id: str, ceilings: Sequence[Ceiling]) -> list[BudgetUse]:
        if self.is_away:
            raise Transient(Cause.STORAGE)
        return [BudgetUse(ceiling, 4.0) for ceiling in ceilings]

    async def last_balance(self) -> float | None:
        return self.stored

    async def balance(self) -> float:
        self.asked += 1
        await asyncio.sleep(self.pause_seconds)
        if self.is_away:
            raise Transient(Cause.UNREACHABLE)
        return self.credits

    def known(self, generation_id: str) -> CaptionFacts | None:
        return self.read_captions.get(generation_id)

    async def search(self, query: str, workspace_id: str | None = None) -> list[CaptionSummary]:
        return []

    async def read(self, generation_id: str, workspace_id: str | None = None) -> CaptionFacts:
        return self.read_captions.setdefault(generation_id, CaptionFacts(("x-post",)))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def finder(office: Office) -> FactFinder:
    return FactFinder(office, office.balance, office, office.usage, clock=lambda: office.now)


async def test_nothing_left_is_said_though_more_was_left_before(
    office: Office, finder: FactFinder
) -> None:
    office.stored, office.credits = 50.0, 0.0
    facts = await finder.find_all(FormValues(), team_id="T1", is_opening=True)
    text = str(show_form(FormContext(), FormValues(), facts).to_dict())

    assert facts.balance == 0.0
    assert "About 9 credits, but only 0 left" in text


async def test_what_was_told_stays_while_the_form_is_redrawn(
    office: Office, finder: FactFinder
) -> None:
    office.stored, office.credits = 50.0, 3.0
    await finder.find_all(FormValues(), team_id="T1", is_opening=True)
    known = await finder.find_known(FormValues(quantity=4))
    await finder.find_all(FormValues(quantity=4), team_id="T1", is_opening=False)

    assert known.balance == 3.0
    assert office.asked == 1


async def test_a_generation_that_ended_since_knows_better(
    office: Office, finder: FactFinder
) -> None:
    office.stored = 50.0
    await finder.find_all(FormValues(), team_id="T1", is_opening=True)
    office.stored = 27.0

    assert (await finder.find_known(FormValues())).balance == 27.0


async def test_after_a_minute_it_is_asked_for_again(office: Office, finder: FactFinder) -> None:
    await finder.find_all(FormValues(), team_id="T1", is_opening=True)
    office.now, office.credits = 61.0, 20.0
    facts = await finder.find_all(FormValues(), team_id="T1", is_opening=False)

    assert (facts.balance, office.asked) == (20.0, 2)


async def test_where_powerpost_is_away_what_was_seen_last_is_told(
    office: Office, finder: FactFinder
) -> None:
    office.stored, office.is_away = 50.0, True

    assert await finder.find_all(FormValues(), team_id="T1", is_opening=True) == FormFacts(
        NINE, 50.0
    )


async def test_forms_that_open_together_ask_once_and_one_that_goes_does_not_end_it(
    office: Office, finder: FactFinder
) -> None:
    office.pause_seconds = 0.05
    gone = asyncio.create_task(finder.find_all(FormValues(), team_id="T1", is_opening=True))
    stays = asyncio.create_task(finder.find_all(FormValues(), team_id="T1", is_opening=True))
    await asyncio.sleep(0.01)
    gone.cancel()

    assert (await stays).balance == 36.0
    assert office.asked == 1


async def test_a_caption_that_was_read_is_known_at_the_next_redraw(
    office: Office, finder: FactFinder
) -> None:
    values = FormValues(caption_id="c1")
    assert (await finder.find_known(values)).caption is None
    await finder.find_all(values, team_id="T1", is_opening=True)

    assert (await finder.find_known(values)).caption == CaptionFacts(("x-post",))


def ceiling(scope: Scope, credits_: float) -> Ceiling:
    """A budget, of which 4 credits are gone."""
    window = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    budget = Budget(id=scope.value, scope=scope, period=Period.MONTH, credits=credits_)
    return Ceiling(budget, None, window)


async def test_of_several_budgets_the_one_with_least_left_is_told(
    office: Office, finder: FactFinder
) -> None:
    mine, ours = ceiling(Scope.PERSON, 9), ceiling(Scope.WORKSPACE, 5)

    assert await finder.find_budget("T1", Offer()) is None
    assert await finder.find_budget("T1", Offer(ceilings=(mine, ours))) == BudgetUse(ours, 4.0)
    office.is_away = True
    assert await finder.find_budget("T1", Offer(ceilings=(mine, ours))) is None
