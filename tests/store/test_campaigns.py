"""Campaigns, kept with what was made for them; on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from bot.credits.estimates import GUIDE_PRICES
from bot.generations.record import Generation, NewGeneration, Part, Place
from bot.images.campaigns import campaign_key
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Scope
from bot.policy.terms import OverBudget
from bot.store.campaigns import CampaignStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore, keep_charge
from bot.store.spending import SpendingStore
from bot.store.tables import campaign_sums, campaigns, generations
from tests.store.examples import NOON, generation_row, insert
from tests.support.budget_rows import asked, budget, ceilings, enter


async def accept(
    database: Database, id_: str, campaign: str | None, team_id: str = "T1", minute: int = 0
) -> Generation:
    """A generation that is promised, as it is read again."""
    store = GenerationStore(database)
    new = NewGeneration(
        id_,
        f"command:{id_}",
        Place(team_id, "C1", "U1"),
        ImageRequest(prompt="a fox"),
        NOON + timedelta(minutes=minute),
        campaign=campaign,
    )
    await store.accept(new)
    return await store.read(id_)


async def test_the_spelling_that_was_used_first_is_kept(any_database: Database) -> None:
    made = [
        await accept(any_database, f"g{number}", name)
        for number, name in enumerate(("Spring 27", "spring  27", "SPRING27", "", None))
    ]

    names = [each.campaign for each in made]
    assert names == ["Spring 27", "Spring 27", "Spring 27", None, None]


async def test_two_spellings_in_one_commit_are_one(any_database: Database) -> None:
    await asyncio.gather(
        *(accept(any_database, f"g{n}", name) for n, name in enumerate(("A b", "a B", "AB")))
    )

    store = GenerationStore(any_database)
    assert len({(await store.read(f"g{n}")).campaign for n in range(3)}) == 1
    assert len(await CampaignStore(any_database).list_recent("T1")) == 1


async def test_the_last_used_come_first_and_only_those_of_the_workspace(
    any_database: Database,
) -> None:
    await accept(any_database, "g1", "Spring", minute=1)
    await accept(any_database, "g2", "Autumn", minute=2)
    await accept(any_database, "g3", "Winter", team_id="T2")
    await accept(any_database, "g4", "spring", minute=3)

    store = CampaignStore(any_database)
    assert await store.list_recent("T1") == ("Spring", "Autumn")
    assert await store.list_recent("T1", 1) == ("Spring",)
    assert await store.list_recent("T3") == ()


async def test_the_ledger_and_its_sums_have_the_campaign(any_database: Database) -> None:
    for number in (1, 2):
        row = generation_row(f"g{number}", campaign="Spring 27", submitted_at=NOON)
        await insert(any_database, generations, row)
        enter = partial(keep_charge, database=any_database, generation_id=f"g{number}")
        await any_database.write(enter)

    ledger = LedgerStore(any_database)
    assert {entry.campaign for entry in await ledger.read_entries()} == {"Spring 27"}
    sums = sa.select(campaign_sums.c.campaign, campaign_sums.c.credits)
    rows = await any_database.read(lambda on: on.execute(sums).all())
    assert [tuple(row) for row in rows] == [("Spring 27", 24.0)]
    assert await ledger.find_wrong_sums(datetime(2026, 11, 1, tzinfo=UTC)) == []


async def test_the_audit_finds_a_wrong_sum_of_a_campaign(any_database: Database) -> None:
    row = generation_row("g1", campaign="Spring 27", submitted_at=NOON)
    await insert(any_database, generations, row)
    await any_database.write(lambda on: keep_charge(on, any_database, "g1"))
    change = sa.update(campaign_sums).values(credits=1.0)
    await any_database.write(lambda on: on.execute(change))

    (wrong,) = await LedgerStore(any_database).find_wrong_sums(datetime(2026, 11, 1, tzinfo=UTC))

    assert (wrong.subject, wrong.credits) == ("campaign Spring 27", 11.0)


GUIDE = float(GUIDE_PRICES[Model.FLUX2_FLEX])  # of a picture that no price was seen of
SPRING = budget(8.0, Scope.CAMPAIGN).model_copy(update={"subject": "spring 27"})


async def used_of(database: Database, campaign: str, *budgets: Budget) -> list[float]:
    """What is used of the budgets that count for a campaign."""
    held = ceilings(*budgets, campaign=campaign)
    return [use.used for use in await SpendingStore(database).usage("T1", held)]


async def name(database: Database, *names: str) -> None:
    """These campaigns were used, and are spelt like that."""
    for each in names:
        row = {"team_id": "T1", "key": campaign_key(each), "name": each, "used_at": NOON}
        await insert(database, campaigns, row)


async def test_a_budget_of_a_campaign_counts_what_is_spent_and_held_for_it(
    any_database: Database,
) -> None:
    await name(any_database, "Spring 27", "Autumn")
    await enter(any_database, "g0", 1.0, campaign="Spring 27")
    await enter(any_database, "g1", 1.0, campaign="Autumn")
    await enter(any_database, "g2", 1.0)
    store = GenerationStore(any_database)
    for number, campaign in enumerate(("Spring 27", "spring27", "Autumn", None), 3):
        await store.accept(asked(f"g{number}", SPRING, campaign=campaign))

    assert await used_of(any_database, "SPRING 27", SPRING) == [3.0]
    assert await used_of(any_database, "Autumn", SPRING) == []


async def test_of_a_campaign_nobody_takes_more_than_its_budget_has_left(
    any_database: Database,
) -> None:
    await name(any_database, "Spring 27")
    await enter(any_database, "g0", 1.0, campaign="Spring 27")
    store = GenerationStore(any_database)

    answers = await asyncio.gather(
        *(
            store.accept(asked(f"g{n}", SPRING, campaign=name))
            for n, name in enumerate(("Spring 27", "spring 27", "SPRING27") * 4, 1)
        ),
        return_exceptions=True,
    )

    assert [answer is True for answer in answers].count(True) == 7
    assert await used_of(any_database, "Spring 27", SPRING) == [8.0]


async def test_each_campaign_has_a_budget_of_its_own(any_database: Database) -> None:
    each = budget(8.0, Scope.CAMPAIGN)
    await enter(any_database, "g0", 3.0, campaign="Spring 27")
    await enter(any_database, "g1", 5.0, campaign="Autumn")
    for name, minute in (("Spring 27", 1), ("Autumn", 2)):
        await accept(any_database, f"n{minute}", name, minute=minute)

    assert await used_of(any_database, "spring 27", each) == [3.0 + GUIDE]
    assert await used_of(any_database, "Autumn", each) == [5.0 + GUIDE]


def test_one_campaigns_budget_takes_the_place_of_that_of_each() -> None:
    each = budget(5.0, Scope.CAMPAIGN)

    assert [c.budget for c in ceilings(each, SPRING, campaign="SPRING27")] == [SPRING]
    assert [c.budget for c in ceilings(each, SPRING, campaign="Autumn")] == [each]
    assert ceilings(each, SPRING) == ()


async def test_of_a_brief_each_campaigns_budget_is_asked_for_its_own_parts(
    any_database: Database,
) -> None:
    await name(any_database, "Spring 27", "Autumn")
    await enter(any_database, "g0", 1.0, campaign="Spring 27")  # a picture takes one
    store = GenerationStore(any_database)
    request = ImageRequest(prompt="fog", model=Model.IDEOGRAM_3)
    parts = tuple(
        Part(request, str(number), campaign="spring 27" if number <= 7 else "Autumn")
        for number in range(1, 11)
    )
    new = replace(asked("b1", SPRING, campaign="Spring 27"), parts=parts)

    assert await store.accept(new)
    assert await used_of(any_database, "Spring 27", SPRING) == [8.0]
    with pytest.raises(OverBudget) as refused:
        await store.accept(replace(asked("b2", SPRING, campaign="Spring 27"), parts=parts[6:]))
    assert refused.value.shortfalls[0].estimate == 1.0
