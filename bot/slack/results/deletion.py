"""Taking a result away: who may, and what goes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Rejected
from bot.generations.record import Generation
from bot.slack.kit.admins import is_admin_of
from bot.slack.kit.calls import call_slack
from bot.slack.kit.links import shown_pictures
from bot.slack.kit.message import EDIT_TEXT_MAX, cut_text
from bot.slack.results.root_views import show_deleted_root


async def may_delete(client: AsyncWebClient, generation: Generation, user_id: str) -> bool:
    """The requester, and workspace admins and owners; asked of Slack at every click."""
    if user_id == generation.place.user_id:
        return True
    answer = await call_slack(client.users_info, user=user_id)
    return is_admin_of(generation.place.team_id, answer.get("user") or {})


async def delete_result(
    client: AsyncWebClient, generation: Generation, user_id: str, sheet: str | None = None
) -> None:
    """Delete the message, then its files; what is gone already is well. The root message says who
    did it. Of a part of a brief only the files go: its messages are about others, too; with them
    the file `sheet`, which shows them once more. Raises Transient or Misconfigured where Slack did
    not do it all: it may be repeated."""
    is_part = generation.brief_id is not None
    if generation.result_ts is not None and not is_part:
        channel_id = generation.result_channel_id or generation.place.channel_id
        await _unless_gone(client.chat_delete, channel=channel_id, ts=generation.result_ts)
    files = [picture.slack_file_id for picture in shown_pictures(generation)]
    for file_id in [*files, *([sheet] if sheet else [])]:
        await _unless_gone(client.files_delete, file=file_id)
    if generation.root_ts is not None and not is_part:
        deleted = dataclasses.replace(generation, deleted_at=datetime.now(UTC), deleted_by=user_id)
        root = show_deleted_root(deleted)
        await _unless_gone(
            client.chat_update,
            channel=generation.place.channel_id,
            ts=generation.root_ts,
            **dataclasses.replace(root, text=cut_text(root.text, EDIT_TEXT_MAX)).to_dict(),
        )


async def _unless_gone(method: object, **arguments: object) -> None:
    try:
        await call_slack(method, **arguments)  # type: ignore[arg-type]  # the SDK's methods vary
    except Rejected as error:
        if error.detail not in ("message_not_found", "file_not_found", "file_deleted"):
            raise
