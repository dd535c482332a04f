"""What the bot answers by the way: bodies of command acks and posts to a response_url.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.api.call import SlackError, accept_blocks, refuse_arguments
from bot.sandbox.slack.payloads import announce_message, message_changed, message_deleted
from bot.sandbox.slack.records import Json, Message, ResponseUrl
from bot.sandbox.slack.shapes import show_message
from bot.sandbox.slack.workspace import Workspace

MOST_USES = 5
LIFE_SECONDS = 30 * 60
KNOWN = frozenset(
    {
        *("text", "blocks", "attachments", "response_type", "replace_original"),
        *("delete_original", "thread_ts", "mrkdwn", "unfurl_links", "unfurl_media"),
        *("metadata", "parse", "link_names"),
    }
)


def spend_response_url(workspace: Workspace, token: str) -> ResponseUrl:
    """Use a response_url once; raises SlackError when it is unknown, too old or used up."""
    url = workspace.response_urls.get(token)
    if url is None:
        raise SlackError("invalid_url")
    if workspace.clock() - url.created > LIFE_SECONDS:
        raise SlackError("expired_url")
    if url.uses >= MOST_USES:
        raise SlackError("used_url")
    url.uses += 1
    return url


def take_response(workspace: Workspace, url: ResponseUrl, body: Any) -> Message | None:
    """Do what a response says: post (privately by default), replace or delete the original.

    Works where the bot is not a member. Raises SlackError when Slack would refuse the body.
    """
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    unknown = sorted(set(body) - KNOWN)
    if unknown:
        raise refuse_arguments(*(f"unknown argument (sandbox): {name}" for name in unknown))
    if body.get("attachments"):
        raise refuse_arguments("attachments are not supported by the sandbox")
    if workspace.channels[url.channel].is_archived:
        raise SlackError("is_archived")
    original = workspace.find_message(url.channel, url.message_ts)
    if body.get("delete_original"):
        _delete_original(workspace, original)
        return None
    text, blocks = _take_content(workspace, body)
    if body.get("replace_original") and original is not None:
        return _replace_original(workspace, original, text, blocks)
    return _post(workspace, url, body, text, blocks)


def _take_content(workspace: Workspace, body: Json) -> tuple[str, list[Json] | None]:
    text = body.get("text") or ""
    if not isinstance(text, str):
        raise refuse_arguments("must provide a string [json-pointer:/text]")
    blocks = body.get("blocks")
    if not text and not blocks:
        raise SlackError("no_text")
    return text, accept_blocks(workspace, blocks) if blocks else None


def _delete_original(workspace: Workspace, original: Message | None) -> None:
    if original is None or original.user != workspace.bot.id:
        raise SlackError("message_not_found")
    old = show_message(workspace, original)
    workspace.remove_message(original)
    message_deleted(workspace, original, old)


def _replace_original(
    workspace: Workspace, original: Message, text: str, blocks: list[Json] | None
) -> Message:
    if original.user != workspace.bot.id:
        raise SlackError("cant_update_message")
    old = show_message(workspace, original)
    workspace.edit_message(original, text=text, blocks=blocks or [])
    message_changed(workspace, original, old)
    return original


def _post(
    workspace: Workspace, url: ResponseUrl, body: Json, text: str, blocks: list[Json] | None
) -> Message:
    response_type = body.get("response_type") or "ephemeral"
    if response_type not in {"ephemeral", "in_channel"}:
        raise refuse_arguments("must be a valid enum value [json-pointer:/response_type]")
    thread_ts = body.get("thread_ts") if url.may_thread else None
    if thread_ts is not None and workspace.find_message(url.channel, thread_ts) is None:
        raise SlackError("thread_not_found")
    message = workspace.post_message(
        url.channel,
        workspace.bot.id,
        text,
        blocks=blocks,
        thread_ts=thread_ts,
        ephemeral_to=url.user if response_type == "ephemeral" else None,
    )
    announce_message(workspace, message)
    return message
