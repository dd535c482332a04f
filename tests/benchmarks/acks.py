"""How fast `/imagine` is acked, beside an empty Bolt app on the same server in the same run."""

from __future__ import annotations

from collections import defaultdict

from tests.benchmarks.fleet import Server, StandInProcess, open_bot, open_empty_app, open_standins
from tests.benchmarks.load import Load, find_percentile
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds

# Bolt's first request is its slowest (it asks Slack who it is).
_WARM_UP: int = 20
_LONGEST_P99_SECONDS = 0.25
_LEAST_SHARE = 0.5

Loads = dict[int, list[Load]]  # by concurrency, one for each round


async def measure_acks(sizes: Sizes) -> list[Row]:
    """Acks a second, p50 and p99 at each concurrency. What is acked is on disk, and begun."""
    ours: Loads = defaultdict(list)
    empty: Loads = defaultdict(list)
    async with open_standins(sizes.start) as standins:
        for number in range(sizes.rounds):
            # By turns, each first as often as the other: a slow minute hits both.
            if number % 2:
                await _press_empty(standins, sizes, empty)
            await _press_ours(standins, sizes, ours)
            if not number % 2:
                await _press_empty(standins, sizes, empty)
    rows = []
    for concurrency in sizes.concurrencies:
        rows += _compare(concurrency, ours[concurrency], empty[concurrency])
    all_ours = [load for loads in ours.values() for load in loads]
    faults = sum(load.faults for load in all_ours)
    answers = sum(len(load.latencies) for load in all_ours)
    rows.append(Row("not acked", f"{faults} of {answers}", target="0", is_met=faults == 0))
    return rows


async def _press_ours(standins: StandInProcess, sizes: Sizes, into: Loads) -> None:
    async with open_bot(standins) as bot:  # fresh: the jobs of an earlier round are none of its
        await _press(bot, sizes, into)


async def _press_empty(standins: StandInProcess, sizes: Sizes, into: Loads) -> None:
    async with open_empty_app(standins) as app:
        await _press(app, sizes, into)


async def _press(server: Server, sizes: Sizes, into: Loads) -> None:
    await server.press(4, count=_WARM_UP)
    for concurrency in sizes.concurrencies:
        into[concurrency].append(await server.press(concurrency, seconds=sizes.round_seconds))


def _compare(concurrency: int, ours: list[Load], empty: list[Load]) -> list[Row]:
    where = f"`/imagine`, {concurrency} at once:"
    speed, speed_empty = find_median_round(ours, empty)
    share = speed / speed_empty
    (p50, p99), (p50_empty, p99_empty) = _find_percentiles(ours), _find_percentiles(empty)
    is_most, is_least = concurrency >= 64, concurrency == 1
    return [
        Row(
            f"{where} acks a second",
            f"{speed:.0f} ({share:.2f} ×)",
            f"{speed_empty:.0f}",
            f"{_LEAST_SHARE} ×" if is_most else "",
            share >= _LEAST_SHARE if is_most else None,
        ),
        Row(
            f"{where} p50",
            milliseconds(p50),
            milliseconds(p50_empty),
            "below the empty app" if is_least else "",
            p50 < p50_empty if is_least else None,
        ),
        Row(
            f"{where} p99",
            milliseconds(p99),
            milliseconds(p99_empty),
            f"< {milliseconds(_LONGEST_P99_SECONDS)}",
            p99 < _LONGEST_P99_SECONDS,
        ),
    ]


def find_median_round(ours: list[Load], empty: list[Load]) -> tuple[float, float]:
    """Both speeds of the round whose ratio is the median one (of two, the lower). Pure.

    The speed of a shared machine changes from one minute to the next: only what was measured side
    by side is compared.
    """
    pairs = [(a.per_second, b.per_second) for a, b in zip(ours, empty, strict=True)]
    pairs.sort(key=lambda pair: pair[0] / pair[1])
    return pairs[(len(pairs) - 1) // 2]


def _find_percentiles(loads: list[Load]) -> tuple[float, float]:
    """p50 and p99 of all rounds together, in seconds."""
    latencies = [latency for load in loads for latency in load.latencies]
    return find_percentile(latencies, 50), find_percentile(latencies, 99)
