"""`conversations.*`: looking into channels and opening DMs."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.slack.api.call import Call, Method, SlackError, method, refuse_arguments
from bot.sandbox.slack.api.paging import take_page
from bot.sandbox.slack.records import Json, Message
from bot.sandbox.slack.shapes import show_channel, show_message

READ_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read"}


def get_info(call: Call) -> Json:
    """`conversations.info`."""
    channel = call.find_channel()
    call.need_scope(READ_SCOPES[channel.kind])
    with_count = call.find_flag("include_num_members")
    return {"ok": True, "channel": show_channel(call.workspace, channel, with_count=with_count)}


def open_conversation(call: Call) -> Json:
    """`conversations.open`: the DM with one person; group DMs do not exist here."""
    users = call.take_text("users").split(",")
    if len(users) != 1:
        raise refuse_arguments("group conversations are not supported by the sandbox")
    user = call.workspace.users.get(users[0])
    if user is None or user.is_bot:
        raise SlackError("user_not_found" if user is None else "cannot_dm_bot")
    known = {channel.id for channel in call.workspace.channels.values()}
    channel = call.workspace.open_dm(user.id)
    shown: Json = {"id": channel.id}
    if call.find_flag("return_im"):
        shown = show_channel(call.workspace, channel)
    is_known = channel.id in known
    return {"ok": True, "no_op": is_known, "already_open": is_known, "channel": shown}


def _within(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = call.find_text("oldest"), call.find_text("latest")
    is_inclusive = call.find_flag("inclusive")
    kept = messages
    if oldest is not None:
        kept = [m for m in kept if m.ts > oldest or (is_inclusive and m.ts == oldest)]
    if latest is not None:
        kept = [m for m in kept if m.ts < latest or (is_inclusive and m.ts == latest)]
    return [m for m in kept if m.ephemeral_to is None]


def _shower(call: Call) -> Callable[[Message], Json]:
    with_metadata = call.find_flag("include_all_metadata")
    return lambda m: show_message(call.workspace, m, with_metadata=with_metadata)


def get_replies(call: Call) -> Json:
    """`conversations.replies`: a thread, its parent first."""
    channel = call.find_channel()
    call.need_history(channel)
    call.need_member(channel)
    ts = call.take_text("ts")
    if call.workspace.find_message(channel.id, ts) is None:
        raise SlackError("thread_not_found")
    thread = call.workspace.thread(channel.id, ts, viewer=call.workspace.bot.id)
    return take_page(call, _within(call, thread), "messages", _shower(call))


def get_history(call: Call) -> Json:
    """`conversations.history`: a channel without its threads, the newest first."""
    channel = call.find_channel()
    call.need_history(channel)
    call.need_member(channel)
    messages = call.workspace.history(channel.id, viewer=call.workspace.bot.id)
    return take_page(call, _within(call, messages)[::-1], "messages", _shower(call))


def get_members(call: Call) -> Json:
    """`conversations.members`: ids."""
    channel = call.find_channel()
    call.need_scope(READ_SCOPES[channel.kind])
    answer = take_page(call, sorted(channel.members), "members", str)
    del answer["has_more"]
    return answer


READING = "channel cursor limit oldest latest inclusive include_all_metadata"
METHODS: dict[str, Method] = {
    "conversations.info": method(get_info, "channel include_locale include_num_members"),
    "conversations.open": method(
        open_conversation, "users return_im prevent_creation", scope="im:write"
    ),
    "conversations.replies": method(get_replies, READING + " ts"),
    "conversations.history": method(get_history, READING),
    "conversations.members": method(get_members, "channel cursor limit"),
}
