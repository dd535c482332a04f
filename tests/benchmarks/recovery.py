"""How soon pictures come after a kill: the next start, and another process that takes over."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.benchmarks.fleet import Server, StandInProcess, open_bot, open_standins
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row
from tests.support.postgres import make_database, serve_postgres

_MOST_SECONDS: Final = 3.0
_NOTING_SECONDS: Final = 0.5  # until the answers to the last are on disk


async def measure_recovery(sizes: Sizes) -> list[Row]:
    """`in_flight` generations are paid for; the process is killed; PowerPost ends all of them; then
    a process comes. From when it is ready, or has taken over, to the last picture in its thread."""
    return [await _time_start(sizes), await _time_takeover(sizes)]


async def _time_start(sizes: Sizes) -> Row:
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        directory = Path(name)
        async with open_standins(sizes.start) as standins:
            async with open_bot(standins, directory) as bot:
                await _pay(sizes, standins, bot)
            await asyncio.sleep(sizes.upstream_seconds)
            async with open_bot(standins, directory):
                ready_at = time.time()
                delay = await _until_delivered(sizes, standins) - ready_at
    return _show(sizes, "ready", delay)


async def _time_takeover(sizes: Sizes) -> Row:
    with serve_postgres() as server_url:
        database_url = make_database(server_url)
        async with (
            open_standins(sizes.start) as standins,
            open_bot(standins, DATABASE_URL=database_url) as doomed,
            open_bot(standins, DATABASE_URL=database_url) as heir,
        ):
            await _pay(sizes, standins, doomed)
            await doomed.child.kill()
            delivered_at = await _until_delivered(sizes, standins)
            delay = delivered_at - _read_claim(heir.directory / "bot.log")
    return _show(sizes, "taken over", delay)


async def _pay(sizes: Sizes, standins: StandInProcess, bot: Server) -> None:
    await standins.set(seconds_per_generation=sizes.upstream_seconds)
    await bot.press(8, count=sizes.in_flight)
    report = await standins.wait(
        lambda said: said["paid_posts"] >= sizes.in_flight, sizes.patience_seconds, 0.05
    )
    assert report["result_count"] == 0, "some came before the kill"
    await asyncio.sleep(_NOTING_SECONDS)


async def _until_delivered(sizes: Sizes, standins: StandInProcess) -> float:
    """When the last picture was posted (Unix seconds)."""
    report = await standins.wait(
        lambda said: said["complete_count"] >= sizes.in_flight, sizes.patience_seconds, 0.05
    )
    assert report["complete_count"] == report["paid_posts"] == sizes.in_flight
    return max(map(float, report["results"].values()))


def _read_claim(log: Path) -> float:
    """When the process has claimed what the dead one had (Unix seconds)."""
    events = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    claims = [event["timestamp"] for event in events if event["event"] == "generations.claimed"]
    return datetime.fromisoformat(claims[0]).timestamp()


def _show(sizes: Sizes, begin: str, delay: float) -> Row:
    return Row(
        f"{sizes.in_flight} in flight, killed: {begin} to the last picture",
        f"{delay:.1f} s",
        target=f"< {_MOST_SECONDS:.0f} s",
        is_met=delay < _MOST_SECONDS,
    )
