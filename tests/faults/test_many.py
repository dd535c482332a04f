"""Several real processes on one PostgreSQL: one dies, is frozen, or stops; the others go on."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from tests.support.logs import EXPECTED, start_faultless_bot
from tests.support.parallel import run_asked
from tests.support.postgres import make_database, serve_postgres, stop_postgres
from tests.support.process import start_bot
from tests.support.stage import DESIGN, Stage, images_of, is_settled, open_stage, status_of

PATIENCE_SECONDS = 40.0
# What an operator is told of a database that is away.
AWAY = EXPECTED | {"request.not_saved"}


async def order(stage: Stage, url: str, text: str = "a lighthouse in fog") -> None:
    """Ada asks through the process at `url`."""
    stage.delivery.bot_url = url
    assert (await stage.ada.run_command(DESIGN, "/imagine", text)).ok


def take_long(stage: Stage) -> None:
    """The next generation outlasts a lease (10 seconds)."""
    stage.powerpost.seconds_per_generation = 1.3
    stage.powerpost.faults.next_outcome(Outcome.SLOW)


async def one_process_answers_and_another_does_the_work(tmp_path: Path, postgres_url: str) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_faultless_bot(stage.settings, tmp_path, "--role", "web") as web,
        start_faultless_bot(stage.settings, tmp_path, "--role", "worker") as worker,
    ):
        await web.until_page("/readyz", 200)
        await worker.until_page("/readyz", 200)
        await order(stage, web.url)
        (result,) = await stage.until_told()

        assert len(images_of(result)) == 1
        assert stage.submits() == 1
        assert '"generation.accepted"' not in worker.output


async def when_a_worker_dies_another_takes_its_work_over(tmp_path: Path, postgres_url: str) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_faultless_bot(stage.settings, tmp_path) as doomed,
    ):
        await doomed.until_page("/readyz", 200)
        take_long(stage)
        await order(stage, doomed.url)
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        async with start_faultless_bot(stage.settings, tmp_path) as heir:
            await heir.until_page("/readyz", 200)
            doomed.process.kill()
            await stage.until(lambda: stage.replies(), PATIENCE_SECONDS, "taken over")
            (result,) = await stage.until_told()

        assert len(images_of(result)) == 1
        assert len(stage.roots()) == 1
        assert stage.submits() == 1


async def a_worker_that_was_frozen_past_its_lease_lets_go(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_faultless_bot(stage.settings, tmp_path) as frozen,
        start_faultless_bot(stage.settings, tmp_path) as heir,
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


async def the_answer_to_a_paid_post_that_a_frozen_worker_reads_late_brings_the_pictures(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_faultless_bot(stage.settings, tmp_path) as frozen,
        start_faultless_bot(stage.settings, tmp_path) as heir,
    ):
        # It may look for its own messages, and must not take the one notice for the other.
        stage.workspace.scopes |= {"channels:history"}
        await frozen.until_page("/readyz", 200)
        await heir.until_page("/readyz", 200)
        stage.powerpost.faults.next_submit(SubmitFault.SLOW)
        await order(stage, frozen.url)
        await stage.until(lambda: stage.powerpost.paid_posts == 1)
        frozen.process.send_signal(signal.SIGSTOP)  # its answer comes in two seconds
        await stage.until(lambda: stage.replies(), PATIENCE_SECONDS, "taken over")
        frozen.process.send_signal(signal.SIGCONT)
        await stage.until(lambda: "*Done*" in status_of(stage.roots()[0]), what="done after all")
        unknown, told = stage.replies()

        assert "I will not send it again by myself" in unknown.text
        assert len(images_of(told)) == 1
        assert (len(stage.roots()), stage.submits()) == (1, 1)


class Load:
    """Many requests of two people, through two processes."""

    def __init__(self, stage: Stage, urls: list[str]) -> None:
        self._stage = stage
        self._urls = urls
        self.prompts: list[str] = []

    async def order(self, number: int) -> None:
        """So many more of each person's, at once. Those that were not taken are not counted."""
        people = (self._stage.ada, self._stage.ben)
        begin = len(self.prompts)
        asked = [f"lighthouse {begin + n}" for n in range(number)]
        shown = []
        for n, prompt in enumerate(asked):
            self._stage.delivery.bot_url = self._urls[n % 2]
            shown.append(await people[n % 2].run_command(DESIGN, "/imagine", prompt))
        self.prompts += [
            prompt for prompt, one in zip(asked, shown, strict=True) if one.message is None
        ]


