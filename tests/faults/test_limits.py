"""Limits that hold across real processes on one PostgreSQL: per person, per workspace, toward
PowerPost and toward Slack; and what Slack delivers to two of them is done once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from tests.support.logs import start_faultless_bot
from tests.support.parallel import run_asked
from tests.support.process import BotProcess
from tests.support.stage import ANSWER_SECONDS, DESIGN, GENERAL, Stage, hold, open_stage, status_of

ROLES = ("--role", "web"), ("--role", "worker")


@contextlib.asynccontextmanager
async def open_pair(
    directory: Path,
    postgres_url: str,
    *,
    roles: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
    **changes: Any,
) -> AsyncIterator[tuple[Stage, BotProcess, BotProcess]]:
    """Stand-ins and two processes, up and ready."""
    async with (
        open_stage(
            directory, runs_bot=False, port=0, database_url=postgres_url, **changes
        ) as stage,
        start_faultless_bot(stage.settings, directory, *roles[0]) as one,
        start_faultless_bot(stage.settings, directory, *roles[1]) as other,
    ):
        await asyncio.gather(one.until_page("/readyz", 200), other.until_page("/readyz", 200))
        yield stage, one, other


async def order(
    stage: Stage, bots: tuple[BotProcess, ...], number: int, user: str = "U0ADA", to: str = DESIGN
) -> None:
    """Ask for `number` generations at once, in turn through each of `bots`."""
    deliveries = [
        Delivery(stage.workspace, bot_url=bot.url, answer_seconds=ANSWER_SECONDS) for bot in bots
    ]
    people = [Person(stage.workspace, delivery, user) for delivery in deliveries]
    await asyncio.gather(
        *(
            people[n % len(people)].run_command(to, "/imagine", f"fog {user} {n}")
            for n in range(number)
        )
    )
    for delivery in deliveries:
        await delivery.aclose()


def never_end(stage: Stage, number: int) -> None:
    """So many of the next generations run for ever."""
    for _ in range(number):
        stage.powerpost.faults.next_outcome(Outcome.NEVER)


def waiting(stage: Stage) -> list[Message]:
    """The root messages that offer to cancel."""
    return [
        root
        for root in stage.roots()
        if any(block["block_id"] == "actions" for block in root.blocks)
    ]


async def three_of_a_persons_run_on_all_processes_together_and_another_does_not_wait(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url) as (stage, one, other):
        stage.workspace.limiter.is_on = False
        never_end(stage, 3)
        await order(stage, (one, other), 8)
        await stage.until(lambda: stage.submits() == 3)
        await stage.until(lambda: len(waiting(stage)) >= 4, what="told that they wait")

        await order(stage, (other,), 1, "U0BEN", GENERAL)
        await stage.until_told(channel=GENERAL)

        assert stage.submits() == 4


async def a_place_that_is_free_in_one_process_is_taken_by_the_other(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url) as (stage, one, other):
        stage.workspace.limiter.is_on = False
        with hold(stage.powerpost):
            await order(stage, (one,), 3)
            await stage.until(lambda: stage.submits() == 3)
            await order(stage, (other,), 3)

        await stage.until_told(6)

        assert stage.submits() == 6


async def a_workspace_may_have_a_limit_of_its_own(tmp_path: Path, postgres_url: str) -> None:
    async with open_pair(tmp_path, postgres_url, imagine_running_per_workspace=4) as (
        stage,
        one,
        other,
    ):
        stage.workspace.limiter.is_on = False
        never_end(stage, 4)
        await order(stage, (one, other), 3, "U0ADA")
        await order(stage, (other, one), 3, "U0BEN")
        await stage.until(lambda: len(waiting(stage)) == 2, what="two wait")
        await stage.until(lambda: stage.submits() >= 4, what="four run")

        await asyncio.sleep(0.3)  # what would run too many would do so now
        assert stage.submits() == 4


async def what_waits_in_a_worker_is_cancelled_at_once_from_the_web(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url, roles=ROLES) as (stage, web, _):
        stage.workspace.limiter.is_on = False
        stage.delivery.bot_url = web.url
        never_end(stage, 3)
        await order(stage, (web,), 4)
        await stage.until(lambda: len(waiting(stage)) == 1 and stage.submits() == 3)
        (root,) = waiting(stage)
        button = next(b for b in root.blocks if b["block_id"] == "actions")["elements"][0]

        await stage.ada.click(DESIGN, root.ts, "actions", "cancel", value=button["value"])
        # None of those that run ever ends: only the cancellation can bring it out of the line.
        await stage.until(lambda: "Cancelled" in status_of(root), what="cancelled")

        assert stage.submits() == 3


async def powerposts_limit_is_kept_by_all_processes_together(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url, poll_seconds=0.3) as (stage, one, other):
        stage.workspace.limiter.is_on = False
        stage.powerpost.rate_limit_per_minute = 25
        stage.powerpost.seconds_per_generation = 60.0
        await order(stage, (one, other), 6, "U0ADA")
        await order(stage, (one, other), 6, "U0BEN")

        def calls() -> list[int | None]:
            return [exchange.status for exchange in stage.powerpost.exchanges]

        await stage.until(lambda: len(calls()) >= 25, what="the window is used up")
        await asyncio.sleep(1.0)  # what would go too far would go now
        # Each by itself would go 25 times too far. An answer that comes late, where others keep the
        # machine busy, may let a call go that is refused, costs nothing, and is tried again.
        assert calls().count(429) <= 2
        assert len(calls()) - calls().count(429) == 25


async def slacks_pace_is_kept_by_all_processes_together(tmp_path: Path, postgres_url: str) -> None:
    async with open_pair(tmp_path, postgres_url) as (stage, one, other):
        await order(stage, (one, other), 3, "U0ADA")
        await order(stage, (one, other), 3, "U0BEN")
        await stage.until_told(6)

        assert stage.workspace.limiter.is_on
        posts = [e for e in stage.workspace.exchanges if e.method == "chat.postMessage"]
        taken = [exchange for exchange in posts if exchange.answer["ok"]]
        assert len(taken) == 12
        # Each by itself would be refused three times. Some may come late, where others keep the
        # machine busy for a second, and too close to the next.
        assert len(posts) - len(taken) <= 2


async def a_command_that_two_processes_get_at_once_makes_one_generation(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url) as (stage, one, other):
        stage.workspace.limiter.is_on = False
        deliveries = [
            Delivery(stage.workspace, bot_url=bot.url, answer_seconds=ANSWER_SECONDS)
            for bot in (one, other)
        ]
        stage.delivery.bot_url = one.url
        fields = {
            "team_id": stage.workspace.team_id,
            "channel_id": DESIGN,
            "user_id": "U0ADA",
            "command": "/imagine",
            "text": "fog",
            "trigger_id": "1.2.abc",
            "response_url": f"{stage.workspace.base_url}/commands/none",
        }
        answers = await asyncio.gather(
            *(delivery.send_command(fields) for delivery in deliveries for _ in range(3))
        )
        assert [answer.error for answer in answers] == [None] * 6
        await order(stage, (other,), 1, "U0BEN")  # and what comes after it is done after it
        await stage.until_told(2)

        assert len(stage.roots()) == 2
        assert stage.submits() == 2
        for delivery in deliveries:
            await delivery.aclose()


async def what_is_delivered_again_on_another_processs_socket_makes_one_generation(
    tmp_path: Path, postgres_url: str
) -> None:
    async with open_pair(tmp_path, postgres_url, slack_app_token="xapp-sandbox") as (stage, _, __):
        await stage.until(lambda: len(stage.workspace.sockets.sockets) == 2, what="two sockets")
        await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
        (sent,) = [e for e in stage.workspace.exchanges if e.kind == "command"]

        for _ in range(3):
            assert (await stage.delivery.deliver_again(sent)).error is None
        await stage.until_told()
        await stage.ada.run_command(DESIGN, "/imagine", "another lighthouse")
        await stage.until_told(2)

        assert len(stage.roots()) == 2
        assert stage.submits() == 2


async def a_process_that_dies_takes_no_place_with_it(tmp_path: Path, postgres_url: str) -> None:
    async with open_pair(tmp_path, postgres_url) as (stage, doomed, _):
        stage.workspace.limiter.is_on = False
        with hold(stage.powerpost):
            await order(stage, (doomed,), 4)
            await stage.until(lambda: stage.submits() == 3)
            doomed.process.kill()

        await stage.until_told(4)

        assert stage.submits() == 4


TRIALS = {
    trial.__name__: trial
    for trial in (
        three_of_a_persons_run_on_all_processes_together_and_another_does_not_wait,
        a_place_that_is_free_in_one_process_is_taken_by_the_other,
        a_workspace_may_have_a_limit_of_its_own,
        what_waits_in_a_worker_is_cancelled_at_once_from_the_web,
        powerposts_limit_is_kept_by_all_processes_together,
        slacks_pace_is_kept_by_all_processes_together,
        a_command_that_two_processes_get_at_once_makes_one_generation,
        what_is_delivered_again_on_another_processs_socket_makes_one_generation,
        a_process_that_dies_takes_no_place_with_it,
    )
}


@pytest.fixture(scope="module")
async def complaints(
    request: pytest.FixtureRequest, postgres_server: str
) -> dict[str, BaseException | None]:
    """What each trial that was asked for complains of."""
    return await run_asked(request, TRIALS, postgres_server, at_once=4)


@pytest.mark.parametrize("trial", TRIALS)
def test_across_processes(complaints: dict[str, BaseException | None], trial: str) -> None:
    complaint = complaints[trial]
    if complaint is not None:
        raise complaint
