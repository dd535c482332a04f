"""`--demo`: four weeks of a small team, made by the real bot on a clock that is moved (past.py), so
that there is something to look at: results, a preset, budgets in use, an approval that waits, and a
report with its chart.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import httpx

from bot.sandbox.past import SharedClock
from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.slack.blocks import list_elements, walk_blocks
from bot.sandbox.slack.records import Message, User, View
from bot.sandbox.wiring import Sandbox

ADA: Final = "U0ADA"
BEN: Final = "U0BEN"
DANA: Final = User("U0DANA", "dana", "Dana Lind", colour="#6b4fa0")
DESIGN: Final = "C0DESIGN"
GENERAL: Final = "C0GENERAL"
BALANCE: Final = 370  # credits, four weeks ago

_DAY_SECONDS: Final = 86_400.0
_PATIENCE_SECONDS: Final = 30.0  # for each act; nothing takes a second where all is well
_LOOK_SECONDS: Final = 0.03


@dataclass(frozen=True)
class _Asked:
    """A command, and what becomes of it."""

    days_ago: float
    channel: str
    who: str
    text: str
    outcome: Outcome = Outcome.COMPLETED
    makes: int = 1  # so many generations


_WEEKS: Final = (
    _Asked(26.2, DESIGN, BEN, "an empty pier at low tide --size landscape"),
    _Asked(24.1, DESIGN, ADA, "a brass ship's bell, studio light --preset harbour -c Tour"),
    _Asked(21.3, GENERAL, DANA.id, "a paper boat on a map --model nano-banana-2 --size portrait"),
    _Asked(17.2, DESIGN, DANA.id, "gulls over a fish market --quantity 2 --preset harbour"),
    _Asked(16.1, DESIGN, BEN, "a rope, coiled, from above", Outcome.FAILED),
    _Asked(12.4, DESIGN, ADA, "a tram along the quay in rain --model gpt-image-1.5"),
    _Asked(9.3, DESIGN, DANA.id, "four cups of tea from above --quantity 4", Outcome.PARTIAL),
    _Asked(
        7.2,
        DESIGN,
        BEN,
        "a tram stop in {spring|autumn} --for instagram-feed,instagram-story -c Tour",
        makes=4,
    ),
    _Asked(5.2, GENERAL, BEN, "a lantern in the fog --preset harbour"),
    _Asked(
        2.1, DESIGN, ADA, "harbour tour poster, bold letters -m ideogram-3 -n 2 --campaign Tour"
    ),
)
_TALK: Final = (
    (ADA, "Morning! The landing page for the harbour tour needs a hero picture by noon."),
    (BEN, "On it. Something calm: sea, fog, a lighthouse?"),
)
_TODAY: Final = _Asked(
    0.02,
    DESIGN,
    BEN,
    "a lighthouse in fog, soft morning light --size landscape --quantity 2 -c Tour",
)
_OVER_BUDGET: Final = (
    "the same lighthouse at night, seen from a boat --model gpt-image-1.5 --quantity 3"
)


async def seed_history(sandbox: Sandbox, clock: SharedClock) -> None:
    """Let three people work for four weeks, and wait until all of it is told. TimeoutError if
    something does not come; whatever happens, it is today again afterwards. The bot must be
    ready."""
    try:
        with _at_once(sandbox):
            await _History(sandbox, clock).make()
    finally:
        clock.move(0.0)


@contextlib.contextmanager
def _at_once(sandbox: Sandbox) -> Iterator[None]:
    """Pictures take next to no time to be made: as long as it takes to begin to wait for them."""
    powerpost = sandbox.powerpost
    usual, powerpost.seconds_per_generation = powerpost.seconds_per_generation, 0.3
    try:
        yield
    finally:
        powerpost.seconds_per_generation = usual


def _find_block(shown: Message | View, action_id: str) -> str | None:
    """The block of an element, by the element's id alone."""
    blocks = shown.blocks if isinstance(shown, Message) else shown.body["blocks"]
    for block in walk_blocks(blocks):
        if any(element.get("action_id") == action_id for element in list_elements(block)):
            return str(block["block_id"])
    return None


def _has(stack: list[View], action_id: str) -> bool:
    return _find_block(stack[-1], action_id) is not None


