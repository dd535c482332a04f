"""`conversations.*`: looking into channels and opening DMs."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.slack.api.call import Call, Method, SlackError, method, refuse_arguments
from bot.sandbox.slack.api.paging import take_page
from bot.sandbox.slack.records import Channel, Json, Message
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


# https://docs.slack.dev/reference/methods/users.conversations
KINDS_OF_TYPES = {"public_channel": "public", "private_channel": "private", "im": "im"}


def list_of_user(call: Call) -> Json:
    """`users.conversations`: those that a person is in; of what is not public only what the bot is
    in, too. Each type needs its scope. `is_member` and `num_members` are left out."""
    workspace = call.workspace
    user_id = call.find_text("user") or workspace.bot.id
    if user_id not in workspace.users:
        raise SlackError("user_not_found")
    types = (call.find_text("types") or "public_channel").replace(" ", "").split(",")
    if unknown := [each for each in types if each not in (*KINDS_OF_TYPES, "mpim")]:
        raise SlackError("invalid_types", argument=unknown[0])
    kinds = [KINDS_OF_TYPES[each] for each in types if each in KINDS_OF_TYPES]
    for kind in kinds:
        call.need_scope(READ_SCOPES[kind])
    if "mpim" in types:
        call.need_scope("mpim:read")
    found = [
        channel
        for channel in workspace.channels.values()
        if channel.kind in kinds
        and user_id in channel.members
        and (channel.kind == "public" or workspace.bot.id in channel.members)
    ]

    def show(channel: Channel) -> Json:
        shown = show_channel(workspace, channel)
        return {name: value for name, value in shown.items() if name != "is_member"}

    answer = take_page(call, found, "channels", show)
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
    "users.conversations": method(list_of_user, "user types exclude_archived limit cursor team_id"),
    "conversations.members": method(get_members, "channel cursor limit"),
}
