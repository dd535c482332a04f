"""Buttons under a result: pressed late, twice, by others, after everything has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.powerpost.faults import Outcome
from tests.support.databases import database_of, unwritable
from tests.support.image_form import Form, picture
from tests.support.rendered_text import count_promised, until_all_is_said
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, hold, images_of, status_of
from tests.support.threads import change_rows, choose, element, make, open_menu, press, requests


def age_rows(stage: Stage, origins: str, seconds: float) -> None:
    """Let those whose origin is like `origins` have been accepted so many seconds ago."""
    moment = (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")
    statement = "UPDATE generations SET accepted_at = ? WHERE origin LIKE ?"
    change_rows(stage, statement, moment, origins)


async def test_the_row_stays_readable_on_a_phone(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)
    result = await make(stage, "fog -n 4")
    (actions,) = [block for block in result.blocks if block["type"] == "actions"]
    *buttons, menu = actions["elements"]

    assert [b["text"]["text"] for b in buttons] == ["Regenerate", "Edit", "Make the missing 1"]
    assert all(len(b["text"]["text"]) <= 20 for b in buttons)
    assert [o["text"]["text"] for o in menu["options"]] == [
        "More like this",
        "Share to channel",
        "Download",
        "More…",
        "Delete",
    ]
    assert all(len(b.get("value", "")) < 100 for b in buttons)  # ids, never payloads


async def test_the_missing_pictures_are_made_once_unless_that_came_to_nothing(
    stage: Stage,
) -> None:
    for outcome in (Outcome.PARTIAL, Outcome.FAILED, Outcome.COMPLETED):
        stage.powerpost.faults.next_outcome(outcome)
    result = await make(stage, "fog -n 2")
    root = stage.roots()[0]

    await press(stage.ada, result, "make_missing")
    await stage.until_told_in_thread(root.ts)
    await press(stage.ada, result, "make_missing")  # the first has failed
    await stage.until_told_in_thread(root.ts, 2)
    assert stage.submits() == 3

    age_rows(stage, "missing:%", 3600.0)
    for person in (stage.ada, stage.ben):
        await press(person, result, "make_missing")
    await stage.until(lambda: len(stage.private()) == 2, what="told that they are made")
    assert all("asked for before" in message.text for message in stage.private())
    assert stage.submits() == 3


async def test_a_reply_just_before_does_not_let_a_double_press_run_twice(stage: Stage) -> None:
    result = await make(stage)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(stage.roots()[0].ts)
    # The reply was a moment less than five seconds before the one press, and more before the other.
    age_rows(stage, "message:%", 4.0)
    await press(stage.ada, result, "regenerate")
    age_rows(stage, "message:%", 6.0)
    await press(stage.ada, result, "regenerate")
    await stage.until(lambda: stage.private(), what="told that it runs")

    assert "already being made" in stage.private()[0].text
    await stage.until_told_in_thread(stage.roots()[0].ts, 2)
    assert stage.submits() == 3


async def test_pressed_again_later_it_runs_again(stage: Stage) -> None:
    result = await make(stage)
    root = stage.roots()[0]
    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(root.ts, 1)
    age_rows(stage, "again:%", 6.0)
    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(root.ts, 2)

    assert stage.private() == []
    assert stage.submits() == 3


@pytest.mark.parametrize("action_id", ["regenerate", "edit_generation", "feedback"])
async def test_a_button_of_a_generation_that_is_gone_says_so_and_spends_nothing(
    stage: Stage, action_id: str
) -> None:
    result = await make(stage)
    found = element(result, action_id)
    value = (found.get("positive_button") or found)["value"]
    change_rows(stage, "DELETE FROM pictures")
    change_rows(stage, "DELETE FROM generations")
    shown = await stage.ben.click(DESIGN, result.ts, found["block_id"], action_id, value=value)
    await stage.until(lambda: stage.private())

    assert shown.ok
    assert "I no longer have these pictures" in stage.private()[0].text
    assert stage.submits() == 1


@pytest.mark.parametrize("choice", ["more_like", "share", "delete"])
async def test_a_modal_of_a_generation_that_is_gone_says_so(stage: Stage, choice: str) -> None:
    result = await make(stage, "fog -n 2")
    form = await open_menu(stage, stage.ada, result, choice)
    if choice == "share":
        await form.set("share_channel", GENERAL)
    change_rows(stage, "DELETE FROM pictures")
    change_rows(stage, "DELETE FROM generations")
    shown = await form.submit()

    assert shown.ok
    assert "I no longer have these pictures" in form.text()
    assert stage.roots(GENERAL) == []


async def test_another_apps_button_means_nothing_and_is_answered(stage: Stage) -> None:
    said = await stage.ben.say(DESIGN, "a poll")
    assert said.message is not None
    button = {"type": "button", "action_id": "vote", "text": {"type": "plain_text", "text": "+1"}}
    said.message.blocks = [{"type": "actions", "block_id": "poll", "elements": [button]}]
    shown = await stage.ben.click(DESIGN, said.message.ts, "poll", "vote")

    assert shown.ok
    assert stage.private() == []


@pytest.mark.parametrize("value", ["", "x", "delete:", "good:nobody", "../../etc", "🦊" * 300])
@pytest.mark.parametrize("action_id", ["regenerate", "feedback", "older_history", "make_missing"])
async def test_forged_values_do_nothing(shared_stage: Stage, action_id: str, value: str) -> None:
    stage = shared_stage
    said = await stage.ben.say(DESIGN, "a forgery")
    assert said.message is not None
    text = {"type": "plain_text", "text": "Go"}
    button = {"type": "button", "action_id": action_id, "text": text, "value": value}
    said.message.blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    shown = await stage.ben.click(DESIGN, said.message.ts, "b", action_id)

    assert shown.ok
    assert stage.submits() == 0


async def test_a_forged_press_for_missing_pictures_makes_none_where_none_are_missing(
    stage: Stage,
) -> None:
    result = await make(stage)
    button = element(result, "regenerate")
    said = await stage.ben.say(DESIGN, "a forgery")
    assert said.message is not None
    forged = {**button, "action_id": "make_missing"}
    del forged["block_id"]
    said.message.blocks = [{"type": "actions", "block_id": "b", "elements": [forged]}]
    await stage.ben.click(DESIGN, said.message.ts, "b", "make_missing")
    await until_all_is_said(stage)

    assert count_promised(stage) == 1


async def test_regenerate_keeps_the_references_and_does_not_upload_them_again(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "fog")
    await form.set("files", [(await stage.ada.upload("mood.png", picture())).id])
    await form.submit()
    (result,) = await stage.until_told()
    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(stage.roots()[0].ts)

    first, second = requests(stage)
    assert first == second
    assert len(second["style_images"]) == 1
    assert sum(e.path.endswith("/media/upload") for e in stage.powerpost.exchanges) == 1


async def test_in_the_thread_of_somebodys_message_the_buttons_stay_there(stage: Stage) -> None:
    said = await stage.ben.say(DESIGN, "a lighthouse in fog")
    assert said.message is not None
    await stage.ada.message_shortcut("image_of_message", DESIGN, said.message.ts)
    form = await Form(stage, stage.ada).until_open()
    await form.submit()
    messages = await stage.until_told_in_thread(said.message.ts, 1)
    await press(stage.ben, messages[-1], "regenerate")
    await stage.until_told_in_thread(said.message.ts, 2)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=said.message.ts)
    messages = await stage.until_told_in_thread(said.message.ts, 3)

    assert stage.roots() == []
    assert requests(stage)[-1]["prompt"] == "a lighthouse in fog. with rain"
    assert "3rd version, from" in messages[-1].text


async def test_a_shortcut_on_a_reply_posts_into_its_thread(stage: Stage) -> None:
    result = await make(stage)
    await stage.ada.message_shortcut("image_of_message", DESIGN, result.ts)
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "rain")
    await form.submit()
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(images_of(messages[-1])) == 1
    assert len(stage.roots()) == 1


async def test_a_result_that_had_to_go_to_the_person_goes_on_there(stage: Stage) -> None:
    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", "fog")
        await stage.until(stage.submits, what="submitted")
        stage.workspace.remove_message(stage.roots()[0])
    await stage.until(lambda: stage.workspace.messages["D0ADA"], what="the result")
    (result,) = stage.workspace.messages["D0ADA"]

    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(result.ts, 1, channel="D0ADA")
    await stage.ada.say("D0ADA", "with rain", thread_ts=result.ts)
    messages = await stage.until_told_in_thread(result.ts, 2, channel="D0ADA")

    assert requests(stage)[-1]["prompt"] == "fog. with rain"
    assert len(images_of(messages[-1])) == 1


async def test_more_like_a_picture_that_is_only_linked_works_and_sharing_it_does_not(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_outcome(Outcome.NOT_A_PICTURE)
    result = await make(stage)
    assert images_of(result) == []
    form = await open_menu(stage, stage.ben, result, "more_like")
    assert "(linked only)" in form.text()
    await form.submit()
    await form.until_open()
    await form.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts)
    assert len(requests(stage)[-1]["style_images"]) == 1

    await choose(stage.ben, result, "share")
    await stage.until(lambda: stage.private())
    assert "only linked" in stage.private()[0].text


async def test_sharing_where_the_bot_may_not_post_says_how_to_invite_it(stage: Stage) -> None:
    result = await make(stage)
    form = await open_menu(stage, stage.ada, result, "share")
    await form.set("share_channel", LAUNCH)
    await form.submit()
    await stage.until(lambda: stage.private())

    assert "/invite @Imagine" in stage.private()[0].text
    assert stage.private()[0].thread_ts == result.thread_ts


async def test_sharing_a_picture_that_is_not_in_slack_any_more_says_so(stage: Stage) -> None:
    result = await make(stage)
    form = await open_menu(stage, stage.ada, result, "share")
    await form.set("share_channel", GENERAL)
    for file in stage.workspace.files.values():
        stage.workspace.delete_file(file)
    await form.submit()
    await stage.until(lambda: stage.private())

    assert "no longer in Slack" in stage.private()[0].text
    assert stage.roots(GENERAL) == []


async def test_sharing_to_an_archived_channel_says_so(stage: Stage) -> None:
    result = await make(stage)
    form = await open_menu(stage, stage.ada, result, "share")
    await form.set("share_channel", GENERAL)
    stage.workspace.channels[GENERAL].is_archived = True
    await form.submit()
    await stage.until(lambda: stage.private())

    assert "can't post in that channel any more" in stage.private()[0].text


async def test_deleting_twice_and_with_a_file_gone_is_well(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    first = await open_menu(stage, stage.ada, result, "delete")
    view = first.view
    gone = images_of(result)[0]["slack_file"]["id"]
    stage.workspace.delete_file(stage.workspace.files[gone])
    await first.submit()
    await stage.until(lambda: "Deleted" in status_of(stage.roots()[0]))
    await stage.until(lambda: not stage.replies())

    (sent,) = [
        e
        for e in stage.workspace.exchanges
        if "view_submission" in str(e.request) and view.id in str(e.request)
    ]
    again = await stage.delivery.deliver_again(sent)
    await until_all_is_said(stage)

    assert again.body["response_action"] == "update"  # the pictures are not there any more
    assert len(stage.private()) == 1  # that one answer
    assert all(stage.workspace.files[b["slack_file"]["id"]].is_deleted for b in images_of(result))


async def test_a_long_prompt_full_of_escapes_can_be_deleted(stage: Stage) -> None:
    result = await make(stage, "fog " + "&" * 1896)
    form = await open_menu(stage, stage.ada, result, "delete")
    await form.submit()
    await stage.until(lambda: "Deleted" in status_of(stage.roots()[0]))

    assert stage.private() == []


async def test_the_requester_deletes_without_being_an_admin(stage: Stage) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "fog")
    (result,) = await stage.until_told()
    form = await open_menu(stage, stage.ben, result, "delete")
    await form.submit()
    await stage.until(lambda: "<@U0BEN>" in status_of(stage.roots()[0]))

    assert stage.replies() == []


async def test_where_slack_does_not_say_who_is_an_admin_nothing_is_deleted_and_it_is_said(
    stage: Stage,
) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "fog")
    (result,) = await stage.until_told()
    stage.workspace.faults.next_call("users.info", "internal_error")
    await choose(stage.ada, result, "delete")
    await stage.until(lambda: stage.private())

    assert "Please try again" in stage.private()[0].text
    assert len(stage.replies()) == 1


async def test_a_modal_that_slack_does_not_open_is_said(stage: Stage) -> None:
    result = await make(stage)
    stage.workspace.faults.next_call("views.open", "internal_error")
    await choose(stage.ada, result, "share")
    await stage.until(lambda: stage.private())

    assert "Please try again" in stage.private()[0].text


async def test_a_click_that_cannot_be_kept_is_said_and_spends_nothing(stage: Stage) -> None:
    result = await make(stage)
    with unwritable(database_of(stage)):
        shown = await press(stage.ben, result, "regenerate")
        await stage.until(lambda: stage.private())

    assert shown.ok
    assert stage.private()[0].ephemeral_to == "U0BEN"
    assert "couldn't save your request" in stage.private()[0].text
    assert stage.submits() == 1
    await press(stage.ben, result, "regenerate")
    await stage.until_told_in_thread(stage.roots()[0].ts)


async def test_a_form_that_cannot_be_kept_stays_open_with_everything(stage: Stage) -> None:
    result = await make(stage)
    await press(stage.ben, result, "edit_generation")
    form = await Form(stage, stage.ben).until_open()
    with unwritable(database_of(stage)):
        shown = await form.submit()

    assert "couldn't save" in str(shown.view_errors)
    assert form.is_open
    await form.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts)
