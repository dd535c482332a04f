"""Lists of prompts that people put into Slack as files."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Final

import structlog

from bot.errors import ImagineError
from bot.generations.record import SlackFile
from bot.images.lists import FILE_MAX_BYTES, PromptList, read_csv
from bot.slack.kit.files import FileFetcher

# Who sent it is answered within three seconds.
READ_SECONDS: Final = 1.5

log = structlog.get_logger()


class ListReader:
    """Reads them. One for the process."""

    def __init__(self, files: FileFetcher) -> None:
        self._files = files

    async def read(
        self, file: SlackFile, preset_names: Collection[str] | None
    ) -> PromptList | None:
        """What is in it; None if Slack does not hand it over in time, or it is too large for a
        list. `preset_names` as in `read_csv`."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                found = await self._files.find_list(file.file_id, file.name, FILE_MAX_BYTES)
                content = await self._files.fetch(found)
        except (ImagineError, TimeoutError) as error:
            log.warning("list.unread", error=type(error).__name__, detail=str(error))
            return None
        if len(content) > FILE_MAX_BYTES:
            return None
        return await asyncio.to_thread(read_csv, content, preset_names)
