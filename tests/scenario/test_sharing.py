"""Sharing: several pictures at once, with a note and a link back; told how it went."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.generations.share import Share
from bot.sandbox.slack.records import Message
from bot.store.database import Database
from bot.store.shares import ShareStore
from bot.store.tables import generations
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, images_of, open_stage, run_bot
from tests.support.threads import direct, make, open_menu, press

HER_DM = "D0ADA"


async def open_sharing(stage: Stage, text: str = "a lighthouse -n 3") -> tuple[Message, Form]:
    """A result, and the modal over it."""
    result = await make(stage, text)
    return result, await open_menu(stage, stage.ada, result, "share")


async def until_told_privately(stage: Stage, number: int = 1) -> str:
    """What Ada was told in private, the last of so many."""
    await stage.until(lambda: len(stage.private()) >= number, what="told")
    return stage.private()[number - 1].text


async def test_all_pictures_are_shared_with_a_note_the_prompt_once_and_a_link(
    stage: Stage,
) -> None:
    result, form = await open_sharing(stage)
    await form.set("share_channel", GENERAL)
    await form.set("share_note", "Which one? <!channel> :tada:")
    assert (await form.submit()).ok
    told = await until_told_privately(stage)

    (shared,) = stage.roots(GENERAL)
    assert [i["slack_file"] for i in images_of(shared)] == [
        i["slack_file"] for i in images_of(result)
    ]
    assert "shares 3 pictures" in shared.text
    assert shared.text.count("a lighthouse") == 1
    blocks = [block["text"]["text"] for block in shared.blocks if block["type"] == "section"]
    assert blocks[1:] == ["Which one? <!channel> 🎉", "a lighthouse"]
    assert "&lt;!channel&gt;" in shared.text
    link = f"/archives/{DESIGN}/p{result.ts.replace('.', '')}?thread_ts={result.thread_ts}"
    assert link in shared.text
    assert "Shared 3 pictures in <#C0GENERAL>" in told
    assert f"/archives/{GENERAL}/p{shared.ts.replace('.', '')}" in told
    assert stage.private()[0].thread_ts == result.thread_ts


async def test_what_is_unticked_is_not_shared(stage: Stage) -> None:
    result, form = await open_sharing(stage)
    await form.set("share_channel", GENERAL)
    await form.set("share_pictures", ["1", "3"])
    await form.submit()
    await until_told_privately(stage)

    (shared,) = stage.roots(GENERAL)
    files = [image["slack_file"] for image in images_of(result)]
    assert [image["slack_file"] for image in images_of(shared)] == [files[0], files[2]]


async def test_a_modal_that_is_sent_twice_shares_once(stage: Stage) -> None:
    _, form = await open_sharing(stage)
    await form.set("share_channel", GENERAL)
    view = form.view
    await form.submit()
    stage.workspace.views[view.id] = view
    stage.workspace.view_stacks["U0ADA"] = [view]
    await stage.ada.submit(view.id)
    await until_told_privately(stage)

    assert len(stage.roots(GENERAL)) == 1


@pytest.mark.parametrize(
    ("channel", "code", "says"),
    [
        (LAUNCH, None, "/invite @Imagine"),
        (GENERAL, "is_archived", "it may be archived"),
        (GENERAL, "restricted_action", "ask an admin"),
        (GENERAL, "a_code_of_next_year", "try again"),
    ],
)
async def test_a_failure_names_the_channel_says_what_to_do_and_keeps_the_note(
    stage: Stage, channel: str, code: str | None, says: str
) -> None:
    _, form = await open_sharing(stage)
    await form.set("share_channel", channel)
    await form.set("share_note", "Have a look")
    if code is not None:
        stage.workspace.faults.next_call("chat.postMessage", code)
    await form.submit()
    told = await until_told_privately(stage)

    assert f"Nothing was shared in <#{channel}>" in told
    assert says in told
    assert "Have a look" in told
    assert stage.roots(channel) == []
    await press(stage.ada, stage.private()[0], "share_result")
    await stage.until(lambda: Form(stage, stage.ada).is_open, what="the modal again")


async def test_where_slack_does_not_answer_it_is_looked_for_and_not_shared_a_second_time(
    stage: Stage,
) -> None:
    _, form = await open_sharing(stage)
    await form.set("share_channel", DESIGN)
    stage.workspace.faults.next_call("chat.postMessage", "dropped")
    await form.submit()

    assert "Shared 3 pictures in <#C0DESIGN>" in await until_told_privately(stage)
    assert len(stage.roots()) == 2


async def test_where_the_bot_is_no_member_and_cannot_look_the_sharer_is_asked_to(
    stage: Stage,
) -> None:
    _, form = await open_sharing(stage)
    await form.set("share_channel", GENERAL)
    stage.workspace.faults.next_call("chat.postMessage", "dropped")
    await form.submit()
    told = await until_told_privately(stage)

    assert "I don't know whether the pictures are in <#C0GENERAL>" in told
    assert len(stage.roots(GENERAL)) == 1


async def test_what_slack_puts_off_is_shared_once_it_may_be(stage: Stage) -> None:
    _, form = await open_sharing(stage)
    await form.set("share_channel", GENERAL)
    stage.workspace.faults.next_call("chat.postMessage", "ratelimited")
    await form.submit()

    assert "Shared 3 pictures" in await until_told_privately(stage)
    assert len(stage.roots(GENERAL)) == 1


@pytest.fixture
async def empty_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stand-ins; each test starts and stops the bot."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened


async def keep_pending(stage: Stage, channel: str = GENERAL, **changes: Any) -> None:
    """What a process keeps that dies before it posts it."""
    database = Database(stage.settings.database_url)
    (generation_id,) = await database.read(
        lambda on: on.execute(sa.select(generations.c.id)).scalars().all()
    )
    share = Share(
        id="V1",
        team_id="T0SANDBOX",
        user_id="U0ADA",
        generation_id=generation_id,
        positions=(1, 2),
        channel_id=channel,
        shared_at=datetime.now(UTC),
        note="Which one?",
    )
    await ShareStore(database).keep(replace(share, **changes))
    await database.close()


async def test_what_was_shared_before_a_crash_is_posted_at_the_next_start(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with run_bot(stage):
        await make(stage, "a lighthouse -n 2")
    await keep_pending(stage)
    for _ in range(2):  # and not once more at the start after that
        async with run_bot(stage):
            told = await until_told_privately(stage)

    (shared,) = stage.roots(GENERAL)
    assert len(images_of(shared)) == 2
    assert "“Which one?”" in shared.text
    assert "Shared 2 pictures in <#C0GENERAL>" in told
    assert len(stage.private()) == 1


async def test_what_was_posted_before_a_crash_is_found_and_told(empty_stage: Stage) -> None:
    stage = empty_stage
    async with run_bot(stage):
        _, form = await open_sharing(stage, "a lighthouse -n 2")
        await form.set("share_channel", DESIGN)
        await form.submit()
        await until_told_privately(stage)
    rows = "UPDATE shares SET ended_at = NULL, posted_ts = NULL"  # as if it had died right then
    database = Database(stage.settings.database_url)
    await database.write(lambda on: on.execute(sa.text(rows)))
    await database.close()
    async with run_bot(stage):
        told = await until_told_privately(stage, 2)

    assert "Shared 2 pictures in <#C0DESIGN>" in told
    assert len(stage.roots()) == 2


async def test_what_may_have_been_posted_and_cannot_be_looked_for_is_not_posted_again(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with run_bot(stage):
        await make(stage, "a lighthouse -n 2")
    await keep_pending(stage, LAUNCH, intended_at=datetime.now(UTC))
    async with run_bot(stage):
        told = await until_told_privately(stage)

    assert "I don't know whether the pictures are in <#G0LAUNCH>" in told
    assert "“Which one?”" in told


async def test_what_nobody_expects_any_more_is_not_shared_and_its_note_given_back(
    empty_stage: Stage,
) -> None:
    stage = empty_stage
    async with run_bot(stage):
        await make(stage, "a lighthouse -n 2")
    await keep_pending(stage, shared_at=datetime.now(UTC) - timedelta(days=2))
    async with run_bot(stage):
        told = await until_told_privately(stage)

    assert "Nothing was shared in <#C0GENERAL>" in told
    assert "“Which one?”" in told
    assert stage.roots(GENERAL) == []


async def preview(stage: Stage) -> Message:
    """What Ada alone sees."""
    await stage.until(lambda: any(map(images_of, direct(stage))), what="the preview")
    return next(m for m in direct(stage) if images_of(m))


async def test_a_preview_is_shared_where_it_was_asked_for(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me -n 2")
    result = await preview(stage)
    await press(stage.ada, result, "share_result")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="the modal")
    await form.submit()
    await stage.until(lambda: stage.private(HER_DM), what="told")

    (shared,) = stage.roots()
    assert len(images_of(shared)) == 2
    assert HER_DM not in shared.text  # nobody else can follow a link to there
    assert "Shared 2 pictures in <#C0DESIGN>" in stage.private(HER_DM)[0].text


async def test_a_preview_that_was_asked_for_in_a_thread_is_shared_there(stage: Stage) -> None:
    first = await make(stage)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> again --show me", thread_ts=str(first.thread_ts))
    result = await preview(stage)
    await press(stage.ada, result, "share_result")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="the modal")
    await form.submit()
    await stage.until(lambda: len(stage.replies()) == 2, what="shared")

    assert stage.replies()[-1].thread_ts == first.thread_ts
    assert "shares a picture" in stage.replies()[-1].text
