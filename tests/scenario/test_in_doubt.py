"""A COMMIT that is carried out, and whose answer is lost: the person is told the truth, and what
is made is paid for once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.image_form import Form
from tests.support.rendered_text import find_insides
from tests.support.stage import DESIGN, Stage, images_of, open_stage
from tests.support.threads import lost_answers, make, press

PROMPT = "a lighthouse in fog"
IN_DOUBT = "I do not know yet whether I have your request"
KEPT = "was kept after all, and is being made"


@pytest.fixture
async def stage(tmp_path: Path, any_database_url: str) -> AsyncIterator[Stage]:
    """On both kinds of database."""
    async with open_stage(tmp_path, database_url=any_database_url) as opened:
        yield opened
    assert find_insides(opened) == []


async def test_a_command_that_is_kept_is_never_said_not_to_be(stage: Stage) -> None:
    with lost_answers(1):
        shown = await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    (told,) = await stage.until_told()

    assert (shown.ok, shown.message) == (True, None)
    assert len(images_of(told)) == 1
    assert stage.submits() == 1


async def test_a_command_that_is_not_kept_is_said_not_to_be(stage: Stage) -> None:
    with lost_answers(1, are_carried_out=False):
        shown = await stage.ada.run_command(DESIGN, "/imagine", PROMPT)

    assert shown.message is not None
    assert "I haven't started it" in shown.message.text
    assert stage.submits() == 0


async def test_a_command_in_doubt_is_said_to_be_and_then_what_became_of_it(stage: Stage) -> None:
    with lost_answers(2):  # of the look, too
        shown = await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until(lambda: any(KEPT in m.text for m in stage.private()))
    (told,) = await stage.until_told()

    assert shown.message is not None
    assert IN_DOUBT in shown.message.text
    assert "Nothing was spent" not in shown.message.text
    assert len(images_of(told)) == 1
    assert stage.submits() == 1


async def test_a_command_in_doubt_that_was_not_kept_is_told_to_be_sent_again(
    stage: Stage,
) -> None:
    with lost_answers(2, are_carried_out=False):
        shown = await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until(lambda: any("was not kept" in m.text for m in stage.private()))
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until_told()

    assert shown.message is not None
    assert IN_DOUBT in shown.message.text
    assert stage.submits() == 1


async def test_a_form_in_doubt_stays_and_sent_again_makes_one(stage: Stage) -> None:
    form = Form(stage, stage.ada)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    await form.until_open()
    await form.set("prompt", PROMPT)
    with lost_answers(2):
        shown = await stage.ada.submit(form.view.id)
        await stage.until(lambda: any(KEPT in m.text for m in stage.private()))

    assert IN_DOUBT in str(shown.view_errors)
    assert (await stage.ada.submit(form.view.id)).ok
    assert not form.is_open
    await stage.until_told()
    assert stage.submits() == 1


async def test_a_button_in_doubt_is_answered_twice_and_made_once(stage: Stage) -> None:
    result = await make(stage)
    with lost_answers(2):
        await press(stage.ada, result, "regenerate")
        await stage.until(lambda: any(KEPT in m.text for m in stage.private()))
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert any(IN_DOUBT in m.text for m in stage.private())
    assert stage.submits() == 2
