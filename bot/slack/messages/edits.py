"""Which edits of a message say something to the bot. Pure.

A mention that an edit has added, or changed, comes as `app_mention` with `edited` (slack-go#1256);
an edit in a direct message, or wherever `message.channels` is subscribed to, as `message_changed`,
which Slack also sends where only a preview was added.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.kit.ids import SLACKBOT
from bot.slack.kit.payloads import ChangedMessage, Event, EventEnvelope


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who said something where. `origin` is one for it, however often and as whichever event it
    comes."""

    origin: str
    channel_id: str
    user_id: str
    thread_ts: str | None = None


def read_edit(envelope: EventEnvelope, bot_user_id: str | None) -> Spoken | None:
    """The edit that the event tells of, where it is to the bot; None for all else."""
    event = envelope.event
    if event.bot_id or not event.channel:
        return None
    if event.type == "app_mention":
        edited = event if event.edited and event.subtype is None else None
        return _spoken(envelope, edited, bot_user_id)
    if event.subtype != "message_changed" or event.message is None:
        return None
    before = event.previous_message.text if event.previous_message else None
    if event.message.text == before or not event.message.edited or event.message.subtype:
        return None  # a preview was added, or what is left of a deleted one ("tombstone")
    is_direct = event.channel_type == "im" or event.channel.startswith("D")
    is_mention = bot_user_id is not None and f"<@{bot_user_id}" in event.message.text
    return _spoken(envelope, event.message, bot_user_id) if is_direct or is_mention else None


def _spoken(
    envelope: EventEnvelope, edited: Event | ChangedMessage | None, bot_user_id: str | None
) -> Spoken | None:
    if edited is None or edited.bot_id or not edited.user or edited.user in (bot_user_id, SLACKBOT):
        return None
    channel_id, at = envelope.event.channel or "", (edited.edited or {}).get("ts", "")
    origin = f"edit:{envelope.team_id}:{channel_id}:{edited.ts}:{at}"
    return Spoken(origin, channel_id, edited.user, edited.thread_ts)
