"""A vote on pictures, from the button to the picture that was chosen; and no press of it pays."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bot.policy.policy import WorkspaceSettings
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message, User
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, SHARED, Stage, images_of, open_stage, run_bot, status_of
from tests.support.threads import change_rows, choose, direct, make, open_menu, press


def votes_of(stage: Stage, channel: str = DESIGN) -> list[Message]:
    """The messages of open votes, the newest last."""
    return [m for m in stage.replies(channel) if "asks for your vote" in m.text]


async def start(stage: Stage, person: Person, result: Message) -> Message:
    """Pick, in More…: the vote's message."""
    more = await open_menu(stage, person, result, "more")
    await more.press("more_pick")
    await stage.until(lambda: votes_of(stage), what="a vote")
    stage.workspace.view_stacks.clear()  # everyone has closed what was open
    return votes_of(stage)[-1]


async def until_says(stage: Stage, ballot: Message, *said: str) -> Message:
    """Wait until the vote's message says all of that."""

    def newest() -> Message:
        found = stage.workspace.find_message(ballot.channel, ballot.ts)
        assert found is not None
        return found

    await stage.until(lambda: all(each in newest().text for each in said), what=f"{said}")
    return newest()


async def until_private(stage: Stage, said: str) -> Message:
    """Wait until somebody is told so privately."""
    await stage.until(lambda: any(said in m.text for m in stage.private()), what=said)
    return next(m for m in stage.private() if said in m.text)


async def test_a_team_votes_and_the_one_with_most_votes_is_chosen(stage: Stage) -> None:
    result = await make(stage, "a harbour at dawn -n 3")
    submits = stage.submits()

    ballot = await start(stage, stage.ben, result)
    assert len(images_of(ballot)) == 3
    assert ballot.thread_ts == result.thread_ts
    await press(stage.ada, ballot, "vote:1")
    await press(stage.ben, ballot, "vote:2")
    await until_says(
        stage, ballot, "*1*: 1 vote · <@U0ADA>", "*2*: 1 vote · <@U0BEN>", "*3*: no votes"
    )
    await press(stage.ada, ballot, "vote:2")
    shown = await until_says(stage, ballot, "*1*: no votes", "*2*: 2 votes")
    assert "2 people have voted" in shown.text
    assert not shown.broken_files
    await until_private(stage, "Your vote is now for Picture 2, a harbour at dawn")

    await press(stage.ben, ballot, "close_vote")
    await until_private(stage, "Only <@U0ADA>, who asked for these pictures")
    buttons = ballot.blocks
    await press(stage.ada, ballot, "close_vote")
    closed = await until_says(
        stage, ballot, "Picture 2 was chosen", "with 2 of 2 votes", "· *chosen*"
    )
    assert not [block for block in closed.blocks if block["type"] == "actions"]
    await stage.until(lambda: "picture 2 chosen" in status_of(stage.roots()[0]), what="marked")
    await stage.until(lambda: "★ chosen · 2 of 3" in str(result.blocks), what="marked there")
    assert str(result.blocks).count("★") == 1
    assert not result.broken_files
    said = stage.replies()[-1]
    assert "Picture 2 was chosen" in said.text
    assert [image["alt_text"] for image in images_of(said)] == [images_of(ballot)[1]["alt_text"]]
    closed.blocks = buttons  # as a Slack that was away still shows it
    await press(stage.ada, closed, "vote:1")
    await until_private(stage, "This vote is closed, so your press did not count")
    assert stage.submits() == submits


async def test_a_vote_is_taken_back_by_the_same_number(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)

    await press(stage.ada, ballot, "vote:1")
    await until_says(stage, ballot, "*1*: 1 vote")
    await press(stage.ada, ballot, "vote:1")
    await until_says(stage, ballot, "*1*: no votes", "Nobody has voted yet")
    await until_private(stage, "is taken back")


async def test_without_a_vote_it_can_be_closed_without_a_choice_and_another_one_opened(
    stage: Stage,
) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)
    await press(stage.ada, ballot, "close_vote")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="asked")
    assert "Nobody has voted" in form.text()

    assert (await form.submit()).ok

    await until_says(stage, ballot, "Closed, and no picture was chosen", "Nobody voted")
    again = await start(stage, stage.ada, result)
    assert "(vote 2)" in again.text


