"""Stopped and started again: what was promised is kept, and what was paid for is delivered."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.generations.record import NewGeneration, Place
from bot.images.request import ImageRequest
from bot.sandbox.powerpost.faults import SubmitFault
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.migrate import migrate
from tests.support.rendered_text import find_insides
from tests.support.stage import (
    DESIGN,
    Stage,
    hold,
    images_of,
    is_settled,
    open_stage,
    run_bot,
    status_of,
)

PROMPT = "a lighthouse in fog"


@pytest.fixture
async def empty_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stand-ins; each test starts and stops the bot."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened
    assert find_insides(opened) == []


def ask_database(stage: Stage, statement: str, *values: Any) -> list[Any]:
    """One statement on the bot's tables, while the bot is not running."""
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


def is_generating(stage: Stage) -> bool:
    """Whether some status line says that it is paid for and under way."""
    return any("*Generating*" in status_of(root) for root in stage.roots())


async def test_a_generation_that_was_waited_for_is_delivered_by_the_next_process(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    with hold(stage.powerpost):
        async with run_bot(stage):
            await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
            await stage.until(lambda: stage.powerpost.paid_posts == 1)
            await stage.until(lambda: is_generating(stage))
    async with run_bot(stage):
        (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert (len(stage.roots()), stage.submits()) == (1, 1)


async def test_pictures_that_were_paid_for_days_ago_are_still_fetched(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    stage.powerpost.seconds_per_generation = 3600.0
    async with run_bot(stage):
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until(lambda: is_generating(stage))
    then = (datetime.now(UTC) - timedelta(days=6)).strftime("%Y-%m-%d %H:%M:%S.%f")
    ask_database(stage, "UPDATE generations SET accepted_at = ?, submitted_at = ?", then, then)
    (generation,) = stage.powerpost.generations.values()
    generation.ends_at = stage.powerpost.now()  # PowerPost finishes meanwhile
    async with run_bot(stage):
        (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert stage.submits() == 1


async def test_a_promise_that_was_never_begun_is_begun_at_the_next_start(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    await asyncio.to_thread(migrate, stage.settings.database_url)
    database = Database(stage.settings.database_url)
    place = Place("T0SANDBOX", DESIGN, "U0ADA")
    new = NewGeneration("g1", "command:1", place, ImageRequest(prompt=PROMPT), datetime.now(UTC))
    assert await GenerationStore(database).accept(new)
    await database.close()

    async with run_bot(stage):
        (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert stage.submits() == 1


async def test_an_outcome_that_is_unknown_is_never_sent_again(empty_stage: Stage) -> None:
    stage = empty_stage
    stage.powerpost.faults.next_submit(SubmitFault.ANSWER_LOST)
    async with run_bot(stage):
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until_told()
    async with run_bot(stage):
        await stage.ben.run_command(DESIGN, "/imagine", "something else")
        await stage.until_told(2)

    asked = [e.request_json["prompt"] for e in stage.powerpost.exchanges if e.method == "POST"]  # type: ignore[index]
    assert asked == [PROMPT, "something else"]


async def test_what_was_told_is_not_told_again(empty_stage: Stage) -> None:
    stage = empty_stage
    async with run_bot(stage):
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until_told()
        await stage.until(
            lambda: ask_database(stage, "SELECT told_at FROM generations") != [(None,)]
        )
    async with run_bot(stage):
        await stage.ben.run_command(DESIGN, "/imagine", "something else")
        await stage.until_told(2)

    assert (len(stage.roots()), len(stage.replies())) == (2, 2)


async def test_an_intent_of_a_process_that_is_gone_is_unknown_and_not_sent(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    await test_a_promise_that_was_never_begun_is_begun_at_the_next_start(stage)
    stage.workspace.messages[DESIGN].clear()
    ask_database(
        stage,
        "INSERT INTO generations (id, origin, team_id, channel_id, user_id, request, state, intent,"
        " accepted_at, intended_at, balance_before, sources)"
        " SELECT 'g2', 'command:2', team_id, channel_id, user_id, request, 'submitting', 'nonce',"
        " accepted_at, accepted_at, 100, sources FROM generations",
    )
    async with run_bot(stage):
        await stage.until(stage.private)

    assert "was interrupted while it was asking PowerPost" in stage.private()[0].text
    assert stage.submits() == 1


async def test_several_restarts_in_a_row_keep_every_promise(empty_stage: Stage) -> None:
    stage = empty_stage
    for number in range(2):
        async with run_bot(stage):
            shown = await asyncio.gather(
                *(stage.ada.run_command(DESIGN, "/imagine", f"fog {number} {n}") for n in range(2))
            )
            assert all(one.ok for one in shown)
    async with run_bot(stage):
        await stage.until(lambda: sum(map(is_settled, stage.roots())) == 4)

    assert stage.submits() == 4
    assert stage.powerpost.paid_posts == 4
    assert sorted(len(images_of(reply)) for reply in stage.replies()) == [1] * 4
