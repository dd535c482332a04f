"""A generation's surroundings in memory, for what is about time: on a loop that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.errors import ImagineError, NotOurs
from bot.generations.ports import PollResult, Posted, Progress, Receipt
from bot.generations.record import MAY_BECOME, Generation, NewGeneration, Picture, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.terms import Terms
from tests.support.examples import make_generation

_T = TypeVar("_T")

STILL = PollResult(is_ended=False)
RECEIPT = Receipt("i1", 3.0, 97.0, "req_1")


def begin(state: State, **changes: Any) -> Generation:
    """A generation of this moment."""
    now = datetime.now(UTC)
    kept = make_generation(state)
    return replace(kept, accepted_at=now, submitted_at=now, finished_at=None, **changes)


@dataclass
class MemoryStore:
    """One generation (bot/generations/ports.py, Store)."""

    kept: Generation
    durations: Sequence[float] = ()
    is_taken_over: bool = False
    unplaced_at: datetime | None = None
    refusals: list[ImagineError] = field(default_factory=list)  # of the next intents

    async def accept(self, new: NewGeneration) -> bool:
        raise NotImplementedError

    async def read_own(self, generation_id: str) -> Generation:
        self._check(generation_id)
        return self.kept

    async def advance(
        self, generation_id: str, before: State, after: State, **changes: Any
    ) -> bool:
        assert after in MAY_BECOME[before]
        return await self.note(generation_id, while_state=before, state=after, **changes)

    async def intend(self, generation: Generation, terms: Terms | None, **changes: Any) -> bool:
        if self.refusals:
            raise self.refusals.pop(0)
        return await self.advance(generation.id, State.ACCEPTED, State.SUBMITTING, **changes)

    async def hand_back(self, generation_id: str, intent: str) -> bool:
        if self.is_taken_over or self.kept.intent != intent:
            return False
        return await self.advance(generation_id, State.SUBMITTING, State.ACCEPTED)

    async def revive(self, generation_id: str, **receipt: Any) -> bool:
        assert generation_id == self.kept.id
        self.kept = replace(self.kept, state=State.PROCESSING, **receipt)
        return True

    async def note(
        self, generation_id: str, *, while_state: State | None = None, **changes: Any
    ) -> bool:
        self._check(generation_id)
        moments = [each for each in changes.values() if isinstance(each, datetime)]
        assert all(each.tzinfo is UTC for each in moments)
        if while_state not in (None, self.kept.state):
            return False
        self.unplaced_at = changes.pop("unplaced_at", self.unplaced_at)
        self.kept = replace(self.kept, **changes)
        return True

    async def finish(self, generation_id: str, found: Iterable[Picture], **changes: Any) -> bool:
        return await self.advance(
            generation_id, State.PROCESSING, State.FINISHED, pictures=tuple(found), **changes
        )

    async def note_picture(self, generation_id: str, position: int, **changes: Any) -> None:
        raise NotImplementedError

    async def list_pending(self) -> list[str]:
        return [self.kept.id]

    async def find_kept(self, news: Sequence[NewGeneration]) -> dict[str, str]:
        raise NotImplementedError

    async def recent_durations(self, model: Model, quantity: int, limit: int) -> list[float]:
        return list(self.durations[:limit])

    def _check(self, generation_id: str) -> None:
        assert generation_id == self.kept.id
        if self.is_taken_over:
            raise NotOurs(self.kept.id)


@dataclass
class MemoryPowerPost:
    """Answers by its lists, the last one for ever; notes when it was asked (the loop's time)."""

    looks: list[PollResult | ImagineError] = field(default_factory=lambda: [STILL])
    receipts: list[Receipt | ImagineError] = field(default_factory=lambda: [RECEIPT])
    balances: list[float | ImagineError] = field(default_factory=lambda: [100.0])
    balance_seconds: float = 0.0
    submit_seconds: float = 0.0
    looked_at: list[float] = field(default_factory=list)
    submitted_at: list[float] = field(default_factory=list)
    workspaces: list[str | None] = field(default_factory=list)

    def for_workspace(self, workspace_id: str | None) -> MemoryPowerPost:
        self.workspaces.append(workspace_id)
        return self

    @asynccontextmanager
    async def submission_turn(self) -> AsyncIterator[None]:
        yield

    async def submit(self, request: ImageRequest) -> Receipt:
        self.submitted_at.append(_now())
        await asyncio.sleep(self.submit_seconds)
        return _next(self.receipts)

    async def poll(self, image_generation_id: str) -> PollResult:
        assert image_generation_id == "i1"
        self.looked_at.append(_now())
        return _next(self.looks)

    async def balance(self) -> float:
        await asyncio.sleep(self.balance_seconds)
        return _next(self.balances)

    @property
    def pauses(self) -> list[float]:
        """Before each look, since the one before it or since 0."""
        return [
            after - before
            for before, after in zip([0.0, *self.looked_at], self.looked_at, strict=False)
        ]


@dataclass
class MemoryAudience:
    """Notes what it is shown, and when."""

    shown: list[tuple[float, Progress]] = field(default_factory=list)

    async def post_root(self, generation: Generation) -> Posted:
        raise NotImplementedError

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        self.shown.append((_now(), progress))

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        raise NotImplementedError

    async def post_outcome(self, generation: Generation, usage: Usage) -> Posted | None:
        raise NotImplementedError

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        raise NotImplementedError

    async def post_late(self, generation: Generation, pictures: Sequence[Picture]) -> None:
        raise NotImplementedError


def _now() -> float:
    return asyncio.get_running_loop().time()


def _next(answers: list[_T | ImagineError]) -> _T:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    return answer
