"""Download all: of a result, a brief or a campaign, as ZIP files in the direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from slack_sdk.models.blocks import Option
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.record import Generation, Picture
from bot.generations.retry import retry_until
from bot.images.marks import is_marked
from bot.slack.downloads import texts
from bot.slack.downloads.archive import (
    PART_MAX_BYTES,
    Archive,
    Packed,
    find_extension,
    name_picture,
    write_list,
)
from bot.slack.downloads.views import show_choosing
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.campaigns import Campaigns, find_campaigns, offer_campaigns
from bot.slack.kit.ephemeral import answer_press, say_directly
from bot.slack.kit.files import FileFetcher, FileUploader
from bot.slack.kit.ids import DownloadField
from bot.slack.kit.library import ChannelSight
from bot.slack.kit.links import generation_link
from bot.slack.kit.marking import mark_picture
from bot.slack.kit.modals import ViewState, open_view, show_notice
from bot.slack.kit.payloads import ButtonAction, MessageAction, ViewSent
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.quotas import Quota
from bot.slack.kit.sections import Section

_SLACK_PATIENCE_SECONDS: Final = 300.0
_FILE_PATIENCE_SECONDS: Final = 60.0
_ASKED_MOST: Final = 5  # so often a person may ask
_ASKED_SECONDS: Final = 300.0
# Of a campaign, the newest ones: others wait for it.
GENERATIONS_MAX: Final = 300

log = structlog.get_logger()


class Made(Protocol):
    """The rows (bot/store/versions.py)."""

    async def parts(self, brief_id: str) -> list[Generation]:
        """All of a brief."""

    async def campaign(
        self, team_id: str, campaign: str, user_id: str, channel_ids: Collection[str], limit: int
    ) -> list[Generation]:
        """What was made for it by `user_id`, or in those channels for others to see: the newest."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody is sent. `name`: what it is all of; `is_whole`: it was looked for wherever they
    can see something."""

    team_id: str
    user_id: str
    made: Sequence[Generation]
    name: str = ""
    is_whole: bool = True

    @property
    def wanted(self) -> list[tuple[Generation, Picture]]:
        """The pictures, but for what was taken away."""
        return [
            (each, picture)
            for each in self.made
            if each.deleted_at is None and each.blanked_at is None
            for picture in each.pictures
        ]

    @property
    def left_out(self) -> int:
        """How many were taken away."""
        return sum(len(each.pictures) for each in self.made) - len(self.wanted)


class DownloadService:
    """One for the process: it packs one at a time, so that memory is bounded."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: BackgroundTasks,
        rows: Made,
        fetch: Callable[[str], Awaitable[bytes]],
        converter: PictureConverter,
        workspace_url: Callable[[], str | None],
        campaigns: Campaigns,
        sight: ChannelSight,
        *,
        has_prompts: bool,
    ) -> None:
        """`has_prompts`: the files say what they were made with."""
        self._has_prompts = has_prompts
        self._client = client
        self._background = background
        self._rows = rows
        self._fetch = fetch
        self._converter = converter
        self._workspace_url = workspace_url
        self._campaigns = campaigns
        self._sight = sight
        self._files = FileUploader(client)
        self._in_slack = FileFetcher(client)
        self._quota = Quota(_ASKED_MOST, _ASKED_SECONDS)
        self._packing = asyncio.Semaphore(1)

    def download(self, action: MessageAction, generation: Generation) -> None:
        """The pictures of a result."""
        self._start(action, Order(action.team_id, action.user.id, [generation]))

    async def download_brief(self, action: MessageAction, generation: Generation) -> None:
        """All pictures of the brief that it is a part of."""
        made = [generation]
        if generation.brief_id is not None:
            made = await self._rows.parts(generation.brief_id)
        self._start(action, Order(action.team_id, action.user.id, made))

    # Of a campaign -------------------------------------------------------------------------

    @property
    def section(self) -> Section:
        """The campaign of a result, in "More…"."""
        return Section("Download all", texts.describe_campaign, self.download_campaign)

    def download_campaign(self, action: MessageAction, generation: Generation) -> None:
        """All that was made for the campaign of a result, as far as who asks may see it."""
        if generation.campaign:
            said = self._start_campaign(
                action.team_id, action.user.id, generation.campaign, action.channel.id
            )
            self._background.run(open_view(self._client, action, show_notice(said)))

    def choose_campaign(self, action: ButtonAction) -> None:
        """The button in the Home tab: of which?"""
        self._background.run(open_view(self._client, action, show_choosing()))

    async def search_campaigns(self, team_id: str, typed: str) -> list[Option]:
        """What the search for one offers."""
        known = await find_campaigns(self._campaigns, team_id)
        return offer_campaigns(known, typed, may_be_new=False)

    async def submit_campaign(self, sent: ViewSent) -> View | dict[str, str]:
        """It was chosen."""
        name = ViewState.of(sent.view.state).option(DownloadField.CAMPAIGN)
        known = await find_campaigns(self._campaigns, sent.team_id)
        if name not in known:
            return {DownloadField.CAMPAIGN.value: texts.NO_SUCH_CAMPAIGN}
        return show_notice(self._start_campaign(sent.team_id, sent.user.id, name))

    def _start_campaign(
        self, team_id: str, user_id: str, campaign: str, here: str | None = None
    ) -> str:
        """What is told at once: to find out what they may see takes longer."""
        if not self._quota.take(team_id, user_id):
            return texts.TOO_MANY
        self._background.run(self._deliver_campaign(team_id, user_id, campaign, here))
        return texts.packing_campaign(campaign)

    async def _deliver_campaign(
        self, team_id: str, user_id: str, campaign: str, here: str | None
    ) -> None:
        try:
            order = await self._find(team_id, user_id, campaign, here)
        except ImagineError as error:
            log.warning("download.failed", cause=error.cause, detail=error.detail)
            await say_directly(self._client, show_sentence(texts.FAILED), user_id)
            return
        if order.wanted:
            await self._deliver(order)
        else:
            said = texts.nothing_of(campaign, is_whole=order.is_whole)
            await say_directly(self._client, show_sentence(said), user_id)

    async def _find(self, team_id: str, user_id: str, campaign: str, here: str | None) -> Order:
        """`here` is a channel that the person is in, since they press a button there."""
        sight = await self._sight.find(user_id)
        seen = {*sight.channels, *([here] if here and here.startswith(("C", "G")) else [])}
        made = await self._rows.campaign(team_id, campaign, user_id, seen, GENERATIONS_MAX)
        return Order(team_id, user_id, made, campaign, sight.is_whole)

    # Packing -------------------------------------------------------------------------------

    def _start(self, action: MessageAction, order: Order) -> None:
        said = texts.packing(len(order.wanted))
        if not order.wanted:
            said = texts.NOTHING_THERE
        elif not self._quota.take(order.team_id, order.user_id):
            said = texts.TOO_MANY
        else:
            self._background.run(self._deliver(order))
        self._background.run(answer_press(self._client, action, show_sentence(said)))

    async def _deliver(self, order: Order) -> None:
        async with self._packing:
            try:
                await self._pack(order)
            except ImagineError as error:
                log.warning("download.failed", cause=error.cause, detail=error.detail)
                await say_directly(self._client, show_sentence(texts.FAILED), order.user_id)

    async def _pack(self, order: Order) -> None:
        begun = texts.begun(
            len(order.wanted),
            order.name,
            left_out=order.left_out,
            is_whole=order.is_whole,
            is_cut=len(order.made) >= GENERATIONS_MAX,
        )
        answer = await retry_until(
            lambda: call_slack(self._client.chat_postMessage, channel=order.user_id, text=begun),
            _SLACK_PATIENCE_SECONDS,
        )
        channel_id, part = str(answer["channel"]), 1
        archive, packed, held = Archive(), list[Packed](), 0
        for generation, picture in order.wanted:
            if archive.size > PART_MAX_BYTES:
                await self._share(channel_id, archive, part, held, 0)
                archive, held, part = Archive(), 0, part + 1
            name = name_picture(generation, picture, [each.name for each in packed])
            if await self._add(archive, generation, picture, name):
                packed.append(Packed(generation, picture, name))
                held += 1
        url = self._workspace_url()
        links = {each.id: generation_link(url, each) for each in order.made}
        archive.add("pictures.csv", await asyncio.to_thread(write_list, packed, links))
        await self._share(channel_id, archive, part, held, len(order.wanted) - len(packed))
        log.info("download.delivered", pictures=len(packed), parts=part)

    async def _add(
        self, archive: Archive, generation: Generation, picture: Picture, name: str
    ) -> bool:
        """Whether it is there: as PowerPost gave it, with a marked file made of that, as long as it
        hands it out; after that, the file that is in Slack."""
        mark = mark_picture(generation, picture, has_prompts=self._has_prompts)
        original = await self._find_original(picture)
        try:
            if original is not None:
                marked = await self._converter.convert(original, mark)
                content, extension = marked.content, marked.extension
            else:
                content, extension = await self._find_in_slack(picture, name, mark)
        except ImagineError as error:
            log.info("download.picture_missing", cause=error.cause, detail=error.detail)
            return False
        if original is not None:
            end = find_extension(original)
            await asyncio.to_thread(archive.add, f"original/{name}.{end}", original)
        await asyncio.to_thread(archive.add, f"marked/{name}.{extension}", content)
        return True

    async def _find_original(self, picture: Picture) -> bytes | None:
        if not picture.url:
            return None
        try:
            return await self._fetch(picture.url)
        except ImagineError as error:
            log.info("download.original_missing", cause=error.cause, detail=error.detail)
            return None

    async def _find_in_slack(self, picture: Picture, name: str, mark: str) -> tuple[bytes, str]:
        """Its file there, marked anew if Slack has taken the mark out."""
        file_id = picture.slack_file_id or ""
        found = await retry_until(
            lambda: self._in_slack.find_file(file_id, name), _FILE_PATIENCE_SECONDS
        )
        content = await retry_until(lambda: self._in_slack.fetch(found), _FILE_PATIENCE_SECONDS)
        if is_marked(content):
            return content, find_extension(content)
        marked = await self._converter.convert(content, mark)
        return marked.content, marked.extension

    async def _share(
        self, channel_id: str, archive: Archive, part: int, count: int, missing: int
    ) -> None:
        content = await asyncio.to_thread(archive.finish)
        await retry_until(
            lambda: self._files.share(
                f"imagine-pictures-{part}.zip",
                content,
                channel_id,
                texts.comment(part, count, missing),
            ),
            _SLACK_PATIENCE_SECONDS,
        )
