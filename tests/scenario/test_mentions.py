"""A mention outside a thread, and plain words in a direct message: a clear prompt is made, and what
is not clear is asked, privately, and costs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.image_form import Form, picture
from tests.support.stage import DESIGN, SHARED, Stage, images_of
from tests.support.threads import element, make, requests

HOME = "D0ADA"


async def mention(stage: Stage, text: str, **more: Any) -> str:
    """Ben says it in #design; the ts of his message."""
    said = await stage.ben.say(DESIGN, text, **more)
    assert said.message is not None
    return said.message.ts


async def test_a_mention_makes_a_picture_in_its_thread(stage: Stage) -> None:
    ts = await mention(stage, "<@U0IMAGINE> a fox -s portrait")
    messages = await stage.until_told_in_thread(ts)

    assert requests(stage)[0]["prompt"] == "a fox"
    assert requests(stage)[0]["size"] == "portrait"
    assert len(images_of(messages[-1])) == 1
    assert messages[-1].thread_ts == ts
    assert stage.private() == []


async def test_a_reply_under_a_mention_changes_its_picture(stage: Stage) -> None:
    ts = await mention(stage, "hey <@U0IMAGINE>, a fox please")
    await stage.until_told_in_thread(ts)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with snow", thread_ts=ts)
    await stage.until_told_in_thread(ts, 2)

    assert [each["prompt"] for each in requests(stage)] == ["a fox", "a fox. with snow"]


async def test_plain_words_in_a_direct_message_make_a_picture(stage: Stage) -> None:
    said = await stage.ada.say(HOME, "a fox in snow")
    assert said.message is not None
    messages = await stage.until_told_in_thread(said.message.ts, channel=HOME)

    assert requests(stage)[0]["prompt"] == "a fox in snow"
    assert messages[-1].thread_ts == said.message.ts


async def test_a_mention_in_a_direct_message_is_paid_once(stage: Stage) -> None:
    said = await stage.ada.say(HOME, "<@U0IMAGINE> a fox in snow")
    assert said.message is not None
    await stage.until_told_in_thread(said.message.ts, channel=HOME)

    assert stage.submits() == 1


async def test_a_mention_that_also_comes_as_a_message_is_paid_once(stage: Stage) -> None:
    stage.workspace.scopes.add("channels:history")
    stage.workspace.events.add("message.channels")
    ts = await mention(stage, "<@U0IMAGINE> a fox")
    await stage.until_told_in_thread(ts)

    assert stage.submits() == 1
    assert stage.private() == []


async def test_pictures_of_a_mention_become_references(stage: Stage) -> None:
    file = await stage.ben.upload("mood.png", picture())
    ts = await mention(stage, "<@U0IMAGINE> a fox like this", files=[file])
    await stage.until_told_in_thread(ts)

    assert len(requests(stage)[0]["style_images"]) == 1


@pytest.mark.parametrize("text", ["thanks", "stop", "hi", "how does this work?", "", "👍"])
async def test_talk_to_the_bot_is_answered_with_the_form_and_never_paid(
    stage: Stage, text: str
) -> None:
    await mention(stage, f"<@U0IMAGINE> {text}")
    await stage.until(lambda: stage.private(), what="the answer")
    told = stage.private()[0]

    assert "Say what one should show" in told.text
    assert "Nothing was spent" in told.text
    assert element(told, "open_asked")
    assert stage.submits() == 0


@pytest.mark.parametrize("text", ["help", "?"])
async def test_help_is_the_commands(stage: Stage, text: str) -> None:
    await mention(stage, f"<@U0IMAGINE> {text}")
    await stage.until(lambda: stage.private(), what="the answer")

    assert "Make pictures from words" in stage.private()[0].text
    assert stage.submits() == 0


async def test_credits_by_mention_are_told_privately(stage: Stage) -> None:
    await mention(stage, "<@U0IMAGINE> credits")
    await stage.until(lambda: stage.private(), what="the answer")

    assert "credits left" in stage.private()[0].text


@pytest.mark.parametrize(
    "text",
    [
        "look what I made with <@U0IMAGINE> today",
        "<@U0IMAGINE> fox",
        "<@U0IMAGINE> <@U0ADA> waving",
    ],
)
async def test_what_may_be_meant_for_people_is_made_by_a_button_once(
    stage: Stage, text: str
) -> None:
    ts = await mention(stage, text)
    await stage.until(lambda: stage.private(), what="the question")
    question = stage.private()[0]
    assert "Shall I make a picture of this?" in question.text
    assert stage.submits() == 0
    button = element(question, "make_asked")
    for _ in range(2):
        await stage.ben.click(
            DESIGN, question.ts, button["block_id"], "make_asked", value=button["value"]
        )
    await stage.until_told_in_thread(ts)

    assert stage.submits() == 1


async def test_the_form_of_a_bare_mention_posts_into_its_thread(stage: Stage) -> None:
    ts = await mention(stage, "<@U0IMAGINE>")
    await stage.until(lambda: stage.private(), what="the answer")
    answer = stage.private()[0]
    button = element(answer, "open_asked")
    await stage.ben.click(
        DESIGN, answer.ts, button["block_id"], "open_asked", value=button["value"]
    )
    form = await Form(stage, stage.ben).until_open()
    await form.set("prompt", "a fox")
    await form.submit()
    messages = await stage.until_told_in_thread(ts)

    assert len(images_of(messages[-1])) == 1


async def test_in_a_thread_without_pictures_a_new_one_is_offered(stage: Stage) -> None:
    said = await stage.ada.say(DESIGN, "what shall we print?")
    assert said.message is not None
    await mention(stage, "<@U0IMAGINE> a fox", thread_ts=said.message.ts)
    await stage.until(lambda: stage.private(), what="the question")
    question = stage.private()[0]

    assert "I have made nothing in this thread" in question.text
    assert element(question, "make_asked")
    assert stage.submits() == 0


async def test_an_edited_mention_makes_nothing(stage: Stage) -> None:
    ts = await mention(stage, "<@U0IMAGINE> fox")
    await stage.until(lambda: stage.private(), what="the question")
    await stage.ben.edit(DESIGN, ts, "<@U0IMAGINE> a fox in snow")
    await stage.until(lambda: len(stage.private()) == 2, what="the answer")

    assert "You edited a message" in stage.private()[1].text
    assert stage.submits() == 0


@pytest.mark.parametrize("is_open", [True, False])
async def test_people_of_other_companies_never_see_credits(stage: Stage, is_open: bool) -> None:
    await stage.cleo.say(SHARED, "<@U0IMAGINE> credits")
    await stage.until(lambda: stage.private(SHARED), what="the refusal")

    assert "credits left" not in stage.private(SHARED)[0].text


async def test_the_picture_of_a_mention_is_not_changed_by_its_own_second_delivery(
    stage: Stage,
) -> None:
    result = await make(stage, "fog")
    ts = await mention(stage, "<@U0IMAGINE> a fox")
    await stage.until_told_in_thread(ts)

    assert result.thread_ts != ts
    assert stage.submits() == 2
