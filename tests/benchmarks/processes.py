"""Processes under measurement: started, paused, ended, and read from /proc (so: Linux only)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.support.forking import Process, start_module
from tests.support.root import ROOT

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS: Final = 15.0


class Child:
    """A Python process of ours. What it prints goes to `log`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    def cpu_seconds(self) -> float:
        """CPU that it has used so far, all threads, user and system."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Resident memory now; with `VmHWM` the most there was. MB of 1,000,000 bytes."""
        for line in self._read("status").splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
        raise LookupError(field)

    def disk_kb(self) -> float:
        """What it has caused to be written to the disk so far, in kB of 1,000 bytes."""
        for line in self._read("io").splitlines():
            if line.startswith("write_bytes:"):
                return int(line.split()[1]) / 1e3
        raise LookupError("write_bytes")

    def pause(self) -> None:
        """Stop it from using the CPU until `resume`."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    async def wait(self) -> int:
        """Until it ends by itself; its exit code."""
        return await self._process.wait()

    async def kill(self) -> None:
        """End it at once."""
        if self.is_running:
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end; killed after 15 seconds."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    def _read(self, name: str) -> str:
        return Path(f"/proc/{self._process.pid}/{name}").read_text("utf-8")


async def start_child(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    start: Callable[..., Awaitable[Process]] = start_module,
) -> Child:
    """`python -m {arguments}` in `directory`, its output appended to `{first argument}.log`. What
    is not measured itself may be forked: `start` is `fork_module` then."""
    with (directory / f"{arguments[0]}.log").open("ab") as log:
        process = await start(
            *arguments,
            environment={**environment, "PYTHONPATH": str(ROOT)},
            directory=directory,
            output=log,
        )
    return Child(process)


def find_free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