async def test_a_tie_is_decided_by_who_closes_it(stage: Stage) -> None:
    result = await make(stage, "fog -n 3")
    ballot = await start(stage, stage.ada, result)
    await press(stage.ada, ballot, "vote:1")
    await press(stage.ben, ballot, "vote:3")

    await press(stage.ada, ballot, "close_vote")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="asked")
    assert "Pictures 1 and 3 have 1 vote each" in form.text()
    assert "Picture 2" not in form.text()
    await press(stage.ben, ballot, "vote:2")  # meanwhile
    await form.set("winners", ["3"])
    refused = await form.submit()
    assert "The votes have changed since" in str(refused)
    await press(stage.ben, ballot, "vote:3")
    assert (await form.submit()).ok

    closed = await until_says(stage, ballot, "*Picture 3 was chosen*, from 1 and 3")
    assert "Closed by <@U0ADA>" in closed.text


async def test_changes_wanted_are_said_in_the_thread_and_a_version_has_a_vote_of_its_own(
    stage: Stage,
) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)
    submits = stage.submits()

    await press(stage.ben, ballot, "want_changes")
    form = Form(stage, stage.ben)
    await stage.until(lambda: form.is_open, what="asked")
    await form.set("wanted_changes", "More <!channel> fog & light")
    await form.submit()
    await until_says(stage, ballot, "changes wanted by <@U0BEN>")
    await stage.until(lambda: [m for m in stage.replies() if "wants changes" in m.text])
    said = next(m for m in stage.replies() if "wants changes" in m.text)
    assert "<@U0BEN> wants changes: “More &lt;!channel&gt; fog &amp; light”" in said.text
    assert stage.submits() == submits

    await press(stage.ben, ballot, "want_changes")
    await stage.until(lambda: form.is_open, what="asked again")
    body = form.view.body
    forged = json.loads(body["private_metadata"]) | {"round_id": "another"}
    body["private_metadata"] = json.dumps(forged)
    await form.set("wanted_changes", "Of a vote elsewhere")
    await form.submit()
    assert "closed" in form.text()
    stage.workspace.view_stacks.clear()

    await stage.ada.say(DESIGN, "<@U0IMAGINE> with more fog", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(result.thread_ts or "")
    version = next(m for m in stage.replies() if "2nd version" in m.text)
    await choose(stage.ada, version, "more")
    more = Form(stage, stage.ada)
    await stage.until(lambda: more.is_open, what="more")
    await more.press("more_pick")
    await stage.until(lambda: len(votes_of(stage)) == 2, what="a second vote")


async def test_it_is_asked_for_in_words_and_there_is_one_at_a_time(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    submits = stage.submits()

    for words in ("let's vote", "start a vote"):
        text = f"<@U0IMAGINE> {words}"
        await stage.ada.say(DESIGN, text, thread_ts=result.thread_ts)
        await stage.until(lambda: votes_of(stage), what="a vote")
    await until_private(stage, "A vote on these pictures is open already")
    assert len(votes_of(stage)) == 1
    assert stage.submits() == submits


async def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False) as stage:
        async with run_bot(stage):
            result = await make(stage, "fog -n 2")
            ballot = await start(stage, stage.ada, result)
            await press(stage.ada, ballot, "vote:2")
            await until_says(stage, ballot, "*2*: 1 vote")
        # Another vote is on disk, and the process ended before it was shown.
        change_rows(
            stage,
            "INSERT INTO pick_votes SELECT id, 'U0BEN', team_id, 2, opened_at FROM pick_rounds",
        )
        # And it was not noted any more that its message had been posted.
        change_rows(
            stage,
            "UPDATE pick_rounds SET changes = changes + 1, taken_until = NULL, message_ts = NULL",
        )
        async with run_bot(stage):
            await until_says(stage, ballot, "*2*: 2 votes")
            assert len(votes_of(stage)) == 1
            await press(stage.ada, ballot, "close_vote")
            await until_says(stage, ballot, "with 2 of 2 votes")


async def test_deleted_pictures_end_it(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)

    form = await open_menu(stage, stage.ada, result, "delete")
    await form.submit()

    await until_says(stage, ballot, "Its pictures were deleted")


async def test_a_message_that_was_deleted_is_missed_and_posted_again(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)
    await press(stage.ada, ballot, "vote:1")
    await until_says(stage, ballot, "*1*: 1 vote")
    stage.workspace.remove_message(ballot)

    await stage.ben.say(DESIGN, "<@U0IMAGINE> vote", thread_ts=result.thread_ts)

    await stage.until(lambda: [m for m in votes_of(stage) if m.ts != ballot.ts], what="again")
    again = next(m for m in votes_of(stage) if m.ts != ballot.ts)
    await until_says(stage, again, "*1*: 1 vote · <@U0ADA>")


async def test_hundreds_of_votes_are_a_few_edits_and_none_is_lost(stage: Stage) -> None:
    result = await make(stage, "fog -n 4")
    ballot = await start(stage, stage.ada, result)
    people = [User(f"U0CROWD{at:03}", f"p{at}", f"Person {at}") for at in range(120)]
    for user in people:
        stage.workspace.add_user(user)
        stage.workspace.channels[DESIGN].members.add(user.id)
    crowd = [Person(stage.workspace, stage.delivery, user.id) for user in people]

    await asyncio.gather(
        *(press(person, ballot, f"vote:{1 + at % 4}") for at, person in enumerate(crowd))
    )
    shown = await until_says(stage, ballot, "*1*: 30 votes", "*4*: 30 votes")

    assert "and 27 others" in shown.text
    edits = [each for each in stage.workspace.exchanges if each.method == "chat.update"]
    assert len(edits) < len(people) / 2  # of which most are seconds apart, however slow it is


async def test_a_brief_has_one_vote_on_all_of_its_pictures(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a {red|blue} kite -n 2")
    await stage.until(lambda: any("That's all" in m.text for m in stage.replies()), what="told")
    summary = next(m for m in stage.replies() if "That's all" in m.text)

    await press(stage.ada, summary, "start_vote")
    await stage.until(lambda: votes_of(stage), what="a vote")
    ballot = votes_of(stage)[-1]
    await press(stage.ben, ballot, "vote:3")
    await until_says(stage, ballot, "*2.1* · blue: 1 vote · <@U0BEN>")
    await stage.ben.say(DESIGN, "<@U0IMAGINE> vote", thread_ts=ballot.thread_ts)
    await until_private(stage, "A vote on these pictures is open already")
    await press(stage.ada, ballot, "close_vote")
    await until_says(stage, ballot, "Picture 2.1 was chosen")
    await stage.until(lambda: "picture 1 *chosen*" in stage.roots()[0].text, what="marked")
    shown = next(m for m in stage.replies() if "Here are your 4 pictures" in m.text)
    await stage.until(lambda: "★ chosen" in str(shown.blocks), what="marked there")


async def test_where_slack_does_not_edit_pictures_the_count_is_shown_without_them(
    stage: Stage,
) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)
    stage.workspace.faults.next_call("chat.update", "invalid_blocks")

    await press(stage.ada, ballot, "vote:1")
    plain = await until_says(stage, ballot, "*1*: 1 vote")
    assert images_of(plain) == []
    await press(stage.ben, ballot, "vote:1")
    plain = await until_says(stage, ballot, "*1*: 2 votes")

    assert images_of(plain) == []  # put back, they would be shown as broken
    assert stage.workspace.find_message(DESIGN, result.ts)


async def test_what_slack_is_too_busy_to_show_is_shown_later(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    ballot = await start(stage, stage.ada, result)
    stage.workspace.faults.next_call("chat.update", "ratelimited")

    await press(stage.ada, ballot, "vote:1")
    await press(stage.ben, ballot, "vote:1")

    await until_says(stage, ballot, "*1*: 2 votes")


async def test_where_it_cannot_be_posted_who_started_it_is_told(stage: Stage) -> None:
    result = await make(stage, "fog -n 2")
    stage.workspace.faults.next_call("chat.postMessage", "is_archived")

    await stage.ben.say(DESIGN, "<@U0IMAGINE> vote", thread_ts=result.thread_ts)

    await stage.until(lambda: direct(stage, "D0BEN"), what="told")
    (said,) = direct(stage, "D0BEN")
    assert "I couldn't post the vote" in said.text
    assert "I can't post in <#C0DESIGN> any more" in said.text
    assert votes_of(stage) == []


async def test_people_of_other_companies_vote_where_an_admin_has_let_them_and_approvers_close(
    stage: Stage,
) -> None:
    result = await make(stage, "fog -n 2", channel=SHARED)
    await stage.ada.say(SHARED, "<@U0IMAGINE> vote", thread_ts=result.thread_ts)
    await stage.until(lambda: votes_of(stage, SHARED), what="a vote")
    (ballot,) = votes_of(stage, SHARED)

    await press(stage.cleo, ballot, "vote:1")
    await stage.until(lambda: stage.private(SHARED), what="refused")
    assert "Only members of the workspace" in stage.private(SHARED)[-1].text
    await set_policy(
        stage, settings=WorkspaceSettings(shared_channels=(SHARED,), approvers=("U0BEN",))
    )
    await press(stage.cleo, ballot, "vote:2")
    await until_says(stage, ballot, "*1*: no votes", "*2*: 1 vote · <@U0CLEO>")
    await press(stage.cleo, ballot, "close_vote")
    await stage.until(
        lambda: [m for m in stage.private(SHARED) if "can close the vote" in m.text], what="refused"
    )
    await press(stage.ben, ballot, "close_vote")
    await until_says(stage, ballot, "Picture 2 was chosen", "Closed by <@U0BEN>")
