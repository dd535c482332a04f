"""Limits per person: three at a time, ten waiting, each told its place; and the way out of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.slack.records import Message
from tests.support.stage import DESIGN, GENERAL, Stage, open_stage, status_of


async def order(stage: Stage, number: int, channel: str = DESIGN) -> None:
    """Ada asks for `number` generations at once."""
    await asyncio.gather(
        *(stage.ada.run_command(channel, "/imagine", f"fog {n}") for n in range(number))
    )


def has_cancel(root: Message) -> bool:
    """Whether the root message offers to cancel."""
    return any(block["block_id"] == "actions" for block in root.blocks)


async def test_three_run_and_the_next_is_told_its_place(stage: Stage) -> None:
    stage.workspace.limiter.is_on = False
    for _ in range(3):
        stage.powerpost.faults.next_outcome(Outcome.SLOW)
    await order(stage, 4)
    await stage.until(lambda: any(has_cancel(root) for root in stage.roots()))

    (waiting,) = [root for root in stage.roots() if has_cancel(root)]
    assert "Waiting" in status_of(waiting)
    assert "next" in status_of(waiting)
    await stage.until(lambda: stage.submits() == 3)
    await stage.until_told(4)
    assert stage.submits() == 4


async def test_anothers_single_request_does_not_wait_for_a_burst(stage: Stage) -> None:
    stage.workspace.limiter.is_on = False
    for _ in range(3):
        stage.powerpost.faults.next_outcome(Outcome.NEVER)
    await order(stage, 8)
    await stage.until(lambda: stage.submits() == 3)

    await stage.ben.run_command(GENERAL, "/imagine", "bens fog")
    await stage.until_told(channel=GENERAL)
    assert stage.submits() == 4


async def test_what_waits_can_be_cancelled_by_its_requester_and_costs_nothing(
    stage: Stage,
) -> None:
    stage.workspace.limiter.is_on = False
    for _ in range(3):
        stage.powerpost.faults.next_outcome(Outcome.NEVER)
    await order(stage, 4)
    await stage.until(lambda: any(has_cancel(root) for root in stage.roots()))
    (root,) = [root for root in stage.roots() if has_cancel(root)]
    button = next(b for b in root.blocks if b["block_id"] == "actions")["elements"][0]

    await stage.ben.click(DESIGN, root.ts, "actions", "cancel", value=button["value"])
    await stage.until(lambda: stage.private())
    assert "Only the person who asked" in stage.private()[0].text

    await stage.ada.click(DESIGN, root.ts, "actions", "cancel", value=button["value"])
    await stage.until(lambda: "Cancelled" in status_of(root), what="cancelled")
    assert not has_cancel(root)
    assert stage.submits() == 3


async def test_the_fourteenth_at_once_is_refused_privately(stage: Stage) -> None:
    stage.workspace.limiter.is_on = False
    for _ in range(3):
        stage.powerpost.faults.next_outcome(Outcome.NEVER)
    await order(stage, 13)
    shown = await stage.ada.run_command(DESIGN, "/imagine", "one too many")

    assert shown.message is not None
    assert "3 requests running and 10 waiting" in shown.message.text
    assert "one too many" in shown.message.text
    assert (await stage.ben.run_command(DESIGN, "/imagine", "fog")).message is None


async def test_a_workspaces_own_limit_holds_for_all_its_people_and_says_so(tmp_path: Path) -> None:
    async with open_stage(tmp_path, imagine_running_per_workspace=1) as stage:
        stage.workspace.limiter.is_on = False
        stage.powerpost.faults.next_outcome(Outcome.NEVER)
        await order(stage, 1)
        await stage.until(lambda: stage.submits() == 1)
        await stage.ben.run_command(GENERAL, "/imagine", "bens fog")

        await stage.until(lambda: any(has_cancel(root) for root in stage.roots(GENERAL)))
        (waiting,) = stage.roots(GENERAL)
        assert "next of yours (three of yours, and 1 of this workspace's" in status_of(waiting)
        assert stage.submits() == 1
