"""Whose pictures somebody finds: which channels they are in is asked of Slack, kept for half a
minute, and never guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.generations.library import Cursor, Search, Viewer
from bot.generations.record import Generation, Place, State
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit import library_texts as texts
from bot.slack.kit.connection import open_client
from bot.slack.kit.library import PAGE, ChannelSight, LibraryFinder, LibraryPage, Wanted
from bot.slack.kit.library_views import show_library

TEAM = "T0SANDBOX"
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FOX = Generation(
    id="g1",
    origin="o",
    place=Place(TEAM, "C0DESIGN", "U0ADA"),
    request=ImageRequest(prompt="a fox <!channel>", model=Model.IDEOGRAM_3),
    accepted_at=NOON,
    state=State.DELIVERED,
    root_ts="1.1",
    result_ts="1.2",
    marks="good",
    campaign="Spring & Co",
)
EVERYTHING = Wanted()


@dataclass
class Rows:
    """Pictures, and for whom they were looked for."""

    found: Sequence[Generation] = (FOX,)
    viewers: list[Viewer] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)

    async def find(
        self, viewer: Viewer, search: Search, now: datetime, limit: int, after: Cursor | None = None
    ) -> Sequence[Generation]:
        self.viewers.append(viewer)
        self.searches.append(search)
        return self.found[:limit]


@dataclass
class Scene:
    workspace: Workspace
    rows: Rows
    finder: LibraryFinder
    now: list[float]
    strangers: set[str] = field(default_factory=set)

    def asked(self) -> int:
        return sum(e.method == "users.conversations" for e in self.workspace.exchanges)

    async def channels_of(self, user_id: str, here: str | None = None) -> set[str]:
        """Those that it was looked in."""
        await self.finder.find(TEAM, user_id, EVERYTHING, here)
        return set(self.rows.viewers[-1].channel_ids)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    workspace, rows, now = Workspace(), Rows(), [1000.0]
    workspace.scopes |= {"channels:read", "groups:read"}
    strangers: set[str] = set()

    async def is_member(_team_id: str, user_id: str) -> bool:
        return user_id not in strangers

    async def read_zone(_team_id: str) -> ZoneInfo:
        return ZoneInfo("Europe/Berlin")

    async with (
        serve(build_app(workspace)) as workspace.base_url,
        open_client(f"{workspace.base_url}/api", workspace.bot_token) as client,
    ):
        sight = ChannelSight(client, lambda scope: scope in workspace.scopes, lambda: now[0])
        finder = LibraryFinder(rows, sight, is_member, read_zone)
        yield Scene(workspace, rows, finder, now, strangers)


async def test_it_is_looked_in_public_channels_and_in_private_ones_that_the_bot_is_in(
    scene: Scene,
) -> None:
    assert await scene.channels_of("U0BEN") >= {"C0DESIGN", "C0GENERAL"}
    assert "G0LAUNCH" not in await scene.channels_of("U0BEN")

    scene.workspace.channels["G0LAUNCH"].members.add(scene.workspace.bot.id)
    scene.now[0] += 31

    assert "G0LAUNCH" in await scene.channels_of("U0BEN")


async def test_who_leaves_a_channel_finds_nothing_in_it_half_a_minute_later(scene: Scene) -> None:
    assert await scene.finder.may_see(TEAM, "U0BEN", FOX)
    scene.workspace.channels["C0DESIGN"].members.discard("U0BEN")
    asked = scene.asked()
    assert await scene.finder.may_see(TEAM, "U0BEN", FOX)
    assert scene.asked() == asked

    scene.now[0] += 31

    assert not await scene.finder.may_see(TEAM, "U0BEN", FOX)
    assert await scene.finder.may_see(TEAM, "U0ADA", FOX)


@pytest.mark.parametrize("fault", ["internal_error", "ratelimited"])
async def test_if_slack_does_not_say_it_is_the_channel_where_one_asks(
    scene: Scene, fault: str
) -> None:
    scene.workspace.faults.next_call("users.conversations", fault)

    assert await scene.channels_of("U0BEN", here="C0DESIGN") == {"C0DESIGN"}
    page = await scene.finder.find(TEAM, "U0BEN", EVERYTHING, "C0DESIGN")
    assert page.is_whole  # it says so by then


async def test_without_a_scope_only_the_other_kind_is_asked_for(scene: Scene) -> None:
    scene.workspace.scopes.discard("channels:read")
    scene.workspace.channels["G0LAUNCH"].members.add(scene.workspace.bot.id)

    page = await scene.finder.find(TEAM, "U0BEN", EVERYTHING, "D0BEN")

    assert scene.rows.viewers[-1].channel_ids == {"G0LAUNCH"}
    assert not page.is_whole


async def test_somebody_of_another_company_finds_nothing(scene: Scene) -> None:
    scene.strangers.add("U0BEN")

    page = await scene.finder.find(TEAM, "U0BEN", EVERYTHING, "C0DESIGN")

    assert page.found == ()
    assert scene.rows.viewers == []
    assert not await scene.finder.may_see(TEAM, "U0BEN", FOX)


@pytest.mark.parametrize(
    "hidden",
    [
        replace(FOX, deleted_at=NOON),
        replace(FOX, blanked_at=NOON),
        replace(FOX, result_ts=None),
        replace(FOX, result_channel_id="D0ADA"),
        replace(FOX, place=Place(TEAM, "U0ADA", "U0ADA"), show=Show.ME),
        replace(FOX, place=Place("T0OTHER", "C0DESIGN", "U0BEN")),
        replace(FOX, state=State.FAILED),
    ],
)
async def test_what_is_not_there_or_not_for_all_is_nobody_elses(
    scene: Scene, hidden: Generation
) -> None:
    assert not await scene.finder.may_see(TEAM, "U0BEN", hidden)


async def test_days_are_those_of_the_workspace(scene: Scene) -> None:
    wanted = Wanted(since=date(2026, 11, 1), until=date(2026, 11, 2))

    await scene.finder.find(TEAM, "U0BEN", wanted)

    search = scene.rows.searches[-1]
    assert search.since == datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    assert search.until == datetime(2026, 11, 2, 23, 0, tzinfo=UTC)


async def test_a_page_knows_whether_there_is_more_and_how_to_go_on(scene: Scene) -> None:
    scene.rows.found = [replace(FOX, id=f"g{n}") for n in range(PAGE + 1)]

    page = await scene.finder.find(TEAM, "U0BEN", Wanted(words="fox"))

    assert (len(page.found), page.has_more) == (PAGE, True)
    assert page.next.words == "fox"
    assert Cursor.read(page.next.after) == Cursor(NOON, f"g{PAGE - 1}")
    assert page.next.first_page == page.wanted


def test_each_is_shown_with_who_when_where_and_what_and_as_text() -> None:
    shown = show_library(LibraryPage(Wanted(words="fox"), (FOX,)), "https://x.slack.com", _no_row)

    said = texts.entry_mrkdwn(FOX, None)
    assert "<!channel>" not in shown.text
    assert "a fox &lt;!channel&gt;" in shown.text
    assert "https://x.slack.com/archives/C0DESIGN/p12" in shown.text
    for part in (
        "<@U0ADA>",
        "<#C0DESIGN>",
        "Ideogram 3.0",
        "Campaign: Spring &amp; Co",
        "rated good",
    ):
        assert part in said
    assert len(shown.to_dict()["blocks"]) <= 50


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (EVERYTHING, "No pictures yet"),
        (Wanted(words='"fox"'), '`/imagine "find fox"`'),
        (Wanted(words="fox", user="U0BEN"), "Try fewer words or filters."),
        (Wanted(rating="bad"), "No pictures for rated bad. Try fewer filters."),
        (Wanted(words="fox", after="x"), "nothing older"),
    ],
)
def test_an_empty_page_says_what_to_do(wanted: Wanted, said: str) -> None:
    assert said in show_library(LibraryPage(wanted), None, _no_row).text


def _no_row(_generation: Generation) -> tuple[()]:
    return ()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_at_either_end_of_the_calendar_is_searched_for_as_any_other(
    zone: str, day: date
) -> None:
    search = Wanted(since=day, until=day).to_search(ZoneInfo(zone))
    assert search.since is not None
    assert search.until is not None
    assert 1999 <= search.since.year <= search.until.year <= 3000
