"""The workflow between the stand-ins, without Slack's commands and without an engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.generations.timing import PollSchedule
from bot.generations.workflow import GenerationWorkflow
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
from tests.support.gallery import make_small_gallery
from tests.support.powerpost_stand_in import CHANGED_PRICES
from tests.support.schema import make_migrated_file
from tests.support.workflow import Desk

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


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Patience with PowerPost is short: 0.4 s for the paid POST, 1 s for the rest."""
    workspace = Workspace(file_ready_seconds=0.05)
    powerpost = PowerPost(
        api_key=API_KEY,
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=0.1,
        rate_limit_per_minute=6000,
    )
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
                SlackPublisher(slack, storage.fetch, converter, versions, quotes),
                ReferenceGatherer(
                    FileFetcher(slack),
                    PowerPostUpstream(client).upload,
                    MediaStore(database, "ws_sandbox"),
                    converter,
                ),
                LedgerStore(database).settle,
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
