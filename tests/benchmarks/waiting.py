"""Memory with many jobs that wait for PowerPost."""

from __future__ import annotations

from tests.benchmarks.fleet import open_bot, open_standins
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row

_MOST_MB = 300.0


async def measure_waiting(sizes: Sizes) -> list[Row]:
    """All paid for and none of them ending; looked at once a minute, which is the slowest that
    POLL_SECONDS allows: what is measured is the memory, not the looks."""
    wanted = sizes.waiting
    async with open_standins(sizes.start) as standins, open_bot(standins, POLL_SECONDS="60") as bot:
        before_mb = bot.child.memory_mb()
        await standins.set(never_ending=wanted)
        load = await bot.press(8, count=wanted)
        report = await standins.wait(
            lambda said: said["paid_posts"] >= wanted, sizes.patience_seconds, 0.5
        )
        after_mb, peak_mb = bot.child.memory_mb(), bot.child.memory_mb("VmHWM")
    is_whole = report["paid_posts"] == wanted and load.faults == 0
    return [
        Row(
            f"memory with {report['paid_posts']:,} jobs waiting",
            f"{after_mb:.0f} MB (idle {before_mb:.0f}, at most {peak_mb:.0f})",
            target=f"< {_MOST_MB:.0f} MB",
            is_met=is_whole and peak_mb < _MOST_MB,
        )
    ]
