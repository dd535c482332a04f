"""Bringing a file to Slack, and knowing when Slack can show it.

Slack's race (slack-facts.md, "Race"): right after the upload a block with the file is refused
until Slack has processed it, which `files.info` tells by a `mimetype`.
"""

from __future__ import annotations

import asyncio
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Rejected, Transient
from bot.slack.calling import call_slack

READY_WITHIN_SECONDS: Final = 45.0
_FIRST_LOOK_SECONDS: Final = 0.15
_LONGEST_PAUSE_SECONDS: Final = 3.0


class FileUploader:
    """Uploads files that no channel sees until a message shows them."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def upload(self, name: str, content: bytes) -> str:
        """Upload `content` and wait until Slack can show it; the file's id.

        No alt text goes along: with it the file is silently not shared (python-slack-sdk#1818);
        it belongs into the block. Raises Transient(FILE_NOT_READY) where Slack takes too long.
        """
        answer = await call_slack(self._client.files_upload_v2, filename=name, content=content)
        file_id = str(answer["file"]["id"])
        await self._wait_until_ready(file_id)
        return file_id

    async def _wait_until_ready(self, file_id: str) -> None:
        pause, waited = _FIRST_LOOK_SECONDS, 0.0
        while waited < READY_WITHIN_SECONDS:
            await asyncio.sleep(pause)
            waited += pause
            pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)
            try:
                answer = await call_slack(self._client.files_info, file=file_id)
            except Transient as error:
                pause = max(pause, error.retry_after_seconds or 0.0)
                continue
            except Rejected:
                continue  # `file_not_found` for a moment after the upload
            if (answer.get("file") or {}).get("mimetype"):
                return
        raise Transient(Cause.FILE_NOT_READY, "Slack did not process the file in time")
