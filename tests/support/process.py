"""The bot as a process of its own, and what it prints."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.settings import Settings
from tests.support.forking import Process, fork_module, open_pipe, start_module
from tests.support.root import ROOT

PATIENCE_SECONDS = 45.0  # nothing waits for it where all is well


@dataclass
class BotProcess:
    """A running `python -m bot run`. Its output is read as it comes."""

    process: Process
    lines: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def output(self) -> str:
        """Everything printed so far, standard error included."""
        return "\n".join(self.lines)

    async def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page; 0 where nobody answers."""
        async with aiohttp.ClientSession() as http:
            try:
                async with http.get(self.url + path) as answer:
                    return answer.status, await answer.text()
            except aiohttp.ClientError:
                return 0, ""

    async def until_page(self, path: str, status: int) -> str:
        """Wait until a page has this status; its body."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                found, body = await self.get(path)
                if found == status:
                    return body
                assert self.process.returncode is None, self.output
                await asyncio.sleep(0.03)

    async def stop(self, name: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; the exit code, which is 1 where it took longer than a stop may
        (bot/app/server.py)."""
        self.process.send_signal(name)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()


def write_environment(settings: Settings) -> dict[str, str]:
    """The variables that an operator would set for these settings, and no others of ours."""
    ours = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    for name, value in settings:
        if value is not None:
            shown = value.get_secret_value() if isinstance(value, SecretStr) else value
            if isinstance(shown, frozenset):
                shown = ",".join(sorted(shown))
            environment[name.upper()] = str(shown)
    return environment | {"PYTHONPATH": str(ROOT)}


@contextlib.asynccontextmanager
async def start_bot(
    settings: Settings,
    directory: Path,
    *arguments: str,
    from_nothing: bool = False,
    code: Path = ROOT,
) -> AsyncIterator[BotProcess]:
    """Start it on a free port (PORT 0; its log names the one it took); killed at the end.

    `arguments` follow `python -m bot run`. It is forked (tests/support/forking.py), unless it
    shall be started `from_nothing`, by the very command that an operator uses, or is other `code`.
    """
    start = fork_module if code == ROOT and not from_nothing else start_module
    begin = functools.partial(
        start,
        *("bot", "run", *arguments),
        environment=write_environment(settings) | {"PYTHONPATH": str(code)},
        directory=directory,
    )
    async with follow_bot(begin) as bot:
        yield bot


@contextlib.asynccontextmanager
async def follow_bot(begin: Callable[..., Awaitable[Process]]) -> AsyncIterator[BotProcess]:
    """The bot that `begin` starts, given the file that takes its `output`; killed at the end."""
    output, stream = await open_pipe()
    with output:
        process = await begin(output=output)
    bot = BotProcess(process)
    listening = asyncio.Event()
    reading = asyncio.create_task(_read(bot, stream, listening))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await listening.wait()
        yield bot
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(bot: BotProcess, stream: asyncio.StreamReader, listening: asyncio.Event) -> None:
    """Until the output ends; `listening` is set when the port is known, or will never be."""
    async for raw in stream:
        line = raw.decode().rstrip("\n")
        bot.lines.append(line)
        if '"server.listening"' in line or '"listening"' in line:  # the version before's name
            bot.url = f"http://127.0.0.1:{json.loads(line)['ports'][0]}"
            listening.set()
    listening.set()
