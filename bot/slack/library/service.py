"""Looking for pictures: the command, the pages of what it finds, and the form of a search."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Transient
from bot.images.campaigns import campaign_key, find_slip, index_campaigns
from bot.images.find import Find, FindMisunderstood, read_day
from bot.images.typed import fold
from bot.slack.kit import library_texts
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.campaigns import Campaigns, find_campaigns
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.library import WORDS_MAX, LibraryFinder, Wanted
from bot.slack.kit.library_views import ShowRow, show_library, show_not_searched
from bot.slack.kit.listeners import Answer
from bot.slack.kit.message import Message
from bot.slack.kit.modals import ViewState, open_view
from bot.slack.kit.payloads import ButtonAction, SlashCommand, ViewSent
from bot.slack.kit.quotas import Quota
from bot.slack.library import texts
from bot.slack.library.people import People
from bot.slack.library.views import FormContext, read_form, show_form

_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_CHANNEL: Final = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")
SEARCHES_A_MINUTE: Final = 60  # of one person
_ME: Final = frozenset({"me", "myself", "i"})
_HERE: Final = frozenset({"here", "this channel", "this"})

# Shows a search in somebody's Home tab (team, user, what is looked for).
ShowAtHome = Callable[[str, str, Wanted], None]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who looks, and where the answer goes."""

    team_id: str
    user_id: str
    channel_id: str
    response_url: str | None = None


class _Unknown(Exception):
    """A name that nobody and nothing has; the sentence says so."""


