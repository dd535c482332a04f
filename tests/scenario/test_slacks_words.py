"""Slack's own answers: each leads to the next best way, to a sentence for the person, and to the
code and its meaning in the log. What was paid for always arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bot.sandbox.slack.records import Message
from bot.slack.kit.calls import MEANINGS
from tests.support.rendered_text import words_of
from tests.support.stage import DESIGN, GENERAL, LAUNCH, TALK, Stage, hold, images_of, is_settled
from tests.support.threads import choose, make

HER_DM = "D0ADA"
PROMPT = "a lighthouse in fog"


async def ask(stage: Stage, text: str = PROMPT, channel: str = DESIGN) -> None:
    shown = await stage.ada.run_command(channel, "/imagine", text)
    assert (shown.ok, shown.message) == (True, None)


@asynccontextmanager
async def before_its_pictures(stage: Stage, text: str = PROMPT) -> AsyncIterator[Message]:
    """The root message: what is done inside is done before the pictures are ready."""
    with hold(stage.powerpost):
        await ask(stage, text)
        await stage.until(stage.roots, what="the root message")
        yield stage.roots()[0]


async def until_directly(stage: Stage) -> Message:
    """The result in Ada's direct message."""
    await stage.until(
        lambda: any("Here " in m.text for m in stage.workspace.messages[HER_DM]),
        what="in the direct message",
    )
    return stage.workspace.messages[HER_DM][-1]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("storage_limit_reached", "file storage in Slack is full"),
        ("file_uploads_disabled", "allows no uploads"),
        ("file_uploads_except_images_disabled", "does not allow this kind of file"),
        ("file_type_not_allowed", "does not allow this kind of file"),
        ("file_upload_size_restricted", "larger than this workspace allows"),
        ("slack_connect_file_upload_sharing_blocked", "channels with other companies"),
        ("access_denied", "denies this app access to files"),
        ("no_permission", "Slack did not take the file"),
        ("message_limit_exceeded", "Slack did not take the file"),
        ("app_access_restricted", "denies this app access to files"),
        ("team_access_not_granted", "denies this app access to files"),
        ("file_uploads_disabled_by_next_years_setting", "allows no uploads"),
        ("a_code_of_next_year", "Slack did not take the file"),
    ],
)
async def test_where_files_cannot_be_uploaded_the_pictures_are_linked(
    stage: Stage, code: str, why: str
) -> None:
    stage.workspace.faults.refused["upload"] = code
    with capture_logs() as logs:
        await ask(stage, f"{PROMPT} -n 2")
        (told,) = await stage.until_told()

    said = words_of(told)
    assert images_of(told) == []
    assert said.count("/storage/images/") >= 2
    assert why in told.text
    assert f"It shows: “{PROMPT}”, made by AI" in told.text
    assert "Used 6 credits" in told.text
    linked = [line for line in logs if line["event"] == "picture.linked"]
    assert {line["detail"] for line in linked} == {code}
    if code in MEANINGS:
        refusals = [line for line in logs if line["event"] == "slack.refused"]
        assert {(line["code"], line["means"]) for line in refusals} == {(code, MEANINGS[code])}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("slack_connect_file_link_sharing_blocked", "channels with other companies"),
        ("file_type_not_allowed", "does not allow this kind of file"),
        ("access_denied", "denies this app access"),
        ("a_code_of_next_year", "Slack did not take the file"),
    ],
)
async def test_where_files_cannot_be_shown_the_pictures_are_linked_with_the_reason(
    stage: Stage, code: str, why: str
) -> None:
    stage.workspace.faults.refused["slack_file"] = code
    await ask(stage)
    (told,) = await stage.until_told()

    assert images_of(told) == []
    assert "/storage/images/" in words_of(told)
    assert why in told.text


async def test_a_message_that_is_too_long_has_shorter_words_and_all_its_pictures(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage, f"{'lighthouse ' * 40}-n 4"):
        stage.workspace.faults.next_call("chat.postMessage", "msg_blocks_too_long")
    (told,) = await stage.until_told()

    pictures = images_of(told)
    assert len(pictures) == 4
    assert all(0 < len(each["alt_text"]) <= 200 for each in pictures)
    assert all(0 < len(each["title"]["text"]) <= 60 for each in pictures)
    assert "Used 12 credits" in words_of(told)


