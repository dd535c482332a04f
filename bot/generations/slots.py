"""How many generations run at a time: a few of each person's, and of a workspace's where it has a
limit. The others wait in a queue, are told how long, and may be cancelled there.

In one process its own gates are enough. Where several share a database, their table has the last
word (store/slots.py); the gates then keep the number small of those who ask it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from bot.errors import ImagineError
from bot.generations.fair_queue import FairQueue, QueuePosition, Stay
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation, Place, State
from bot.generations.retry import retry_forever

RUNNING_PER_PERSON: Final = 3
# Who waits for another process to be done is woken by it; this is for when that gets lost.
ASK_AGAIN_SECONDS: Final = 5.0


class SharedSlots(Protocol):
    """The slots of all processes. Methods raise Transient where they cannot say."""

    async def claim(self, generation: Generation) -> bool:
        """Whether `generation` need not wait: it has a slot now, or it is over (cancelled, say).
        NotOurs where another process has taken it over."""

    async def count_before(self, generation: Generation) -> int:
        """How many of the same person's were accepted earlier and wait too."""


@dataclass(slots=True)
class _Asker:
    """One that has the gate's leave, and waits for that of all processes."""

    place: Place
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Slots:
    """Gives out slots in this process. One for the process, on one event loop."""

    def __init__(
        self,
        show_progress: Callable[[Generation, Progress], Awaitable[None]],
        per_workspace: int | None = None,
        shared: SharedSlots | None = None,
        notify_free: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """`notify_free` tells all processes whose slot (`name_slot`) is free; it never raises."""
        self._show_progress = show_progress
        self._per_workspace = per_workspace
        self._shared = shared
        self._notify_free = notify_free
        self._gates: dict[str, FairQueue] = {}
        self._askers: dict[str, _Asker] = {}
        self._stays: dict[str, Stay] = {}

    @asynccontextmanager
    async def hold(self, generation: Generation) -> AsyncIterator[None]:
        """To be held from before the payment until PowerPost has finished, or until it is given
        back (`give_back`). If it has to wait, the person is told how long; it may be cancelled
        meanwhile. What is paid for waits for nobody."""
        has_waited = False

        async def show_position(position: QueuePosition) -> None:
            nonlocal has_waited
            if not has_waited:
                has_waited = True
                await self._show_position(generation, position)

        place, gate = generation.place, self._gate(generation.place.team_id)
        is_inside = generation.state is not State.ACCEPTED
        turn = gate.turn(place.user_id, generation.id, show_position, is_inside=is_inside)
        async with turn as stay:
            if self._shared is not None:
                await self._claim(
                    self._shared, generation, stay, lambda: show_position(gate.guess(0))
                )
            self._stays[generation.id] = stay
            try:
                yield
            finally:
                del self._stays[generation.id]
        if self._notify_free is not None:
            await self._notify_free(name_slot(place))

    async def give_back(self, generation: Generation) -> None:
        """`generation` hangs at PowerPost: others may have its slot, though it is not over."""
        place = generation.place
        if (stay := self._stays.get(generation.id)) is None or stay.has_left:
            return
        self._gate(place.team_id).give_back(place.user_id, stay)
        if self._notify_free is not None:
            await self._notify_free(name_slot(place))

    def leave_queue(self, generation_id: str) -> None:
        """It was cancelled while it waited for its slot: let it through, to be told so."""
        for gate in self._gates.values():
            gate.skip(generation_id)
        if asker := self._askers.get(generation_id):
            asker.wake.set()

    def wake(self, whose: str) -> None:
        """One of those that run has ended (`name_slot`), here or in another process: those who
        may have its slot ask again."""
        for asker in self._askers.values():
            theirs = name_slot(asker.place)
            is_colleague = theirs.partition("/")[0] == whose.partition("/")[0]
            if theirs == whose or (is_colleague and self._per_workspace is not None):
                asker.wake.set()

    def _gate(self, team_id: str) -> FairQueue:
        gate = self._gates.get(team_id)
        if gate is None:
            gate = FairQueue(capacity=self._per_workspace, per_person=RUNNING_PER_PERSON)
            self._gates[team_id] = gate
        return gate

    async def _claim(
        self,
        shared: SharedSlots,
        generation: Generation,
        stay: Stay,
        on_wait: Callable[[], Awaitable[None]],
    ) -> None:
        asker = self._askers[generation.id] = _Asker(generation.place)
        try:
            while not await retry_forever(lambda: shared.claim(generation)):
                await on_wait()
                with suppress(TimeoutError):
                    async with asyncio.timeout(ASK_AGAIN_SECONDS):
                        await asker.wake.wait()
                asker.wake.clear()
        finally:
            del self._askers[generation.id]
        stay.began = asyncio.get_running_loop().time()

    async def _show_position(self, generation: Generation, position: QueuePosition) -> None:
        position = replace(position, per_workspace=self._per_workspace)
        if self._shared is not None:
            with suppress(ImagineError):
                before = await self._shared.count_before(generation)
                guess = self._gate(generation.place.team_id).guess(before)
                position = replace(guess, per_workspace=self._per_workspace)
        progress = Progress(Phase.IN_LINE, position=position)
        await self._show_progress(generation, progress)


def name_slot(place: Place) -> str:
    """Whose slot it is, for the other processes."""
    return f"{place.team_id}/{place.user_id}"
