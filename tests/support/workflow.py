"""The workflow on stand-ins in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.generations.ports import Step
from bot.generations.record import Generation, NewGeneration, Place, State
from bot.generations.workflow import GenerationWorkflow
from bot.images.request import ImageRequest
from bot.powerpost.client import PowerPostClient
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.workspace import Workspace
from bot.store.generations import GenerationStore
from bot.telemetry.instrumentation import Note, Operation


@dataclass
class Desk:
    """Stand-ins, a store, and as many processes' workflows on it as a test makes."""

    workspace: Workspace
    powerpost: PowerPost
    store: GenerationStore
    make_workflow: Callable[..., GenerationWorkflow]
    client: PowerPostClient
    steps: list[Step] = field(default_factory=list)
    while_balance: Callable[[], Awaitable[object]] | None = None

    async def accept(self, id_: str = "g1", quantity: int = 1) -> str:
        """Promise a generation; its id."""
        place = Place(self.workspace.team_id, "C0DESIGN", "U0ADA")
        request = ImageRequest(prompt=f"fog {id_}", quantity=quantity)
        new = NewGeneration(id_, f"test:{id_}", place, request, datetime.now(UTC))
        assert await self.store.accept(new)
        return id_

    async def run(self, workflow: GenerationWorkflow, id_: str = "g1") -> Generation:
        """The whole life of it, with the steps noted; the row afterwards."""
        await workflow.run(id_)
        return await self.store.read(id_)

    @contextmanager
    def watch(self, operation: Operation, name: str) -> Iterator[Note]:
        """An observer that notes the steps."""
        if operation is Operation.STEP:
            self.steps.append(Step(name))
        yield Note()

    async def pay(self, id_: str = "g1") -> dict[str, Any]:
        """The paid POST of a process that is not heard of for a while; what it will note."""
        async with self.client.submission_turn():
            said = await self.client.submit((await self.store.read(id_)).request)
        return {
            "image_generation_id": said.image_generation_id,
            "submitted_at": datetime.now(UTC),
            "credits_used": said.credits_used,
            "balance_after": said.remaining_credits,
        }

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until `holds()`."""
        deadline = time.monotonic() + 10
        while not await holds():
            assert time.monotonic() < deadline, "it never came to pass"
            await asyncio.sleep(0.01)

    async def looks(self) -> int:
        """How often PowerPost was looked at."""
        return sum("/images/generations/" in e.path for e in self.powerpost.exchanges)

    async def state(self, id_: str = "g1") -> State:
        """Where it stands."""
        return (await self.store.read(id_)).state

    def submits(self) -> int:
        """How many paid POSTs PowerPost saw."""
        return sum(e.path.endswith("/images/generate") for e in self.powerpost.exchanges)

    def said(self) -> list[str]:
        """The texts of all messages."""
        return [m.text for messages in self.workspace.messages.values() for m in messages]
