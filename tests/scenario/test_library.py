"""Pictures found again: by the command, in the Home tab, and only those that a person can see."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message
from bot.slack.kit.ids import ActionId
from bot.slack.kit.library import Wanted
from tests.support.databases import database_of
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, Stage
from tests.support.threads import choose, element, make, press


async def find(stage: Stage, person: Person, words: str, channel: str = GENERAL) -> Message:
    """What a person is shown for `/imagine find …`."""
    before = len(stage.private(channel))
    assert (await person.run_command(channel, "/imagine", f"find {words}".strip())).ok
    await stage.until(lambda: len(stage.private(channel)) > before, what=f"found {words}")
    return stage.private(channel)[-1]


def count_told(stage: Stage) -> int:
    """How many generations are brought, and were told."""
    with closing(sqlite3.connect(database_of(stage))) as connection:
        told = "SELECT count(*) FROM generations WHERE told_at IS NOT NULL"
        return int(connection.execute(told).fetchone()[0])


async def test_a_picture_of_a_channel_that_one_is_in_is_found_with_all_that_can_be_done(
    stage: Stage,
) -> None:
    result = await make(stage, "a harbour at dawn --model ideogram-3")
    await make(stage, "a fox")
    await stage.until(lambda: count_told(stage) == 2, what="both")

    found = await find(stage, stage.ben, "Harb")

    assert found.ephemeral_to == stage.ben.user.id
    assert "a harbour at dawn" in found.text
    assert "a fox" not in found.text
    assert f"/archives/{DESIGN}/p{result.ts.replace('.', '')}" in found.text
    assert f"<@{stage.ada.user.id}>" in found.text
    assert f"<#{DESIGN}>" in found.text
    (entry,) = [b["accessory"] for b in found.blocks if "accessory" in b]
    assert "a harbour at dawn" in entry["alt_text"]
    assert element(found, "result_menu")["options"]

    paid = stage.submits()
    assert (await press(stage.ben, found, "regenerate")).ok
    thread = result.thread_ts or ""
    await stage.until(lambda: len(stage.thread(thread)) == 3, what="once more, in its own thread")
    assert stage.submits() == paid + 1


async def test_what_is_only_somebodys_own_is_found_by_them_alone(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a secret harbour --show me")
    await stage.until(lambda: count_told(stage) == 1, what="the preview")

    assert "a secret harbour" in (await find(stage, stage.ada, "harbour")).text
    assert "No pictures for “harbour”" in (await find(stage, stage.ben, "harbour")).text


async def test_without_the_scope_it_is_ones_own_and_the_channel_that_one_asks_in(
    stage: Stage,
) -> None:
    stage.workspace.scopes -= {"channels:read"}
    await make(stage, "a harbour")

    elsewhere = await find(stage, stage.ben, "harbour")
    here = await find(stage, stage.ben, "harbour", DESIGN)

    assert "a harbour" not in elsewhere.text
    assert "channels:read" in elsewhere.text
    assert "a harbour" in here.text


async def test_what_is_deleted_is_found_no_more(stage: Stage) -> None:
    result = await make(stage, "a harbour")
    await choose(stage.ada, result, "delete")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="sure?")
    await form.submit()
    await stage.until(lambda: not stage.replies(), what="deleted")

    assert "No pictures for “harbour”" in (await find(stage, stage.ada, "harbour")).text


async def test_filters_are_names_as_people_type_them_and_a_slip_is_named(stage: Stage) -> None:
    await make(stage, "a harbour --size landscape --campaign Spring")
    await stage.ben.run_command(DESIGN, "/imagine", "a harbour in rain")
    await stage.until_told(2)

    async def said(words: str) -> str:
        return (await find(stage, stage.ada, words)).text

    assert "in rain" in await said("harbour by @ben")
    assert "in rain" not in await said("harbour --by me --in #design -s landscape -c spring")
    assert "in rain" in await said("Harbour by @Ben Osei")
    assert "in rain" in await said("by @ben Harbour")
    assert "Did you mean @ben?" in await said("harbour --by @bem")
    assert "Did you mean #design?" in await said("harbour --in #desing")
    assert "There is no campaign “Autumn”" in await said("harbour --campaign Autumn")
    nobody = await find(stage, stage.ada, "harbour --by @zoe")
    assert "Press Search to choose the person" in nobody.text
    assert Wanted.read(element(nobody, ActionId.SEARCH_LIBRARY)["value"]).words == "harbour"


async def test_what_begins_like_a_search_and_is_a_prompt_is_asked_about(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "find a way home in the fog")

    assert shown.ok
    await stage.until(lambda: stage.private(), what="the question")
    (asked,) = stage.private()
    assert "Did you mean the command /imagine find" in asked.text
    assert element(asked, "make_asked")
    assert element(asked, "run_command")["value"] == 'find "a way home in the fog"'
    assert stage.submits() == 0


async def test_pages_go_back_and_to_the_newest_and_keep_what_was_typed(stage: Stage) -> None:
    home = Home(stage, stage.ada)
    await stage.ada.run_command(DESIGN, "/imagine", "a {red|blue|green|gold} harbour -n 1")
    await stage.until(lambda: count_told(stage) == 4, what="four")
    await stage.ada.run_command(DESIGN, "/imagine", "a {pink|grey|white|black} harbour -n 1")
    await stage.until(lambda: count_told(stage) == 8, what="eight")
    await home.open()
    await home.press("home_library", "newest first")
    await home.open_sheet("library_search")
    await home.fill("library_words", "HARBOUR")
    await home.save("“HARBOUR”")

    assert not home.says("library_newest")
    await home.press("library_older", "· older")
    assert home.says("“HARBOUR”")
    await home.press("library_newest", "a pink harbour")
    assert home.says("“HARBOUR”")


async def test_in_home_a_picture_can_be_edited_and_a_wrong_day_is_said_at_its_field(
    stage: Stage,
) -> None:
    await make(stage, "a harbour")
    home = Home(stage, stage.ben)
    await home.open()
    await home.press("home_library", "a harbour")

    await home.open_sheet("library_search")
    await home.fill("library_since", "someday")
    shown = await home.save()
    assert shown.view_errors == {
        "library_since": "Write a day, such as 2026-11-01, yesterday or last month."
    }
    await stage.ben.close(home.sheet.id)

    await home.open_sheet(ActionId.EDIT)
    form = Form(stage, stage.ben)
    await stage.until(lambda: "a harbour" in form.text(), what="the form")
