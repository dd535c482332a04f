"""The bot as a real process between the stand-ins, to be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx
import sqlalchemy as sa

from bot.sandbox.listeners import find_free_port
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.run import API_KEY, bot_environment
from bot.sandbox.serving import serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person, Shown
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace
from bot.store.tables import generations
from tests.support.forking import Process, fork_module, start_module
from tests.support.gallery import make_small_gallery
from tests.support.gates import Gate, Seen, Stop, Trap, When
from tests.support.powerpost_stand_in import CHANGED_PRICES
from tests.support.stage import ANSWER_SECONDS

CHANNEL = "C0DESIGN"
PATIENCE_SECONDS = 60.0  # nothing waits for it where all is well
Side = Literal["slack", "powerpost"]


@dataclass
class House:
    """Stand-ins that stay, and a bot that comes and goes."""

    workspace: Workspace
    powerpost: PowerPost
    delivery: Delivery
    gates: dict[Side, Gate]
    environment: dict[str, str]
    directory: Path
    process: Process | None = None
    python: str | None = None  # another one than this, which then starts the bot from nothing

    @property
    def database_url(self) -> str:
        """The bot's database."""
        return self.environment["DATABASE_URL"]

    @property
    def log(self) -> Path:
        """What all its processes have said."""
        return self.directory / "bot.log"

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start the bot, and wait until it is ready, or dead."""
        with self.log.open("ab") as log:
            start = (
                fork_module if self.python is None else partial(start_module, python=self.python)
            )
            self.process = await start(
                "bot", "run", environment=self.environment, directory=self.directory, output=log
            )
        url = f"http://127.0.0.1:{self.environment['PORT']}/readyz"
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as http:
            while self.is_running:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """SIGKILL: no warning, nothing tidied up."""
        if self.process is not None and self.is_running:
            self.process.kill()
            await self.process.wait()

    async def terminate(self) -> None:
        """SIGTERM; returns at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    async def wait_for_exit(self) -> int:
        """The exit code; 1 where it took longer than a stop may (bot/app/server.py)."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    def set_trap(
        self,
        side: Side,
        when: When,
        matches: Callable[[Seen], bool],
        act: Callable[[], Awaitable[None]] | None = None,
    ) -> Trap:
        """Do `act` (kill the bot, unless said) when a request that matches comes to `side`."""
        trap = Trap(matches, when, act or self.kill)
        self.gates[side].trap = trap
        return trap

    def set_stop(self, side: Side, when: When, matches: Callable[[Seen], bool]) -> Stop:
        """Hold up a request that matches and comes to `side`."""
        stop = Stop(matches, when)
        self.gates[side].stops.append(stop)
        return stop

    def calm_down(self) -> None:
        """No traps and stops, fine weather."""
        for gate in self.gates.values():
            gate.trap = None
            gate.stops.clear()
        self.workspace.faults.clear()
        self.powerpost.faults.clear()

    async def ask(self, prompt: str, channel: str = CHANNEL) -> Shown:
        """Ada's command."""
        ada = Person(self.workspace, self.delivery, "U0ADA")
        return await ada.run_command(channel, "/imagine", prompt)

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        """Wait until `holds()`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}; the bot said: {self.log.read_text()[-4000:]}")
            await asyncio.sleep(0.02)

    async def until_all_told(self) -> None:
        """Wait until the bot owes nothing to anyone."""
        pending = sa.select(generations.c.id).where(generations.c.told_at.is_(None))
        await self.until(lambda: not self.query(pending), "not all were told")

    def query(self, question: sa.Select[Any]) -> Sequence[Any]:
        """What the bot's database answers."""
        engine = sa.create_engine(self.database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return connection.execute(question).all()

    def state_of(self, prompt: str) -> str:
        """The state of the one generation with this prompt."""
        of_prompt = generations.c.request["prompt"].as_string() == prompt
        ((state,),) = self.query(sa.select(generations.c.state).where(of_prompt))
        return str(state)

    def submits(self, prompt: str) -> int:
        """How often PowerPost was asked for pictures of it."""
        asked = [e.request_json for e in self.powerpost.exchanges if e.method == "POST"]
        return sum(isinstance(said, dict) and said.get("prompt") == prompt for said in asked)

    def charges(self, prompt: str) -> int:
        """How often PowerPost took credits for it."""
        return sum(g.prompt == prompt for g in self.powerpost.generations.values())

    def said(self, prompt: str, *kinds: Literal["root", "result", "unknown"]) -> list[Message]:
        """The bot's messages of these kinds about the generation with this prompt."""
        of_prompt = generations.c.request["prompt"].as_string() == prompt
        ids = {id_ for (id_,) in self.query(sa.select(generations.c.id).where(of_prompt))}
        return self.about(ids, *kinds)

    def about(self, ids: Collection[str], *kinds: str) -> list[Message]:
        """The bot's messages of these kinds about these generations or briefs."""
        return [
            message
            for of_channel in self.workspace.messages.values()
            for message in of_channel
            if message.metadata
            and message.metadata["event_payload"]["kind"] in kinds
            and message.metadata["event_payload"]["generation"] in ids
        ]


@contextlib.asynccontextmanager
async def open_house(directory: Path, database_url: str | None = None) -> AsyncIterator[House]:
    """Stand-ins behind gates; the bot is not started yet. Its database is a SQLite file, unless
    another is given."""
    workspace = Workspace(file_ready_seconds=0.05)
    powerpost = PowerPost(
        api_key=API_KEY,
        balance=1000,
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=0.3,
        rate_limit_per_minute=6000,
    )
    slack_gate, powerpost_gate = (
        Gate(build_slack(workspace)),
        Gate(build_powerpost(powerpost, make_small_gallery())),
    )
    port = find_free_port()
    async with serve(powerpost_gate) as powerpost_url, serve(slack_gate) as slack_url:
        workspace.base_url = slack_url
        environment = bot_environment(
            workspace, slack_url, powerpost_url, database=directory / "imagine.sqlite3", port=port
        )
        environment |= {"POLL_SECONDS": "0.1", "LOG_LEVEL": "INFO"}
        if database_url is not None:
            environment["DATABASE_URL"] = database_url
        delivery = Delivery(
            workspace, bot_url=f"http://127.0.0.1:{port}", answer_seconds=ANSWER_SECONDS
        )
        gates: dict[Side, Gate] = {"slack": slack_gate, "powerpost": powerpost_gate}
        house = House(workspace, powerpost, delivery, gates, environment, directory)
        try:
            yield house
        finally:
            await house.kill()
            await delivery.aclose()
