"""The whole bot on a stage: between the two stand-ins, over HTTP on loopback, in this process."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app.app import Bot
from bot.cli.manifest import read_manifest
from bot.generations.timing import Patience, PollSchedule
from bot.sandbox.powerpost.gallery import Gallery
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.serving import Outage, serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace
from bot.settings import Settings
from tests.support.gallery import make_small_gallery
from tests.support.powerpost_stand_in import CHANGED_PRICES
from tests.support.schema import make_migrated_file

DESIGN = "C0DESIGN"
GENERAL = "C0GENERAL"
LAUNCH = "G0LAUNCH"
SHARED = "C0HARBOUR"  # with another company, whose person in it is Cleo
TALK = "D0ADABEN"  # Ada's and Ben's, without the bot
API_KEY = "pp_live_sk_stage"
# Nobody waits two minutes here for a picture that never comes.
RHYTHM = PollSchedule(
    0.05, 0.05, Patience(4.0, 2.5, late_pause_seconds=0.2), file_poll_seconds=0.03
)
# Long enough for a slow machine; nothing waits for it where all is well.
PATIENCE_SECONDS = 45.0
# Slack gives the bot, and a trigger, three seconds; a machine that is busy with other tests may
# take as long to let it speak at all. That it speaks at once is measured elsewhere
# (tests/benchmarks, tests/slack/kit/test_endpoint.py).
ANSWER_SECONDS = 15.0


@dataclass
class Stage:
    """The stand-ins, the people, and the bot between them."""

    workspace: Workspace
    powerpost: PowerPost
    delivery: Delivery
    settings: Settings
    bot_url: str = ""

    @property
    def ada(self) -> Person:
        """A person, and an admin."""
        return Person(self.workspace, self.delivery, "U0ADA")

    @property
    def ben(self) -> Person:
        """Another person."""
        return Person(self.workspace, self.delivery, "U0BEN")

    @property
    def cleo(self) -> Person:
        """A person of another company, and an admin there."""
        return Person(self.workspace, self.delivery, "U0CLEO")

    def roots(self, channel: str = DESIGN) -> list[Message]:
        """The bot's root messages in a channel."""
        return [m for m in self._of_bot(channel) if m.thread_ts in (None, m.ts)]

    def replies(self, channel: str = DESIGN) -> list[Message]:
        """The bot's messages in threads."""
        return [m for m in self._of_bot(channel) if m.thread_ts not in (None, m.ts)]

    def private(self, channel: str = DESIGN) -> list[Message]:
        """What only one person sees."""
        return [m for m in self.workspace.messages[channel] if m.ephemeral_to is not None]

    def _of_bot(self, channel: str) -> list[Message]:
        return [
            m
            for m in self.workspace.messages[channel]
            if m.bot_id is not None and m.ephemeral_to is None
        ]

    async def until(
        self, holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS, what: str = ""
    ) -> None:
        """Wait until `holds()`; AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                shown = [(m.text, m.thread_ts) for m in self.workspace.messages[DESIGN]]
                raise AssertionError(f"it never came to pass: {what}; in the channel: {shown}")
            await asyncio.sleep(0.01)

    async def until_told(self, number: int = 1, channel: str = DESIGN) -> list[Message]:
        """Wait until `number` generations were told and their status lines say so."""
        await self.until(
            lambda: (
                len(self.replies(channel)) >= number
                and sum(is_settled(root) for root in self.roots(channel)) >= number
            ),
            what=f"{number} told",
        )
        return self.replies(channel)

    async def until_told_in_thread(
        self, thread_ts: str, number: int = 1, channel: str = DESIGN
    ) -> list[Message]:
        """Wait until `number` generations that were asked for in a thread were told there; the
        bot's messages in it, oldest first."""

        def is_told() -> bool:
            roots = [m for m in self.thread(thread_ts, channel) if has_status(m)]
            return sum(is_settled(root) for root in roots) >= number

        await self.until(is_told, what=f"{number} told in the thread")
        return self.thread(thread_ts, channel)

    def thread(self, thread_ts: str, channel: str = DESIGN) -> list[Message]:
        """The bot's replies in one thread."""
        return [m for m in self.replies(channel) if m.thread_ts == thread_ts]

    def submits(self) -> int:
        """How many `POST /images/generate` PowerPost saw, refused ones included."""
        return sum(
            exchange.method == "POST" and exchange.path.endswith("/images/generate")
            for exchange in self.powerpost.exchanges
        )


