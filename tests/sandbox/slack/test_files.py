"""Uploads in three steps, the wait until Slack has processed them, downloads, deletion."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest

from bot.sandbox.slack.file_types import read_picture_size, sniff_mimetype
from bot.sandbox.slack.workspace import Workspace
from tests.support.slack_stand_in import Clock, Slack


def make_png(width: int = 3, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\x00" + b"\x10\x20\x30" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


PNG = make_png()
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\x03\x00\xff\x02\x00"


async def start_upload(slack: Slack, content: bytes, name: str = "cat.png") -> dict[str, Any]:
    answer = await slack.call("files.getUploadURLExternal", filename=name, length=len(content))
    async with slack.http.post(answer["upload_url"], data=content) as response:
        assert response.status == 200
    return answer


async def upload(slack: Slack, content: bytes = PNG, name: str = "cat.png") -> str:
    file_id: str = (await start_upload(slack, content, name))["file_id"]
    files = [{"id": file_id, "title": "A cat"}]
    answer = await slack.call("files.completeUploadExternal", files=files)
    assert answer["ok"], answer
    return file_id


def show(file_id: str) -> list[dict[str, Any]]:
    return [{"type": "image", "alt_text": "a cat", "slack_file": {"id": file_id}}]


async def test_a_file_is_shown_only_after_slack_has_processed_it(
    slack: Slack, clock: Clock
) -> None:
    file_id = await upload(slack)
    blocks = show(file_id)
    early = await slack.call("chat.postMessage", channel="C0DESIGN", blocks=blocks)
    assert early["error"] == "invalid_blocks"
    assert early["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    before = (await slack.client.files_info(file=file_id))["file"]
    assert (before["mimetype"], "original_w" in before) == ("", False)

    clock.now += 0.3
    after = (await slack.client.files_info(file=file_id))["file"]
    assert (after["mimetype"], after["original_w"], after["original_h"]) == ("image/png", 3, 2)
    assert (after["title"], after["name"], after["size"]) == ("A cat", "cat.png", len(PNG))
    late = await slack.call("chat.postMessage", channel="C0DESIGN", blocks=blocks)
    assert late["ok"]


async def test_the_sdks_upload_in_one_call_works(slack: Slack, clock: Clock) -> None:
    answer = await slack.client.files_upload_v2(
        channel="C0DESIGN", filename="cat.png", content=PNG, initial_comment="look"
    )
    message = slack.workspace.history("C0DESIGN", viewer="U0ADA")[0]
    assert (message.text, message.file_ids) == ("look", [answer["file"]["id"]])


async def test_a_url_of_the_file_is_as_good_as_its_id(slack: Slack, clock: Clock) -> None:
    file = slack.workspace.files[await upload(slack)]
    clock.now += 1
    for url in (file.url_private, file.permalink):
        blocks = [{"type": "image", "alt_text": "a", "slack_file": {"url": url}}]
        assert (await slack.call("chat.postMessage", channel="C0DESIGN", blocks=blocks))["ok"]


async def test_webp_and_lost_and_deleted_files_are_refused_in_blocks(
    slack: Slack, clock: Clock
) -> None:
    webp = await upload(slack, WEBP, "cat.webp")
    slack.workspace.faults.lose_next_file = True
    lost = await upload(slack)
    deleted = await upload(slack)
    clock.now += 60
    await slack.client.files_delete(file=deleted)
    assert (await slack.call("files.info", file=deleted))["error"] == "file_deleted"
    for file_id in (webp, lost, deleted, "F0NONE"):
        answer = await slack.call("chat.postMessage", channel="C0DESIGN", blocks=show(file_id))
        assert answer["error"] == "invalid_blocks"


async def test_an_update_that_swaps_a_file_breaks_its_picture(slack: Slack, clock: Clock) -> None:
    first, second = await upload(slack), await upload(slack)
    clock.now += 1
    posted = await slack.call("chat.postMessage", channel="C0DESIGN", blocks=show(first))
    message = slack.workspace.find_message("C0DESIGN", posted["ts"])
    assert message is not None
    same = {"channel": "C0DESIGN", "ts": posted["ts"]}
    await slack.call("chat.update", **same, text="same", blocks=show(first))
    assert message.broken_files == []
    await slack.call("chat.update", **same, text="swapped", blocks=show(second))
    assert message.broken_files == [second]
    await slack.call("chat.update", **same, text="again", blocks=show(second))
    assert message.broken_files == [second]


UPLOADS: list[tuple[dict[str, Any], str]] = [
    ({"length": 3}, "invalid_arguments"),
    ({"filename": "a.png"}, "invalid_arguments"),
    ({"filename": "a.png", "length": 0}, "invalid_arguments"),
    ({"filename": "a.png", "length": "many"}, "invalid_arguments"),
]


@pytest.mark.parametrize(("arguments", "error"), UPLOADS)
async def test_an_upload_url_needs_name_and_length(
    slack: Slack, arguments: dict[str, Any], error: str
) -> None:
    assert (await slack.call("files.getUploadURLExternal", **arguments))["error"] == error


async def test_the_bytes_must_have_the_length_that_was_told(slack: Slack) -> None:
    answer = await slack.call("files.getUploadURLExternal", filename="a.png", length=5)
    async with slack.http.post(answer["upload_url"], data=b"1234") as response:
        assert response.status == 400
    files = [{"id": answer["file_id"]}]
    refused = await slack.call("files.completeUploadExternal", files=files)
    assert refused["error"] == "file_not_found"
    async with slack.http.post(answer["upload_url"], data=b"12345") as response:
        assert response.status == 200
    assert (await slack.call("files.completeUploadExternal", files=files))["ok"]
    again = await slack.call("files.completeUploadExternal", files=files)
    assert again["error"] == "file_not_found"


async def test_bytes_may_come_as_a_form(slack: Slack) -> None:
    answer = await slack.call("files.getUploadURLExternal", filename="a.png", length=len(PNG))
    async with slack.http.post(answer["upload_url"], data={"file": io.BytesIO(PNG)}) as response:
        assert response.status == 200
    assert slack.workspace.uploads[answer["file_id"]].content == PNG


async def test_a_file_with_alt_txt_is_silently_not_shared(slack: Slack) -> None:
    answer = await slack.call(
        "files.getUploadURLExternal", filename="a.png", length=len(PNG), alt_txt="a cat"
    )
    async with slack.http.post(answer["upload_url"], data=PNG):
        pass
    files = [{"id": answer["file_id"]}]
    done = await slack.call("files.completeUploadExternal", files=files, channel_id="C0DESIGN")
    assert done["ok"]
    assert slack.workspace.history("C0DESIGN", viewer="U0ADA") == []


async def test_sharing_needs_a_channel_that_the_bot_is_in(slack: Slack) -> None:
    for channel, error in (("C0GENERAL", "not_in_channel"), ("G0LAUNCH", "channel_not_found")):
        started = await start_upload(slack, PNG)
        answer = await slack.call(
            "files.completeUploadExternal", files=[{"id": started["file_id"]}], channel_id=channel
        )
        assert answer["error"] == error


async def test_sharing_into_a_thread_needs_the_thread(slack: Slack) -> None:
    root = await slack.call("chat.postMessage", channel="C0DESIGN", text="root")
    for thread_ts, error in (("1.000001", "thread_not_found"), (root["ts"], None)):
        started = await start_upload(slack, PNG)
        answer = await slack.call(
            "files.completeUploadExternal",
            files=[{"id": started["file_id"]}],
            channel_id="C0DESIGN",
            thread_ts=thread_ts,
        )
        assert answer.get("error") == error
    thread = slack.workspace.thread("C0DESIGN", root["ts"], viewer="U0ADA")
    assert len(thread[1].file_ids) == 1


async def test_a_download_needs_the_token_or_gets_the_login_page(
    slack: Slack, workspace: Workspace
) -> None:
    file = workspace.add_file("U0ADA", "My Cat & Dog.png", PNG)
    right = {"Authorization": "Bearer xoxb-sandbox"}
    for url in (file.url_private, file.url_private_download):
        async with slack.http.get(url, headers=right) as response:
            assert (response.content_type, await response.read()) == ("image/png", PNG)
        for headers in ({}, {"Authorization": "Bearer nope"}):
            async with slack.http.get(url, headers=headers) as response:
                assert (response.status, response.content_type) == (200, "text/html")
    workspace.scopes.discard("files:read")
    async with slack.http.get(file.url_private, headers=right) as response:
        assert response.content_type == "text/html"


async def test_only_own_files_can_be_deleted(slack: Slack, workspace: Workspace) -> None:
    file = workspace.add_file("U0ADA", "a.png", PNG)
    assert (await slack.call("files.delete", file=file.id))["error"] == "cant_delete_file"
    assert (await slack.call("files.delete", file="F0NONE"))["error"] == "file_not_found"


KINDS = [
    (PNG, "a", "image/png", (3, 2)),
    (WEBP, "a.png", "image/webp", (1024, 768)),
    (b"GIF89a\x05\x00\x04\x00rest", "a", "image/gif", (5, 4)),
    (
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x07\x00\x09rest-of-it",
        "a",
        "image/jpeg",
        (9, 7),
    ),
    (b"\xff\xd8\xff\xe0", "a", "image/jpeg", (0, 0)),
    (b"<!DOCTYPE html>", "a.png", "text/plain", (0, 0)),
    (b"a,b\n1,2", "a.csv", "text/csv", (0, 0)),
    (b"\x00\xff\x00\xff" * 20, "a.png", "application/octet-stream", (0, 0)),
    (b"", "a.png", "text/plain", (0, 0)),
]


@pytest.mark.parametrize(("content", "name", "mimetype", "size"), KINDS)
def test_a_file_is_what_its_bytes_say(
    content: bytes, name: str, mimetype: str, size: tuple[int, int]
) -> None:
    assert sniff_mimetype(content, name) == mimetype
    assert read_picture_size(content) == size
