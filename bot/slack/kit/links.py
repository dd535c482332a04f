"""Addresses of messages, made without asking Slack. Pure.

The shape is that of `chat.getPermalink`'s answers:
https://docs.slack.dev/reference/methods/chat.getPermalink
"""

from __future__ import annotations

from bot.generations.record import Generation, Picture, PictureState


def message_link(workspace_url: str, channel_id: str, ts: str, thread_ts: str | None = None) -> str:
    """The address of a message; `workspace_url` is `url` of `auth.test`."""
    link = f"{workspace_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"
    if thread_ts is None or thread_ts == ts:
        return link
    return f"{link}?thread_ts={thread_ts}&cid={channel_id}"


def home_of(generation: Generation) -> tuple[str, str | None]:
    """Channel and thread where everything about a generation is said: where its result came to
    stand, if its own thread would not have it."""
    place, elsewhere = generation.place, generation.result_channel_id
    if generation.result_ts is not None and elsewhere not in (None, place.channel_id):
        return elsewhere or place.channel_id, generation.result_ts
    return place.channel_id, generation.home_ts


def generation_link(workspace_url: str | None, generation: Generation) -> str | None:
    """Where a generation stands in Slack: its result, or its root message; None where nowhere."""
    if workspace_url is None:
        return None
    if generation.result_ts is not None:
        channel_id = generation.result_channel_id or generation.place.channel_id
        is_at_home = channel_id == generation.place.channel_id
        thread_ts = generation.home_ts if is_at_home else None
        return message_link(workspace_url, channel_id, generation.result_ts, thread_ts)
    if generation.root_ts is not None:
        place = generation.place
        return message_link(workspace_url, place.channel_id, generation.root_ts, place.thread_ts)
    return None


def reply_link(workspace_url: str | None, generation: Generation) -> str | None:
    """Where the reply stands that a generation answers (threads/replies.py); None if it answers
    none."""
    kind, _, rest = generation.origin.partition(":")
    if workspace_url is None or kind != "message" or rest.count(":") != 2:
        return None
    _, channel_id, ts = rest.split(":")
    return message_link(workspace_url, channel_id, ts, generation.place.thread_ts)


def shown_pictures(generation: Generation) -> list[Picture]:
    """The pictures that are files in Slack."""
    return [
        picture
        for picture in generation.pictures
        if picture.state is PictureState.UPLOADED and picture.slack_file_id is not None
    ]
