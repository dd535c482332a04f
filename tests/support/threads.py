"""A thread with its result, as a person uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa

from bot.sandbox.slack.person import Person, Shown
from bot.sandbox.slack.records import Message
from tests.support.databases import database_of
from tests.support.image_form import Form
from tests.support.stage import (
    DESIGN,
    Stage,
)


async def make(stage: Stage, text: str = "a lighthouse in fog", channel: str = DESIGN) -> Message:
    """A result, made by Ada."""
    await stage.ada.run_command(channel, "/imagine", text)
    return (await stage.until_told(channel=channel))[-1]


def element(message: Message, action_id: str) -> dict[str, Any]:
    """An interactive element of a message, with its block's id."""
    for block in message.blocks:
        for found in block.get("elements", []):
            if isinstance(found, dict) and found.get("action_id") == action_id:
                return {**found, "block_id": block["block_id"]}
    raise KeyError(action_id)


async def press(person: Person, message: Message, action_id: str) -> Shown:
    """Press a button under a message."""
    found = element(message, action_id)
    return await person.click(
        message.channel, message.ts, found["block_id"], action_id, value=found.get("value")
    )


async def choose(person: Person, message: Message, choice: str) -> Shown:
    """Choose from the menu under a message."""
    found = element(message, "result_menu")
    option = next(o for o in found["options"] if o["value"].startswith(f"{choice}:"))
    shown = await person.click(
        message.channel,
        message.ts,
        found["block_id"],
        "result_menu",
        selected_option=option["value"],
    )
    assert shown.ok, shown.error
    return shown


def requests(stage: Stage) -> list[dict[str, Any]]:
    """What PowerPost was asked to make, in order."""
    return [
        e.request_json or {}
        for e in stage.powerpost.exchanges
        if e.method == "POST" and e.path.endswith("/images/generate")
    ]


@contextmanager
def lost_answers(times: int, *, are_carried_out: bool = True) -> Iterator[None]:
    """The next so many COMMITs get no answer of what is promised, or looked for because another
    one got none; they are carried out, unless it is said that they are not."""
    left = times
    concerned = ("INSERT INTO generations", "SELECT generations.origin")

    def note(connection: Any, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(concerned):
            connection.info["promises"] = True

    def lose(connection: sa.Connection) -> None:
        nonlocal left
        if not connection.info.pop("promises", False) or not left:
            return
        left -= 1
        driver: Any = connection.connection.dbapi_connection
        if are_carried_out:
            driver.cursor().execute("COMMIT")
        raise sa.exc.OperationalError("COMMIT", {}, OSError("the connection is gone"))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    sa.event.listen(sa.Engine, "commit", lose)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        sa.event.remove(sa.Engine, "commit", lose)
    assert left == 0


def change_rows(stage: Stage, statement: str, *values: Any) -> None:
    """Change the bot's database behind its back."""
    with closing(sqlite3.connect(database_of(stage), isolation_level=None)) as connection:
        connection.execute(statement, values)


async def open_menu(stage: Stage, person: Any, message: Any, choice: str) -> Form:
    """Choose from the menu; the modal that opens."""
    await choose(person, message, choice)
    form = Form(stage, person)
    await stage.until(lambda: form.is_open, what=f"modal of {choice}")
    return form


def direct(stage: Stage, channel: str = "D0ADA") -> list[Message]:
    """What the bot has said in a direct message."""
    return [m for m in stage.workspace.messages[channel] if m.bot_id is not None]
