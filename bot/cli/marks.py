"""`python -m bot doctor --marks`: which marks a picture still carries once Slack hands it out.

A tiny marked picture of each kind goes the way that results go (uploaded into no channel), is
fetched again as a person's browser would, and deleted. Nobody is shown it; nothing is spent.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from datetime import UTC, datetime
from typing import Final

from bot.cli.findings import Finding, Verdict
from bot.errors import Cause, ImagineError
from bot.images.catalogue import Model
from bot.images.marks import Mark, list_marks, read_marks, write_xmp
from bot.slack.kit.files import FileFetcher, FileUploader
from bot.slack.kit.pictures import SlackPicture, convert_picture

# Slack looks through a file before it hands it out.
MARKS_SECONDS: Final = 60.0
_SIDE: Final = 32
_ABOUT: Final = "Marks in files"


async def check_marks(uploader: FileUploader, fetcher: FileFetcher) -> list[Finding]:
    """What becomes of the marks of a JPEG and of a PNG file. Never raises for Slack's sake."""
    mark = Mark(datetime.now(UTC), Model.FLUX2_FLEX, "doctor", "doctor")
    findings: list[Finding] = []
    for is_opaque in (True, False):
        sent = convert_picture(_draw(is_opaque=is_opaque), xmp=write_xmp(mark))
        try:
            async with asyncio.timeout(MARKS_SECONDS):
                findings += await _check_one(uploader, fetcher, sent, mark)
        except (ImagineError, TimeoutError) as error:
            return [*findings, Finding(Verdict.NOTE, _ABOUT, read_error(error))]
    return findings


async def _check_one(
    uploader: FileUploader, fetcher: FileFetcher, sent: SlackPicture, mark: Mark
) -> list[Finding]:
    name = f"imagine-doctor.{sent.extension}"
    file_id = await uploader.upload(name, sent.content, sent.extension)
    findings: list[Finding] = []
    try:
        got = await fetcher.fetch(await fetcher.find_file(file_id, name))
        findings.append(compare(sent, got, mark))
    finally:
        try:
            await uploader.delete(file_id)
        except ImagineError:
            text = f"Slack did not delete the picture of this check: file {file_id}, {name}."
            findings.append(Finding(Verdict.NOTE, _ABOUT, text))
    return findings


def compare(sent: SlackPicture, got: bytes, mark: Mark) -> Finding:
    """What is left of the marks of what was `sent`, in what Slack hands out. Pure."""
    about = f"{_ABOUT} ({sent.extension})"
    if got == sent.content:
        count = len(list_marks(mark))
        text = f"Slack hands the file out as it was uploaded, with all {count} of them."
        return Finding(Verdict.OK, about, text)
    found, wanted = read_marks(got), list_marks(mark)
    kept = [name for name, value in wanted.items() if found.get(name) == value]
    lost = [name for name in wanted if name not in kept]
    if not lost:
        return Finding(Verdict.OK, about, "Slack changes the file, and keeps all of them.")
    text = f"Slack changes the file. Lost: {', '.join(lost)}. Kept: {', '.join(kept) or 'none'}."
    hint = " Who needs them takes the files from Download in a result's menu."
    return Finding(Verdict.NOTE, about, text + hint)


def read_error(error: ImagineError | TimeoutError) -> str:
    """Why it could not be found out, and what to do. Pure."""
    if isinstance(error, TimeoutError):
        return "not checked: Slack took too long. Try again in a minute."
    if error.cause is Cause.MISSING_SCOPE:
        return "not checked: this needs the scopes files:write and files:read."
    return f"not checked ({error.cause}). See the findings about Slack above."


def _draw(*, is_opaque: bool) -> bytes:
    """A square of one colour, as PNG (https://www.w3.org/TR/png-3/#11Chunks)."""
    pixel = b"\x0b\x7a\x75" if is_opaque else b"\x0b\x7a\x75\x80"
    rows = (b"\x00" + pixel * _SIDE) * _SIDE
    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2 if is_opaque else 6, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
