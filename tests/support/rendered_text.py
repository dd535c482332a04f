"""What people see: all words of a message, and the words that must never be among them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from bot.sandbox.slack.records import Message
from tests.support.stage import DESIGN, Stage

# Traces, classes of exceptions, HTTP statuses, and codes of APIs. (A request id is for support.)
_INSIDES = re.compile(
    r"Traceback|[A-Za-z](?:Error|Exception)\b|(?<![\d×])[45]\d\d(?![\d×])|\b[A-Z]{3,}_[A-Z_]+\b"
    r"|\b[a-z]+_[a-z_]+\b"
)
_MEANT = re.compile(
    r"\breq_[0-9a-f]+\b"  # these two are for PowerPost's support
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|<https?://[^>]*>|<!date\^[^>]*>|:[a-z_]+:"
)


def words_of(message: Message) -> str:
    """Everything that a message says: its text, and the texts in its blocks."""
    return " ".join([message.text, *_texts_in(message.blocks)])


def small_print_of(message: Message) -> str:
    """What stands in the context blocks of a message."""
    blocks = [block for block in message.blocks if block["type"] == "context"]
    return " ".join(_texts_in(blocks))


def all_said(stage: Stage) -> list[Message]:
    """Every message of the bot, in all conversations, private ones too."""
    everything = [m for messages in stage.workspace.messages.values() for m in messages]
    return [message for message in everything if message.bot_id is not None]


def count_promised(stage: Stage) -> int:
    """How many requests are on the bot's disk. What an event or a click has promised is there
    before it is answered: afterwards nothing more can come of it."""
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM generations").fetchall()
    return int(count)


async def until_all_is_said(stage: Stage, channel: str = DESIGN) -> None:
    """Ada asks where there is nothing to change and is answered privately: what was to be said
    before that has been said. Leaves that answer behind."""

    def answers() -> int:
        private = [m for m in stage.private(channel) if m.ephemeral_to == "U0ADA"]
        return sum("I make pictures from words" in message.text for message in private)

    before = answers()
    await stage.ada.say(channel, "<@U0IMAGINE> thanks!")
    await stage.until(lambda: answers() > before, what="the answer that comes last")


def find_insides(stage: Stage) -> list[str]:
    """The words that the bot said and that are none of a person's business."""
    said = [_MEANT.sub(" ", words_of(message)) for message in all_said(stage)]
    return [match.group() for text in said for match in _INSIDES.finditer(text)]


def _texts_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _texts_in(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in ("text", "alt_text") and isinstance(value, str):
                yield value
            elif name != "metadata":
                yield from _texts_in(value)