class LibraryService:
    """One for the process. Everything happens after the answer."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        finder: LibraryFinder,
        campaigns: Campaigns,
        background: BackgroundTasks,
        show_row: ShowRow,
        show_at_home: ShowAtHome,
        workspace_url: Callable[[], str | None],
    ) -> None:
        self._client = client
        self._finder = finder
        self._campaigns = campaigns
        self._background = background
        self._show_row = show_row
        self._show_at_home = show_at_home
        self._workspace_url = workspace_url
        self._people = People(client)
        self._searches = Quota(SEARCHES_A_MINUTE, per_seconds=60.0)

    # The command ---------------------------------------------------------------------------

    def find(self, command: SlashCommand, find: Find) -> None:
        """The newest page of what was typed."""
        asker = _Asker(command.team_id, command.user_id, command.channel_id, command.response_url)
        self._background.run(self._find(asker, find))

    def explain(self, answer: FindMisunderstood) -> Message:
        """What of the command is not understood."""
        return show_not_searched(texts.misunderstood(answer), Wanted())

    async def _find(self, asker: _Asker, find: Find) -> None:
        try:
            wanted = await self._resolve(asker, find)
        except _Unknown as error:
            wanted = Wanted(words=find.words[:WORDS_MAX])
            await self._answer(asker, show_not_searched(str(error), wanted))
            return
        await self._show(asker, wanted)

    async def _resolve(self, asker: _Asker, find: Find) -> Wanted:
        """With ids for names, and days for words. Raises _Unknown."""
        today = await self._finder.today(asker.team_id)
        user, more = await self._find_person(asker, find.by)
        return Wanted(
            words=f"{more} {find.words}".strip()[:WORDS_MAX],
            user=user,
            channel=await self._find_channel(asker, find.where),
            campaign=await self._find_campaign(asker, find.campaign),
            model=find.model or "",
            size=find.size or "",
            since=read_day(find.since, today) if find.since else None,
            until=read_day(find.until, today, is_end=True) if find.until else None,
            rating=find.rating or "",
        )

    async def _find_person(self, asker: _Asker, typed: str | None) -> tuple[str, str]:
        """Their id; and words that do not belong to the name, if it was typed with several."""
        if not typed:
            return "", ""
        if (named := _MENTION.fullmatch(typed)) is not None:
            return named[1], ""
        if fold(typed) in _ME:
            return asker.user_id, ""
        words, near = typed.split(), None
        try:
            for number in range(len(words), 0, -1):
                name = " ".join(words[:number])
                found, near = await self._people.find(asker.team_id, name)
                if found is not None:
                    return found, " ".join(words[number:])
        except ImagineError as error:
            log.info("people.unknown", detail=error.detail)
            raise _Unknown(texts.PEOPLE_UNKNOWN) from None
        raise _Unknown(texts.no_person(words[0] if words else typed, near))

    async def _find_channel(self, asker: _Asker, typed: str | None) -> str:
        if not typed:
            return ""
        if (named := _CHANNEL.fullmatch(typed)) is not None:
            return named[1]
        if fold(typed) in _HERE:
            return asker.channel_id
        channels = (await self._finder.look(asker.user_id)).channels
        by_name = {fold(name): channel_id for channel_id, name in channels.items() if name}
        wanted = fold(typed.removeprefix("#"))
        if (found := by_name.get(wanted)) is not None:
            return found
        near = get_close_matches(wanted, list(by_name), n=1, cutoff=0.6)
        raise _Unknown(texts.no_channel(typed, near[0] if near else None))

    async def _find_campaign(self, asker: _Asker, typed: str | None) -> str:
        if not typed:
            return ""
        known = index_campaigns(await find_campaigns(self._campaigns, asker.team_id))
        if (found := known.get(campaign_key(typed))) is not None:
            return found
        raise _Unknown(texts.no_campaign(typed, find_slip(typed, known)))

    # Pages ---------------------------------------------------------------------------------

    def turn(self, pressed: ButtonAction) -> None:
        """Older or Newest: in the place of the page where it was pressed."""
        wanted = Wanted.read(pressed.actions[0].value)
        if pressed.channel is None:
            self._show_at_home(pressed.team_id, pressed.user.id, wanted)
            return
        asker = _Asker(pressed.team_id, pressed.user.id, pressed.channel.id, pressed.response_url)
        self._background.run(self._show(asker, wanted, replaces=True))

    async def _show(self, asker: _Asker, wanted: Wanted, *, replaces: bool = False) -> None:
        if not self._searches.take(asker.team_id, asker.user_id):
            await self._answer(asker, show_sentence(texts.TOO_MANY))
            return
        try:
            page = await self._finder.find(
                asker.team_id, asker.user_id, wanted, here=asker.channel_id
            )
        except Transient as error:
            log.error("library.read_failed", cause=error.cause)
            await self._answer(asker, show_sentence(library_texts.UNAVAILABLE))
            return
        forms = [
            show_library(page, self._workspace_url(), self._show_row, has_thumbnails=has_thumbnails)
            # One picture that is not in Slack any more, and Slack refuses all of it.
            for has_thumbnails in (True, False)
        ]
        await self._answer(asker, *forms, replaces=replaces)

    async def _answer(self, asker: _Asker, *forms: Message, replaces: bool = False) -> None:
        await send_ephemeral(
            self._client,
            *forms,
            channel_id=asker.channel_id,
            user_id=asker.user_id,
            response_url=asker.response_url,
            replaces=replaces and asker.response_url is not None,
        )

    # The form ------------------------------------------------------------------------------

    def open_form(self, pressed: ButtonAction) -> None:
        """Search: the form, with what was looked for."""
        self._background.run(self._open_form(pressed))

    async def _open_form(self, pressed: ButtonAction) -> None:
        wanted = Wanted.read(pressed.actions[0].value)
        known = await find_campaigns(self._campaigns, pressed.team_id)
        where = pressed.channel.id if pressed.channel else ""
        await open_view(self._client, pressed, show_form(wanted, known, where))

    async def submit(self, sent: ViewSent) -> Answer:
        """Look for what the form says, where it was opened."""
        state = ViewState.of(sent.view.state)
        wanted, errors = read_form(state, await self._finder.today(sent.team_id))
        if errors:
            return errors
        where = FormContext.read(sent.view.private_metadata).channel_id
        if where:
            asker = _Asker(sent.team_id, sent.user.id, where)
            self._background.run(self._show(asker, wanted))
        else:
            self._show_at_home(sent.team_id, sent.user.id, wanted)
        return None
