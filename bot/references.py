"""Reference pictures: from Slack's files to PowerPost's media, each picture once per workspace."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from weakref import WeakValueDictionary

import structlog

from bot.errors import Cause, Rejected
from bot.generations.record import Generation, SlackFile
from bot.powerpost.client import PowerPostClient
from bot.slack.files import FetchedPicture, FileFetcher
from bot.store.media import MediaStore

# At most four pictures of 10 MB each are held in memory for one generation.
_GATHERING_AT_ONCE: Final = 3
# powerpost-neighbours.md, "Errors": both are 413, and mean something else to a person.
_STORAGE_FULL: Final = "STORAGE_QUOTA_EXCEEDED"

log = structlog.get_logger()


class ReferenceGatherer:
    """Implements `generations.ports.References`."""

    def __init__(self, files: FileFetcher, client: PowerPostClient, known: MediaStore) -> None:
        self._files = files
        self._client = client
        self._known = known
        self._turns = asyncio.Semaphore(_GATHERING_AT_ONCE)
        self._uploading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def gather(self, generation: Generation) -> tuple[str, ...]:
        """See the port."""
        return await self.bring(generation.sources.references)

    async def bring(self, chosen: Sequence[SlackFile]) -> tuple[str, ...]:
        """The `media_id` of each file. All are fetched and looked at before the first is uploaded.
        Raises as the port says."""
        async with self._turns:
            fetched = [await self._files.fetch_picture(file.file_id, file.name) for file in chosen]
            return tuple(
                [
                    await self._bring_once(file, picture)
                    for file, picture in zip(chosen, fetched, strict=True)
                ]
            )

    async def forget(self, media_ids: tuple[str, ...]) -> None:
        """See the port."""
        await self._known.forget(media_ids)

    async def _bring_once(self, file: SlackFile, picture: FetchedPicture) -> str:
        content_hash = hashlib.sha256(picture.content).hexdigest()
        turn = self._uploading.setdefault(content_hash, asyncio.Lock())
        async with turn:  # who comes second finds what the first one brought
            known = await self._known.find(content_hash)
            if known is not None:
                return known
            media_id = await self._bring(file, picture)
            await self._known.keep(content_hash, media_id, datetime.now(UTC))
            return media_id

    async def _bring(self, file: SlackFile, picture: FetchedPicture) -> str:
        extension = picture.mime_type.removeprefix("image/")
        try:
            # The person's name for the file stays in Slack.
            media = await self._client.upload_media(
                f"reference.{extension}", picture.content, picture.mime_type
            )
        except Rejected as error:
            log.warning("reference_refused", cause=error.cause, request_id=error.request_id)
            raise Rejected(read_refusal(error), file.name, request_id=error.request_id) from error
        return media.media_id


def read_refusal(error: Rejected) -> Cause:
    """What PowerPost's refusal of an upload means to the person whose picture it is. Pure."""
    if error.cause is not Cause.TOO_LARGE:
        return Cause.REFERENCE_NOT_A_PICTURE
    return Cause.REFERENCE_NO_ROOM if _STORAGE_FULL in error.detail else Cause.REFERENCE_TOO_LARGE
