"""Waiting for PowerPost, with what was learnt of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.generations.record import Picture, State
from tests.generations.conftest import Desk


async def finish(desk: Desk, id_: str, seconds: float) -> None:
    """A generation that took so long, a while ago."""
    await desk.accept(id_)
    submitted_at = datetime.now(UTC) - timedelta(hours=1)
    finished_at = submitted_at + timedelta(seconds=seconds)
    store = desk.store
    await store.advance(id_, State.ACCEPTED, State.SUBMITTING)
    await store.advance(id_, State.SUBMITTING, State.PROCESSING, submitted_at=submitted_at)
    url = "https://p.example/1.webp"
    picture = Picture(1, "m1", url, 1024, 1024, finished_at + timedelta(days=7))
    await store.finish(id_, [picture], finished_at=finished_at)
    await store.advance(id_, State.FINISHED, State.DELIVERED, told_at=finished_at)


def look_times(desk: Desk) -> list[float]:
    """When PowerPost was looked at, in seconds after the submit."""
    asked = [e for e in desk.powerpost.exchanges if "/images/" in e.path]
    (submit,) = [e for e in asked if e.method == "POST"]
    return [e.at - submit.at for e in asked if e.method == "GET"]


async def test_the_first_look_is_timed_by_what_the_model_took_lately(desk: Desk) -> None:
    for number in range(5):
        await finish(desk, f"before{number}", 1.0)
    desk.powerpost.seconds_per_generation = 1.0
    await desk.accept("g1")

    assert (await desk.run(desk.make_workflow())).state is State.DELIVERED

    # Every 0.05 s from 0.05 s on it would be; by the habit it begins at 0.78 s at the earliest.
    assert look_times(desk)[0] > 0.75
    assert len(look_times(desk)) < 12


async def test_while_the_first_look_is_far_off_the_status_line_is_kept_fresh(desk: Desk) -> None:
    for number in range(5):
        await finish(desk, f"before{number}", 60.0)
    desk.powerpost.seconds_per_generation = 3600.0
    await desk.accept("g1")
    workflow = desk.make_workflow()
    life = asyncio.create_task(desk.run(workflow))

    async def is_fresh() -> bool:  # the second edit comes four seconds after the first
        return sum(e.method == "chat.update" for e in desk.workspace.exchanges) >= 2

    await desk.until(is_fresh)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)

    assert look_times(desk) == []
