"""What was spent, added up from the ledger; on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.credits.reports import Charged, Line, name_workspaces
from bot.generations.record import NewGeneration, Place
from bot.images.request import ImageRequest
from bot.images.usage import By
from bot.policy.budgets import Window
from bot.policy.workspaces import PowerPostWorkspaces
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.tables import pictures
from bot.store.usage import UsageStore
from tests.support.ledger_entries import NOON, enter, entry, refund_confirmed, refund_expected

NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
TEAM = "T0SANDBOX"


@dataclass
class Ledger:
    """A database with a ledger."""

    url: str
    database: Database
    generations: GenerationStore
    usage: UsageStore

    async def make_pictures(self, generation_id: str, number: int) -> None:
        """A generation that so many pictures were found of."""
        request = ImageRequest(prompt="fog", quantity=4)
        place = Place(TEAM, "C0DESIGN", "U0ADA")
        new = NewGeneration(generation_id, f"test:{generation_id}", place, request, NOON)
        await self.generations.accept(new)
        row = {"generation_id": generation_id, "url": "https://p.example/1.webp", "state": "found"}
        rows = [
            row | {"position": n, "media_id": f"m{n}", "expires_at": NOON}
            for n in range(1, number + 1)
        ]
        await self.database.write(lambda on: on.execute(sa.insert(pictures), rows))


@pytest.fixture
def books(any_database_url: str, any_database: Database) -> Ledger:
    return Ledger(
        any_database_url, any_database, GenerationStore(any_database), UsageStore(any_database)
    )


async def test_charges_less_what_came_back_and_what_is_still_to_come(books: Ledger) -> None:
    await books.make_pictures("g1", 3)
    await enter(
        books.url,
        entry("g1", 36.0, quantity=4),
        refund_expected("g1", 9.0),
        entry("g2", 9.0),
        refund_expected("g2", 9.0),
        refund_confirmed("g2", 9.0),
        entry("g3", 8.5, user_id="U0BEN", model="ideogram-3", channel_id="C0LAUNCH"),
        entry("g4", None, user_id="U0BEN"),
    )
    by_user = await books.usage.add_up(By.USER, TEAM, NOVEMBER)

    assert sorted(by_user, key=lambda line: line.key) == [
        Line("U0ADA", 36.0, 9.0, 2, 3),
        Line("U0BEN", 8.5, 0.0, 2, 0, unpriced=1),
    ]
    by_channel = await books.usage.add_up(By.CHANNEL, TEAM, NOVEMBER)
    assert {(line.key, line.credits) for line in by_channel} == {
        ("C0DESIGN", 36.0),
        ("C0LAUNCH", 8.5),
    }
    mine = await books.usage.add_up(By.MODEL, TEAM, NOVEMBER, user_id="U0BEN")
    assert {(line.key, line.credits, line.requests) for line in mine} == {
        ("ideogram-3", 8.5, 1),
        ("flux2-flex", 0.0, 1),
    }


async def test_a_refund_counts_in_the_month_of_its_charge_however_late(books: Ledger) -> None:
    in_december = datetime(2026, 12, 2, tzinfo=UTC)
    await enter(
        books.url,
        entry("g1", 9.0, counts_at=NOVEMBER.until - timedelta(seconds=1)),
        refund_confirmed(
            "g1", 9.0, counts_at=NOVEMBER.until - timedelta(seconds=1), entered_at=in_december
        ),
        entry("g2", 5.0, counts_at=NOVEMBER.until),
        entry("g3", 7.0, counts_at=NOVEMBER.since),
    )
    lines = await books.usage.add_up(By.USER, TEAM, NOVEMBER)

    assert [(line.credits, line.requests) for line in lines] == [(7.0, 2)]


async def test_each_of_powerposts_workspaces_has_a_line_and_the_default_one_too(
    books: Ledger,
) -> None:
    there = {"powerpost_workspace": "ws_2"}
    no_more = {"powerpost_workspace": None}
    await enter(
        books.url,
        entry("g1", 9.0, **there),
        entry("g2", 5.0, **no_more),
        entry("g3", 4.0, **there),
        refund_confirmed("g3", 4.0, **there),
    )
    listed = await books.usage.list_charged(TEAM, NOVEMBER)
    assert {each.generation_id: each.powerpost_workspace for each in listed} == {
        "g1": "ws_2",
        "g2": None,
        "g3": "ws_2",
    }
    lines = await books.usage.add_up(By.WORKSPACE, TEAM, NOVEMBER)

    assert {(line.key, line.credits) for line in lines} == {("ws_2", 9.0), ("", 5.0)}
    several = PowerPostWorkspaces("ws_1", {"ws_2": "Lakeside Hotel"})
    assert {line.key for line in name_workspaces(lines, several)} == {
        ":Lakeside Hotel",
        ":Default",
    }


async def test_another_workspace_is_not_among_them(books: Ledger) -> None:
    await enter(books.url, entry("g1", 9.0, team_id="T0OTHER"))

    assert await books.usage.add_up(By.USER, TEAM, NOVEMBER) == []
    assert await books.usage.list_charged(TEAM, NOVEMBER) == []


async def test_each_generation_is_one_row_in_the_order_of_the_charges(books: Ledger) -> None:
    later = NOON + timedelta(hours=1)
    await enter(
        books.url,
        entry("g2", None, counts_at=later, user_id="U0BEN"),
        entry("g1", 36.0, quantity=4, approved_by="U0BEN"),
        refund_expected("g1", 9.0, quantity=1),
    )
    await books.make_pictures("g1", 3)

    assert await books.usage.list_charged(TEAM, NOVEMBER) == [
        Charged(
            "g1",
            NOON,
            "U0ADA",
            "C0DESIGN",
            "flux2-flex",
            4,
            3,
            36.0,
            9.0,
            "U0BEN",
            "square",
            None,
            "accepted",
        ),
        Charged("g2", later, "U0BEN", "C0DESIGN", "flux2-flex", 1, 0, None, 0.0, None),
    ]


async def test_months_are_those_with_a_charge_by_the_workspaces_clocks(books: Ledger) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    last_of_utc = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # November has begun in Berlin
    await enter(
        books.url,
        entry("g1", 9.0, counts_at=NOON),
        entry("g2", 9.0, counts_at=NOON),
        entry("g3", 9.0, counts_at=last_of_utc),
        entry("g4", 9.0, counts_at=datetime(2025, 2, 1, tzinfo=UTC)),
        entry("g5", 9.0, counts_at=datetime(2026, 6, 1, tzinfo=UTC), team_id="T0OTHER"),
    )

    assert list(map(str, await books.usage.list_months(TEAM, berlin, 9))) == ["2026-11", "2025-02"]
    utc = await books.usage.list_months(TEAM, ZoneInfo("UTC"), 2)
    assert list(map(str, utc)) == ["2026-11", "2026-10"]
    assert await books.usage.list_months("T0NONE", berlin, 9) == []


async def test_campaigns_have_a_line_each_and_what_has_none_is_one_line(books: Ledger) -> None:
    await enter(
        books.url,
        entry("g1", 9.0, campaign="Spring 27"),
        entry("g2", 4.0, campaign="Spring 27"),
        refund_expected("g2", 4.0, campaign="Spring 27"),
        entry("g3", 5.0, campaign="none"),
        entry("g4", 2.0, campaign=None),
    )

    lines = await books.usage.add_up(By.CAMPAIGN, TEAM, NOVEMBER)

    assert {(line.key, line.credits, line.coming_back) for line in lines} == {
        (":Spring 27", 13.0, 4.0),
        (":none", 5.0, 0.0),
        ("none", 2.0, 0.0),
    }
