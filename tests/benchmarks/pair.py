"""Two processes on one PostgreSQL against one: the same burst, once with each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass

from tests.benchmarks.fleet import Server, StandInProcess, open_bot, open_standins
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row
from tests.support.postgres import make_database, serve_postgres


@dataclass(frozen=True, slots=True)
class _Run:
    """One burst: what became of it, and how long it took to the last picture."""

    seconds: float
    cpu_seconds: float
    delivered: int
    paid: int
    faults: int


async def measure_pair(sizes: Sizes) -> list[Row]:
    """`commands` commands, to one process and then, in halves, to two: each on a fresh database.
    All of them, PostgreSQL and the stand-ins share this machine's processors."""
    with serve_postgres() as server_url:
        alone = await _run_burst(sizes, server_url, processes=1)
        pair = await _run_burst(sizes, server_url, processes=2)
    wanted = sizes.commands
    is_whole = all(
        (run.delivered, run.paid, run.faults) == (wanted, wanted, 0) for run in (alone, pair)
    )
    return [
        Row(
            f"{wanted} commands on PostgreSQL, to one process and to two: delivered, paid for",
            f"{alone.delivered} and {pair.delivered}, {alone.paid} and {pair.paid}",
            target=f"{wanted} each",
            is_met=is_whole,
        ),
        Row(
            "pictures a second, two processes beside one",
            f"{wanted / pair.seconds:.1f} and {wanted / alone.seconds:.1f}: "
            f"{alone.seconds / pair.seconds:.2f} ×",
        ),
        Row(
            "CPU of the bot per picture, two processes beside one",
            f"{pair.cpu_seconds / wanted * 1000:.0f} ms and "
            f"{alone.cpu_seconds / wanted * 1000:.0f} ms",
        ),
    ]


async def _run_burst(sizes: Sizes, server_url: str, *, processes: int) -> _Run:
    database_url = make_database(server_url)
    async with contextlib.AsyncExitStack() as stack:
        standins = await stack.enter_async_context(open_standins(sizes.start))
        bots = [
            await stack.enter_async_context(open_bot(standins, DATABASE_URL=database_url))
            for _ in range(processes)
        ]
        await standins.set(seconds_per_generation=sizes.upstream_seconds)
        return await _press_all(sizes, standins, bots)


async def _press_all(sizes: Sizes, standins: StandInProcess, bots: list[Server]) -> _Run:
    wanted, cpu_before = sizes.commands, sum(bot.child.cpu_seconds() for bot in bots)
    begun = time.perf_counter()
    loads = await asyncio.gather(
        *(
            bot.press(sizes.command_concurrency // len(bots), count=wanted // len(bots))
            for bot in bots
        )
    )
    report = await standins.wait(
        lambda said: said["complete_count"] >= wanted, sizes.patience_seconds, 0.5
    )
    return _Run(
        seconds=time.perf_counter() - begun,
        cpu_seconds=sum(bot.child.cpu_seconds() for bot in bots) - cpu_before,
        delivered=report["complete_count"],
        paid=report["paid_posts"],
        faults=sum(load.faults for load in loads),
    )
