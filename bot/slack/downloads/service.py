"""Download all: of a result, or of a brief, as ZIP files in the direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.record import Generation, Picture
from bot.generations.retry import retry_until
from bot.slack.downloads import texts
from bot.slack.downloads.archive import (
    PART_MAX_BYTES,
    Archive,
    Packed,
    find_extension,
    name_picture,
    write_list,
)
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import answer_press
from bot.slack.kit.files import FileUploader
from bot.slack.kit.links import generation_link
from bot.slack.kit.marking import mark_picture
from bot.slack.kit.payloads import MessageAction
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.quotas import Quota

_SLACK_PATIENCE_SECONDS: Final = 300.0
_ASKED_MOST: Final = 5  # so often a person may ask
_ASKED_SECONDS: Final = 300.0

log = structlog.get_logger()


class Parts(Protocol):
    """The rows (bot/store/versions.py)."""

    async def parts(self, brief_id: str) -> list[Generation]:
        """All of a brief."""


class DownloadService:
    """One for the process: it packs one at a time, so that memory is bounded."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: BackgroundTasks,
        rows: Parts,
        fetch: Callable[[str], Awaitable[bytes]],
        converter: PictureConverter,
        workspace_url: Callable[[], str | None],
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
        self._files = FileUploader(client)
        self._quota = Quota(_ASKED_MOST, _ASKED_SECONDS)
        self._packing = asyncio.Semaphore(1)

    def download(self, action: MessageAction, generation: Generation) -> None:
        """The pictures of a result."""
        self._background.run(self._start(action, [generation]))

    async def download_brief(self, action: MessageAction, generation: Generation) -> None:
        """All pictures of the brief that it is a part of."""
        made = [generation]
        if generation.brief_id is not None:
            made = await self._rows.parts(generation.brief_id)
        self._background.run(self._start(action, made))

    async def _start(self, action: MessageAction, made: Sequence[Generation]) -> None:
        wanted = [
            (each, picture)
            for each in made
            if each.deleted_at is None and each.blanked_at is None
            for picture in each.pictures
        ]
        if not wanted:
            await self._say(action, texts.NOTHING_THERE)
        elif not self._quota.take(action.team_id, action.user.id):
            await self._say(action, texts.TOO_MANY)
        else:
            await self._say(action, texts.packing(len(wanted)))
            async with self._packing:
                try:
                    await self._pack(action.user.id, wanted)
                except ImagineError as error:
                    log.warning("download.failed", cause=error.cause, detail=error.detail)
                    await self._say(action, texts.FAILED)

    async def _pack(self, user_id: str, wanted: Sequence[tuple[Generation, Picture]]) -> None:
        answer = await retry_until(
            lambda: call_slack(
                self._client.chat_postMessage, channel=user_id, text=texts.begun(len(wanted))
            ),
            _SLACK_PATIENCE_SECONDS,
        )
        channel_id, part = str(answer["channel"]), 1
        archive, packed, held = Archive(), list[Packed](), 0
        for generation, picture in wanted:
            if archive.size > PART_MAX_BYTES:
                await self._share(channel_id, archive, part, held, 0)
                archive, held, part = Archive(), 0, part + 1
            name = name_picture(generation, picture, [each.name for each in packed])
            if await self._add(archive, generation, picture, name):
                packed.append(Packed(generation, picture, name))
                held += 1
        url = self._workspace_url()
        links = {each.id: generation_link(url, each) for each, _ in wanted}
        archive.add("pictures.csv", write_list(packed, links))
        await self._share(channel_id, archive, part, held, len(wanted) - len(packed))
        log.info("download.delivered", pictures=len(packed), parts=part)

    async def _add(
        self, archive: Archive, generation: Generation, picture: Picture, name: str
    ) -> bool:
        """Whether PowerPost still hands it out."""
        if not picture.url:
            return False
        mark = mark_picture(generation, picture, has_prompts=self._has_prompts)
        try:
            content = await self._fetch(picture.url)
            marked = await self._converter.convert(content, mark)
        except ImagineError as error:
            log.info("download.picture_missing", cause=error.cause, detail=error.detail)
            return False
        archive.add(f"original/{name}.{find_extension(content)}", content)
        archive.add(f"marked/{name}.{marked.extension}", marked.content)
        return True

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

    async def _say(self, action: MessageAction, text: str) -> None:
        await answer_press(self._client, action, show_sentence(text))
