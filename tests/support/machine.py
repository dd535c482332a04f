"""Two workers on one database, a PowerPost whose answers come when they are let go, and a Slack
that refuses: the parts of a state machine that breaks what it can.

Nothing here is shared with the bot's own parts that it stands in for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.errors import Cause, OutcomeUnknown, Rejected, Transient
from bot.generations.engine import Engine
from bot.generations.ports import MadePicture, PollResult, Posted, Progress, Receipt
from bot.generations.queue import GenerationQueue
from bot.generations.record import Generation, NewGeneration, Picture, Place
from bot.generations.timing import PollSchedule
from bot.generations.usage import Usage
from bot.generations.workflow import GenerationWorkflow
from bot.images.request import ImageRequest
from bot.policy.presets import StoredReference
from bot.store.database import Database
from bot.store.generations import LOCAL_OWNER, GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.processes import ProcessStore

_T = TypeVar("_T")
PRICE = 3.0


class Reply(StrEnum):
    """What becomes of a paid POST."""

    PAID = "paid"
    PAID_UNHEARD = "paid, and the answer is lost"
    LOST = "never arrived, and nobody knows"
    REFUSED = "refused"
    BUSY = "busy"


@dataclass
class Charge:
    """What PowerPost took: for which prompt, and whether anybody was told so."""

    prompt: str
    is_heard: bool = False


@dataclass
class FakePowerPost:
    """Counts what it is asked. While `is_holding`, an answer to a paid POST waits to be let go."""

    replies: list[Reply] = field(default_factory=list)  # of the next paid POSTs
    posts: list[str] = field(default_factory=list)
    charges: dict[str, Charge] = field(default_factory=dict)
    is_holding: bool = False
    held: list[asyncio.Event] = field(default_factory=list)
    is_failing_looks: bool = False

    def for_workspace(self, workspace_id: str | None) -> FakePowerPost:
        """There is one workspace."""
        return self

    def let_go(self) -> None:
        """All answers that are held arrive."""
        while self.held:
            self.held.pop().set()

    @asynccontextmanager
    async def submission_turn(self) -> AsyncIterator[None]:
        """See the port."""
        yield

    async def submit(self, request: ImageRequest) -> Receipt:
        """See the port."""
        prompt = str(request.prompt)
        reply = self.replies.pop(0) if self.replies else Reply.PAID
        self.posts.append(prompt)
        charge = None
        if reply in (Reply.PAID, Reply.PAID_UNHEARD):
            charge = Charge(prompt)
            self.charges[f"i{len(self.charges)}"] = charge
        id_ = f"i{len(self.charges) - 1}"
        if self.is_holding:
            answer = asyncio.Event()
            self.held.append(answer)
            await answer.wait()
        if reply is Reply.REFUSED:
            raise Rejected(Cause.INVALID_REQUEST, "no")
        if reply is Reply.BUSY:
            raise Transient(Cause.RATE_LIMITED)
        if charge is None or reply is Reply.PAID_UNHEARD:
            raise OutcomeUnknown(Cause.NO_ANSWER)
        charge.is_heard = True
        return Receipt(id_, PRICE, self._left(), None)

    async def poll(self, image_generation_id: str) -> PollResult:
        """See the port."""
        if self.is_failing_looks:
            raise Transient(Cause.SERVER_ERROR)
        return PollResult(
            True, pictures=(MadePicture(f"m{image_generation_id}", "https://p/1", 1, 1),)
        )

    async def balance(self) -> float:
        """See the port. It takes its time: others are answered meanwhile."""
        await asyncio.sleep(1.0)
        return self._left()

    def _left(self) -> float:
        return 1000.0 - PRICE * len(self.charges)


@dataclass
class FakeSlack:
    """Remembers what it was told. `refusals` are what the next posts meet."""

    refusals: list[Exception] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)  # generation -> state each time
    shown: dict[str, int] = field(default_factory=dict)  # generation -> pictures in its thread

    def _meet(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)

    async def post_root(self, generation: Generation) -> Posted:
        """See the port."""
        self._meet()
        return Posted(generation.place.channel_id, f"root-{generation.id}")

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """See the port."""

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        """See the port."""
        self._meet()
        return f"F-{picture.media_id}"

    async def post_outcome(self, generation: Generation, usage: Usage) -> Posted | None:
        """See the port."""
        self._meet()
        self.told.setdefault(generation.id, []).append(generation.state.value)
        self.shown[generation.id] = len(generation.pictures)
        return Posted(generation.place.channel_id, f"result-{generation.id}")

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        """See the port."""

    async def post_late(self, generation: Generation, pictures: Sequence[Picture]) -> None:
        """See the port."""


class NoReferences:
    """There are none."""

    async def gather(self, generation: Generation) -> tuple[str, ...]:
        """See the port."""
        return ()

    async def gather_preset(self, generation: Generation) -> tuple[StoredReference, ...]:
        """See the port."""
        return ()

    async def forget(self, media_ids: tuple[str, ...], workspace_id: str | None = None) -> None:
        """See the port."""


class LossyDatabase(Database):
    """One whose COMMIT is applied, and its answer lost, as often as `losses` says."""

    losses = 0

    async def write(self, do: Callable[[sa.Connection], _T]) -> _T:
        """See Database."""
        written = await super().write(do)
        if self.losses > 0:
            self.losses -= 1
            raise Transient(Cause.STORAGE, "the answer was lost")
        return written


class Worker:
    """A process of the bot's, as far as generations go."""

    def __init__(
        self, name: str, database: Database, powerpost: FakePowerPost, slack: FakeSlack
    ) -> None:
        self.name = name
        self.store = GenerationStore(database, name)
        self.processes = ProcessStore(database, name)
        self.workflow = GenerationWorkflow(
            self.store,
            powerpost,
            slack,
            NoReferences(),
            LedgerStore(database).settle,
            PollSchedule(first_poll_seconds=0.1, poll_seconds=0.1),
        )
        self.engine = Engine(self.workflow.run, self.store.let_go)
        self.queue = GenerationQueue(self.store, self.engine)

    async def accept(self, number: int) -> None:
        """A request; where its COMMIT was not heard of, it may be there all the same."""
        new = NewGeneration(
            id=f"g{number}",
            origin=f"command:{number}",
            place=Place("T1", "C1", f"U{number % 2}"),
            request=ImageRequest(prompt=f"fog {number}"),
            accepted_at=datetime.now(UTC),
        )
        with contextlib.suppress(Transient):
            await self.store.accept(new)

    async def sweep(self) -> None:
        """What its leases and sweeps do now and then."""
        with contextlib.suppress(Transient):
            if self.name == LOCAL_OWNER:
                await self.processes.adopt_all()
            else:
                await self.processes.show_life()
                await self.processes.claim_orphans(50)
            await self.queue.begin_all(await self.store.list_pending())

    async def kill(self) -> None:
        """Nothing of what it has in memory is left. (What it had sent may be answered; nobody
        hears it.)"""
        await self.workflow.payment.close(0.0)
        await self.engine.close()

    async def leave(self, patience_seconds: float = 0.2) -> None:
        """As at a deploy."""
        await self.workflow.payment.close(patience_seconds)
        await self.engine.close()
        await self.workflow.payment.hand_back()
        with contextlib.suppress(Transient):
            await self.processes.leave()


async def read_rows(database: Database, table: sa.Table) -> list[Any]:
    """Everything in a table."""
    return await database.read(lambda on: list(on.execute(sa.select(table)).all()))