@contextlib.contextmanager
def hold(powerpost: PowerPost) -> Iterator[None]:
    """What is submitted meanwhile ends no sooner than this, however slow the machine is."""
    usual, powerpost.seconds_per_generation = powerpost.seconds_per_generation, 3600.0
    yield
    powerpost.seconds_per_generation = usual
    powerpost.end_all()


def status_of(root: Message) -> str:
    """The status line of a root message."""
    block = next(block for block in root.blocks if block["block_id"] == "status")
    text: str = block["elements"][0]["text"]
    return text


def has_status(message: Message) -> bool:
    """Whether it is the root message of a generation."""
    return any(block.get("block_id") == "status" for block in message.blocks)


def is_settled(root: Message) -> bool:
    """Whether the status line has its last state."""
    ends = ("Done", "Failed", "Outcome unknown", "Not started", "made in")
    return any(f"*{end}*" in status_of(root) for end in ends) or "made in" in status_of(root)


def images_of(message: Message) -> list[dict[str, Any]]:
    """The image blocks of a message."""
    return [block for block in message.blocks if block["type"] == "image"]


def make_settings(slack_url: str, powerpost_url: str, database: Path, **changes: Any) -> Settings:
    """The settings of a bot on stage."""
    values: dict[str, Any] = {
        "slack_bot_token": "xoxb-sandbox",
        "slack_signing_secret": "sandbox-signing-secret",
        "slack_api_url": f"{slack_url}/api",
        "powerpost_api_key": API_KEY,
        "powerpost_workspace_id": "ws_sandbox",
        "powerpost_api_url": f"{powerpost_url}/api/v1",
        "database_url": f"sqlite:///{database}",
        "host": "127.0.0.1",
        "poll_seconds": 0.1,
    }
    return Settings(_env_file=None, **(values | changes))


@functools.cache
def _read_manifest() -> dict[str, Any]:
    return read_manifest()


@contextlib.asynccontextmanager
async def open_stage(
    directory: Path, *, runs_bot: bool = True, gallery: Gallery | None = None, **changes: Any
) -> AsyncIterator[Stage]:
    """Stand-ins and bot up and ready. `changes` are settings; without `runs_bot` only the
    stand-ins are up, and the test starts the bot itself (`run_bot`). The pictures are small,
    if no `gallery` is given."""
    workspace = Workspace(file_ready_seconds=0.02, trigger_seconds=ANSWER_SECONDS)
    workspace.adopt_manifest(_read_manifest())
    powerpost = PowerPost(
        api_key=API_KEY,
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=0.05,
        rate_limit_per_minute=6000,
    )
    outage = Outage()
    powerpost.faults.on_away = outage.set_away  # away, it refuses connections
    async with (
        serve(
            build_powerpost(powerpost, gallery or make_small_gallery()), outage=outage
        ) as powerpost_url,
        serve(build_slack(workspace)) as slack_url,
    ):
        workspace.base_url = slack_url
        settings = make_settings(slack_url, powerpost_url, directory / "imagine.sqlite3", **changes)
        delivery = Delivery(workspace, answer_seconds=ANSWER_SECONDS, retry_delays=(0.0, 0.05, 0.1))
        stage = Stage(workspace, powerpost, delivery, settings)
        try:
            if not runs_bot:
                yield stage
            else:
                async with run_bot(stage):
                    yield stage
        finally:
            await delivery.aclose()


@contextlib.asynccontextmanager
async def run_bot(stage: Stage) -> AsyncIterator[Bot]:
    """The bot, served at an address that the stage's people then talk to."""
    path = stage.settings.sqlite_path
    if path is not None and not path.exists():
        make_migrated_file(path)
    bot = Bot(stage.settings, RHYTHM)
    async with serve(bot.web_app()) as url:
        stage.bot_url = stage.delivery.bot_url = url
        await stage.until(lambda: bot.is_connected, what="connected to Slack")
        yield bot
