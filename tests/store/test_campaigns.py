"""Campaigns, kept with what was made for them; on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bot.generations.record import Generation, NewGeneration, Place
from bot.images.request import ImageRequest
from bot.store.campaigns import CampaignStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore, keep_charge
from bot.store.tables import campaign_sums, generations
from tests.store.examples import NOON, generation_row, insert


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
