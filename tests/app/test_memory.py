"""What a process holds in memory for people, threads, channels and workspaces is bounded: a year of
them is held in no more room than a day's.

Each collection in the bot's objects is looked at, whoever wrote it: after many people have come and
gone it has a bound of its own, or is as large as before.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.generations.fair_queue import FairQueue
from bot.generations.record import Place, State
from bot.generations.slots import GATES_KEPT, Slots
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Channel, User
from bot.slack.kit.modals import Modals
from tests.support.examples import make_generation
from tests.support.holders import find_function_caches, find_holders
from tests.support.memory import MemoryAudience
from tests.support.stage import Stage, has_status, is_settled, open_stage

PEOPLE: Final = 12
# More than any of them, and less than the people: it grew with them.
_CHANGE: Final = PEOPLE * 3 // 4
# What is kept of a small thing for the last so many, by code of its own.
_CUT: Final = {
    *("Modals._newest", "Modals._sent"),
    *("MessageService._answered", "ResultService._answered", "HomePublisher._asked"),
    "ChannelAccess._kept",
}
# Less than 10 MB of what is small.
_MOST_KEPT: Final = 10_000


async def live_through(stage: Stage, number: int) -> None:
    """All that a person does, in a channel of theirs, until it was told."""
    user_id, channel_id = f"U0P{number:04}", f"C0P{number:04}"
    stage.workspace.users[user_id] = User(user_id, f"p{number}", f"Person {number}")
    members = {user_id, "U0IMAGINE"}
    stage.workspace.channels[channel_id] = Channel(channel_id, f"c{number}", "public", members)
    stage.workspace.messages[channel_id] = []
    person = Person(stage.workspace, stage.delivery, user_id)
    await person.run_command(channel_id, "/imagine", f"fog number {number}")
    await stage.until_told(1, channel_id)
    (root,) = stage.roots(channel_id)
    await person.say(channel_id, "@Imagine with a darker sky", thread_ts=root.ts)
    await stage.until(
        lambda: len([m for m in stage.replies(channel_id) if has_status(m) and is_settled(m)]) == 1,
        what="the second version",
    )
    for typed in ("history", "credits", "usage", "a fox --size protrait"):
        await person.run_command(channel_id, "/imagine", typed)
    await person.open_home()
    await person.open_home("messages")
    shown = await person.run_command(channel_id, "/imagine")
    assert shown.ok
    stacks = stage.workspace.view_stacks
    await stage.until(lambda: stacks.get(user_id), what="the form")
    await person.close(stacks[user_id][-1].id)


async def settle(stage: Stage) -> None:
    """Nothing is on its way any more."""
    await stage.delivery.settle()
    await stage.until(lambda: _count_tasks() == 0, what="no task of the bot's")


def _count_tasks() -> int:
    """Of those that end: what a person has set off."""
    names = ("Engine._run", "BackgroundTasks", "Drafts.")
    coroutines = [task.get_coro() for task in asyncio.all_tasks()]
    return sum(getattr(each, "__qualname__", "").startswith(names) for each in coroutines)


async def test_nothing_grows_with_the_people_who_have_come_and_gone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        for number in range(2):
            await live_through(stage, number)
        await settle(stage)
        before = find_holders()
        for number in range(2, 2 + PEOPLE):
            await live_through(stage, number)
        await settle(stage)
        after = find_holders()

    grown = {
        holder.name: (before[key].size if key in before else 0, holder.size)
        for key, holder in after.items()
        if holder.most is None
        and holder.name not in _CUT
        and holder.size - (before[key].size if key in before else 0) >= _CHANGE
    }
    assert grown == {}
    assert {h.name: h.most for h in after.values() if (h.most or 0) > _MOST_KEPT} == {}


def test_what_functions_remember_of_what_people_type_is_bounded() -> None:
    # The others take nothing from anybody: a table that is built once, a font of each size.
    kept = {name: most for name, most in find_function_caches().items() if most is None}
    typed = {"squash", "_read_flag", "find_misspelt_size", "find_misspelt_model"}

    assert {name.rpartition(".")[2] for name in kept} & typed == set()
    assert all(most <= _MOST_KEPT for most in find_function_caches().values() if most)


async def test_of_many_workspaces_only_those_in_which_something_runs_have_a_gate() -> None:
    slots = Slots(MemoryAudience().show_progress)
    generation = make_generation(State.ACCEPTED)
    async with slots.hold(generation):
        for number in range(5 * GATES_KEPT):
            place = Place(f"T{number}", "C1", "U1")
            async with slots.hold(replace(generation, id=f"other{number}", place=place)):
                pass
        gates = [holder.size for holder in find_holders().values() if holder.name == "Slots._gates"]

    assert max(gates) <= GATES_KEPT


async def test_who_gave_up_waiting_leaves_nothing_in_the_queue() -> None:
    queue = FairQueue(capacity=1, per_person=1)
    async with queue.turn("U1", "g1"):
        for number in range(2000):
            waiting = asyncio.ensure_future(_wait_in(queue, f"P{number}"))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    assert queue.is_empty


async def _wait_in(queue: FairQueue, person: str) -> None:
    async with queue.turn(person, person):
        pass


async def test_of_many_modals_the_last_ones_are_remembered() -> None:
    modals = Modals(AsyncWebClient(), lambda _scope: True)
    for number in range(5000):
        modals.note_sent(f"V{number}")

    sizes = [each.size for each in find_holders().values() if each.name == "Modals._sent"]
    assert max(sizes) <= _MOST_KEPT // 2
    assert modals.is_sent("V4999")
