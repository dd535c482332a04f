"""The thread: buttons under a result, replies in words, history."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from bot.sandbox.powerpost.faults import Outcome
from bot.slack.image_form.values import STRENGTH_SENTENCES
from bot.slack.kit.ids import Strength
from bot.store.database import Database
from bot.store.versions import VersionStore
from tests.support.image_form import Form
from tests.support.rendered_text import count_promised
from tests.support.stage import DESIGN, GENERAL, Stage, images_of, run_bot, status_of
from tests.support.threads import choose, element, make, press, requests


def picture(colour: str = "teal") -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


async def test_regenerate_makes_the_same_once_more_in_the_same_thread(stage: Stage) -> None:
    result = await make(stage, "fog -m ideogram-3 -s landscape -n 2 -e")
    shown = await press(stage.ben, result, "regenerate")
    (root,) = stage.roots()
    messages = await stage.until_told_in_thread(root.ts)

    assert shown.ok
    first, second = requests(stage)
    assert first == second
    assert "<@U0BEN>" in messages[-2].text
    assert len(images_of(messages[-1])) == 2
    assert "2nd version, from" in messages[-1].text
    assert f"/archives/{DESIGN}/p{result.ts.replace('.', '')}" in str(messages[-1].blocks)


async def test_pressed_twice_within_a_moment_it_runs_once_and_the_second_is_told(
    stage: Stage,
) -> None:
    result = await make(stage)
    await asyncio.gather(
        press(stage.ada, result, "regenerate"), press(stage.ben, result, "regenerate")
    )
    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(stage.roots()[0].ts)
    await stage.until(lambda: len(stage.private()) == 2)

    assert stage.submits() == 2
    assert all("already being made" in message.text for message in stage.private())


async def test_buttons_work_after_a_restart(stage_without_bot: Stage) -> None:
    stage = stage_without_bot
    async with run_bot(stage):
        result = await make(stage)
    async with run_bot(stage):
        await press(stage.ada, result, "regenerate")
        await stage.until_told_in_thread(stage.roots()[0].ts)

    assert stage.submits() == 2


async def test_edit_opens_the_form_with_everything_it_was_made_of(stage: Stage) -> None:
    result = await make(stage, "fog -m nano-banana-2 -s portrait -n 3 -e")
    await press(stage.ben, result, "edit_generation")
    form = await Form(stage, stage.ben).until_open()

    held = [form.value(field) for field in ("prompt", "model", "size", "quantity")]
    assert held == ["fog", "nano-banana-2", "portrait", "3"]
    assert form.value("destination") == "here"
    await form.set("prompt", "less fog")
    await form.submit()
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)
    assert requests(stage)[-1]["prompt"] == "less fog"
    assert "2nd version" in messages[-1].text


async def test_more_like_this_takes_the_picture_as_its_reference(stage: Stage) -> None:
    result = await make(stage)
    await choose(stage.ada, result, "more_like")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    assert "slack_file" in form.text()  # it is seen which picture that is
    await form.submit()
    await form.until_open()
    assert "Picture 1" in form.text()
    await form.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts)

    (media_id,) = requests(stage)[-1]["style_images"]
    (generation, _) = stage.powerpost.generations.values()
    assert media_id == generation.images[0].media_id


@pytest.mark.parametrize(
    ("strength", "prompt"),
    [
        ("open", "fog"),
        ("close", f"fog. {STRENGTH_SENTENCES[Strength.CLOSE]}"),
        ("loosely", f"fog. {STRENGTH_SENTENCES[Strength.LOOSELY]}"),
    ],
)
async def test_how_close_it_shall_be_stands_in_the_prompt(
    stage: Stage, strength: str, prompt: str
) -> None:
    result = await make(stage, "fog")
    await choose(stage.ada, result, "more_like")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    await form.set("strength", strength)
    await form.submit()
    await form.until_open()
    assert form.value("prompt") == prompt


async def test_a_file_that_is_gone_costs_the_thumbnail_only(stage: Stage) -> None:
    result = await make(stage)
    for file in stage.workspace.files.values():
        stage.workspace.delete_file(file)
    await choose(stage.ada, result, "more_like")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    assert "slack_file" not in form.text()
    assert form.options("strength") == ["open", "close", "loosely"]


async def test_of_several_pictures_one_is_picked_first(stage: Stage) -> None:
    result = await make(stage, "fog -n 3")
    await choose(stage.ada, result, "more_like")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    assert form.options("picture") == ["1", "2", "3"]
    await form.set("picture", "2")
    await form.submit()
    await form.until_open()

    assert "Picture 2" in form.text()
    assert form.value("prompt") == "fog"


async def test_a_picture_is_shared_with_its_prompt_and_who_made_it(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    await choose(stage.ben, result, "share")
    form = Form(stage, stage.ben)
    await stage.until(lambda: form.is_open)
    await form.set("share_pictures", ["2"])
    await form.set("share_channel", GENERAL)
    await form.submit()
    await stage.until(lambda: stage.roots(GENERAL))
    (shared,) = stage.roots(GENERAL)

    assert len(images_of(shared)) == 1
    assert images_of(shared)[0]["slack_file"] == images_of(result)[1]["slack_file"]
    assert "<@U0BEN> shares a picture that <@U0ADA> made" in shared.text
    assert "fog" in shared.text


async def test_make_the_missing_makes_just_those(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.PARTIAL)
    result = await make(stage, "fog -n 3")
    assert element(result, "make_missing")["text"]["text"] == "Make the missing 1"
    await press(stage.ada, result, "make_missing")
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)

    assert requests(stage)[-1] == {**requests(stage)[0], "quantity": 1}
    assert len(images_of(messages[-1])) == 1


async def test_a_complete_result_has_nothing_missing(stage: Stage) -> None:
    result = await make(stage)

    with pytest.raises(KeyError):
        element(result, "make_missing")


async def test_the_requester_and_admins_delete_message_and_files(stage: Stage) -> None:
    await stage.ben.run_command(DESIGN, "/imagine", "bens fog")
    (bens,) = await stage.until_told()
    file_ids = [block["slack_file"]["id"] for block in images_of(bens)]
    await choose(stage.ada, bens, "delete")  # Ada is an admin
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open)
    await form.submit()
    await stage.until(lambda: "Deleted" in status_of(stage.roots()[0]))

    assert stage.replies() == []
    assert all(stage.workspace.files[file_id].is_deleted for file_id in file_ids)
    assert "<@U0ADA>" in status_of(stage.roots()[0])


async def test_others_may_not_delete(stage: Stage) -> None:
    result = await make(stage)
    await choose(stage.ben, result, "delete")
    await stage.until(lambda: stage.private())

    assert "Only <@U0ADA> and workspace admins" in stage.private()[0].text
    assert not Form(stage, stage.ben).is_open
    assert len(stage.replies()) == 1


async def test_feedback_is_kept_with_the_generation(stage: Stage) -> None:
    result = await make(stage)
    found = element(result, "feedback")
    for button in ("positive_button", "negative_button"):
        await stage.ben.click(
            DESIGN, result.ts, found["block_id"], "feedback", value=found[button]["value"]
        )
    generation_id = found["positive_button"]["value"].partition(":")[2]
    database = Database(stage.settings.database_url)

    assert await VersionStore(database).opinions(generation_id) == {"U0BEN": "bad"}
    await database.close()


@pytest.mark.parametrize(
    ("text", "changed", "understood"),
    [
        ("with a darker sky", {"prompt": "fog. with a darker sky"}, "added “with a darker sky”"),
        ("again", {}, "once more"),
        ("again x3", {"quantity": 3}, "3 pictures"),
        ("--size portrait", {"size": "portrait"}, "size portrait"),
        ("use ideogram", {"model": "ideogram-3"}, "model Ideogram 3.0"),
        ("prompt: a red fox", {"prompt": "a red fox"}, "a new prompt"),
        ("less &lt;b&gt; &amp; more", {"prompt": "fog. less <b> & more"}, "added"),
    ],
)
async def test_a_reply_in_words_changes_what_it_names(
    stage: Stage, text: str, changed: dict[str, Any], understood: str
) -> None:
    result = await make(stage, "fog")
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    await stage.ben.say(DESIGN, f"<@U0IMAGINE> {plain}", thread_ts=result.thread_ts)
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)
    root = messages[-2]

    assert requests(stage)[-1] == {**requests(stage)[0], **changed}
    assert understood in str([b for b in root.blocks if b["block_id"] == "understood"])
    assert understood in root.text


async def test_pictures_of_a_reply_become_the_references(stage: Stage) -> None:
    result = await make(stage, "fog")
    file = await stage.ben.upload("mood.png", picture())
    await stage.ben.say(
        DESIGN, "<@U0IMAGINE> in this style", thread_ts=result.thread_ts, files=[file]
    )
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(requests(stage)[-1]["style_images"]) == 1


async def test_in_a_direct_message_no_mention_is_needed(stage: Stage) -> None:
    result = await make(stage, "fog", channel="D0ADA")
    await stage.ada.say("D0ADA", "again", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(stage.roots("D0ADA")[0].ts, channel="D0ADA")

    assert stage.submits() == 2


@pytest.mark.parametrize("text", ["thanks!", "", "lol :tada:", "help"])
async def test_what_cannot_be_understood_gets_three_examples_and_costs_nothing(
    stage: Stage, text: str
) -> None:
    result = await make(stage, "fog")
    await stage.ben.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private())
    (message,) = stage.private()

    assert message.ephemeral_to == "U0BEN"
    assert message.thread_ts == result.thread_ts
    assert message.text.count("@Imagine") == 3
    assert stage.submits() == 1


async def test_a_prompt_that_would_grow_too_long_is_refused_with_the_way_out(
    stage: Stage,
) -> None:
    result = await make(stage, "x" * 1995)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with more fog", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private())

    assert "Press Edit to shorten it" in stage.private()[0].text
    assert stage.submits() == 1


async def test_the_newest_generation_of_the_thread_is_the_one_that_changes(stage: Stage) -> None:
    result = await make(stage, "fog")
    root = stage.roots()[0]
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(root.ts, 1)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with snow", thread_ts=result.thread_ts)
    messages = await stage.until_told_in_thread(root.ts, 2)

    assert requests(stage)[-1]["prompt"] == "fog. with rain. with snow"
    assert "3rd version, from" in messages[-1].text


async def test_a_message_delivered_again_makes_one_generation(stage: Stage) -> None:
    result = await make(stage, "fog")
    await stage.ben.say(DESIGN, "<@U0IMAGINE> again", thread_ts=result.thread_ts)
    await stage.delivery.settle()
    (event,) = [e for e in stage.workspace.exchanges if "app_mention" in str(e.request)]
    await stage.delivery.deliver_again(event)
    assert count_promised(stage) == 2
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert stage.submits() == 2


async def test_mentioned_where_it_made_nothing_it_says_what_to_do(stage: Stage) -> None:
    said = await stage.ben.say(DESIGN, "what a day")
    assert said.message is not None
    await stage.ben.say(DESIGN, "<@U0IMAGINE> again", thread_ts=said.message.ts)
    await stage.until(lambda: stage.private())

    assert "I have made nothing in this thread" in stage.private()[0].text
    assert stage.submits() == 0


async def test_edits_deletions_and_bots_are_not_replies(stage: Stage) -> None:
    result = await make(stage, "fog", channel="D0ADA")
    said = await stage.ada.say("D0ADA", "thanks!", thread_ts=result.thread_ts)
    assert said.message is not None
    await stage.ada.edit("D0ADA", said.message.ts, "again")
    await stage.ada.delete("D0ADA", said.message.ts)
    await stage.delivery.settle()

    assert count_promised(stage) == 1


async def test_history_is_private_newest_first_with_cost_state_and_link(stage: Stage) -> None:
    await make(stage, "first fog")
    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await stage.ada.run_command(DESIGN, "/imagine", "second fog")
    await stage.until_told(2)
    await stage.ben.run_command(DESIGN, "/imagine", "bens fog")
    await stage.until_told(3)

    await stage.ada.run_command(GENERAL, "/imagine", "history")
    await stage.until(lambda: stage.private(GENERAL))
    (shown,) = stage.private(GENERAL)
    first, second = [b for b in shown.blocks if b["type"] == "section"]

    assert shown.ephemeral_to == "U0ADA"
    assert "second fog" in first["text"]["text"]
    assert "failed · 1 picture" in first["text"]["text"]
    assert "· 0 credits (" in first["text"]["text"]
    assert "first fog" in second["text"]["text"]
    assert f"{stage.powerpost.charges[0].credits} credits" in second["text"]["text"]
    assert f"/archives/{DESIGN}/" in second["text"]["text"]
    assert second["accessory"]["type"] == "image"
    assert "bens" not in shown.text