class _History:
    """Everybody's hands, one act after the other."""

    def __init__(self, sandbox: Sandbox, clock: SharedClock) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._clock = clock
        self._generations = len(sandbox.powerpost.generations)

    async def make(self) -> None:
        """All of it, the oldest first."""
        self._sandbox.powerpost.balance = BALANCE
        self._workspace.add_user(DANA)
        for channel in (DESIGN, GENERAL):
            self._workspace.channels[channel].members.add(DANA.id)
        await self._go_back(27.3)
        await self._set_up()
        for asked in _WEEKS:
            await self._ask(asked)
        await self._change("harbour tour poster", "with more space for the date")
        for who, text in _TALK:
            await self._go_back(0.05)
            await self._sandbox.person(who).say(DESIGN, text)
        await self._ask(_TODAY)
        await self._wait_for_approval()
        await self._report()

    async def _go_back(self, days: float) -> None:
        # What was sent before is heard before: by a clock that has moved on it would be too old.
        await self._sandbox.delivery.settle()
        self._clock.move(-days * _DAY_SECONDS)

    async def _ask(self, asked: _Asked) -> None:
        await self._go_back(asked.days_ago)
        self._sandbox.powerpost.faults.next_outcome(asked.outcome)
        person = self._sandbox.person(asked.who)
        act = partial(person.run_command, asked.channel, "/imagine", asked.text)
        await self._pay(act, asked.makes)
        if asked.makes > 1:  # a brief ends with a line of its own
            await self._until(
                lambda: any("That's all" in m.text for m in self._messages(asked.channel))
            )

    async def _change(self, root_text: str, change: str) -> None:
        """Ask for another version, in the thread of what Ada asked for last."""
        roots = [m for m in self._messages(DESIGN) if not m.is_reply and root_text in m.text]
        await self._go_back(2.0)
        ada = self._sandbox.person(ADA)
        await self._pay(lambda: ada.say(DESIGN, f"@Imagine {change}", thread_ts=roots[-1].ts))
        # With this, four fifths of her budget for the day are gone.
        dm = self._workspace.open_dm(ADA).id
        await self._until(lambda: any("has reached" in m.text for m in self._messages(dm)))

    async def _pay(self, act: Callable[[], Any], makes: int = 1) -> None:
        """Do what makes so many generations, and wait until their thread has them."""
        await act()
        self._generations += makes
        powerpost = self._sandbox.powerpost
        await self._until(lambda: len(powerpost.generations) >= self._generations)
        async with asyncio.timeout(_PATIENCE_SECONDS), httpx.AsyncClient() as http:
            while True:
                if not (await http.get(f"{self._sandbox.bot.url}/readyz")).json()["running"]:
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    # -- what an admin sets ----------------------------------------------------------------

    async def _set_up(self) -> None:
        """A preset, budgets for all and for each, and who approves more."""
        ada = self._sandbox.person(ADA)
        await ada.open_home()
        await self._until(lambda: ADA in self._workspace.homes)
        await self._fill(
            ("home_presets", "home_add_preset"),
            {"name": "harbour", "prefix": "Flat colours, navy and brass.", "preset_size": "feed"},
        )
        await self._press("home_overview")
        await self._fill(("home_edit_settings",), {"approvers": [ADA], "alert_below": "40"})
        await self._fill(("home_budgets", "home_add_budget"), {"budget_credits": "300"})
        await self._fill(
            ("home_add_budget",),
            {"sheet_kind": "each_person", "budget_credits": "30", "period": "day"},
        )
        await self._press("home_overview")

    async def _fill(self, buttons: tuple[str, ...], fields: dict[str, Any]) -> None:
        """Press these buttons of the Home tab, fill in the form that opens, and save it."""
        for button in buttons:
            await self._press(button)
        stacks = self._workspace.view_stacks
        await self._until(lambda: bool(stacks.get(ADA)))
        ada = self._sandbox.person(ADA)
        for field, value in fields.items():
            await self._until(partial(_has, stacks[ADA], field))
            await ada.change(stacks[ADA][-1].id, field, field, value)
        await ada.submit(stacks[ADA][-1].id)
        await self._until(lambda: not stacks.get(ADA))

    async def _press(self, action_id: str) -> None:
        home = self._workspace.homes
        await self._until(lambda: _find_block(home[ADA], action_id) is not None)
        block_id = str(_find_block(home[ADA], action_id))
        await self._sandbox.person(ADA).change(home[ADA].id, block_id, action_id)

    # -- what waits ------------------------------------------------------------------------

    async def _wait_for_approval(self) -> None:
        """Ben asks for more than he has left, and for somebody's approval."""
        await self._go_back(0.01)
        ben = self._sandbox.person(BEN)
        shown = await ben.run_command(DESIGN, "/imagine", _OVER_BUDGET)
        answer = shown.message
        block_id = None if answer is None else _find_block(answer, "ask_approval")
        if answer is not None and block_id is not None:
            await ben.click(DESIGN, answer.ts, block_id, "ask_approval")
            ada = self._workspace.open_dm(ADA).id
            await self._until(lambda: any("approv" in str(m.blocks) for m in self._messages(ada)))

    async def _report(self) -> None:
        """Ada asks for the month's report: figures and their chart, in a direct message."""
        ada = self._sandbox.person(ADA)
        await ada.open_home()
        await self._press("report")
        stack = self._workspace.view_stacks
        await self._until(lambda: bool(stack.get(ADA)))
        await ada.submit(stack[ADA][-1].id)
        await ada.close(stack[ADA][-1].id)
        dm = self._workspace.open_dm(ADA).id
        await self._until(lambda: any(m.file_ids for m in self._messages(dm)))

    # -- looking ---------------------------------------------------------------------------

    def _messages(self, channel: str) -> list[Message]:
        return self._workspace.messages[channel]

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                if holds():
                    return
                await asyncio.sleep(_LOOK_SECONDS)
