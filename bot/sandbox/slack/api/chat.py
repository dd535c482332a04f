"""`chat.*`: posting, editing and deleting messages. https://docs.slack.dev/reference/methods"""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, SlackError, method, refuse_arguments
from bot.sandbox.slack.blocks import list_slack_files
from bot.sandbox.slack.payloads import announce_message, message_changed, message_deleted
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.shapes import show_message

MOST_TEXT = 40_000
MOST_UPDATE_TEXT = 4_000


def _find_writable(call: Call) -> Channel:
    channel = call.find_channel(may_be_person=True)
    if channel.is_archived:
        raise SlackError("is_archived")
    is_open = channel.kind == "public" and "chat:write.public" in call.workspace.scopes
    if not is_open:
        call.need_member(channel)
    return channel


def _find_thread(call: Call, channel: Channel) -> Message | None:
    thread_ts = call.find_text("thread_ts")
    if thread_ts is None:
        return None
    parent = call.workspace.find_message(channel.id, thread_ts)
    if parent is None and call.workspace.faults.strays_replies:
        return None
    if parent is None or parent.is_reply or parent.ephemeral_to is not None:
        raise SlackError("thread_not_found")
    return parent


def _take_content(call: Call, most: int) -> tuple[str, list[Json] | None]:
    if call.arguments.get("attachments"):
        raise refuse_arguments("attachments are not supported by the sandbox")
    text = call.find_text("text") or ""
    blocks = call.take_blocks()
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > most:
        raise SlackError("msg_too_long")
    return text, blocks


def _refuse_held(call: Call, parent: Message | None, blocks: list[Json] | None) -> None:
    """What Slack may take from one day to the next: an admin's setting
    (`slack_connect_file_link_sharing_blocked`), a schema (`invalid_metadata_schema`), a kind of
    block, a code that nobody knows yet."""
    elements = [each for block in blocks or [] for each in block.get("elements") or []]
    held = {
        "slack_file": bool(list_slack_files(blocks or [])),
        "metadata": bool(call.find_json("metadata")),
        "feedback": any(each.get("type") == "feedback_buttons" for each in elements),
        "blocks": bool(blocks),
        "captions": any(len(block.get("alt_text") or "") > 200 for block in blocks or []),
        "thread": parent is not None,
        "top": parent is None,
        "broadcast": parent is not None and call.find_flag("reply_broadcast"),
        "all": True,
    }
    for what, code in call.workspace.faults.refused.items():
        if held.get(what):
            raise SlackError(code)


def post_message(call: Call) -> Json:
    """`chat.postMessage`: into a channel, a thread, or (by user id) a DM. `reply_broadcast` shows a
    reply in the conversation, too; outside threads it means nothing (stablyai/agent-slack#99)."""
    channel = _find_writable(call)
    parent = _find_thread(call, channel)
    text, blocks = _take_content(call, MOST_TEXT)
    _refuse_held(call, parent, blocks)
    metadata = call.take_metadata()
    if call.find_text("username") or call.find_text("icon_url") or call.find_text("icon_emoji"):
        call.need_scope("chat:write.customize")
    workspace = call.workspace
    message = workspace.post_message(
        channel.id,
        workspace.bot.id,
        text,
        blocks=blocks,
        thread_ts=parent.ts if parent else None,
        metadata=metadata,
        subtype="thread_broadcast" if parent and call.find_flag("reply_broadcast") else None,
    )
    announce_message(workspace, message)
    shown = show_message(workspace, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": shown}


def _find_own(call: Call, error: str) -> Message:
    channel = call.find_channel()
    message = call.workspace.find_message(channel.id, call.take_text("ts"))
    if message is None or message.is_deleted or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if message.user != call.workspace.bot.id:
        raise SlackError(error)
    if channel.is_archived:
        raise SlackError("is_archived")
    return message


def _broadcast(call: Call, message: Message) -> Json:
    """Show a reply in the channel, too, that was only in its thread. "Can't broadcast an old reply
    and update the content at the same time."
    https://docs.slack.dev/reference/methods/chat.update"""
    if call.find_text("text") or call.take_blocks():
        raise SlackError("no_dual_broadcast_content_update")
    if not message.is_reply:
        raise SlackError("no_text")
    message.subtype = "thread_broadcast"
    call.workspace.announce("message", message.channel)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text}


def update_message(call: Call) -> Json:
    """`chat.update`: blocks and metadata that are left out stay, [] and {} remove them.

    A Slack file that was not in the message before shows as a broken picture (java-slack-sdk#1441).
    """
    message = _find_own(call, "cant_update_message")
    if call.find_flag("reply_broadcast"):
        return _broadcast(call, message)
    text, blocks = _take_content(call, MOST_UPDATE_TEXT)
    old = show_message(call.workspace, message)
    changes: Json = {"text": text or message.text}
    if blocks is not None:
        before = set(list_slack_files(message.blocks)) - set(message.broken_files)
        shown = list_slack_files(blocks)
        changes |= {
            "blocks": blocks,
            "broken_files": [key for key in shown if key not in before],
        }
    if call.find_json("metadata") is not None:
        changes["metadata"] = call.take_metadata()
    call.workspace.edit_message(message, **changes)
    message_changed(call.workspace, message, old)
    answer = show_message(call.workspace, message)
    del answer["ts"]  # as in Slack's answer
    return {
        "ok": True,
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": answer,
    }


def delete_message(call: Call) -> Json:
    """`chat.delete`: the bot's own messages only."""
    message = _find_own(call, "cant_delete_message")
    old = show_message(call.workspace, message)
    call.workspace.remove_message(message)
    message_deleted(call.workspace, message, old)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """`chat.postEphemeral`: one person in a channel that the bot is in."""
    workspace = call.workspace
    channel = call.find_channel(may_be_person=True)
    if channel.is_archived:
        raise SlackError("is_archived")
    call.need_member(channel)
    user_id = call.take_text("user")
    if user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    parent = _find_thread(call, channel)
    text, blocks = _take_content(call, MOST_TEXT)
    message = workspace.post_message(
        channel.id,
        workspace.bot.id,
        text,
        blocks=blocks,
        thread_ts=parent.ts if parent else None,
        ephemeral_to=user_id,
    )
    return {"ok": True, "message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    """`chat.getPermalink`."""
    channel = call.find_channel()
    message = call.workspace.find_message(channel.id, call.take_text("message_ts"))
    if message is None or message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    link = f"{call.workspace.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


POSTED = (
    "channel text blocks attachments thread_ts metadata unfurl_links unfurl_media mrkdwn parse"
    " link_names username icon_url icon_emoji as_user markdown_text"
)
METHODS: dict[str, Method] = {
    "chat.postMessage": method(
        post_message, POSTED + " reply_broadcast client_msg_id", scope="chat:write"
    ),
    "chat.update": method(
        update_message, POSTED + " ts file_ids reply_broadcast", scope="chat:write"
    ),
    "chat.delete": method(delete_message, "channel ts as_user", scope="chat:write"),
    "chat.postEphemeral": method(post_ephemeral, POSTED + " user", scope="chat:write"),
    "chat.getPermalink": method(get_permalink, "channel message_ts"),
}