@pytest.mark.parametrize("strays", [False, True])
async def test_a_result_whose_thread_is_gone_comes_directly_and_never_into_the_channel(
    stage: Stage, strays: bool
) -> None:
    stage.workspace.faults.strays_replies = strays
    async with before_its_pictures(stage) as root:
        await stage.ada.delete(DESIGN, root.ts)
    told = await until_directly(stage)

    assert len(images_of(told)) == 1
    assert f"its thread in <#{DESIGN}> is gone" in told.text
    assert stage.roots(DESIGN) == []


@pytest.mark.parametrize("strays", [False, True])
async def test_a_version_whose_thread_is_gone_is_not_paid_and_leaves_no_stray_message(
    stage: Stage, strays: bool
) -> None:
    message = await stage.ada.say(DESIGN, "look at this fog")
    assert message.message is not None
    ts = message.message.ts
    await stage.ada.message_shortcut("image_of_message", DESIGN, ts)
    stack = stage.workspace.view_stacks
    await stage.until(lambda: stack.get("U0ADA"), what="the form")
    stage.workspace.faults.strays_replies = strays
    await stage.ada.delete(DESIGN, ts)
    await stage.ada.submit(stack["U0ADA"][-1].id)
    await stage.until(lambda: stage.private() or stage.workspace.messages[HER_DM], what="refused")

    told = [*stage.private(), *stage.workspace.messages[HER_DM]]
    assert "The thread is gone" in told[0].text
    assert stage.roots(DESIGN) == []
    assert stage.submits() == 0


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("restricted_action_non_threadable_channel", "takes no replies any more"),
        ("restricted_action_thread_locked", "its thread in <#C0DESIGN> is gone"),
        ("no_permission", "I am not in <#C0DESIGN> any more"),
        ("restricted_action", "can't post in <#C0DESIGN> any more"),
        ("restricted_action_of_next_year", "can't post in <#C0DESIGN> any more"),
        ("access_denied", "Slack doesn't accept it in <#C0DESIGN>"),
        ("app_access_restricted", "Slack doesn't accept it in <#C0DESIGN>"),
        ("team_access_not_granted", "Slack doesn't accept it in <#C0DESIGN>"),
        ("a_code_of_next_year", "Slack doesn't accept it in <#C0DESIGN>"),
    ],
)
async def test_a_thread_that_takes_nothing_any_more_is_answered_directly_with_the_reason(
    stage: Stage, code: str, why: str
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.refused["thread"] = code
    told = await until_directly(stage)

    assert len(images_of(told)) == 1
    assert why in told.text


@pytest.mark.parametrize(
    ("what", "code", "says"),
    [
        ("top", "restricted_action_thread_only_channel", "only takes replies in threads"),
        ("top", "restricted_action_read_only_channel", "can't post in this channel any more"),
        ("top", "no_permission", "because I'm not in it"),
        ("top", "access_denied", "Slack denies me access to this conversation"),
        ("top", "app_access_restricted", "Slack doesn't let this app post"),
        ("top", "team_access_not_granted", "Slack doesn't let this app post"),
        ("top", "restricted_action_of_next_year", "can't post in this channel any more"),
        ("top", "a_code_of_next_year", "I could not post in this conversation"),
    ],
)
async def test_what_slack_will_not_take_first_is_refused_before_anything_is_paid(
    stage: Stage, what: str, code: str, says: str
) -> None:
    stage.workspace.faults.refused[what] = code
    await ask(stage)
    await stage.until(lambda: stage.private(), what="refused")

    told = stage.private()[0].text
    assert says in told
    assert "Nothing was spent." in told
    assert stage.submits() == 0


async def test_too_many_messages_of_the_workspace_are_waited_for(stage: Stage) -> None:
    stage.workspace.faults.next_call("chat.postMessage", "message_limit_exceeded")
    await ask(stage)
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


async def test_for_too_long_nothing_is_paid_and_the_person_is_told_why(stage: Stage) -> None:
    stage.workspace.faults.refused["all"] = "message_limit_exceeded"
    await ask(stage)
    await stage.until(lambda: stage.private(), what="refused")

    told = stage.private()[0].text
    assert "This workspace has reached Slack's limit on messages" in told
    assert stage.submits() == 0


async def test_whatever_slack_refuses_everywhere_its_person_still_gets_the_links(
    stage: Stage,
) -> None:
    async with before_its_pictures(stage):
        stage.workspace.faults.refused["all"] = "a_code_of_next_year"
    await stage.until(lambda: "/storage/images/" in words_of(stage.roots()[0]), what="links")
    await stage.until(lambda: stage.private(), what="privately")

    assert "/storage/images/" in stage.private()[0].text


async def test_in_a_conversation_of_two_people_the_result_comes_directly(stage: Stage) -> None:
    await ask(stage, channel=TALK)
    told = await until_directly(stage)

    assert len(images_of(told)) == 1
    (said,) = stage.private(TALK)
    assert "come in your direct message with me" in said.text
    assert "/invite" not in said.text
    assert stage.workspace.messages[TALK] == [said]
    root = next(m for m in stage.workspace.messages[HER_DM] if m.thread_ts in (None, m.ts))
    await stage.until(lambda: is_settled(root), what="the status line")


async def test_in_a_conversation_of_two_people_a_message_becomes_a_picture_directly(
    stage: Stage,
) -> None:
    said = await stage.ben.say(TALK, "fog over the sea")
    assert said.message is not None
    await stage.ada.message_shortcut("image_of_message", TALK, said.message.ts)
    stack = stage.workspace.view_stacks
    await stage.until(lambda: stack.get("U0ADA"), what="the form")
    assert (await stage.ada.submit(stack["U0ADA"][-1].id)).ok
    told = await until_directly(stage)

    assert len(images_of(told)) == 1
    roots = [m for m in stage.workspace.messages[HER_DM] if m.thread_ts in (None, m.ts)]
    assert told.thread_ts in {root.ts for root in roots}


async def test_in_a_private_channel_the_advice_to_invite_stays(stage: Stage) -> None:
    await ask(stage, channel=LAUNCH)
    await stage.until(lambda: stage.private(LAUNCH), what="refused")

    assert "/invite @Imagine" in stage.private(LAUNCH)[0].text
    assert stage.submits() == 0


async def test_a_result_where_mentions_are_not_heard_says_how_to_be_heard(stage: Stage) -> None:
    result = await make(stage, channel=GENERAL)
    await stage.ada.invite(GENERAL, "U0IMAGINE")
    elsewhere = await make(stage, channel=DESIGN)

    assert "I do not hear replies that mention me. `/invite @Imagine`" in result.text
    assert "/invite" in words_of(result)
    assert "/invite" not in words_of(elsewhere)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("no_permission", "Invite me with /invite"),
        ("restricted_action_thread_only_channel", "only takes replies in threads"),
        ("slack_connect_file_link_sharing_blocked", "doesn't allow files in channels"),
        ("message_limit_exceeded", "reached Slack's limit on messages"),
        ("team_access_not_granted", "doesn't let this app post there"),
        ("a_code_of_next_year", "Slack did not let me share"),
    ],
)
async def test_what_cannot_be_shared_is_told_with_what_to_do(
    stage: Stage, code: str, says: str
) -> None:
    result = await make(stage)
    await choose(stage.ada, result, "share")
    stack = stage.workspace.view_stacks
    await stage.until(lambda: stack.get("U0ADA"), what="the modal")
    stage.workspace.faults.next_call("chat.postMessage", code)
    view = stack["U0ADA"][-1]
    await stage.ada.change(view.id, "share_channel", "share_channel", GENERAL)
    assert (await stage.ada.submit(view.id)).ok
    await stage.until(lambda: stage.private(), what="told")

    assert says in stage.private()[0].text