async def postgresql_that_restarts_under_load_loses_nothing_and_pays_nothing_twice(
    tmp_path: Path, _postgres_url: str
) -> None:
    with serve_postgres() as server:
        url = make_database(server)
        async with (
            open_stage(tmp_path, runs_bot=False, port=0, database_url=url) as stage,
            start_faultless_bot(stage.settings, tmp_path, expected=AWAY) as one,
            start_faultless_bot(stage.settings, tmp_path, expected=AWAY) as other,
        ):
            await one.until_page("/readyz", 200)
            await other.until_page("/readyz", 200)
            stage.powerpost.seconds_per_generation = 1.0
            load = Load(stage, [one.url, other.url])
            await load.order(6)
            await stage.until(lambda: stage.powerpost.paid_posts >= 2)
            async with stop_postgres(server):
                shown = await stage.ada.run_command(DESIGN, "/imagine", "while it is away")
                assert "I haven't started it" in shown.message.text  # type: ignore[union-attr]
                await asyncio.sleep(3.0)
            await one.until_page("/readyz", 200)
            await load.order(2)
            await stage.until(
                lambda: sum(map(is_settled, stage.roots())) == len(load.prompts) == 8,
                60.0,
                "all told",
            )

            asked = [e.request_json for e in stage.powerpost.exchanges if e.method == "POST"]
            prompts = [said["prompt"] for said in asked if isinstance(said, dict)]
            assert sorted(prompts) == sorted(load.prompts)
            assert [len(images_of(reply)) for reply in stage.replies()] == [1] * 8
            assert len(stage.roots()) == 8


async def a_worker_that_stops_in_order_hands_its_work_over_at_once(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=postgres_url) as stage,
        start_faultless_bot(stage.settings, tmp_path) as leaving,
        start_faultless_bot(stage.settings, tmp_path) as heir,
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


async def roles_of_their_own_need_a_database_that_can_be_shared(
    tmp_path: Path, _postgres_url: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0) as stage,
        start_bot(stage.settings, tmp_path, "--role", "worker") as refused,
    ):
        assert await refused.process.wait() == 2
        await stage.until(lambda: "needs a PostgreSQL" in refused.output)


TRIALS = {
    trial.__name__: trial
    for trial in (
        one_process_answers_and_another_does_the_work,
        when_a_worker_dies_another_takes_its_work_over,
        a_worker_that_was_frozen_past_its_lease_lets_go,
        the_answer_to_a_paid_post_that_a_frozen_worker_reads_late_brings_the_pictures,
        postgresql_that_restarts_under_load_loses_nothing_and_pays_nothing_twice,
        a_worker_that_stops_in_order_hands_its_work_over_at_once,
        roles_of_their_own_need_a_database_that_can_be_shared,
    )
}


@pytest.fixture(scope="module")
async def complaints(
    request: pytest.FixtureRequest, postgres_server: str
) -> dict[str, BaseException | None]:
    """What each trial that was asked for complains of."""
    return await run_asked(request, TRIALS, postgres_server, at_once=4)


@pytest.mark.parametrize("trial", TRIALS)
def test_of_several_processes(complaints: dict[str, BaseException | None], trial: str) -> None:
    complaint = complaints[trial]
    if complaint is not None:
        raise complaint
