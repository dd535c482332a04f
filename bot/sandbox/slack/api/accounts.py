"""Who is who: `auth.test`, `users.*`, `apps.connections.open`, and a thread's live status."""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, SlackError, method
from bot.sandbox.slack.api.paging import take_page
from bot.sandbox.slack.records import Json, Status
from bot.sandbox.slack.shapes import show_user
from bot.sandbox.slack.workspace import STATUS_SECONDS


def test_auth(call: Call) -> Json:
    """`auth.test`."""
    workspace = call.workspace
    return {
        "ok": True,
        "url": f"{workspace.base_url}/",
        "team": workspace.team_name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
    }


def test_api(call: Call) -> Json:
    """`api.test`: gives back what it was given."""
    if call.find_text("error"):
        raise SlackError(call.take_text("error"))
    return {"ok": True, "args": call.arguments}


def open_connection(call: Call) -> Json:
    """`apps.connections.open`: the address of a websocket, good for one connection."""
    workspace = call.workspace
    address = workspace.base_url.replace("http", "ws", 1)
    ticket = workspace.sockets.new_ticket()
    return {"ok": True, "url": f"{address}/socket?ticket={ticket}&app_id={workspace.app_id}"}


def get_user(call: Call) -> Json:
    """`users.info`."""
    user = call.workspace.users.get(call.take_text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"ok": True, "user": show_user(call.workspace, user)}


def list_users(call: Call) -> Json:
    """`users.list`."""
    users = list(call.workspace.users.values())
    answer = take_page(call, users, "members", lambda user: show_user(call.workspace, user))
    del answer["has_more"]
    return answer


def set_thread_status(call: Call) -> Json:
    """`assistant.threads.setStatus`: for two minutes or until the next message; "" ends it."""
    channel = call.find_channel("channel_id")
    call.need_member(channel)
    thread_ts = call.take_text("thread_ts")
    if call.workspace.find_message(channel.id, thread_ts) is None:
        raise SlackError("thread_not_found")
    text = call.find_text("status")
    place = (channel.id, thread_ts)
    if text is None:
        call.workspace.statuses.pop(place, None)
    else:
        until = call.workspace.clock() + STATUS_SECONDS
        call.workspace.statuses[place] = Status(text, until)
    call.workspace.announce("status", channel.id)
    return {"ok": True}


METHODS: dict[str, Method] = {
    "api.test": method(test_api, "error foo", caller="any"),
    "auth.test": method(test_auth),
    "apps.connections.open": method(open_connection, caller="app"),
    "users.info": method(get_user, "user include_locale", scope="users:read"),
    "users.list": method(list_users, "cursor limit include_locale team_id", scope="users:read"),
    "assistant.threads.setStatus": method(
        set_thread_status,
        "channel_id thread_ts status loading_messages",
        scope="chat:write",
    ),
}
