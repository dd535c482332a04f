"""Slack at its worst: what was paid for still reaches the person, and once where that can be."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import database_of, unwritable
from tests.support.image_form import Form
from tests.support.rendered_text import count_promised, words_of
from tests.support.stage import (
    DESIGN,
    LAUNCH,
    Stage,
    hold,
    images_of,
    is_settled,
    open_stage,
    run_bot,
    status_of,
)
from tests.support.threads import choose

PROMPT = "a lighthouse in fog"
HER_DM = "D0ADA"


async def ask(stage: Stage, text: str = PROMPT, channel: str = DESIGN) -> None:
    """Ada's command, acknowledged."""
    shown = await stage.ada.run_command(channel, "/imagine", text)
    assert (shown.ok, shown.message) == (True, None)


@asynccontextmanager
async def before_its_pictures(stage: Stage, text: str = PROMPT) -> AsyncIterator[None]:
    """The same: what is done inside is done between the root message and the pictures."""
    with hold(stage.powerpost):
        await ask(stage, text)
        await stage.until(stage.roots, what="the root message")
        yield


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Someone else holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@pytest.mark.parametrize("fault", ["ratelimited", "http_500", "internal_error"])
async def test_a_root_message_that_slack_did_not_take_is_posted_once_it_does(
    stage: Stage, fault: str
) -> None:
    stage.workspace.faults.next_call("chat.postMessage", fault)

    await ask(stage)
    (told,) = await stage.until_told()

    assert len(stage.roots()) == 1
    assert len(images_of(told)) == 1
    assert stage.submits() == 1


