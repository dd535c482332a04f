"""PowerPost or Slack is away for ten minutes, whatever a generation is at: it goes on when they are
back. The ten minutes take ten seconds, on a loop that makes haste."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bot.app.app import Bot
from bot.sandbox.serving import serve
from tests.support.fast_clock import HastyLoop, run_hastily
from tests.support.stage import DESIGN, GENERAL, Stage, images_of, is_settled, open_stage, status_of

AWAY_SECONDS = 600.0
PATIENCE_SECONDS = 1800.0
CHANNELS = (DESIGN, GENERAL)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until `holds()`; how long is by the loop's own clock."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if holds():
                return
            await asyncio.sleep(1.0)


@asynccontextmanager
async def open_hasty_stage(directory: Path) -> AsyncIterator[Stage]:
    """The whole bot, and a generation that is paid for and under way."""
    async with open_stage(directory, runs_bot=False) as stage:
        bot = Bot(stage.settings)
        async with serve(bot.web_app()) as url:
            stage.delivery.bot_url = url
            await until(lambda: bot.is_connected)
            stage.powerpost.seconds_per_generation = 3600.0
            await stage.ada.run_command(DESIGN, "/imagine", "paid before")
            await until(lambda: any("*Generating*" in status_of(root) for root in stage.roots()))
            stage.powerpost.seconds_per_generation = 0.5
            yield stage


def count_settled(stage: Stage) -> int:
    return sum(is_settled(root) for channel in CHANNELS for root in stage.roots(channel))


async def check_that_all_arrived_and_was_paid_once(stage: Stage) -> None:
    await until(lambda: count_settled(stage) == 2)
    replies = [reply for channel in CHANNELS for reply in stage.replies(channel)]
    assert [len(images_of(reply)) for reply in replies] == [1, 1]
    assert stage.submits() == stage.powerpost.paid_posts == 2


async def miss_powerpost(directory: Path, loop: HastyLoop) -> None:
    async with open_hasty_stage(directory) as stage:
        stage.powerpost.faults.away = True
        stage.powerpost.end_all()
        await stage.ben.run_command(GENERAL, "/imagine", "asked meanwhile")
        loop.make_haste(60.0)
        await asyncio.sleep(AWAY_SECONDS)
        assert stage.submits() == 1
        stage.powerpost.faults.away = False
        loop.make_haste(10.0)  # the next try is up to a minute off
        await check_that_all_arrived_and_was_paid_once(stage)


async def miss_slack(directory: Path, loop: HastyLoop) -> None:
    async with open_hasty_stage(directory) as stage:
        await stage.ben.run_command(GENERAL, "/imagine", "just accepted")
        stage.workspace.faults.away = True
        stage.powerpost.end_all()
        loop.make_haste(60.0)
        await asyncio.sleep(AWAY_SECONDS)
        stage.workspace.faults.away = False
        loop.make_haste(10.0)  # the next try is up to a minute off
        await check_that_all_arrived_and_was_paid_once(stage)


def test_powerpost_away_for_ten_minutes_delays_and_costs_nothing_more(tmp_path: Path) -> None:
    run_hastily(partial(miss_powerpost, tmp_path))


def test_slack_away_for_ten_minutes_delays_what_was_paid_for(tmp_path: Path) -> None:
    run_hastily(partial(miss_slack, tmp_path))
