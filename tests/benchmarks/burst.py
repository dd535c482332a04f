"""A burst of commands: nothing is lost, nothing is paid twice, and what it costs."""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.fleet import open_bot, open_standins
from tests.benchmarks.load import Load, find_percentile
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds


async def measure_burst(sizes: Sizes) -> list[Row]:
    """All commands at once; then wait until every one has its pictures in its thread."""
    wanted = sizes.commands
    async with open_standins(sizes.start) as standins, open_bot(standins) as bot:
        await standins.set(seconds_per_generation=sizes.upstream_seconds)
        cpu_before, begun = bot.child.cpu_seconds(), time.perf_counter()
        load = await bot.press(sizes.command_concurrency, count=wanted)
        report = await standins.wait(
            lambda said: said["complete_count"] >= wanted, sizes.patience_seconds, 0.5
        )
        seconds = time.perf_counter() - begun
        cpu_seconds = bot.child.cpu_seconds() - cpu_before
        peak_mb = bot.child.memory_mb("VmHWM")
    name = f"{wanted} commands, {sizes.command_concurrency} at once:"
    return [
        *_count(name, wanted, load, report),
        Row(f"{name} ack p99", milliseconds(find_percentile(load.latencies, 99))),
        Row(f"{name} all delivered after", f"{seconds:.0f} s ({wanted / seconds:.1f} a second)"),
        Row(f"{name} most memory", f"{peak_mb:.0f} MB"),
        Row("CPU per command, from the ack to the pictures", milliseconds(cpu_seconds / wanted)),
    ]


def _count(name: str, wanted: int, load: Load, report: dict[str, Any]) -> list[Row]:
    """Each command has one result with its picture, in a thread of its own channel, and was paid
    for once."""
    delivered = min(len(report["results"]), report["complete_count"])
    is_once = report["result_count"] == report["paid_posts"] == wanted
    return [
        Row(
            f"{name} acked, delivered, paid for",
            f"{wanted - load.faults}, {delivered}, {report['paid_posts']}",
            target=f"{wanted} each",
            is_met=delivered == wanted and is_once and load.faults == 0,
        )
    ]
