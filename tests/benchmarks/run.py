"""The benchmarks by name, and running them one after another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tests.benchmarks.acks import measure_acks
from tests.benchmarks.aged import measure_aged
from tests.benchmarks.briefs import measure_briefs
from tests.benchmarks.burst import measure_burst
from tests.benchmarks.calm import measure_calm
from tests.benchmarks.crowd import measure_crowd
from tests.benchmarks.disk import measure_disk
from tests.benchmarks.looks import measure_looks
from tests.benchmarks.pair import measure_pair
from tests.benchmarks.recovery import measure_recovery
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.start import measure_start
from tests.benchmarks.table import Row
from tests.benchmarks.waiting import measure_waiting

Benchmark = Callable[[Sizes], Awaitable[list[Row]]]

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "acks": measure_acks,
    "aged": measure_aged,
    "brief": measure_briefs,
    "burst": measure_burst,
    "calm": measure_calm,
    "crowd": measure_crowd,
    "disk": measure_disk,
    "looks": measure_looks,
    "pair": measure_pair,
    "recovery": measure_recovery,
    "start": measure_start,
    "waiting": measure_waiting,
}


async def run_benchmarks(
    names: Sequence[str], sizes: Sizes, say: Callable[[str], None]
) -> list[Row]:
    """The rows of all of `names`. Never two at once: they would measure each other."""
    rows: list[Row] = []
    for name in names:
        say(f"measuring: {name} …")
        rows += await BENCHMARKS[name](sizes)
    return rows
