"""Which messages are replies to the bot, and what they say. Pure.

Source: slack-facts.md, "Events": messages of bots, edits and other subtypes are dropped; a mention
in a direct message comes as two events.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.generations.record import SlackFile
from bot.slack.kit.ids import SLACKBOT
from bot.slack.kit.message_content import Attached, mentioned_in, plain_text, sort_files
from bot.slack.kit.payloads import EventEnvelope

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
# A message with a file, with /me, and one that is shown in the channel too, are people's.
_PEOPLES_SUBTYPES: Final = frozenset({None, "file_share", "me_message", "thread_broadcast"})

_PEOPLE: Final = re.compile(r"<(?:@([UW]\w+)|!(?:subteam|here|channel|everyone))\b[^<>]*>")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person said to the bot. `thread_ts` is None outside a thread."""

    team_id: str
    channel_id: str
    user_id: str
    ts: str
    thread_ts: str | None
    text: str
    attached: Attached
    is_direct: bool
    before: str = ""  # the words in front of the mention
    names_people: bool = False  # somebody else is mentioned, too
    is_member: bool = True  # of the workspace, or of another company

    @property
    def files(self) -> tuple[SlackFile, ...]:
        """What may be reference pictures."""
        return self.attached.files

    @property
    def lists(self) -> tuple[SlackFile, ...]:
        """What may be lists of prompts."""
        return self.attached.lists

    @property
    def origin(self) -> str:
        """One for the message, however often and as whichever event it comes."""
        return f"message:{self.team_id}:{self.channel_id}:{self.ts}"


def read_reply(
    envelope: EventEnvelope, bot_user_id: str | None, names: Mapping[str, str] = _NO_NAMES
) -> Reply | None:
    """What the event says to the bot; None for everything that a person did not just say to it.
    `names` are those of the people and channels that it mentions, by id."""
    said = _read_said(envelope, bot_user_id, names)
    return None if said and envelope.event.type == "message" and not said.is_direct else said


def read_overheard(
    envelope: EventEnvelope, bot_user_id: str | None, names: Mapping[str, str] = _NO_NAMES
) -> Reply | None:
    """What a person said in a channel's thread without a mention of anybody; None for everything
    else. A mention of the bot comes as `app_mention`, too, in any order (with `message.channels`
    subscribed to, under another event id), and is read by `read_reply` alone."""
    if envelope.event.type != "message" or bot_user_id is None:
        return None
    said = _read_said(envelope, bot_user_id, names)
    is_open = said is None or said.is_direct or said.thread_ts in (None, said.ts)
    is_to_somebody = said is None or said.names_people or f"<@{bot_user_id}" in envelope.event.text
    return None if is_open or is_to_somebody else said


def _read_said(
    envelope: EventEnvelope, bot_user_id: str | None, names: Mapping[str, str]
) -> Reply | None:
    event = envelope.event
    if event.bot_id or event.hidden or event.edited or event.subtype not in _PEOPLES_SUBTYPES:
        return None
    if not event.user or event.user in (bot_user_id, SLACKBOT) or not event.channel or not event.ts:
        return None
    is_direct = event.channel_type == "im" or event.channel.startswith("D")
    return Reply(
        team_id=envelope.team_id,
        channel_id=event.channel,
        user_id=event.user,
        ts=event.ts,
        thread_ts=event.thread_ts,
        text=_without_mention(event.text, bot_user_id, names),
        attached=sort_files(event.files),
        is_direct=is_direct,
        before=_before_mention(event.text, bot_user_id, names),
        names_people=_names_people(event.text, bot_user_id),
    )


def find_mentioned(envelope: EventEnvelope, bot_user_id: str | None) -> tuple[str, ...]:
    """The ids of the people and channels that are mentioned, the bot's own left out."""
    return tuple(each for each in mentioned_in(envelope.event.text) if each != bot_user_id)


def _without_mention(text: str, bot_user_id: str | None, names: Mapping[str, str]) -> str:
    return plain_text(re.sub(_mention_of(bot_user_id), " ", text), names).strip()


def _before_mention(text: str, bot_user_id: str | None, names: Mapping[str, str]) -> str:
    found = re.search(_mention_of(bot_user_id), text)
    return plain_text(text[: found.start()], names).strip() if found else ""


def _names_people(text: str, bot_user_id: str | None) -> bool:
    """People or groups; a channel is nobody."""
    others = _PEOPLE.findall(text)
    return any(each != bot_user_id for each in others) if bot_user_id else len(others) > 1


def _mention_of(bot_user_id: str | None) -> str:
    who = re.escape(bot_user_id) if bot_user_id else r"[UW]\w+"
    return rf"<@{who}(\|[^<>]*)?>"
