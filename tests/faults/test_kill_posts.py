"""SIGKILL around a draft, and around the text that is paid for: at most one of each is ever sent,
and the thread is told once, whatever became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.sandbox.slack.person import Person
from bot.store.tables import posts
from tests.support.crash_points import Call
from tests.support.gates import When
from tests.support.logs import find_faults
from tests.support.process_environment import CHANNEL, PATIENCE_SECONDS, House, open_house

ORDER = Call("the order of a text", "powerpost", "/content/generate")
DRAFT = Call("the draft", "powerpost", "/api/v1/posts")
MESSAGE = Call("the message", "slack", "/chat.postMessage", '"draft"')
WRITTEN, TYPED = "written", "typed"


@dataclass(frozen=True)
class Death:
    """When the bot is killed, and what may have become of the draft."""

    source: str
    call: Call
    when: When
    ends: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.call.name} {self.when}"


DEATHS = (
    Death(WRITTEN, ORDER, When.ARRIVES, ("text_unknown",)),
    Death(WRITTEN, ORDER, When.IS_DONE, ("text_unknown",)),
    Death(WRITTEN, ORDER, When.IS_ANSWERED, ("text_unknown", "drafted")),
    Death(TYPED, DRAFT, When.ARRIVES, ("unknown",)),
    Death(TYPED, DRAFT, When.IS_DONE, ("unknown",)),
    Death(TYPED, DRAFT, When.IS_ANSWERED, ("unknown", "drafted")),
    Death(TYPED, MESSAGE, When.ARRIVES, ("drafted",)),
    Death(TYPED, MESSAGE, When.IS_DONE, ("drafted",)),
)


async def open_form(house: House, ada: Person) -> str:
    """The form over the result that is there; its view's id."""
    result = next(m for m in house.workspace.messages[CHANNEL] if "use_in_post" in str(m.blocks))
    row = next(block for block in result.blocks if "use_in_post" in str(block))
    button = next(e for e in row["elements"] if e["action_id"] == "use_in_post")
    await ada.click(CHANNEL, result.ts, row["block_id"], "use_in_post", value=button["value"])
    stacks = house.workspace.view_stacks
    await house.until(lambda: stacks.get(ada.user.id), "no form")
    return str(stacks[ada.user.id][-1].id)


async def use_in_post(house: House, source: str) -> None:
    """Ada fills the form in, and sends it."""
    ada = Person(house.workspace, house.delivery, "U0ADA")
    view_id = await open_form(house, ada)
    await ada.change(view_id, "post_types", "post_types", ["x-post"])
    await ada.change(view_id, "post_source", "post_source", source)
    await ada.change(view_id, "post_text", "post_text", "Hello from the harbour")
    assert (await ada.submit(view_id)).ok
    house.workspace.view_stacks.clear()


def count(house: House, call: Call) -> int:
    exchanges = house.powerpost.exchanges
    return sum(e.method == "POST" and e.path.endswith(call.path) for e in exchanges)


async def die_and_live_on(house: House, death: Death) -> None:
    before = {call: count(house, call) for call in (ORDER, DRAFT)}
    known = {row.id for row in house.query(sa.select(posts.c.id))}
    trap = house.set_trap(death.call.side, death.when, death.call.matches)
    await use_in_post(house, death.source)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await trap.sprung.wait()
    house.calm_down()
    await house.start()
    untold = sa.select(posts.c.id).where(posts.c.told_at.is_(None))
    await house.until(lambda: not house.query(untold), "not told")

    rows = house.query(sa.select(posts.c.id, posts.c.state))
    ((post_id, state),) = [tuple(row) for row in rows if row.id not in known]
    assert state in death.ends, (death, state)
    # What arrived as the bot was killed never reached PowerPost's own record.
    made = {call: count(house, call) - before[call] for call in before}
    never = death.when is When.ARRIVES
    assert made[ORDER] == (death.source == WRITTEN and not (never and death.call is ORDER))
    wants_draft = death.source == TYPED or state == "drafted"
    assert made[DRAFT] == (wants_draft and not (never and death.call is DRAFT))
    assert len(house.about({post_id}, "draft")) == 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        opened.workspace.scopes |= {"channels:history"}  # it may look for its own messages
        await opened.start()
        await opened.ask("a lighthouse")
        await opened.until_all_told()
        yield opened


async def test_a_killed_draft_is_sent_at_most_once_and_told_once(house: House) -> None:
    for death in DEATHS:
        await die_and_live_on(house, death)
    lines = house.log.read_text("utf-8").splitlines()
    assert find_faults(lines, frozenset({"draft.unknown", "text.unknown"})) == []
    assert "Hello from the harbour" not in house.log.read_text("utf-8")
    assert house.powerpost.published == []
