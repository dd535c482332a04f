"""Reference pictures: from Slack's files to PowerPost's media, each picture once per workspace."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import structlog

from bot.errors import Cause, Rejected
from bot.generations.record import Generation, SlackFile
from bot.powerpost.client import PowerPostClient
from bot.slack.files import FetchedPicture, FileFetcher
from bot.store.media import MediaStore

log = structlog.get_logger()


class ReferenceGatherer:
    """Implements `generations.ports.References`."""

    def __init__(self, files: FileFetcher, client: PowerPostClient, known: MediaStore) -> None:
        self._files = files
        self._client = client
        self._known = known

    async def gather(self, generation: Generation) -> tuple[str, ...]:
        """See the port. All are fetched and looked at before the first is uploaded."""
        chosen = generation.sources.references
        fetched = [await self._files.fetch_picture(file.file_id, file.name) for file in chosen]
        return tuple(
            [
                await self._bring(file, picture)
                for file, picture in zip(chosen, fetched, strict=True)
            ]
        )

    async def forget(self, media_ids: tuple[str, ...]) -> None:
        """See the port."""
        await self._known.forget(media_ids)

    async def _bring(self, file: SlackFile, picture: FetchedPicture) -> str:
        content_hash = hashlib.sha256(picture.content).hexdigest()
        known = await self._known.find(content_hash)
        if known is not None:
            return known
        extension = picture.mime_type.removeprefix("image/")
        try:
            # The person's name for the file stays in Slack.
            media = await self._client.upload_media(
                f"reference.{extension}", picture.content, picture.mime_type
            )
        except Rejected as error:
            cause = Cause.REFERENCE_TOO_LARGE
            if error.cause is not Cause.TOO_LARGE:
                cause = Cause.REFERENCE_NOT_A_PICTURE
            log.warning("reference_refused", cause=error.cause, request_id=error.request_id)
            raise Rejected(cause, file.name, request_id=error.request_id) from error
        await self._known.keep(content_hash, media.media_id, datetime.now(UTC))
        return media.media_id
