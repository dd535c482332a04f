"""How Slack shows its records to an app: the JSON of users, channels, messages, files and views.

Keys follow the samples of slackapi/java-slack-sdk; keys that say nothing here are left out.
"""

from __future__ import annotations

import re

from bot.sandbox.slack.file_types import name_filetype
from bot.sandbox.slack.records import Channel, File, Json, Message, User, View
from bot.sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(<@[A-Z0-9]+>)")


def show_user(workspace: Workspace, user: User) -> Json:
    """A user as in `users.info`."""
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": False,
        "color": user.colour.removeprefix("#"),
        "real_name": user.real_name,
        "tz": "Europe/London",
        "tz_label": "Greenwich Mean Time",
        "tz_offset": 0,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "team": user.team_id,
            **({"bot_id": user.bot_id, "api_app_id": workspace.app_id} if user.is_bot else {}),
        },
        "is_admin": user.is_admin,
        "is_owner": user.is_admin,
        "is_primary_owner": False,
        "is_restricted": user.is_guest,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def show_channel(workspace: Workspace, channel: Channel, *, with_count: bool = False) -> Json:
    """A conversation as in `conversations.info`."""
    shown: Json = {
        "id": channel.id,
        "created": int(channel.created),
        "is_archived": channel.is_archived,
        "is_im": channel.kind == "im",
        "is_org_shared": False,
    }
    if channel.kind == "im":
        return shown | {"user": channel.with_user}
    shown |= {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_general": channel.name == "general",
        "is_shared": channel.shared_with is not None,
        "is_ext_shared": channel.shared_with is not None,
        "is_member": workspace.bot.id in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }
    return shown | ({"num_members": len(channel.members)} if with_count else {})


def show_bot_profile(workspace: Workspace) -> Json:
    """The bot's profile as its messages carry it."""
    return {
        "id": workspace.bot.bot_id,
        "deleted": False,
        "name": workspace.bot.name,
        "updated": 0,
        "app_id": workspace.app_id,
        "icons": {},
        "team_id": workspace.team_id,
    }


def show_message(workspace: Workspace, message: Message, *, with_metadata: bool = True) -> Json:
    """A message as in `conversations.replies`, in payloads and in the answers of `chat.*`."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.users[message.user].team_id,
    }
    if message.subtype is not None:
        shown["subtype"] = message.subtype
    if message.bot_id is not None:
        shown |= {
            "bot_id": message.bot_id,
            "app_id": workspace.app_id,
            "bot_profile": show_bot_profile(workspace),
        }
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.file_ids:
        shown |= {
            "files": [show_shared_file(workspace, workspace.files[i]) for i in message.file_ids],
            "upload": False,
            "display_as_bot": False,
        }
    if message.attachments:
        shown["attachments"] = message.attachments
    if message.edited is not None:
        shown["edited"] = {"user": message.user, "ts": f"{message.edited:.6f}"}
    if with_metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ]
    return shown | _show_thread(workspace, message)


def make_rich_text(text: str) -> list[Json]:
    """The rich text that the client sends beside a typed text, mentions taken out."""
    parts: list[Json] = []
    for piece in _MENTION.split(text):
        if _MENTION.fullmatch(piece):
            parts.append({"type": "user", "user_id": piece[2:-1]})
        elif piece:
            plain = piece.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            parts.append({"type": "text", "text": plain})
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def forward_message(workspace: Workspace, message: Message) -> Json:
    """`message` as Slack attaches it to the one that forwards it: its words as text and as blocks,
    and its files."""
    original = show_message(workspace, message, with_metadata=False)
    blocks = message.blocks or make_rich_text(message.text)
    link = f"{workspace.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return {
        "id": 1,
        "is_share": True,
        "is_msg_unfurl": True,
        "ts": message.ts,
        "channel_id": message.channel,
        "channel_team": workspace.team_id,
        "author_id": message.user,
        "author_name": workspace.users[message.user].real_name,
        "text": message.text,
        "fallback": f"[{message.ts}] {message.text}",
        "from_url": link,
        "files": original.get("files", []),
        "mrkdwn_in": ["text"],
        "message_blocks": [
            {
                "team": workspace.team_id,
                "channel": message.channel,
                "ts": message.ts,
                "message": {"blocks": blocks},
            }
        ],
    }


def _show_thread(workspace: Workspace, message: Message) -> Json:
    if message.thread_ts is None:
        return {}
    if message.is_reply:
        parent = workspace.find_message(message.channel, message.thread_ts)
        parent_user = {"parent_user_id": parent.user} if parent is not None else {}
        shown: Json = {"thread_ts": message.thread_ts} | parent_user
        if parent is not None and message.subtype == "thread_broadcast":
            shown["root"] = show_message(workspace, parent)  # as in the event's example
        return shown
    replies = workspace.replies(message.channel, message.ts)
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": message.reply_count,
        "reply_users_count": len(users),
        "reply_users": users[:5],
        "latest_reply": replies[-1].ts if replies else message.ts,
        "is_locked": False,
        "subscribed": True,
    }


def show_file(workspace: Workspace, file: File) -> Json:
    """A file as in `files.info`; `mimetype` stays "" until Slack has processed it."""
    is_ready = workspace.is_file_ready(file)
    shown: Json = {
        "id": file.id,
        "created": int(file.created),
        "timestamp": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype if is_ready else "",
        "filetype": name_filetype(file.mimetype) if is_ready else "",
        "pretty_type": name_filetype(file.mimetype).upper() if is_ready else "",
        "user": file.user,
        "user_team": workspace.team_id,
        "editable": False,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": bool(file.shares),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": file.url_private,
        "url_private_download": file.url_private_download,
        "permalink": file.permalink,
        "comments_count": 0,
        "is_starred": False,
        "shares": _show_shares(workspace, file),
        "has_rich_preview": False,
        "file_access": "visible",
    }
    shown |= {"channels": [], "groups": [], "ims": []}
    for channel_id in file.shares:
        kind = {"public": "channels", "private": "groups", "im": "ims"}
        shown[kind[workspace.channels[channel_id].kind]].append(channel_id)
    if is_ready and file.width:
        shown |= {"original_w": file.width, "original_h": file.height}
    return shown


def _show_shares(workspace: Workspace, file: File) -> Json:
    shares: Json = {}
    for channel_id, stamps in file.shares.items():
        channel = workspace.channels[channel_id]
        group = "public" if channel.kind == "public" else "private"
        shares.setdefault(group, {})[channel_id] = [
            {"ts": ts, "channel_name": channel.name, "team_id": workspace.team_id} for ts in stamps
        ]
    return shares


def show_shared_file(workspace: Workspace, file: File) -> Json:
    """A file inside a message or a form: only its id when it comes over Slack Connect."""
    if file.is_connect:
        return {"id": file.id, "mode": "file_access", "file_access": "check_file_info"}
    if file.is_deleted:
        return {"id": file.id, "mode": "tombstone"}
    places = ("channels", "groups", "ims", "shares")  # only `files.info` tells where it is
    return {key: value for key, value in show_file(workspace, file).items() if key not in places}


def show_view(workspace: Workspace, view: View) -> Json:
    """A view as in the answers of `views.*` and in payloads."""
    body = view.body
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": view.type,
        "blocks": body.get("blocks") or [],
        "private_metadata": body.get("private_metadata") or "",
        "callback_id": view.callback_id,
        "state": view.state,
        "hash": view.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(body.get("clear_on_close")),
        "notify_on_close": bool(body.get("notify_on_close")),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": workspace.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot.bot_id,
    }
