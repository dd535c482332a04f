"""What Slack tells the bot: slash commands, interactions and events, as JSON.

Keys follow the samples of slackapi/java-slack-sdk. `announce_message`, `message_changed` and
`message_deleted` send the `message` events that any doing in a conversation causes.
"""

from __future__ import annotations

from bot.sandbox.slack.records import Channel, Json, Message, User, View
from bot.sandbox.slack.shapes import make_rich_text, show_message, show_view
from bot.sandbox.slack.workspace import Workspace

CHANNEL_EVENTS = {"public": "message.channels", "private": "message.groups", "im": "message.im"}
CHANNEL_TYPES = {"public": "channel", "private": "group", "im": "im"}


def name_channel(channel: Channel) -> str:
    """The name in payloads, where private channels and DMs have none of their own."""
    names = {"private": "privategroup", "im": "directmessage"}
    return names.get(channel.kind, channel.name)


def make_command(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str
) -> dict[str, str]:
    """The form of a slash command. It has no `thread_ts`: commands do not work in threads."""
    return {
        "token": "deprecated",
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": channel.id,
        "channel_name": name_channel(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": workspace.grant_response_url(channel.id, user.id),
        "trigger_id": workspace.grant_trigger(user.id, channel_id=channel.id),
    }


def make_interaction(workspace: Workspace, kind: str, user: User) -> Json:
    """What every interaction says."""
    return {
        "type": kind,
        "team": {"id": workspace.team_id, "domain": workspace.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": "deprecated",
    }


def _show_sender(workspace: Workspace, user: User) -> Json:
    """`team` of a modal that was sent or closed: of whoever did it, and not of the app
    (bolt-js#1614); `view.app_installed_team_id` says the app's."""
    if not workspace.is_outside(user):
        return {}
    return {"team": {"id": user.team_id, "domain": user.team_name.lower().replace(" ", "-")}}


def make_message_actions(
    workspace: Workspace, user: User, message: Message, action: Json, state: Json
) -> Json:
    """`block_actions` from a message; an ephemeral one is not shown in it, as in Slack."""
    channel = workspace.channels[message.channel]
    is_ephemeral = message.ephemeral_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = make_interaction(workspace, "block_actions", user) | {
        "container": container,
        "trigger_id": workspace.grant_trigger(user.id, channel_id=channel.id),
        "channel": {"id": channel.id, "name": name_channel(channel)},
        "state": state,
        "response_url": workspace.grant_response_url(
            channel.id, user.id, path="actions", message_ts=message.ts, may_thread=True
        ),
        "actions": [action],
    }
    return payload | ({} if is_ephemeral else {"message": show_message(workspace, message)})


def make_view_actions(workspace: Workspace, user: User, view: View, action: Json) -> Json:
    """`block_actions` from a modal or the Home tab."""
    return make_interaction(workspace, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.grant_trigger(user.id, view.id if view.type == "modal" else None),
        "view": show_view(workspace, view),
        "actions": [action],
    }


def make_suggestion(
    workspace: Workspace, user: User, view: View, block_id: str, action_id: str, query: str
) -> Json:
    """`block_suggestion`: the letters typed into an external select."""
    return make_interaction(workspace, "block_suggestion", user) | {
        "container": {"type": "view", "view_id": view.id},
        "view": show_view(workspace, view),
        "block_id": block_id,
        "action_id": action_id,
        "value": query,
    }


def make_submission(workspace: Workspace, user: User, view: View) -> Json:
    """`view_submission`; with response_urls for selects that have `response_url_enabled`."""
    urls = []
    for block in view.body["blocks"]:
        element = block.get("element") or {}
        if not element.get("response_url_enabled"):
            continue
        held = view.state["values"].get(block["block_id"], {}).get(element["action_id"], {})
        channel_id = held.get("selected_conversation") or held.get("selected_channel")
        if channel_id:
            urls.append(
                {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel_id,
                    "response_url": workspace.grant_response_url(channel_id, user.id, path="app"),
                }
            )
    return make_interaction(workspace, "view_submission", user) | {
        **_show_sender(workspace, user),
        "trigger_id": workspace.grant_trigger(user.id, view.id),
        "view": show_view(workspace, view),
        "response_urls": urls,
    }


def make_closing(workspace: Workspace, user: User, view: View, *, is_cleared: bool) -> Json:
    """`view_closed`."""
    return make_interaction(workspace, "view_closed", user) | {
        **_show_sender(workspace, user),
        "view": show_view(workspace, view),
        "is_cleared": is_cleared,
    }


def _make_shortcut(workspace: Workspace, kind: str, user: User, name: str) -> Json:
    """Both kinds of shortcut say less than other interactions."""
    payload = make_interaction(workspace, kind, user)
    del payload["api_app_id"]
    return payload | {"user": {"id": user.id, name: user.name, "team_id": user.team_id}}


def make_shortcut(workspace: Workspace, user: User, callback_id: str) -> Json:
    """A global shortcut: it knows no channel."""
    return _make_shortcut(workspace, "shortcut", user, "username") | {
        "callback_id": callback_id,
        "trigger_id": workspace.grant_trigger(user.id),
        "action_ts": workspace.next_ts(),
    }


def make_message_shortcut(
    workspace: Workspace, user: User, callback_id: str, message: Message
) -> Json:
    """A message shortcut; its response_url cannot post into the message's thread."""
    channel = workspace.channels[message.channel]
    return _make_shortcut(workspace, "message_action", user, "name") | {
        "callback_id": callback_id,
        "trigger_id": workspace.grant_trigger(user.id, channel_id=channel.id),
        "action_ts": workspace.next_ts(),
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": name_channel(channel)},
        "message": show_message(workspace, message, with_metadata=False),
        "response_url": workspace.grant_response_url(channel.id, user.id, path="app"),
    }


def make_event(workspace: Workspace, event: Json) -> Json:
    """The envelope around an event. `event_id` is new; a retry sends the same envelope again."""
    event_id = workspace.new_id("Ev")
    shared_with = find_partner(workspace, event)
    return {
        "token": "deprecated",
        # In a shared channel the outer one may be the other side's (java-slack-sdk#629).
        "team_id": shared_with or workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared_with is not None,
        "event_context": f"4-{event_id}",
    }


def find_partner(workspace: Workspace, event: Json) -> str | None:
    """The other company's workspace, for an event in a channel that is shared with it."""
    channel = workspace.channels.get(str(event.get("channel")))
    return channel.shared_with if channel else None


# -- events of messages ------------------------------------------------------------------------


def announce_message(workspace: Workspace, message: Message) -> None:
    """Send `message` and, where the bot is mentioned by a person, `app_mention` with the same ts.

    The bot hears only conversations that it is in, its own messages included (with `bot_id`).
    """
    channel = workspace.channels[message.channel]
    if workspace.bot.id not in channel.members or message.ephemeral_to is not None:
        return
    event = show_message(workspace, message, with_metadata=message.bot_id is not None)
    for name in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
        event.pop(name, None)
    event |= {"channel": channel.id, "event_ts": message.ts}
    if message.bot_id is None:
        event["client_msg_id"] = f"client-{message.ts}"
        event.setdefault("blocks", make_rich_text(message.text))
    if message.file_ids and message.subtype is None:
        event["subtype"] = "file_share"
    is_mention = message.bot_id is None and f"<@{workspace.bot.id}>" in message.text
    if is_mention and channel.kind != "im":
        mention = {k: v for k, v in event.items() if k != "subtype"} | {"type": "app_mention"}
        mention |= _show_speaker(workspace, channel, workspace.users[message.user])
        workspace.send_event(mention, "app_mention")
    kind = CHANNEL_EVENTS[channel.kind]
    workspace.send_event(event | {"channel_type": CHANNEL_TYPES[channel.kind]}, kind)


def _send_hidden(workspace: Workspace, message: Message, event: Json) -> None:
    channel = workspace.channels[message.channel]
    if workspace.bot.id not in channel.members or message.ephemeral_to is not None:
        return
    ts = workspace.next_ts()
    whole = {
        "type": "message",
        "channel": channel.id,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "channel_type": CHANNEL_TYPES[channel.kind],
    }
    workspace.send_event(whole | event, CHANNEL_EVENTS[channel.kind])


def _show_speaker(workspace: Workspace, channel: Channel, user: User) -> Json:
    """Whose person mentions the bot in a shared channel: `team` is the channel's there, and
    `user_team` theirs (bolt-python, tests/slack_bolt/request/test_internals.py)."""
    if channel.shared_with is None:
        return {}
    profile = {"name": user.name, "real_name": user.real_name, "team": user.team_id}
    return {
        "team": channel.shared_with,
        "user_team": user.team_id,
        "source_team": user.team_id,
        "user_profile": profile,
    }


def message_changed(workspace: Workspace, message: Message, previous: Json) -> None:
    """Send the events of an edit: a mention that is in it comes as one, too (slack-go#1256)."""
    shown = show_message(workspace, message)
    channel = workspace.channels[message.channel]
    is_mention = message.bot_id is None and f"<@{workspace.bot.id}>" in message.text
    is_heard = workspace.bot.id in channel.members and message.ephemeral_to is None
    if is_mention and is_heard and channel.kind != "im":
        mention = shown | {"type": "app_mention", "channel": channel.id}
        mention |= {"event_ts": workspace.next_ts()}
        for name in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
            mention.pop(name, None)
        for name in ("is_locked", "subscribed", "subtype", "metadata", "reactions"):
            mention.pop(name, None)
        mention |= _show_speaker(workspace, channel, workspace.users[message.user])
        workspace.send_event(mention, "app_mention")
    event = {"subtype": "message_changed", "message": shown, "previous_message": previous}
    _send_hidden(workspace, message, event)


def message_deleted(workspace: Workspace, message: Message, previous: Json) -> None:
    """Send the event of a deletion."""
    event = {
        "subtype": "message_deleted",
        "deleted_ts": message.ts,
        "previous_message": previous,
    }
    _send_hidden(workspace, message, event)
