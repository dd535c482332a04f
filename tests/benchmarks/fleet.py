"""Who takes part in a measurement: the stand-ins, the bot and the empty app, a process each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from bot.sandbox.run import bot_environment
from bot.sandbox.slack.workspace import Workspace
from tests.benchmarks.load import CommandMaker, Load, press
from tests.benchmarks.processes import Child, find_free_port, start_child
from tests.benchmarks.sizes import Start
from tests.support.forking import fork_module, start_module

_READY_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Server:
    """A process that hears commands."""

    child: Child
    port: int
    maker: CommandMaker
    directory: Path

    async def press(self, concurrency: int, *, seconds: float = 0.0, count: int = 0) -> Load:
        """See `load.press`."""
        return await press(self.maker, self.port, concurrency, seconds=seconds, count=count)


class StandInProcess:
    """The stand-ins, steered from here."""

    def __init__(
        self, child: Child, http: httpx.AsyncClient, directory: Path, start: Start
    ) -> None:
        self.child = child
        self.start = start
        self.directory = directory
        self._http = http
        self.slack_url = ""
        self.powerpost_url = ""
        self.webhook_url: str | None = None  # told to PowerPost with the next `set`

    async def learn_urls(self) -> None:
        """Where the services are."""
        urls = (await self.report())["urls"]
        self.slack_url, self.powerpost_url = urls["slack"], urls["powerpost"]

    async def report(self) -> dict[str, Any]:
        """See standins.StandIns.report."""
        answer: dict[str, Any] = (await self._http.get("/report")).json()
        return answer

    async def set(self, *, seconds_per_generation: float = 3.0, never_ending: int = 0) -> None:
        """How the next generations go."""
        settings = {
            "seconds_per_generation": seconds_per_generation,
            "never_ending": never_ending,
            "webhook_url": self.webhook_url,
        }
        (await self._http.post("/settings", json=settings)).raise_for_status()

    async def wait(
        self, holds: Callable[[dict[str, Any]], bool], seconds: float, pause_seconds: float = 0.25
    ) -> dict[str, Any]:
        """The first report of which `holds` is true, or the last one after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            report = await self.report()
            if holds(report) or time.monotonic() > deadline:
                return report
            await asyncio.sleep(pause_seconds)


@contextlib.asynccontextmanager
async def open_standins(start: Start = start_module) -> AsyncIterator[StandInProcess]:
    """Fresh stand-ins. `start` is how their bots come up."""
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        directory, port = Path(name), find_free_port()
        child = await start_child(
            ["tests.benchmarks.standins", str(port)], dict(os.environ), directory, fork_module
        )
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=30.0) as http:
            try:
                await _wait_until_ready(child, f"{url}/report", directory)
                standins = StandInProcess(child, http, directory, start)
                await standins.learn_urls()
                yield standins
            finally:
                await child.kill()


@contextlib.asynccontextmanager
async def open_bot(
    standins: StandInProcess, directory: Path | None = None, **settings: str
) -> AsyncIterator[Server]:
    """The bot, as an operator would start it; killed at the end. `settings` are more environment
    variables. Its database is in `directory`, or a fresh one."""
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        directory, port = directory or Path(name), find_free_port()
        environment = bot_environment(
            Workspace(),
            standins.slack_url,
            standins.powerpost_url,
            database=directory / "imagine.sqlite3",
            port=port,
        )
        child = await start_child(
            ["bot", "run"],
            {**environment, "LOG_LEVEL": "INFO", **settings},
            directory,
            standins.start,
        )
        async with _serving(child, port, directory) as server:
            yield server


@contextlib.asynccontextmanager
async def open_empty_app(standins: StandInProcess) -> AsyncIterator[Server]:
    """The empty Bolt app; killed at the end."""
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        directory, port = Path(name), find_free_port()
        child = await start_child(
            [
                "tests.benchmarks.empty",
                str(port),
                standins.slack_url,
                Workspace().signing_secret,
            ],
            dict(os.environ),
            directory,
        )
        async with _serving(child, port, directory) as server:
            yield server


@contextlib.asynccontextmanager
async def _serving(child: Child, port: int, directory: Path) -> AsyncIterator[Server]:
    try:
        await _wait_until_ready(child, f"http://127.0.0.1:{port}/readyz", directory)
        yield Server(child, port, CommandMaker(Workspace().signing_secret, port), directory)
    finally:
        await child.kill()


async def _wait_until_ready(child: Child, url: str, directory: Path) -> None:
    async with httpx.AsyncClient() as http:
        deadline = time.monotonic() + _READY_SECONDS
        while child.is_running and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get(url)).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"a process did not start; it said:\n{_read_logs(directory)}")


def _read_logs(directory: Path) -> str:
    return "\n".join(path.read_text("utf-8")[-2000:] for path in directory.glob("*.log"))
