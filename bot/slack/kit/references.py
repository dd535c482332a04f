"""Reference pictures: from Slack's files to PowerPost's media, each picture once per workspace."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar
from weakref import WeakValueDictionary

import structlog

from bot.errors import Cause, Rejected
from bot.generations.record import Generation, RefusedFile, SlackFile, UnusableFiles
from bot.policy.presets import StoredReference
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.fitting import FittedPicture, fit_picture
from bot.slack.kit.pictures import PictureConverter

# At most four pictures of 10 MB each are held in memory for one generation.
_GATHERING_AT_ONCE: Final = 3
# And of those that are as they were sent, of 50 MB each, so many in all.
_READING_AT_ONCE: Final = 2
# powerpost-neighbours.md, "Errors": both are 413, and mean something else to a person.
_STORAGE_FULL: Final = "STORAGE_QUOTA_EXCEEDED"

_T = TypeVar("_T")

Upload = Callable[[str, bytes, str, str | None], Awaitable[str]]
"""Name, bytes, MIME type and PowerPost's workspace (None: the default one) -> `media_id`
(bot/powerpost/upstream.py)."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Brought:
    """The `media_id` of each file that PowerPost has now, and those that cannot be used."""

    media_ids: Mapping[SlackFile, str]
    refused: tuple[RefusedFile, ...] = ()


class KnownMedia(Protocol):
    """What PowerPost has already (bot/store/media.py)."""

    async def find(self, content_hash: str, workspace_id: str | None = None) -> str | None: ...
    async def keep(
        self, content_hash: str, media_id: str, now: datetime, workspace_id: str | None = None
    ) -> None: ...
    async def forget(self, media_ids: tuple[str, ...], workspace_id: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that PowerPost will take."""

    file: SlackFile
    name: str
    picture: FittedPicture


class ReferenceGatherer:
    """Implements `generations.ports.References`."""

    def __init__(
        self,
        files: FileFetcher,
        upload: Upload,
        known: KnownMedia,
        converter: PictureConverter,
    ) -> None:
        self._files = files
        self._upload_media = upload
        self._known = known
        self._converter = converter
        self._turns = asyncio.Semaphore(_GATHERING_AT_ONCE)
        self._reading = asyncio.Semaphore(_READING_AT_ONCE)
        self._uploading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def gather(self, generation: Generation) -> tuple[str, ...]:
        """See the port."""
        brought = await self._gather(generation.sources.references, generation)
        return tuple(brought.values())

    async def gather_preset(self, generation: Generation) -> tuple[StoredReference, ...]:
        """See the port."""
        preset, there = generation.sources.preset, generation.powerpost_workspace
        stored = preset.references if preset else ()
        files = {
            each.media_id: SlackFile(file_id=each.file_id, name=each.name)
            for each in stored
            if each.file_id is not None and each.powerpost_workspace != there
        }
        brought = await self._gather(list(files.values()), generation)
        there_now = {media_id: brought[file] for media_id, file in files.items()}
        return tuple(
            each.model_copy(
                update={
                    "media_id": there_now.get(each.media_id, each.media_id),
                    "powerpost_workspace": there,
                }
            )
            for each in stored
        )

    async def _gather(
        self, files: Sequence[SlackFile], generation: Generation
    ) -> Mapping[SlackFile, str]:
        async with self._turns:
            read, refused = await self._read_all(files)
            if not refused:
                brought, refused = await self._bring_all(read, generation.powerpost_workspace)
        if refused:
            raise UnusableFiles(refused)
        return brought

    async def bring(self, chosen: Sequence[SlackFile]) -> Brought:
        """Each file that can be used, and why the others cannot. Raises Transient or Misconfigured
        if that is not about a file."""
        async with self._turns:
            read, unreadable = await self._read_all(chosen)
            brought, refused = await self._bring_all(read)
        return Brought(brought, (*unreadable, *refused))

    async def forget(self, media_ids: tuple[str, ...], workspace_id: str | None = None) -> None:
        """See the port."""
        await self._known.forget(media_ids, workspace_id)

    async def _read_all(
        self, chosen: Sequence[SlackFile]
    ) -> tuple[list[_Read], tuple[RefusedFile, ...]]:
        return await _try_each(chosen, self._read)

    async def _bring_all(
        self, read: Sequence[_Read], workspace_id: str | None = None
    ) -> tuple[dict[SlackFile, str], tuple[RefusedFile, ...]]:
        by_file = {each.file: each for each in read}
        media_ids, refused = await _try_each(
            list(by_file), lambda file: self._bring_once(by_file[file], workspace_id)
        )
        taken = [file for file in by_file if file.file_id not in {each.file_id for each in refused}]
        return dict(zip(taken, media_ids, strict=True)), refused

    async def _read(self, file: SlackFile) -> _Read:
        found = await self._files.find_file(file.file_id, file.name)
        async with self._reading:
            content = await self._files.fetch(found)
            try:
                picture = await self._converter.run(fit_picture, content)
            except Rejected as error:
                log.info("reference.unreadable", cause=error.cause, detail=error.detail)
                raise Rejected(error.cause, found.name) from error
        return _Read(file, found.name, picture)

    async def _bring_once(self, read: _Read, workspace_id: str | None) -> str:
        content_hash = hashlib.sha256(read.picture.content).hexdigest()
        turn = self._uploading.setdefault(f"{workspace_id} {content_hash}", asyncio.Lock())
        async with turn:  # who comes second finds what the first one brought
            known = await self._known.find(content_hash, workspace_id)
            if known is not None:
                return known
            media_id = await self._upload(read, workspace_id)
            await self._known.keep(content_hash, media_id, datetime.now(UTC), workspace_id)
            return media_id

    async def _upload(self, read: _Read, workspace_id: str | None) -> str:
        extension = read.picture.mime_type.removeprefix("image/")
        try:
            # The person's name for the file stays in Slack.
            return await self._upload_media(
                f"reference.{extension}",
                read.picture.content,
                read.picture.mime_type,
                workspace_id,
            )
        except Rejected as error:
            log.warning("reference.refused", cause=error.cause, request_id=error.request_id)
            raise Rejected(read_refusal(error), read.name, request_id=error.request_id) from error


async def _try_each(
    files: Sequence[SlackFile], do: Callable[[SlackFile], Awaitable[_T]]
) -> tuple[list[_T], tuple[RefusedFile, ...]]:
    """What comes of each, in order, and those that are refused: one never drops the others."""
    done, refused = [], []
    for file in files:
        try:
            done.append(await do(file))
        except Rejected as error:
            name = error.detail or file.name
            refused.append(RefusedFile(file_id=file.file_id, name=name, cause=error.cause))
    return done, tuple(refused)


def read_refusal(error: Rejected) -> Cause:
    """What PowerPost's refusal of an upload means to the person whose picture it is. Pure."""
    if error.cause is not Cause.TOO_LARGE:
        return Cause.REFERENCE_NOT_A_PICTURE
    return Cause.REFERENCE_NO_ROOM if _STORAGE_FULL in error.detail else Cause.REFERENCE_TOO_LARGE