async def test_a_shared_picture_that_is_too_long_has_shorter_words(stage: Stage) -> None:
    result = await make(stage, "lighthouse " * 40)
    await choose(stage.ada, result, "share")
    stack = stage.workspace.view_stacks
    await stage.until(lambda: stack.get("U0ADA"), what="the modal")
    stage.workspace.faults.next_call("chat.postMessage", "msg_blocks_too_long")
    view = stack["U0ADA"][-1]
    await stage.ada.change(view.id, "share_channel", "share_channel", GENERAL)
    assert (await stage.ada.submit(view.id)).ok
    await stage.until(lambda: stage.roots(GENERAL), what="shared")

    (picture,) = images_of(stage.roots(GENERAL)[0])
    assert len(picture["alt_text"]) <= 200


async def test_slack_is_told_what_a_file_is_before_it_has_looked(stage: Stage) -> None:
    await make(stage)
    completed = [
        exchange.request["files"]
        for exchange in stage.workspace.exchanges
        if exchange.method == "files.completeUploadExternal"
    ]

    assert [file["highlight_type"] for files in completed for file in files] == ["jpg"]
    assert any(exchange.method == "files.info" for exchange in stage.workspace.exchanges)


@pytest.mark.parametrize("status", [404, 403])
async def test_a_link_that_works_only_a_moment_later_is_waited_for(
    stage: Stage, status: int
) -> None:
    stage.powerpost.faults.links_late_seconds = 1.0
    stage.powerpost.faults.links_late_status = status
    await ask(stage, f"{PROMPT} -n 2")
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 2
