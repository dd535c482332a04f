"""The contact sheet of a brief: one picture with all of its pictures, which stands at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from bot.errors import ImagineError
from bot.generations.brief import Brief
from bot.generations.record import Generation, Picture
from bot.images.marks import Mark, write_xmp
from bot.slack.briefs import texts
from bot.slack.briefs.sheet_drawing import SIDE, Tile, draw_sheet
from bot.slack.kit.files import FileUploader
from bot.slack.kit.pictures import Memory, PictureConverter, shrink_picture

# Fewer are seen at one look anyway.
SHEET_FROM: Final = 3
# All of it: the one process that says what is to be said of a brief has it for half a minute at
# least (bot/generations/brief_delivery.py), and the last line waits for the sheet.
SHEET_SECONDS: Final = 20.0
# What was not fetched by then is left out.
FETCH_SECONDS: Final = 10.0
_NAME: Final = "contact-sheet.jpg"

log = structlog.get_logger()


class ContactSheets:
    """Draws and uploads them. One for the process."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[bytes]],
        converter: PictureConverter,
        files: FileUploader,
        *,
        sheet_seconds: float = SHEET_SECONDS,
        fetch_seconds: float = FETCH_SECONDS,
    ) -> None:
        """`fetch` gives the bytes behind a picture's link."""
        self._fetch = fetch
        self._converter = converter
        self._files = files
        self._sheet_seconds = sheet_seconds
        self._fetch_seconds = fetch_seconds

    async def bring(self, brief: Brief) -> str | None:
        """Slack's file of the sheet; None where there is none: for few pictures, or if it cannot
        be made, which is logged. Never raises for its own sake: the last line comes without it."""
        pictures = pictures_of(brief)
        if len(pictures) < SHEET_FROM:
            return None
        try:
            async with asyncio.timeout(self._sheet_seconds):
                return await self._bring(brief, pictures)
        except Exception as error:  # noqa: BLE001 - all pictures stand above
            log.warning("contact_sheet.failed", brief=brief.id, error=type(error).__name__)
            return None

    async def _bring(self, brief: Brief, pictures: list[tuple[Generation, Picture]]) -> str | None:
        ends_at = asyncio.get_running_loop().time() + self._fetch_seconds
        tiles = []
        for part, picture in pictures:  # one after the other: only one is unpacked at a time
            small = await self._shrink(picture, ends_at)
            tiles.append(Tile(label_of(brief, part, picture), small))
        if all(tile.picture is None for tile in tiles):
            return None
        made_at = max(part.finished_at or part.accepted_at for part, _ in pictures)
        draw = partial(draw_sheet, xmp=write_xmp(Mark(made_at)))
        content = await self._converter.run(draw, tiles)
        return await self._files.upload(_NAME, content, "jpg")

    async def _shrink(self, picture: Picture, ends_at: float) -> bytes | None:
        try:
            async with asyncio.timeout_at(ends_at):
                return await self._converter.run(_shrink, await self._fetch(picture.url))
        except (ImagineError, TimeoutError) as error:
            log.info("contact_sheet.left_out", error=getattr(error, "cause", "timeout"))
            return None


def _shrink(content: bytes, memory: Memory) -> bytes:
    return shrink_picture(content, SIDE, memory)


def pictures_of(brief: Brief) -> list[tuple[Generation, Picture]]:
    """What stands on the sheet, in its order: what was made, and not taken away since. Pure."""
    return [
        (part, picture)
        for part in brief.parts
        if part.deleted_at is None and part.blanked_at is None
        for picture in part.pictures
    ]


def label_of(brief: Brief, part: Generation, picture: Picture) -> str:
    """`3 · red · story`, and which of several it is. Pure."""
    name = texts.name_of(brief, part)
    count = len(part.pictures)
    return name if count == 1 else f"{name} · {picture.position} of {count}"
