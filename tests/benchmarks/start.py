"""How long a start takes, and what an idle bot needs."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.fleet import StandInProcess, open_bot, open_standins
from tests.benchmarks.processes import start_child
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds

_MOST_CPU_SECONDS: Final = 1.0
_MOST_MB: Final = 100.0
_LONGEST_HELP_SECONDS: Final = 0.2
_SETTLING_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start. CPU until it was ready (its own, all threads), and memory some while later."""

    cpu_seconds: float
    wall_seconds: float
    memory_mb: float


async def measure_start(sizes: Sizes) -> list[Row]:
    """Of a bot whose database is up to date, and, beside it, of the first start, which makes the
    tables and needs Alembic for it."""
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        async with open_standins() as standins:
            first, *later = [
                await _start(standins, Path(name), sizes) for _ in range(1 + sizes.starts)
            ]
    cpu_seconds = statistics.median(start.cpu_seconds for start in later)
    memory_mb = statistics.median(start.memory_mb for start in later)
    wall_seconds = statistics.median(start.wall_seconds for start in later)
    return [
        Row(
            "start to ready, CPU",
            f"{cpu_seconds:.2f} s (the first: {first.cpu_seconds:.2f})",
            target=f"< {_MOST_CPU_SECONDS:.0f} s",
            is_met=cpu_seconds < _MOST_CPU_SECONDS,
        ),
        Row("start to ready", f"{wall_seconds:.2f} s (the first: {first.wall_seconds:.2f})"),
        Row(
            "memory idle",
            f"{memory_mb:.0f} MB (after the first start: {first.memory_mb:.0f})",
            target=f"< {_MOST_MB:.0f} MB",
            is_met=memory_mb < _MOST_MB,
        ),
        await _measure_help(sizes),
    ]


async def _start(standins: StandInProcess, directory: Path, sizes: Sizes) -> Start:
    begun = time.perf_counter()
    async with open_bot(standins, directory) as bot:
        wall_seconds, cpu_seconds = time.perf_counter() - begun, bot.child.cpu_seconds()
        await asyncio.sleep(min(_SETTLING_SECONDS, sizes.idle_seconds))
        return Start(cpu_seconds, wall_seconds, bot.child.memory_mb())


async def _measure_help(sizes: Sizes) -> Row:
    seconds = statistics.median([await _show_help() for _ in range(sizes.starts)])
    return Row(
        "`python -m bot --help`",
        milliseconds(seconds),
        target=f"< {milliseconds(_LONGEST_HELP_SECONDS)}",
        is_met=seconds < _LONGEST_HELP_SECONDS,
    )


async def _show_help() -> float:
    """Seconds that it takes."""
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        begun = time.perf_counter()
        child = await start_child(["bot", "--help"], dict(os.environ), Path(name))
        await child.wait()
        return time.perf_counter() - begun
