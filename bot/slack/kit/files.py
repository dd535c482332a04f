"""Files to and from Slack: bringing one there, knowing when Slack can show it, fetching one.

Slack's race (slack-facts.md, "Race"): right after the upload a block with the file is refused
until Slack has processed it, which `files.info` tells by a `mimetype`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Rejected, Transient
from bot.generations.timing import FILE_POLL_SECONDS
from bot.slack.kit.calls import CONNECTION_FAULTS, call_slack
from bot.slack.kit.payloads import UNNAMED

READY_WITHIN_SECONDS: Final = 45.0
# What is fetched to be made smaller (fitting.py): a large photo, and no video.
SOURCE_MAX_BYTES: Final = 50 * 1024 * 1024
# What the picker offers: what fitting.py reads.
PICTURE_EXTENSIONS: Final = (
    *("jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "gif", "tif", "tiff", "bmp"),
)
# A file that Slack still looks for viruses in has no type yet (node-slack-sdk#2040).
SCANNED_WITHIN_SECONDS: Final = 45.0
_FETCH_SECONDS: Final = 60.0
_UPLOAD_TIMEOUT: Final = aiohttp.ClientTimeout(total=60.0, sock_connect=10.0)
_REDIRECTS_MAX: Final = 3
_SLACK_FILE_HOST: Final = "files.slack.com"
_LONGEST_PAUSE_SECONDS: Final = 3.0
# What Slack usually takes (slack-facts.md, "Race"); a message that comes too soon is tried again.
_UNSEEN_SECONDS: Final = 1.5
# Deleted, or older than what a free workspace may see: https://docs.slack.dev/reference/objects/file-object
_GONE_MODES: Final = frozenset({"tombstone", "hidden_by_limit"})


class FileUploader:
    """Uploads files that no channel sees until a message shows them."""

    def __init__(
        self,
        client: AsyncWebClient,
        ready_within_seconds: float = READY_WITHIN_SECONDS,
        *,
        first_poll_seconds: float = FILE_POLL_SECONDS,
        may: Callable[[str], bool] = lambda _scope: True,
    ) -> None:
        """`may` says whether the bot has a scope."""
        self._client = client
        self._ready_within_seconds = ready_within_seconds
        self._first_look_seconds = first_poll_seconds
        self._may = may

    async def upload(self, name: str, content: bytes, highlight_type: str | None = None) -> str:
        """Upload `content` and wait until Slack can show it; the file's id. `highlight_type`
        (`jpg`, `png`) says what it is before Slack has looked. Without `files:read` it is not known
        when it can be shown: then it is given a moment.

        No alt text goes along: with it the file is silently not shared (python-slack-sdk#1818);
        it belongs into the block. Raises Transient(FILE_NOT_READY) where Slack takes too long,
        and what `_put` says of the host that takes the bytes.
        """
        file_id = await self._send(name, content, highlight_type)
        if self._may("files:read"):
            await self._wait_until_ready(file_id)
        else:
            await asyncio.sleep(_UNSEEN_SECONDS)
        return file_id

    async def share(self, name: str, content: bytes, channel_id: str, comment: str) -> None:
        """Upload `content` as a message of its own, with `comment`, in a conversation that the bot
        is in; by its id (a person's will not do here)."""
        await self._send(name, content, channel_id=channel_id, initial_comment=comment)

    async def delete(self, file_id: str) -> None:
        """Take a file of ours away."""
        await call_slack(self._client.files_delete, file=file_id)

    async def _send(
        self, name: str, content: bytes, highlight_type: str | None = None, **sharing: str
    ) -> str:
        """The three steps; the file's id. Source: https://docs.slack.dev/messaging/working-with-files

        The SDK's `files_upload_v2` does the same, but does not say which step failed: the second
        goes to another host, which may be out of reach while Slack answers.
        """
        begun = await call_slack(
            self._client.files_getUploadURLExternal, filename=name, length=len(content)
        )
        file_id = str(begun["file_id"])
        await self._put(str(begun["upload_url"]), content)
        file = {"id": file_id, "title": name}
        if highlight_type is not None:  # slack_sdk 3.42 and later: one for each file
            file["highlight_type"] = highlight_type
        await call_slack(self._client.files_completeUploadExternal, files=[file], **sharing)
        return file_id

    async def _put(self, url: str, content: bytes) -> None:
        """Raises Rejected (UPLOAD_REFUSED) for a 4xx, which is final, since the next would be as
        well (an egress proxy's, say); else Transient (UPLOAD_FAILED)."""
        session: Any = self._client.session
        try:
            async with session.post(url, data=content, timeout=_UPLOAD_TIMEOUT) as answer:
                await answer.read()
        except CONNECTION_FAULTS as error:
            raise Transient(Cause.UPLOAD_FAILED, type(error).__name__) from error
        status = answer.status
        if 400 <= status < 500 and status not in (408, 429):
            raise Rejected(Cause.UPLOAD_REFUSED, f"http {status}")
        if status != 200:
            raise Transient(Cause.UPLOAD_FAILED, f"http {status}")

    async def _wait_until_ready(self, file_id: str) -> None:
        pause, waited = self._first_look_seconds, 0.0
        while waited < self._ready_within_seconds:
            await asyncio.sleep(pause)
            waited += pause
            pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)
            try:
                answer = await call_slack(self._client.files_info, file=file_id)
            except Transient as error:
                pause = max(pause, error.retry_after_seconds or 0.0)
                continue
            except Rejected as error:
                if error.detail != "file_not_found":  # it is, for a moment after the upload
                    raise
                continue
            if (answer.get("file") or {}).get("mimetype"):
                return
        raise Transient(Cause.FILE_NOT_READY, "Slack did not process the file in time")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in Slack that may be a picture, by its name there."""

    name: str
    url: str


class FileFetcher:
    """Fetches files that people chose, with the bot's token, from Slack's file host only."""

    def __init__(
        self,
        client: AsyncWebClient,
        scanned_within_seconds: float = SCANNED_WITHIN_SECONDS,
        *,
        first_poll_seconds: float = FILE_POLL_SECONDS,
    ) -> None:
        self._client = client
        self._scanned_within_seconds = scanned_within_seconds
        self._first_look_seconds = first_poll_seconds
        api = urlsplit(client.base_url)
        is_slack = api.hostname is not None and f".{api.hostname}".endswith(".slack.com")
        # Under another SLACK_API_URL that origin hands out the files too.
        self._origin = ("https", _SLACK_FILE_HOST) if is_slack else (api.scheme, api.netloc)

    async def find_file(self, file_id: str, name: str) -> FoundFile:
        """Where the file is, once Slack has looked through it: by `files.info`, never by a payload.

        Raises Rejected with its name as detail: REFERENCE_NOT_A_PICTURE for what Slack knows to be
        something else, REFERENCE_TOO_LARGE over 50 MB, REFERENCE_GONE, REFERENCE_NOT_READY if Slack
        takes too long; Transient if it may be tried again.
        """
        return await self._find(file_id, name, may_be_picture, SOURCE_MAX_BYTES)

    async def find_list(self, file_id: str, name: str, most_bytes: int) -> FoundFile:
        """The same for a file of text, of at most so many bytes."""
        return await self._find(file_id, name, lambda _: True, most_bytes)

    async def _find(
        self, file_id: str, name: str, may_be: Callable[[str], bool], most_bytes: int
    ) -> FoundFile:
        file = await self._ask_until_scanned(file_id, name)
        if name == UNNAMED:  # Slack said nothing of it where it was chosen
            name = str(file.get("name") or file.get("title") or name)
        if file.get("is_external") or file.get("mode") == "external":
            raise Rejected(Cause.REFERENCE_FORBIDDEN, name)
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if file.get("mode") in _GONE_MODES or (file.get("mimetype") and not url):
            raise Rejected(Cause.REFERENCE_GONE, name)
        if not may_be(str(file.get("mimetype") or "")):
            raise Rejected(Cause.REFERENCE_NOT_A_PICTURE, name)
        if int(file.get("size") or 0) > most_bytes:
            raise Rejected(Cause.REFERENCE_TOO_LARGE, name)
        if not url:
            raise Rejected(Cause.REFERENCE_NOT_READY, name)
        return FoundFile(name, url)

    async def _ask_until_scanned(self, file_id: str, name: str) -> dict[str, Any]:
        """What Slack says of it; the last it said, if its type is not known in time."""
        pause, waited = self._first_look_seconds, 0.0
        while True:
            try:
                answer = await call_slack(self._client.files_info, file=file_id)
            except Rejected as error:
                raise Rejected(Cause.REFERENCE_GONE, name) from error
            file = answer.get("file") or {}
            is_known = file.get("mimetype") or file.get("mode") in _GONE_MODES
            if is_known or file.get("is_external") or waited >= self._scanned_within_seconds:
                return dict(file)
            await asyncio.sleep(pause)
            waited += pause
            pause = min(pause * 1.6, _LONGEST_PAUSE_SECONDS)

    async def fetch(self, found: FoundFile) -> bytes:
        """Its bytes, whatever they are. Raises Rejected as `find_file`, and REFERENCE_FORBIDDEN for
        what lies elsewhere; Transient if it may be tried again."""
        try:
            async with asyncio.timeout(_FETCH_SECONDS):
                return await self._download(found.url, found.name)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Transient(Cause.SLACK_AWAY, type(error).__name__) from error

    async def _download(self, url: str, name: str) -> bytes:
        session: Any = self._client.session
        headers = {"Authorization": f"Bearer {self._client.token}"}
        for _ in range(_REDIRECTS_MAX + 1):
            if read_origin(url) != self._origin:
                # The token must not go anywhere else, also not by a redirect.
                raise Rejected(Cause.REFERENCE_FORBIDDEN, name)
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308):
                    url = _follow(url, response.headers.get("Location", ""))
                    continue
                if response.status == 429 or response.status >= 500:
                    raise Transient(Cause.SLACK_AWAY, f"http {response.status}")
                if response.status != 200:
                    raise Rejected(Cause.REFERENCE_GONE, name)
                return await _read_capped(response, name)
        raise Rejected(Cause.REFERENCE_FORBIDDEN, name)


def may_be_picture(mime_type: str) -> bool:
    """Whether what Slack calls this may be a picture: it does not know each kind, nor yet. Pure."""
    kind = mime_type.lower().partition(";")[0].strip()
    return kind in ("", "application/octet-stream") or (
        kind.startswith("image/") and not kind.startswith("image/svg")
    )


def read_origin(url: str) -> tuple[str, str] | None:
    """Scheme and host (with its port, and whoever is named before it); None for what is no
    address. Pure."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme, parts.netloc


def _follow(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


async def _read_capped(response: aiohttp.ClientResponse, name: str) -> bytes:
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > SOURCE_MAX_BYTES:
            raise Rejected(Cause.REFERENCE_TOO_LARGE, name)
    return bytes(content)
