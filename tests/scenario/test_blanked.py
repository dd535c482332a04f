"""Generations whose prompts are not kept any more: every way to them says so, and none pays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.slack.records import Message
from bot.store.database import Database
from bot.store.retention import SWEPT, RetentionStore
from tests.support.rendered_text import count_promised, until_all_is_said, words_of
from tests.support.stage import DESIGN, Stage
from tests.support.threads import choose, make, press

PROMPT = "a mermaid in fog"
NOT_KEPT = "is no longer stored"


async def make_blanked(stage: Stage) -> Message:
    """A result of long ago."""
    result = await make(stage, PROMPT)
    database = Database(stage.settings.database_url)
    store = RetentionStore(database, timedelta(days=1))
    for kept in SWEPT:
        await store.sweep(kept, datetime.now(UTC) + timedelta(days=9), 100)
    await database.close()
    return result


async def said_to_ada(stage: Stage) -> str:
    await until_all_is_said(stage)
    return " ".join(words_of(each) for each in stage.private())


@pytest.mark.parametrize("button", ["regenerate", "edit_generation"])
async def test_a_button_says_so_and_makes_nothing(stage: Stage, button: str) -> None:
    result = await make_blanked(stage)

    await press(stage.ada, result, button)
    await stage.until(lambda: NOT_KEPT in " ".join(map(words_of, stage.private())))

    assert (count_promised(stage), stage.submits()) == (1, 1)


@pytest.mark.parametrize("chosen", ["more_like", "share"])
async def test_the_menu_says_so(stage: Stage, chosen: str) -> None:
    result = await make_blanked(stage)

    await choose(stage.ada, result, chosen)
    await stage.until(lambda: NOT_KEPT in " ".join(map(words_of, stage.private())))

    assert count_promised(stage) == 1


@pytest.mark.parametrize("text", ["darker", "again", "go back to version 1"])
async def test_a_reply_says_so(stage: Stage, text: str) -> None:
    result = await make_blanked(stage)

    await stage.ada.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=result.thread_ts)
    await stage.until(lambda: NOT_KEPT in " ".join(map(words_of, stage.private())))

    assert count_promised(stage) == 1


async def test_the_history_shows_it_without_its_prompt(stage: Stage) -> None:
    await make_blanked(stage)

    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private())

    said = await said_to_ada(stage)
    assert "mermaid" not in said
    assert "(the prompt is no longer stored)" in said