@pytest.mark.parametrize("fault", ["ratelimited", "dropped_before"])
async def test_a_result_that_slack_did_not_take_is_posted_once_it_does(
    stage: Stage, fault: str
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.next_call("chat.postMessage", fault)

    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


async def test_posts_whose_answers_are_lost_are_found_again_where_the_bot_may_look(
    stage: Stage,
) -> None:
    stage.workspace.scopes.add("channels:history")
    stage.workspace.faults.next_call("chat.postMessage", "dropped")

    async with before_its_pictures(stage):
        await stage.until(lambda: not stage.workspace.faults.pending())
        stage.workspace.faults.next_call("chat.postMessage", "dropped")
    await stage.until_told()

    assert (len(stage.roots()), len(stage.replies())) == (1, 1)
    assert stage.submits() == 1


async def test_where_the_bot_may_not_look_pictures_come_twice_rather_than_never(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.next_call("chat.postMessage", "dropped")

    replies = await stage.until_told()
    await stage.until(lambda: is_settled(stage.roots()[0]))

    assert 1 <= len(replies) <= 2
    assert all(len(images_of(reply)) == 1 for reply in stage.replies())
    assert stage.submits() == 1


async def test_a_first_message_whose_answer_was_lost_says_nothing_that_is_not_so(
    stage: Stage,
) -> None:
    stage.workspace.scopes -= {"channels:history"}  # it cannot look for its own message
    stage.workspace.faults.next_call("chat.postMessage", "dropped")

    await ask(stage)
    await stage.until_told()
    await stage.until(lambda: any(is_settled(root) for root in stage.roots()))

    assert len(stage.roots()) == 2
    assert all("Waiting" not in root.text for root in stage.roots())
    lost, twin = stage.roots()
    assert "it goes on here, or in a newer message" in lost.text
    assert "Done" in twin.text
    assert stage.submits() == 1


async def test_a_file_that_slack_takes_a_second_to_process_is_waited_for(stage: Stage) -> None:
    stage.workspace.file_ready_seconds = 1.0

    await ask(stage, f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 2


async def test_a_file_that_slack_says_is_ready_and_refuses_once_is_shown_after_all(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.next_call("chat.postMessage", "invalid_blocks")

    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


async def test_pictures_that_slack_will_not_show_are_linked_in_the_thread(stage: Stage) -> None:
    async with before_its_pictures(stage, f"{PROMPT} -n 2"):
        stage.workspace.faults.refused["slack_file"] = "invalid_blocks"

    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert words_of(told).count("The link works until") >= 2


@pytest.mark.parametrize(
    ("step", "fault"),
    [("files.getUploadURLExternal", "http_500"), ("files.completeUploadExternal", "dropped")],
)
async def test_an_upload_that_breaks_is_begun_again(stage: Stage, step: str, fault: str) -> None:
    stage.workspace.faults.next_call(step, fault)

    await ask(stage)
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 407, 413])
async def test_an_upload_that_is_refused_on_its_way_is_linked_at_once(
    stage: Stage, status: int
) -> None:
    """An egress proxy that lets the API through and not the host that takes files."""
    stage.workspace.faults.next_call("upload", f"http_{status}", times=50)

    await ask(stage)
    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert "the way to Slack's files is blocked or broken" in told.text
    assert count_uploads(stage) == 1


async def test_while_uploads_are_blocked_every_picture_is_linked(stage: Stage) -> None:
    stage.workspace.faults.blocks_uploads = True

    await ask(stage, f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert told.text.count("the way to Slack's files is blocked or broken") == 2
    assert count_uploads(stage) == 2


@pytest.mark.parametrize("fault", ["http_502", "dropped_before", "http_429"])
async def test_an_upload_that_fails_on_its_way_is_tried_again(stage: Stage, fault: str) -> None:
    stage.workspace.faults.next_call("upload", fault)

    await ask(stage)
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert count_uploads(stage) == 2


async def test_a_picture_whose_upload_kept_failing_replaces_its_link_once_it_can(
    stage: Stage,
) -> None:
    stage.workspace.faults.next_call("upload", "dropped_before", times=3)

    await ask(stage)
    await stage.until(lambda: len(stage.replies()) == 2, what="the link, and then the picture")

    linked, late = stage.replies()
    assert images_of(linked) == []
    assert "the way to Slack's files is blocked or broken" in linked.text
    assert len(images_of(late)) == 1
    assert "here is the picture that I could only link before" in late.text
    assert late.thread_ts == linked.thread_ts == stage.roots()[0].ts
    await stage.until(lambda: read_told(stage), what="told")
    assert "*Done*" in status_of(stage.roots()[0])
    assert stage.submits() == 1


@pytest.mark.parametrize("is_deleted", [False, True])
async def test_a_link_is_replaced_after_a_restart_too_unless_it_was_deleted(
    tmp_path: Path, any_database_url: str, is_deleted: bool
) -> None:
    async with open_stage(tmp_path, runs_bot=False, database_url=any_database_url) as stage:
        stage.workspace.faults.next_call("upload", "http_502", times=1000)
        async with run_bot(stage):
            await ask(stage)
            (linked,) = await stage.until_told()
            if is_deleted:
                await choose(stage.ada, linked, "delete")
                form = Form(stage, stage.ada)
                await stage.until(lambda: form.is_open, what="asked whether to delete")
                await form.submit()
                await stage.until(lambda: not stage.replies(), what="deleted")
        stage.workspace.faults.clear()
        async with run_bot(stage):
            await stage.until(lambda: read_told(stage), what="told")

        shown = [len(images_of(message)) for message in stage.replies()]
        assert shown == ([] if is_deleted else [0, 1])
        assert stage.submits() == 1


def read_told(stage: Stage) -> bool:
    """Whether nothing is owed any more."""
    engine = sa.create_engine(stage.settings.database_url)
    with engine.connect() as connection:
        pending = "SELECT count(*) FROM generations WHERE told_at IS NULL"
        count = connection.execute(sa.text(pending)).scalar_one()
    engine.dispose()
    return bool(count == 0)


def count_uploads(stage: Stage) -> int:
    return sum(e.method.startswith("POST /upload") for e in stage.workspace.exchanges)


async def test_a_file_that_is_deleted_before_it_is_shown_is_linked(stage: Stage) -> None:
    stage.workspace.file_ready_seconds = 1.0
    await ask(stage)
    await stage.until(lambda: stage.workspace.files)
    for file in stage.workspace.files.values():
        stage.workspace.delete_file(file)

    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert "Slack did not take the file" in told.text


async def test_a_file_that_slack_does_not_take_is_linked_and_the_others_are_shown(
    stage: Stage,
) -> None:
    stage.workspace.faults.next_call("files.completeUploadExternal", "file_update_failed")

    await ask(stage, f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert "Slack did not take the file" in told.text


async def test_a_status_line_that_cannot_be_edited_for_a_while_gets_its_last_state(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.next_call("chat.update", "ratelimited", times=2)

    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert "*Done*" in status_of(stage.roots()[0])


async def test_a_status_line_that_can_never_be_edited_costs_no_picture(stage: Stage) -> None:
    stage.workspace.faults.next_call("chat.update", "edit_window_closed", times=50)

    await ask(stage)
    await stage.until(stage.replies)

    assert len(images_of(stage.replies()[0])) == 1


async def test_where_the_channel_is_archived_meanwhile_the_pictures_go_to_the_person(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.channels[DESIGN].is_archived = True

    await stage.until(lambda: stage.workspace.messages[HER_DM])

    (told,) = stage.roots(HER_DM)
    assert len(images_of(told)) == 1
    assert "Used" in told.text


async def test_where_the_root_is_deleted_meanwhile_the_pictures_go_to_the_person(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.remove_message(stage.roots()[0])

    await stage.until(lambda: stage.workspace.messages[HER_DM])

    (told,) = stage.roots(HER_DM)
    assert len(images_of(told)) == 1


async def test_where_the_bot_is_removed_meanwhile_the_pictures_go_to_the_person(
    stage: Stage,
) -> None:
    await stage.ada.invite(LAUNCH, stage.workspace.bot.id)
    with hold(stage.powerpost):
        await ask(stage, channel=LAUNCH)
        await stage.until(lambda: any(root.blocks for root in stage.roots(LAUNCH)))
        stage.workspace.channels[LAUNCH].members.discard(stage.workspace.bot.id)

    await stage.until(lambda: stage.workspace.messages[HER_DM])

    assert len(images_of(stage.roots(HER_DM)[0])) == 1


async def test_a_thread_that_refuses_everything_sends_the_pictures_to_the_person(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.refused["thread"] = "some_new_restriction"

    await stage.until(lambda: stage.workspace.messages[HER_DM])

    assert len(images_of(stage.roots(HER_DM)[0])) == 1


async def test_where_slack_takes_no_message_at_all_the_links_stand_in_the_first_one(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage, f"{PROMPT} -n 2"):
        stage.workspace.faults.refused["all"] = "some_new_restriction"

    await stage.until(lambda: "*2 pictures* made in" in status_of(stage.roots()[0]))

    (root,) = stage.roots()
    assert "Slack did not take the result" in status_of(root)
    assert stage.replies() == []
    assert words_of(root).count("The link works until") >= 2
    assert "Used" in status_of(root)


async def test_a_last_edit_that_is_refused_once_is_made_after_all(stage: Stage) -> None:
    await ask(stage)
    await stage.until(lambda: any("*Ready*" in str(e.request) for e in stage.workspace.exchanges))
    stage.workspace.faults.next_call("chat.update", "a_code_of_next_year")

    await stage.until(lambda: "*Done*" in status_of(stage.roots()[0]))

    assert "invalid" not in words_of(stage.roots()[0])


async def test_a_token_that_is_revoked_for_a_while_loses_nothing(stage: Stage) -> None:
    async with before_its_pictures(stage):
        stage.workspace.is_token_revoked = True
        refused = [e for e in stage.workspace.exchanges if e.method == "chat.postMessage"]
    await stage.until(
        lambda: (
            len([e for e in stage.workspace.exchanges if e.method == "chat.postMessage"])
            > len(refused)
        )
    )
    stage.workspace.is_token_revoked = False

    (told,) = await stage.until_told()

    assert stage.submits() == 1
    assert "Used" in told.text


async def test_a_command_that_is_delivered_twice_is_one_generation(stage: Stage) -> None:
    await ask(stage)
    (sent,) = [e for e in stage.workspace.exchanges if e.kind == "command"]
    again = await asyncio.gather(*(stage.delivery.deliver_again(sent) for _ in range(3)))
    await stage.until_told()
    again.append(await stage.delivery.deliver_again(sent))

    assert [reply.error for reply in again] == [None] * 4
    assert (len(stage.roots()), len(stage.replies()), stage.submits()) == (1, 1, 1)


async def test_a_database_that_cannot_be_written_starts_nothing_and_says_so(
    stage: Stage,
) -> None:
    with unwritable(database_of(stage)):
        shown = await stage.ada.run_command(DESIGN, "/imagine", PROMPT)

        assert shown.ok
        assert shown.message is not None
        assert "I couldn't save your request, so I haven't started it." in shown.message.text
        assert PROMPT in words_of(shown.message)
    await ask(stage, "a second try")
    (told,) = await stage.until_told()

    assert "a second try" in told.text
    assert stage.submits() == 1


async def test_a_database_that_stays_locked_is_said_within_slacks_patience(
    stage: Stage,
) -> None:
    with locked(database_of(stage)):
        both = await asyncio.gather(
            stage.ada.run_command(DESIGN, "/imagine", PROMPT),
            stage.ben.run_command(DESIGN, "/imagine", PROMPT),
        )
    # What was withdrawn must not come back, not even with the next one that is written.
    await ask(stage, "a third try")
    await stage.until_told()

    for shown in both:
        assert shown.error is None
        assert shown.message is not None
        assert "I haven't started it" in shown.message.text
    assert count_promised(stage) == 1
    assert stage.submits() == 1
    assert len(stage.roots()) == 1


async def test_a_database_that_is_locked_for_a_moment_only_delays(stage: Stage) -> None:
    with locked(database_of(stage)):
        asking = asyncio.create_task(ask(stage))
        await asyncio.sleep(0.5)
    await asking
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
    assert stage.submits() == 1
