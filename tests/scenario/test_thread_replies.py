"""Replies in words, and Slack's habits: again and again, edited, deleted, by bots, by the gone."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.slack.records import User
from tests.support.databases import database_of, unwritable
from tests.support.image_form import Form, picture
from tests.support.rendered_text import count_promised, until_all_is_said
from tests.support.stage import DESIGN, Stage, hold, images_of
from tests.support.threads import make, press, requests


async def send(stage: Stage, **event: Any) -> int:
    """An event of any shape; the status of its answer."""
    reply = await stage.delivery.send_event(event)
    return reply.status


async def test_an_event_that_could_not_be_kept_is_sent_again_and_made_once(stage: Stage) -> None:
    result = await make(stage)
    with unwritable(database_of(stage)):
        await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
        await stage.until(
            lambda: any(e.status == 503 for e in stage.workspace.exchanges), what="503"
        )
    await stage.delivery.settle()
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert stage.submits() == 2
    assert requests(stage)[-1]["prompt"].endswith("with rain")


async def test_where_no_retry_helped_the_person_is_told(stage: Stage) -> None:
    result = await make(stage)
    with unwritable(database_of(stage)):
        await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
        await stage.delivery.settle()
        await stage.until(lambda: stage.private())

    (told,) = stage.private()
    assert (told.ephemeral_to, told.thread_ts) == ("U0BEN", result.thread_ts)
    assert "couldn't save" in told.text
    assert stage.submits() == 1


async def test_a_mention_that_comes_as_two_events_is_made_once(stage: Stage) -> None:
    result = await make(stage, channel="D0ADA")
    said = await stage.ada.say("D0ADA", "<@U0IMAGINE> again", thread_ts=result.thread_ts)
    assert said.message is not None
    event = {
        "type": "app_mention",
        "user": "U0ADA",
        "text": "<@U0IMAGINE> again",
        "ts": said.message.ts,
        "thread_ts": result.thread_ts,
        "channel": "D0ADA",
    }
    assert await send(stage, **event) == 200
    assert count_promised(stage) == 2
    await stage.until_told_in_thread(stage.roots("D0ADA")[0].ts, channel="D0ADA")

    assert stage.submits() == 2


async def test_what_was_not_understood_is_answered_once_however_often_it_comes(
    stage: Stage,
) -> None:
    result = await make(stage)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> thanks!", thread_ts=result.thread_ts)
    await stage.delivery.settle()
    (event,) = [e for e in stage.workspace.exchanges if "app_mention" in str(e.request)]
    for _ in range(3):
        await stage.delivery.deliver_again(event)
    await until_all_is_said(stage)

    assert len(stage.private()) == 2  # the answer to this one, and that last one


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "user": None},
        {"subtype": "message_changed", "message": {"text": "<@U0IMAGINE> again"}},
        {"subtype": "message_deleted", "previous_message": {"text": "<@U0IMAGINE> again"}},
        {"hidden": True},
        {"user": "U0IMAGINE"},
    ],
    ids=str,
)
async def test_bots_edits_and_deletions_make_nothing(
    shared_stage: Stage, changes: dict[str, Any]
) -> None:
    stage = shared_stage
    mention = {
        "type": "app_mention",
        "user": "U0BEN",
        "text": "<@U0IMAGINE> again",
        # Each its own: what has the time of another is taken for the same message.
        "ts": f"1700000000.{len(stage.workspace.exchanges):06}",
        "channel": DESIGN,
    }
    before = len(stage.private())

    assert await send(stage, **(mention | changes)) == 200
    await until_all_is_said(stage)
    assert len(stage.private()) == before + 1  # only that one answer
    assert count_promised(stage) == 0


async def test_such_a_mention_of_a_persons_is_answered(shared_stage: Stage) -> None:
    """The one that the events above are made from."""
    stage = shared_stage
    before = len(stage.private())
    ts = f"1700000000.{len(stage.workspace.exchanges):06}"
    mention = {"type": "app_mention", "user": "U0BEN", "text": "<@U0IMAGINE> again"}

    assert await send(stage, **mention, ts=ts, channel=DESIGN) == 200

    await stage.until(lambda: len(stage.private()) > before, what="answered")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "reaction_added", "user": "U0BEN"},
        {"type": "member_joined_channel"},
        {"type": "app_home_opened", "user": "U0BEN", "tab": "home"},
        {"type": "tokens_revoked", "tokens": {"bot": ["U0IMAGINE"]}},
        {"type": "something_new", "of": [1, None, {}]},
        {"type": "message"},
        {"type": "app_mention", "files": "none"},
    ],
    ids=str,
)
async def test_every_other_event_is_taken(shared_stage: Stage, event: dict[str, Any]) -> None:
    assert await send(shared_stage, **event) == 200


async def test_a_reply_while_the_one_above_still_runs_changes_it(stage: Stage) -> None:
    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", "fog")
        await stage.until(stage.submits, what="submitted")
        root = stage.roots()[0]
        await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=root.ts)
        await stage.until(lambda: stage.submits() == 2, what="the reply is taken up")
    messages = await stage.until_told_in_thread(root.ts)

    assert requests(stage)[-1]["prompt"] == "fog. with rain"
    assert "2nd version" in " ".join(m.text for m in messages)


async def test_a_reply_before_the_references_are_there_brings_them_along(stage: Stage) -> None:
    file = await stage.ben.upload("mood.png", picture())
    said = await stage.ben.say(DESIGN, "fog", files=[file])
    assert said.message is not None
    await stage.ada.message_shortcut("image_of_message", DESIGN, said.message.ts)
    form = await Form(stage, stage.ada).until_open()
    await form.submit()
    await stage.ben.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=said.message.ts)
    await stage.until_told_in_thread(said.message.ts, 2)

    first, second = sorted(requests(stage), key=lambda request: len(request["prompt"]))
    assert (first["prompt"], second["prompt"]) == ("fog", "fog. with rain")
    assert first["style_images"] == second["style_images"] != []


@pytest.mark.parametrize("text", ["again x9", "x0", "--size huge", "use dalle --model dalle"])
async def test_what_cannot_be_made_is_said_and_spends_nothing(stage: Stage, text: str) -> None:
    result = await make(stage)
    await stage.ben.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private())

    assert "Nothing was spent" in stage.private()[0].text
    assert stage.submits() == 1


async def test_a_picture_of_slack_connect_in_a_reply_becomes_the_reference(stage: Stage) -> None:
    result = await make(stage)
    file = await stage.ben.upload("shared.png", picture())
    file.is_connect = True
    await stage.ben.say(DESIGN, "<@U0IMAGINE> like this", thread_ts=result.thread_ts, files=[file])
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(requests(stage)[-1]["style_images"]) == 1


async def test_a_bad_picture_in_a_reply_is_named_and_nothing_is_spent(stage: Stage) -> None:
    result = await make(stage)
    file = await stage.ben.upload("broken.png", b"\x89PNG no more")
    file.mimetype = "image/png"
    await stage.ben.say(DESIGN, "<@U0IMAGINE> like this", thread_ts=result.thread_ts, files=[file])
    await stage.until(lambda: stage.private())

    assert "“broken.png” isn't a picture that I can read" in stage.private()[0].text
    assert stage.private()[0].ephemeral_to == "U0BEN"
    assert stage.submits() == 1


async def test_where_the_root_is_gone_a_reply_is_refused_before_anything_is_spent(
    stage: Stage,
) -> None:
    result = await make(stage)
    root = stage.roots()[0]
    stage.workspace.remove_message(root)  # a gravestone stays: it has replies
    await press(stage.ben, result, "regenerate")
    messages = await stage.until_told_in_thread(root.ts)

    assert len(images_of(messages[-1])) == 1
    assert stage.submits() == 2


async def test_in_an_archived_channel_the_person_is_told_and_nothing_is_spent(
    stage: Stage,
) -> None:
    result = await make(stage)
    stage.workspace.channels[DESIGN].is_archived = True
    await press(stage.ben, result, "regenerate")
    await stage.until(lambda: stage.workspace.messages["D0BEN"], what="told")

    assert "I can't post in this channel any more" in stage.workspace.messages["D0BEN"][0].text
    assert stage.submits() == 1


async def test_somebody_who_left_costs_nothing_and_stops_nothing(stage: Stage) -> None:
    result = await make(stage)
    gone = stage.workspace.add_user(User("U0GONE", "gone", "Gone"))
    event = {
        "type": "app_mention",
        "user": gone.id,
        "text": "<@U0IMAGINE> thanks!",
        "ts": "1700000000.000002",
        "thread_ts": result.thread_ts,
        "channel": DESIGN,
    }
    del stage.workspace.users[gone.id]
    assert await send(stage, **event) == 200
    assert await send(stage, **(event | {"text": "again", "ts": "1700000000.000003"})) == 200
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)

    assert len(images_of(messages[-1])) == 1
