"""Places: who runs, who waits and is told so, in one process and in two on one database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import Cause
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation, NewGeneration, Place, State
from bot.generations.slots import ASK_AGAIN_SECONDS, RUNNING_PER_PERSON, Slots, name_slot
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.slots import SlotStore
from tests.support.schema import make_migrated_file

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Onlookers:
    """Who sees the status lines."""

    seen: list[tuple[str, Progress]] = field(default_factory=list)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """See the port."""
        self.seen.append((generation.id, progress))
        self.some.set()


@dataclass
class House:
    """Processes on one database, and who is inside."""

    database: Database
    onlookers: Onlookers = field(default_factory=Onlookers)
    processes: dict[str, Slots] = field(default_factory=dict)
    inside: list[str] = field(default_factory=list)
    most: int = 0

    def open(self, owner: str, per_workspace: int | None = None, *, shares: bool = True) -> Slots:
        """A process."""

        async def notify_free(whose: str) -> None:
            for slots in self.processes.values():
                slots.wake(whose)

        book = SlotStore(
            self.database, owner, per_person=RUNNING_PER_PERSON, per_workspace=per_workspace
        )
        self.processes[owner] = (
            Slots(self.onlookers.show_progress, per_workspace, book, notify_free)
            if shares
            else Slots(self.onlookers.show_progress, per_workspace)
        )
        return self.processes[owner]

    async def accept(self, id_: str, owner: str, person: str = "ada") -> Generation:
        """A request that `owner` works on."""
        at = NOON + timedelta(seconds=int(id_.strip("abcdefghijklmnopqrstuvwxyz")))
        place = Place("T1", "C1", person)
        store = GenerationStore(self.database, owner)
        await store.accept(NewGeneration(id_, id_, place, ImageRequest(prompt="fog"), at))
        return await store.read(id_)

    async def live(self, id_: str, owner: str, person: str = "ada") -> State:
        """The life of a request that is refused in the end; the state that it began with."""
        generation = await self.accept(id_, owner, person)
        store = GenerationStore(self.database, owner)
        async with self.processes[owner].hold(generation):
            state = (await store.read(id_)).state
            self.inside.append(person)
            self.most = max(self.most, len(self.inside))
            assert self.inside.count(person) <= 3
            await asyncio.sleep(0.03)
            self.inside.remove(person)
            if state is State.ACCEPTED:
                await store.advance(id_, state, State.REFUSED, cause=Cause.FORBIDDEN)
        return state


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    url = make_migrated_file(tmp_path / "imagine.sqlite3")
    database = Database(url)
    yield House(database)
    await database.close()


async def test_two_processes_run_three_of_a_persons_together_and_all_get_their_turn(
    house: House,
) -> None:
    house.open("one")
    house.open("other")

    # Nobody waited to ask again until the time for it came.
    async with asyncio.timeout(ASK_AGAIN_SECONDS):
        states = await asyncio.gather(
            *(house.live(f"g{n}", ("one", "other")[n % 2]) for n in range(12))
        )

    assert states == [State.ACCEPTED] * 12
    assert house.most == 3


@pytest.mark.parametrize("shares", [False, True])
async def test_a_workspaces_limit_holds_for_all_people_together(house: House, shares: bool) -> None:
    house.open("one", per_workspace=2, shares=shares)

    await asyncio.gather(*(house.live(f"g{n}", "one", "abcd"[n % 4]) for n in range(12)))

    assert house.most == 2
    lines = [progress.position for _, progress in house.onlookers.seen]
    assert lines
    assert {line and line.per_workspace for line in lines} == {2}


async def test_who_waits_is_told_once_behind_how_many_of_all_processes(house: House) -> None:
    one = house.open("one")
    house.open("other")

    async with contextlib.AsyncExitStack() as running:
        for number in range(3):
            generation = await house.accept(f"g{number}", "one")
            await running.enter_async_context(one.hold(generation))
        waiting = asyncio.create_task(house.live("g4", "other"))
        async with asyncio.timeout(60):
            await house.onlookers.some.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    ((_, progress),) = house.onlookers.seen  # of four that come at once, whichever it is
    assert progress.phase is Phase.IN_LINE
    assert progress.position is not None
    assert progress.position.before == 0


async def test_what_is_cancelled_while_another_processs_run_is_let_through_at_once(
    house: House,
) -> None:
    running = house.open("one")
    waits = house.open("other")
    held = [await house.accept(f"g{n}", "one") for n in range(3)]
    async with contextlib.AsyncExitStack() as holding:
        for generation in held:
            await holding.enter_async_context(running.hold(generation))
        waiting = asyncio.create_task(house.live("g4", "other"))
        await house.onlookers.some.wait()

        assert await GenerationStore(house.database, None).cancel("g4", NOON)
        waits.leave_queue("g4")

        async with asyncio.timeout(ASK_AGAIN_SECONDS - 1):
            assert await waiting is State.REFUSED


async def test_what_hangs_gives_its_place_back_to_who_waits_in_any_process(house: House) -> None:
    running = house.open("one")
    house.open("other")
    held = [await house.accept(f"g{n}", "one") for n in range(3)]
    async with contextlib.AsyncExitStack() as holding:
        for generation in held:
            await holding.enter_async_context(running.hold(generation))
        waiting = asyncio.create_task(house.live("g4", "other"))
        await house.onlookers.some.wait()

        await GenerationStore(house.database, "one").note("g0", unplaced_at=NOON)
        for _ in range(2):
            await running.give_back(held[0])

        async with asyncio.timeout(ASK_AGAIN_SECONDS - 1):
            assert await waiting is State.ACCEPTED


async def test_only_those_whom_it_may_help_ask_again(house: House) -> None:
    running, waits = house.open("one"), house.open("other")
    held = [await house.accept(f"g{n}", "one") for n in range(3)]
    async with contextlib.AsyncExitStack() as holding:
        for generation in held:
            await holding.enter_async_context(running.hold(generation))
        waiting = asyncio.create_task(house.live("g4", "other"))
        await house.onlookers.some.wait()
        ending = GenerationStore(house.database, "one")
        await ending.advance("g0", State.ACCEPTED, State.REFUSED, cause=Cause.FORBIDDEN)

        waits.wake("T1/somebody else")
        await asyncio.sleep(0.1)
        assert not waiting.done()
        waits.wake(name_slot(held[0].place))

        async with asyncio.timeout(ASK_AGAIN_SECONDS - 1):
            assert await waiting is State.ACCEPTED
