"""The workflow between the stand-ins, without Slack's commands and without an engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.generations.ports import Step
from bot.generations.record import Generation, NewGeneration, Place, State
from bot.generations.timing import PollSchedule
from bot.generations.workflow import GenerationWorkflow
from bot.images.request import ImageRequest
from bot.policy.book import PolicyBook
from bot.powerpost.client import PowerPostClient, Timeouts
from bot.powerpost.downloads import PictureStorage
from bot.powerpost.upstream import PowerPostUpstream
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.connection import build_client
from bot.slack.kit.files import FileFetcher
from bot.slack.kit.pictures import PictureConverter
from bot.slack.kit.references import ReferenceGatherer
from bot.slack.results.publisher import SlackPublisher
from bot.slack.results.quotes import Quotes
from bot.slack.results.versions import Versions
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.media import MediaStore
from bot.store.policies import PolicyStore
from bot.store.prices import PriceStore
from bot.store.versions import VersionStore
from bot.telemetry.instrumentation import Note, Operation
from tests.gallery import make_small_gallery
from tests.schema import make_migrated_file

API_KEY = "pp_live_sk_desk"


class WatchedUpstream(PowerPostUpstream):
    """PowerPost, and something that happens while the balance is asked for."""

    def __init__(self, client: PowerPostClient, desk: Desk) -> None:
        super().__init__(client)
        self._desk = desk

    async def balance(self) -> float:
        """See PowerPostUpstream."""
        if (happens := self._desk.while_balance) is not None:
            self._desk.while_balance = None
            await happens()
        return await super().balance()


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


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Patience with PowerPost is short: 0.4 s for the paid POST, 1 s for the rest."""
    workspace = Workspace(file_ready_seconds=0.05)
    powerpost = PowerPost(api_key=API_KEY, seconds_per_generation=0.1, rate_limit_per_minute=6000)
    url = make_migrated_file(tmp_path / "imagine.sqlite3")
    database = Database(url)
    store = GenerationStore(database)
    async with (
        serve(build_powerpost(powerpost, make_small_gallery())) as powerpost_url,
        serve(build_slack(workspace)) as slack_url,
    ):
        workspace.base_url = slack_url
        slack = build_client(f"{slack_url}/api", workspace.bot_token)
        client = PowerPostClient(
            base_url=f"{powerpost_url}/api/v1",
            api_key=API_KEY,
            workspace_id="ws_sandbox",
            timeouts=Timeouts(connect_seconds=1.0, paid_seconds=0.4, free_seconds=1.0),
        )
        storage, converter = PictureStorage(f"{powerpost_url}/api/v1"), PictureConverter()

        def make_workflow(schedule: PollSchedule | None = None) -> GenerationWorkflow:
            versions = Versions(store, VersionStore(database), lambda: None)
            quotes = Quotes(PriceStore(database), PolicyBook(PolicyStore(database)))
            return GenerationWorkflow(
                store,
                WatchedUpstream(client, opened),
                SlackPublisher(slack, storage, converter, versions, quotes),
                ReferenceGatherer(
                    FileFetcher(slack),
                    PowerPostUpstream(client),
                    MediaStore(database, "ws_sandbox"),
                    converter,
                ),
                LedgerStore(database),
                schedule or PollSchedule(first_poll_seconds=0.05, poll_seconds=0.05),
                opened,
            )

        opened = Desk(workspace, powerpost, store, make_workflow, client)
        yield opened
        converter.close()
        await storage.aclose()
        await client.aclose()
        assert slack.session is not None
        await slack.session.close()
    await database.close()
