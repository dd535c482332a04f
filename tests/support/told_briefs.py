"""A brief on stage, from the command to its last line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from tests.support.databases import database_of
from tests.support.stage import DESIGN, Stage
from tests.support.threads import press

KITES = "a {red|blue|brass} kite"


def query(stage: Stage, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the bot's database answers."""
    with closing(sqlite3.connect(database_of(stage))) as connection:
        return connection.execute(question, values).fetchall()


async def ask(
    stage: Stage, text: str = KITES, channel: str = DESIGN, person: Person | None = None
) -> None:
    """Ask for a brief, and press "Make them" if that is asked first."""
    who = person or stage.ada
    shown = await who.run_command(channel, "/imagine", text)
    assert shown.ok
    if shown.message is not None:
        assert (await press(who, shown.message, "make_asked")).ok


async def until_summed(stage: Stage, number: int = 1) -> None:
    """Wait until so many briefs were told to their end."""

    def count() -> int:
        ((told,),) = query(stage, "SELECT count(*) FROM briefs WHERE told_at IS NOT NULL")
        return int(told)

    await stage.until(lambda: count() >= number, what=f"{number} briefs told")


async def until_states(stage: Stage, *states: str) -> None:
    """Wait until the generations stand so, in any order."""

    def found() -> list[str]:
        return sorted(str(state) for (state,) in query(stage, "SELECT state FROM generations"))

    await stage.until(lambda: found() == sorted(states), what=f"{states}")


def summaries(messages: list[Message]) -> list[Message]:
    """The last lines among `messages`: they offer all of it again."""
    return [m for m in messages if "brief_again" in str(m.blocks)]


def shown_parts(messages: list[Message]) -> list[int]:
    """The numbers of the parts that they show, as pictures or links, or tell the failure of."""
    said = [
        message.metadata["event_payload"].get("parts", "")
        for message in messages
        if message.metadata is not None
    ]
    return sorted(int(number) for each in said for number in str(each).split(",") if number)


def with_pictures(messages: list[Message]) -> list[Message]:
    """Those that show pictures, but for contact sheets."""
    return [
        m
        for m in messages
        if m not in summaries(messages) and any(b["type"] == "image" for b in m.blocks)
    ]


def count_pictures(messages: list[Message]) -> int:
    """How many pictures they show, contact sheets aside."""
    return sum(
        block["type"] == "image" for message in with_pictures(messages) for block in message.blocks
    )
