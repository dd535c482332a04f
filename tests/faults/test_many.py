"""Several real processes on one PostgreSQL: one dies, is frozen, or stops; the others go on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from bot.sandbox.powerpost.weather import Outcome
from tests.process import start_bot
from tests.stage import DESIGN, Stage, images_of, open_stage

PATIENCE_SECONDS = 40.0


async def order(stage: Stage, url: str, text: str = "a lighthouse in fog") -> None:
    """Ada asks through the process at `url`."""
    stage.delivery.bot_url = url
    assert (await stage.ada.run_command(DESIGN, "/imagine", text)).ok


def take_long(stage: Stage) -> None:
    """The next generation outlasts a lease (10 seconds)."""
    stage.powerpost.seconds_per_generation = 1.3
    stage.powerpost.weather.next_outcome(Outcome.SLOW)


async def test_one_process_answers_and_another_does_the_work(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_bot(stage.settings, tmp_path, "--role", "web") as web,
        start_bot(stage.settings, tmp_path, "--role", "worker") as worker,
    ):
        await web.until_page("/readyz", 200)
        await worker.until_page("/readyz", 200)
        await order(stage, web.url)
        (result,) = await stage.until_told()

        assert len(images_of(result)) == 1
        assert stage.submits() == 1
        assert '"accepted"' not in worker.output


async def test_when_a_worker_dies_another_takes_its_work_over(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_bot(stage.settings, tmp_path) as doomed,
    ):
        await doomed.until_page("/readyz", 200)
        take_long(stage)
        await order(stage, doomed.url)
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        async with start_bot(stage.settings, tmp_path) as heir:
            await heir.until_page("/readyz", 200)
            doomed.process.kill()
            await stage.until(lambda: stage.replies(), PATIENCE_SECONDS, "taken over")
            (result,) = await stage.until_told()

        assert len(images_of(result)) == 1
        assert len(stage.roots()) == 1
        assert stage.submits() == 1


async def test_a_worker_that_was_frozen_past_its_lease_lets_go(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_bot(stage.settings, tmp_path) as frozen,
        start_bot(stage.settings, tmp_path) as heir,
    ):
        await frozen.until_page("/readyz", 200)
        await heir.until_page("/readyz", 200)
        take_long(stage)
        await order(stage, frozen.url)
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        frozen.process.send_signal(signal.SIGSTOP)
        await stage.until(lambda: stage.replies(), PATIENCE_SECONDS, "taken over")
        await stage.until_told()
        frozen.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(1.5)  # what it would do wrong, it would do now

        assert len(stage.replies()) == 1
        assert stage.submits() == 1
        assert await frozen.until_page("/readyz", 200)


async def test_a_worker_that_stops_in_order_hands_its_work_over_at_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_bot(stage.settings, tmp_path) as leaving,
        start_bot(stage.settings, tmp_path) as heir,
    ):
        await leaving.until_page("/readyz", 200)
        await heir.until_page("/readyz", 200)
        take_long(stage)
        await order(stage, leaving.url)
        await stage.until(lambda: stage.powerpost.paid_posts == 1)

        assert await leaving.stop() == 0
        (result,) = await stage.until_told()
        assert len(images_of(result)) == 1
        assert stage.submits() == 1


async def test_roles_of_their_own_need_a_database_that_can_be_shared(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0) as stage,
        start_bot(stage.settings, tmp_path, "--role", "worker") as refused,
    ):
        assert await refused.process.wait() == 2
        await stage.until(lambda: "needs a PostgreSQL" in refused.output)
