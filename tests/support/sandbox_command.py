"""The command that starts the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.forking import Process, fork_module, open_pipe, start_module
from tests.support.root import ROOT


@dataclass
class Sandbox:
    """A running command, and what it has said."""

    process: Process
    stream: asyncio.StreamReader
    output: str = ""

    @property
    def url(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output)
        return found[0] if found else ""

    async def read_until(self, words: str) -> None:
        """Read what it prints, until it says this or ends."""
        async with asyncio.timeout(60):
            while words not in self.output and (line := await self.stream.readline()):
                self.output += line.decode()

    def bot_ids(self) -> list[int]:
        """The processes that it has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in children.read_text().split()]


@contextlib.asynccontextmanager
async def start(*arguments: str, from_nothing: bool = False) -> AsyncIterator[Sandbox]:
    """Start `python -m bot …`, forked unless `from_nothing` (tests/support/forking.py); stopped in
    the end if it is still there."""
    start_process = start_module if from_nothing else fork_module
    output, stream = await open_pipe()
    with output:
        process = await start_process(
            *("bot", *arguments),
            environment={k: v for k, v in os.environ.items() if not k.startswith("SLACK_")},
            directory=ROOT,
            output=output,
        )
    try:
        yield Sandbox(process, stream)
    finally:
        # Not SIGKILL: nobody would stop its bot then, which holds the pipe that is waited for.
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 45)
