"""One brief of many pictures beside as many single commands: what the same pictures cost."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.policy.policy import WorkspaceSettings
from bot.store.database import Database
from bot.store.policies import PolicyStore
from tests.benchmarks.fleet import Server, StandInProcess, open_bot, open_standins
from tests.benchmarks.load import PROMPT
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row
from tests.support.schema import make_migrated_file

TEAM = "T0SANDBOX"
# As many as one person may have, so that both wait for PowerPost alike.
RUNNING = "3"
# The bot's own last writes come after what is seen in Slack.
_SETTLING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Run:
    """What came of one way to ask, and what it took."""

    pictures: int
    paid: int
    seconds: float
    slack: int
    powerpost: int
    written_kb: float


async def measure_briefs(sizes: Sizes) -> list[Row]:
    """The same number of pictures, each time on a fresh bot and database."""
    wanted = sizes.brief
    choices = "|".join(map(str, range(wanted)))
    brief = await _run(sizes, f"{PROMPT} {{{choices}}}", 1, "summary_count")
    singles = await _run(sizes, PROMPT, wanted, "settled_count")
    counts = {run.pictures for run in (brief, singles)} | {run.paid for run in (brief, singles)}
    name = f"a brief of {wanted} beside {wanted} commands:"

    def beside(what: str, one: float, other: float, unit: str = "") -> Row:
        ratio = one / other if other else float("inf")
        return Row(f"{name} {what}", f"{one:.0f} and {other:.0f}{unit}: {ratio:.2f} ×")

    return [
        Row(
            f"{name} delivered, paid for",
            f"{brief.pictures} and {singles.pictures}, {brief.paid} and {singles.paid}",
            target=f"{wanted} each",
            is_met=counts == {wanted},
        ),
        beside("to the last picture", brief.seconds, singles.seconds, " s"),
        beside("calls to Slack", brief.slack, singles.slack),
        beside("calls to PowerPost", brief.powerpost, singles.powerpost),
        beside("written to disk", brief.written_kb, singles.written_kb, " kB"),
    ]


async def _run(sizes: Sizes, text: str, commands: int, end: str) -> _Run:
    with tempfile.TemporaryDirectory(prefix="imagine-bench-") as name:
        await _ask_nothing_first(Path(name))
        async with (
            open_standins(sizes.start) as standins,
            open_bot(standins, Path(name), IMAGINE_RUNNING_PER_WORKSPACE=RUNNING) as bot,
        ):
            await standins.set(seconds_per_generation=sizes.upstream_seconds)
            bot.maker.text = text
            return await _press(sizes, standins, bot, commands, end)


async def _press(
    sizes: Sizes, standins: StandInProcess, bot: Server, commands: int, end: str
) -> _Run:
    before, disk_before = await standins.report(), bot.child.disk_kb()
    begun = time.perf_counter()
    await bot.press(min(commands, sizes.command_concurrency), count=commands)
    patience = sizes.patience_seconds

    def is_there(said: dict[str, Any]) -> bool:
        return bool(said["picture_count"] >= sizes.brief)

    await standins.wait(is_there, patience)
    seconds = time.perf_counter() - begun
    after = await standins.wait(lambda said: said[end] >= commands, patience, _SETTLING_SECONDS)
    return _Run(
        pictures=after["picture_count"],
        paid=after["paid_posts"],
        seconds=seconds,
        slack=after["slack_requests"] - before["slack_requests"],
        powerpost=after["powerpost_requests"] - before["powerpost_requests"],
        written_kb=bot.child.disk_kb() - disk_before,
    )


async def _ask_nothing_first(directory: Path) -> None:
    """A database where no brief is asked about before it is made."""
    database = Database(make_migrated_file(directory / "imagine.sqlite3"))
    settings = WorkspaceSettings(brief_ask_pictures=None, brief_ask_credits=None)
    try:
        await PolicyStore(database).change(
            TEAM,
            lambda policy: policy.model_copy(update={"settings": settings}),
            user_id="U0ADA",
            what="benchmark",
            now=datetime.now(UTC),
        )
    finally:
        await database.close()
