"""A calm bot: what it uses when idle, what one generation costs, and how soon pictures appear."""

from __future__ import annotations

import asyncio
import random
import struct
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.fleet import Server, StandInProcess, open_bot, open_standins
from tests.benchmarks.load import find_percentile
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row

_SETTLING_SECONDS: Final = 2.0
_MOST_IDLE_PERCENT: Final = 1.0
_WEBHOOK_TOKEN: Final = "a-token-for-the-benchmark-alone"
# https://www.sqlite.org/fileformat2.html#the_write_ahead_log
_LOG_HEADER, _FRAME_HEADER = struct.Struct(">8xI4x8s8x"), struct.Struct(">4xI8s8x")


async def measure_calm(sizes: Sizes) -> list[Row]:
    """On one bot, in this order; and the delay on another one that PowerPost gives hints to."""
    async with open_standins(sizes.start) as standins, open_bot(standins) as bot:
        rows = [
            await _measure_idle(bot, sizes),
            *await _count_cost(standins, bot, sizes),
            *_describe_delays(await _time_delays(standins, bot, sizes)),
        ]
    async with (
        open_standins(sizes.start) as standins,
        open_bot(standins, POWERPOST_WEBHOOK_TOKEN=_WEBHOOK_TOKEN) as bot,
    ):
        standins.webhook_url = f"http://127.0.0.1:{bot.port}/powerpost/webhook/{_WEBHOOK_TOKEN}"
        hinted, _ = await _time_delays(standins, bot, sizes)
    return [*rows, _show_delay("upstream finished to posted, with the webhook", hinted)]


async def _measure_idle(bot: Server, sizes: Sizes) -> Row:
    await asyncio.sleep(min(_SETTLING_SECONDS, sizes.idle_seconds))
    before = bot.child.cpu_seconds()
    await asyncio.sleep(sizes.idle_seconds)
    percent = 100 * (bot.child.cpu_seconds() - before) / sizes.idle_seconds
    return Row(
        "idle CPU",
        f"{percent:.1f} % of a core",
        target=f"< {_MOST_IDLE_PERCENT:.0f} %",
        is_met=percent < _MOST_IDLE_PERCENT,
    )


async def _count_cost(standins: StandInProcess, bot: Server, sizes: Sizes) -> list[Row]:
    """Requests and writes of a whole generation of one picture, the last edit included."""
    wanted = sizes.costed
    await standins.set(seconds_per_generation=sizes.upstream_seconds)
    before, logs = await standins.report(), list(bot.directory.glob("*.sqlite3-wal"))
    commits_before, disk_before = sum(map(count_commits, logs)), bot.child.disk_kb()
    await bot.press(1, count=wanted)
    after = await standins.wait(
        lambda said: said["settled_count"] >= wanted, sizes.patience_seconds
    )
    # The bot's own last writes come after the last edit.
    await asyncio.sleep(0.3)
    commits = sum(map(count_commits, logs)) - commits_before  # an idle bot makes none
    disk_kb = bot.child.disk_kb() - disk_before

    def each(name: str) -> str:
        return f"{(after[name] - before[name]) / wanted:.1f}"

    requests = f"{each('powerpost_requests')} to PowerPost, {each('slack_requests')} to Slack"
    return [
        Row("requests per generation", requests),
        Row(
            "database writes per generation",
            f"{commits / wanted:.1f} transactions, {disk_kb / wanted:.0f} kB",
        ),
    ]


async def _time_delays(
    standins: StandInProcess, bot: Server, sizes: Sizes
) -> tuple[list[float], list[float]]:
    """Seconds to the post from the end, and from the look that saw it. One generation after
    another is begun; each takes PowerPost its own time, and the order of the submits tells which
    is whose."""
    first = bot.maker.made
    durations = random.Random(1)  # noqa: S311 - the same in every run
    for number in range(first, first + sizes.delayed):
        await standins.set(seconds_per_generation=durations.uniform(*sizes.delayed_seconds))
        await bot.press(1, count=1)
        await standins.wait(_has_paid(number + 1), sizes.patience_seconds, 0.02)
    channels = [bot.maker.name_channel(first + number) for number in range(sizes.delayed)]
    report = await standins.wait(
        lambda said: set(channels) <= said["results"].keys(), sizes.patience_seconds
    )
    return _read_delays(report, first, channels)


def _has_paid(count: int) -> Any:
    return lambda said: said["paid_posts"] >= count


def _read_delays(
    report: dict[str, Any], first: int, channels: list[str]
) -> tuple[list[float], list[float]]:
    upstream = report["upstream"][first:]
    whole, known = [], []
    for channel, generation in zip(channels, upstream, strict=True):
        posted_at = report["results"].get(channel, float("inf"))
        whole.append(posted_at - generation["ended_at"])
        known.append(posted_at - (generation["seen_at"] or float("inf")))
    return whole, known


def _describe_delays(delays: tuple[list[float], list[float]]) -> list[Row]:
    whole, known = delays
    return [
        _show_delay("upstream finished to posted", whole),
        _show_delay("of that, once a look had seen it", known),
    ]


def _show_delay(measure: str, seconds: list[float]) -> Row:
    p50, p99 = find_percentile(seconds, 50), find_percentile(seconds, 99)
    return Row(f"{measure}, p50 and p99 of {len(seconds)}", f"{p50:.2f} s, {p99:.2f} s")


def count_commits(path: Path) -> int:
    """Transactions in a write-ahead log of SQLite since it last began anew. Pure but for the
    reading of the file."""
    content = path.read_bytes()
    if len(content) < _LOG_HEADER.size:
        return 0
    page_bytes, salt = _LOG_HEADER.unpack_from(content)
    commits = 0
    for place in range(_LOG_HEADER.size, len(content), _FRAME_HEADER.size + page_bytes):
        if place + _FRAME_HEADER.size > len(content):
            break
        pages_after, frame_salt = _FRAME_HEADER.unpack_from(content, place)
        if frame_salt != salt:
            break  # left from before
        commits += pages_after > 0
    return commits
