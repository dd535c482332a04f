"""`files.*`: the three steps of an upload, looking a file up, deleting it."""

from __future__ import annotations

import math

from bot.sandbox.slack.api.call import (
    Call,
    Method,
    SlackError,
    accept_blocks,
    method,
    refuse_arguments,
)
from bot.sandbox.slack.payloads import announce_message
from bot.sandbox.slack.records import Channel, File, Json
from bot.sandbox.slack.shapes import show_file

MOST_BYTES = 1_000_000_000


def get_upload_url(call: Call) -> Json:
    """`files.getUploadURLExternal`: a URL that takes exactly `length` bytes once."""
    name = call.take_text("filename")
    call.take_text("length")
    length = call.find_number("length", 0)
    if not 0 < length <= MOST_BYTES:
        raise refuse_arguments("must be between 1 and 1000000000 [json-pointer:/length]")
    workspace = call.workspace
    _refuse_upload(call)
    file = workspace.start_file(workspace.bot.id, name)
    workspace.uploads[file.id] = file
    workspace.upload_lengths[file.id] = length
    if call.find_text("alt_txt") is not None:
        workspace.unshareable.add(file.id)
    return {
        "ok": True,
        "upload_url": f"{workspace.base_url}/upload/v1/{file.id}",
        "file_id": file.id,
    }


def complete_upload(call: Call) -> Json:
    """`files.completeUploadExternal`: the files are there, but Slack still has to process them."""
    workspace = call.workspace
    _refuse_upload(call)
    wanted = call.find_json("files")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= 10:
        raise refuse_arguments("missing required field: files")
    channels = _find_channels(call)
    thread_ts = call.find_text("thread_ts")
    for channel in channels:
        if thread_ts and workspace.find_message(channel.id, thread_ts) is None:
            raise SlackError("thread_not_found")
    pairs = [_find_uploaded(call, item) for item in wanted]
    for file, title in pairs:
        workspace.uploads.pop(file.id, None)
        workspace.files[file.id] = file
        file.title = title or file.name
        is_lost = workspace.faults.lose_next_file
        workspace.faults.lose_next_file = False
        file.is_ready_at = math.inf if is_lost else workspace.clock() + workspace.file_ready_seconds
    workspace.announce("file")
    _share(call, [file for file, _ in pairs], channels)
    return {"ok": True, "files": [show_file(workspace, file) for file, _ in pairs]}


def _refuse_upload(call: Call) -> None:
    """What an admin's settings, or the workspace's storage, do not take."""
    if code := call.workspace.faults.refused.get("upload"):
        raise SlackError(code)


def _find_channels(call: Call) -> list[Channel]:
    ids = [call.find_text("channel_id"), *(call.find_text("channels") or "").split(",")]
    channels = []
    for channel_id in ids:
        if not channel_id:
            continue
        inner = Call(call.workspace, call.method, {"channel": channel_id})
        channel = inner.find_channel(may_be_person=True)
        inner.need_member(channel)
        channels.append(channel)
    return channels


def _find_uploaded(call: Call, item: object) -> tuple[File, str | None]:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        raise refuse_arguments("missing required field: id [json-pointer:/files/0]")
    file = call.workspace.uploads.get(item["id"])
    if file is None or not file.content:
        raise SlackError("file_not_found")
    if len(str(item.get("highlight_type") or "")) > 10:
        raise refuse_arguments("must be less than 11 characters [json-pointer:/highlight_type]")
    title = item.get("title")
    return file, title if isinstance(title, str) else None


def _share(call: Call, files: list[File], channels: list[Channel]) -> None:
    workspace = call.workspace
    shared = [file.id for file in files if file.id not in workspace.unshareable]
    blocks = call.find_json("blocks", "invalid_blocks_format")
    thread_ts = call.find_text("thread_ts")
    for channel in channels:
        if not shared:
            return
        parent = workspace.find_message(channel.id, thread_ts)
        message = workspace.post_message(
            channel.id,
            workspace.bot.id,
            call.find_text("initial_comment") or "",
            blocks=accept_blocks(workspace, blocks) if blocks else None,
            thread_ts=parent.ts if parent else None,
            file_ids=shared,
        )
        announce_message(workspace, message)


def _find_file(call: Call) -> File:
    file = call.workspace.files.get(call.take_text("file"))
    if file is None:
        raise SlackError("file_not_found")
    if file.is_deleted:
        raise SlackError("file_deleted")
    return file


def get_info(call: Call) -> Json:
    """`files.info`."""
    file = _find_file(call)
    shown = show_file(call.workspace, file)
    return {
        "ok": True,
        "file": shown,
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def delete_file(call: Call) -> Json:
    """`files.delete`: the bot's own files only."""
    file = _find_file(call)
    if file.user != call.workspace.bot.id:
        raise SlackError("cant_delete_file")
    call.workspace.delete_file(file)
    return {"ok": True}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": method(
        get_upload_url, "filename length alt_txt snippet_type", scope="files:write"
    ),
    "files.completeUploadExternal": method(
        complete_upload,
        "files channel_id channels thread_ts initial_comment blocks",
        scope="files:write",
    ),
    "files.info": method(get_info, "file count page limit cursor", scope="files:read"),
    "files.delete": method(delete_file, "file", scope="files:write"),
}
