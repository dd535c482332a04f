"""A person has their data deleted in the Home tab, and an operator on the command line."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from functools import partial

import pytest

from bot.cli.personal_data import run_export, run_forget
from bot.sandbox.powerpost.faults import Outcome
from tests.support.home import Home
from tests.support.rendered_text import all_said, count_promised, words_of
from tests.support.stage import DESIGN, Stage
from tests.support.threads import make, press

PROMPT = "a mermaid in fog"


@pytest.fixture
async def ada(stage: Stage) -> Home:
    home = Home(stage, stage.ada)
    await home.open("Delete my data")
    return home


async def confirm(home: Home) -> str:
    """Press the button, and confirm; what the modal says then."""
    await home.open_sheet("home_forget_me")
    # A notice from before may still be open.
    await home.stage.until(lambda: "This goes, for good" in str(home.sheet.body["blocks"]))
    said = str(home.sheet.body["blocks"])
    assert "This stays" in said
    shown = await home.person.submit(home.sheet.id)
    assert shown.ok
    return str(home.sheet.body["blocks"])


async def test_what_a_person_asked_for_is_gone_and_the_bot_goes_on(stage: Stage, ada: Home) -> None:
    result = await make(stage, PROMPT)

    await ada.press("home_refresh", until=PROMPT)

    assert "Your data is deleted" in await confirm(ada)

    await stage.until(lambda: not ada.says(PROMPT), what="a Home without it")
    await press(stage.ben, result, "regenerate")
    await stage.until(lambda: any("is no longer stored" in words_of(m) for m in all_said(stage)))
    assert count_promised(stage) == 1
    await stage.ada.run_command(DESIGN, "/imagine", "rain")
    await stage.until_told(2)


async def test_a_click_that_is_delivered_again_after_it_makes_nothing(
    stage: Stage, ada: Home
) -> None:
    await make(stage, PROMPT)
    (sent,) = [e for e in stage.workspace.exchanges if e.kind == "command"]
    assert "Your data is deleted" in await confirm(ada)

    await stage.delivery.deliver_again(sent)
    await stage.delivery.settle()
    await stage.ada.run_command(DESIGN, "/imagine", "rain")
    await stage.until_told(2)

    assert stage.submits() == 2


async def test_while_something_is_under_way_it_is_refused_and_said(stage: Stage, ada: Home) -> None:
    stage.powerpost.faults.next_outcome(Outcome.NEVER)
    await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
    await stage.until(lambda: stage.submits() == 1)

    said = await confirm(ada)

    assert "Nothing was deleted: 1 request of yours is still under way" in said


async def test_while_the_database_is_away_it_is_said(stage: Stage, ada: Home) -> None:
    await make(stage, PROMPT)
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE taken_up RENAME TO hidden")

        assert "Not all of your data could be deleted" in await confirm(ada)
        connection.execute("ALTER TABLE hidden RENAME TO taken_up")
    assert "Your data is deleted" in await confirm(ada)


async def test_an_operator_exports_and_deletes_beside_the_bot(stage: Stage) -> None:
    await make(stage, PROMPT)
    said: list[str] = []

    assert await asyncio.to_thread(run_export, stage.settings, said.append, "U0ADA") == 0
    exported = json.loads(said.pop())
    assert exported["generations"][0]["request"]["prompt"] == PROMPT
    assert exported["generations"][0]["pictures"][0]["url"].startswith("http")
    assert exported["ledger"]
    for is_dry in (True, False):
        run = partial(run_forget, stage.settings, said.append, "U0ADA", is_dry_run=is_dry)
        assert await asyncio.to_thread(run) == 0
    assert "Would delete generations: 1" in said
    assert "Deleted generations: 1" in said
    assert await asyncio.to_thread(run_export, stage.settings, said.append, "U0ADA") == 0
    assert PROMPT not in said[-1]
