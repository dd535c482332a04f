"""What a person finds in the library: their own pictures, and those of the channels that they can
see, which Slack is asked when they look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.library import Cursor, Library, Search, Viewer
from bot.generations.record import Generation
from bot.images.catalogue import Model
from bot.slack.kit.calls import call_slack
from bot.slack.kit.modals import Metadata

PAGE: Final = 6  # pictures: each is two blocks, and the row of its buttons
WORDS_MAX: Final = 200  # characters
# Who leaves a channel finds its pictures for so long at most.
_KEPT_SECONDS: Final = 30.0
_KEPT: Final = 2_000
_SECONDS: Final = 5.0
# Nothing is older, or newer. Of a day at the end of Python's calendar there is no next one.
_FIRST_DAY: Final = date(2000, 1, 1)
_LAST_DAY: Final = date(2999, 12, 31)
_CHANNELS_A_PAGE: Final = 999
_PAGES_MAX: Final = 5
_SCOPES: Final = {"public_channel": "channels:read", "private_channel": "groups:read"}

log = structlog.get_logger()


class Wanted(Metadata):
    """A search as buttons and views remember it: ids, and days of the workspace's calendar."""

    words: str = ""
    user: str = ""
    channel: str = ""
    campaign: str = ""
    model: str = ""
    size: str = ""
    since: date | None = None
    until: date | None = None  # included
    rating: str = ""
    after: str = ""  # the cursor of the page before; empty: the first page

    @property
    def first_page(self) -> Wanted:
        """The same from the beginning."""
        return self.model_copy(update={"after": ""})

    def to_search(self, zone: ZoneInfo) -> Search:
        """What is looked for."""
        last = self.until and min(self.until, _LAST_DAY) + timedelta(days=1)
        return Search(
            words=self.words[:WORDS_MAX],
            user_id=self.user or None,
            channel_id=self.channel or None,
            campaign=self.campaign or None,
            model=Model(self.model) if self.model in set(Model) else None,
            size=self.size or None,
            since=_midnight(self.since, zone),
            until=_midnight(last, zone),
            mark=self.rating or None,
        )


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    if day is None:
        return None
    day = min(max(day, _FIRST_DAY), _LAST_DAY + timedelta(days=1))
    return datetime.combine(day, time_of_day(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Sight:
    """The channels that a person is in, as far as Slack says: id -> name. `is_whole`: it said so
    for public and for private ones that the bot is in, too."""

    channels: dict[str, str]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """What was found. `is_whole`: it was looked for in all channels that the person can see."""

    wanted: Wanted
    found: tuple[Generation, ...] = ()
    has_more: bool = False
    is_whole: bool = True

    @property
    def next(self) -> Wanted:
        """The page after it."""
        return self.wanted.model_copy(update={"after": str(Cursor.after(self.found[-1]))})


class ChannelSight:
    """Which channels somebody is in. One for the process.

    With a bot's token and `user`, Slack lists the public channels that a person is in, and those
    private ones that the bot is in, too: https://docs.slack.dev/reference/methods/users.conversations
    """

    def __init__(
        self,
        client: AsyncWebClient,
        may: Callable[[str], bool] = lambda _scope: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`may` says whether the bot has a scope."""
        self._client = client
        self._may = may
        self._kept: TTLCache[str, Sight] = TTLCache(_KEPT, _KEPT_SECONDS, clock)

    async def find(self, user_id: str) -> Sight:
        """As Slack says it now, or has half a minute ago; nothing where it does not say."""
        if (known := self._kept.get(user_id)) is not None:
            return known
        kinds = [kind for kind, scope in _SCOPES.items() if self._may(scope)]
        if not kinds:
            return Sight({}, is_whole=False)
        try:
            async with asyncio.timeout(_SECONDS):
                channels, has_all = await self._ask(user_id, ",".join(kinds))
        except (ImagineError, TimeoutError) as error:
            log.info("sight.unknown", detail=getattr(error, "detail", "timeout"))
            return Sight({}, is_whole=False)
        sight = Sight(channels, is_whole=has_all and len(kinds) == len(_SCOPES))
        self._kept[user_id] = sight
        return sight

    async def _ask(self, user_id: str, kinds: str) -> tuple[dict[str, str], bool]:
        channels: dict[str, str] = {}
        cursor = ""
        for _ in range(_PAGES_MAX):
            answer = await call_slack(
                self._client.users_conversations,
                user=user_id,
                types=kinds,
                exclude_archived=False,
                limit=_CHANNELS_A_PAGE,
                cursor=cursor,
            )
            for each in answer.get("channels") or ():
                channels[str(each["id"])] = str(each.get("name") or "")
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return channels, True
        return channels, False


class LibraryFinder:
    """Looks into the library for one person. One for the process."""

    def __init__(
        self,
        rows: Library,
        sight: ChannelSight,
        is_member: Callable[[str, str], Awaitable[bool | None]],
        read_zone: Callable[[str], Awaitable[ZoneInfo]],
    ) -> None:
        """`is_member` says whether somebody is of the workspace: others see nothing. `read_zone`
        is when its days begin."""
        self._rows = rows
        self._sight = sight
        self._is_member = is_member
        self._read_zone = read_zone

    async def look(self, user_id: str) -> Sight:
        """The channels that a person is in."""
        return await self._sight.find(user_id)

    async def today(self, team_id: str) -> date:
        """By the workspace's calendar."""
        return datetime.now(await self._read_zone(team_id)).date()

    async def find(
        self, team_id: str, user_id: str, wanted: Wanted, here: str | None = None
    ) -> LibraryPage:
        """A page of what `user_id` may see; `here` is the channel that they look from. Raises
        Transient where the database does not answer."""
        if await self._is_member(team_id, user_id) is False:
            return LibraryPage(wanted)
        sight = await self._sight.find(user_id)
        viewer = Viewer(team_id, user_id, _see(sight, here))
        search = wanted.to_search(await self._read_zone(team_id))
        after = Cursor.read(wanted.after)
        found = await self._rows.find(viewer, search, datetime.now(UTC), PAGE + 1, after)
        page = LibraryPage(wanted, tuple(found[:PAGE]), len(found) > PAGE)
        return replace(page, is_whole=sight.is_whole)

    async def may_see(self, team_id: str, user_id: str, generation: Generation) -> bool:
        """Whether it would be found by them now."""
        if await self._is_member(team_id, user_id) is False:
            return False
        own = Viewer(team_id, user_id)
        if own.may_see(generation):
            return True
        sight = await self._sight.find(user_id)
        return replace(own, channel_ids=_see(sight, None)).may_see(generation)


def _see(sight: Sight, here: str | None) -> frozenset[str]:
    """Who asks in a channel sees it. A conversation of two is nobody else's to look into."""
    shown = [here] if here and here.startswith(("C", "G")) else []
    return frozenset([*sight.channels, *shown])
