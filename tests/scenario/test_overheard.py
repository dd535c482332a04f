"""A reply in a picture's thread that mentions nobody, where Slack lets the bot read it: its person
is asked, privately and once, and nothing is made by itself."""

from __future__ import annotations

import pytest

from bot.policy.policy import WorkspaceSettings
from bot.sandbox.slack.records import Message
from tests.support.policies import set_policy
from tests.support.rendered_text import until_all_is_said
from tests.support.stage import DESIGN, Stage
from tests.support.threads import make, press, requests

ASKS = "You did not mention me, so I ask"


def questions(stage: Stage) -> list[Message]:
    """Those that were asked about plain replies."""
    return [message for message in stage.private() if ASKS in message.text]


async def ask(stage: Stage, result: Message, text: str = "darker sky") -> Message:
    """The question about what Ada, who asked for the picture, replies."""
    await stage.ada.say(DESIGN, text, thread_ts=result.thread_ts)
    await stage.until(lambda: questions(stage), what="the question")
    return questions(stage)[0]


async def test_a_plain_reply_is_asked_about_and_made_by_its_button_once(stage: Stage) -> None:
    result = await make(stage, "fog")
    question = await ask(stage, result)

    assert "Make a new version with “darker sky”?" in question.text
    assert (question.ephemeral_to, question.thread_ts) == ("U0ADA", result.thread_ts)
    assert stage.submits() == 1
    for _ in range(2):
        await press(stage.ada, question, "make_asked")
    await stage.until_told_in_thread(result.thread_ts or "")
    assert [each["prompt"] for each in requests(stage)] == ["fog", "fog. darker sky"]


async def test_a_reply_that_comes_again_is_asked_about_once(stage: Stage) -> None:
    await ask(stage, await make(stage, "fog"))
    sent = [each for each in stage.workspace.exchanges if each.kind == "event"]
    (event,) = [each for each in sent if "'text': 'darker sky'" in str(each.request)]
    for _ in range(2):
        await stage.delivery.deliver_again(event)
    await until_all_is_said(stage)

    assert len(questions(stage)) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("thanks!", "I like the second one", "what do you think?", "we could use this", "lol"),
        *("<@U0BEN> darker sky", "@here darker sky", "delete this", "enough for today", "👍"),
        *("that's the one for the launch", "a" * 400),
    ],
)
async def test_talk_is_not_asked_about(stage: Stage, text: str) -> None:
    result = await make(stage, "fog")
    await stage.ada.say(DESIGN, text, thread_ts=result.thread_ts)
    await stage.delivery.settle()
    await until_all_is_said(stage)

    assert questions(stage) == []
    assert stage.submits() == 1


async def test_only_who_asked_for_the_picture_is_asked(stage: Stage) -> None:
    result = await make(stage, "fog")
    await stage.ben.say(DESIGN, "darker sky", thread_ts=result.thread_ts)
    said = await stage.ada.say(DESIGN, "what a day")
    assert said.message is not None
    await stage.ada.say(DESIGN, "darker sky", thread_ts=said.message.ts)
    await stage.ada.say(DESIGN, "darker sky")
    await stage.delivery.settle()
    await until_all_is_said(stage)

    assert questions(stage) == []


async def test_a_mention_beside_its_message_event_is_paid_once_and_not_asked_about(
    stage: Stage,
) -> None:
    result = await make(stage, "fog")
    await stage.ada.say(DESIGN, "<@U0IMAGINE> darker sky", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(result.thread_ts or "")
    await until_all_is_said(stage)

    assert stage.submits() == 2
    assert questions(stage) == []


async def test_edits_of_plain_replies_are_nothing(stage: Stage) -> None:
    result = await make(stage, "fog")
    said = await stage.ada.say(DESIGN, "thanks", thread_ts=result.thread_ts)
    assert said.message is not None
    await stage.ada.edit(DESIGN, said.message.ts, "darker sky")
    await stage.delivery.settle()
    await until_all_is_said(stage)

    assert questions(stage) == []


async def test_where_it_is_switched_off_nothing_is_asked(stage: Stage) -> None:
    await set_policy(stage, settings=WorkspaceSettings(asks_about_replies=False))
    result = await make(stage, "fog")
    await stage.ada.say(DESIGN, "darker sky", thread_ts=result.thread_ts)
    await stage.delivery.settle()
    await until_all_is_said(stage)

    assert questions(stage) == []


async def test_without_the_scope_nothing_is_heard_and_mentions_work(stage: Stage) -> None:
    stage.workspace.scopes -= {"channels:history"}
    result = await make(stage, "fog")
    await stage.ada.say(DESIGN, "darker sky", thread_ts=result.thread_ts)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(result.thread_ts or "")

    assert questions(stage) == []
    assert requests(stage)[-1]["prompt"] == "fog. with rain"
