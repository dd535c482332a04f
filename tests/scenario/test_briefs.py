"""Briefs where something goes wrong in the middle: each picture is paid for at most once, all that
was paid for arrives, and the end is told once with what it came to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.policy.rules import Rules
from bot.sandbox.powerpost.faults import Outcome, SubmitFault
from bot.sandbox.slack.records import Message
from tests.support.noon import find_noon_zone
from tests.support.policies import set_policy
from tests.support.rendered_text import words_of
from tests.support.stage import DESIGN, GENERAL, Stage, hold, images_of, open_stage
from tests.support.threads import change_rows, direct, element, open_menu, press, requests
from tests.support.told_briefs import (
    KITES,
    ask,
    count_pictures,
    query,
    shown_parts,
    summaries,
    until_states,
    until_summed,
    with_pictures,
)

FOUR = "a {red|blue|brass|green} kite"
RUNNING = 3  # of one person at once
HER_DM = "D0ADA"


def last_line(stage: Stage) -> Message:
    """The one summary in the channel's threads."""
    (summary,) = summaries(stage.replies())
    return summary


def prompts(stage: Stage) -> list[str]:
    return [str(each["prompt"]) for each in requests(stage)]


async def until_private(stage: Stage, says: str, number: int = 1) -> list[Message]:
    """What was said privately with these words."""

    def found() -> list[Message]:
        return [m for m in stage.private() if says in words_of(m)]

    await stage.until(lambda: len(found()) >= number, what=f"said privately: {says}")
    return found()


async def test_a_brief_has_one_first_message_its_pictures_together_and_one_last_line(
    stage: Stage,
) -> None:
    await ask(stage)
    await until_summed(stage)

    (root,) = stage.roots()
    (pictures,) = with_pictures(stage.replies())
    summary = last_line(stage)
    assert "3 of 3 made" in root.text
    assert len(images_of(pictures)) == 3
    assert "That's all 3 pictures." in summary.text
    assert "Used 9 credits" in summary.text
    (sheet,) = images_of(summary)
    assert stage.workspace.files[sheet["slack_file"]["id"]].name == "contact-sheet.jpg"
    assert "1 · red; 2 · blue; 3 · brass" in sheet["alt_text"]
    assert len(stage.replies()) == 2
    assert stage.powerpost.paid_posts == 3


async def test_where_slack_takes_no_files_the_last_line_comes_without_a_contact_sheet(
    stage: Stage,
) -> None:
    with hold(stage.powerpost):
        await ask(stage)
        await stage.until(lambda: stage.submits() == 3, what="paid")
        stage.workspace.faults.blocks_uploads = True
    await until_summed(stage)

    assert images_of(last_line(stage)) == []
    assert "That's all 3 pictures." in last_line(stage).text


async def test_one_that_fails_is_told_among_the_others_and_made_again_once(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await ask(stage)
    await until_summed(stage)

    (shown,) = with_pictures(stage.replies())
    summary = last_line(stage)
    assert len(images_of(shown)) == 2
    assert "2 of 3 pictures made." in summary.text
    assert element(summary, "brief_missing")["text"]["text"].startswith("Make the missing 1")

    await asyncio.gather(*(press(stage.ada, summary, "brief_missing") for _ in range(3)))
    await stage.until(lambda: len(with_pictures(stage.replies())) == 2, what="the missing one")
    await press(stage.ada, summary, "brief_missing")
    await until_private(stage, "The missing pictures")
    assert stage.powerpost.paid_posts == 4
    assert len(set(prompts(stage))) == 3


async def test_the_missing_one_that_fails_again_may_be_made_again(stage: Stage) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await ask(stage)
    await until_summed(stage)
    summary = last_line(stage)

    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await press(stage.ada, summary, "brief_missing")
    told = "SELECT count(*) FROM generations WHERE told_at IS NOT NULL"
    await stage.until(lambda: query(stage, told) == [(4,)], what="failed again")
    await press(stage.ada, summary, "brief_missing")
    await stage.until(lambda: count_pictures(stage.replies()) == 3, what="the missing one")

    assert stage.powerpost.paid_posts == 5


async def test_where_all_fail_nothing_is_shown_but_what_to_do(stage: Stage) -> None:
    for _ in range(3):
        stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await ask(stage)
    await until_summed(stage)

    summary = last_line(stage)
    assert count_pictures(stage.replies()) == 0
    assert "0 of 3 pictures made." in summary.text
    assert len(stage.replies()) == 2  # what went wrong, and the last line
    await asyncio.gather(*(press(stage.ada, summary, "brief_missing") for _ in range(3)))
    await until_summed(stage, 2)

    assert count_pictures(stage.replies()) == 3
    assert stage.powerpost.paid_posts == 6


async def test_what_the_account_has_no_credits_for_is_not_started_and_said_once(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.INSUFFICIENT_CREDITS)
    await ask(stage)
    await until_summed(stage)

    summary = last_line(stage)
    assert stage.powerpost.paid_posts == 2
    assert count_pictures(stage.replies()) == 2
    assert "too few credits for 1 of them; nothing was taken" in words_of(summary)
    assert "Used 6 credits" in summary.text
    await press(stage.ada, summary, "brief_missing")  # once there are some
    await stage.until(lambda: count_pictures(stage.replies()) == 3, what="the missing one")


async def test_rules_that_change_in_the_middle_hold_for_what_was_not_sent(stage: Stage) -> None:
    with hold(stage.powerpost):
        await ask(stage, FOUR)
        await stage.until(lambda: stage.submits() == RUNNING, what="three are paid for")
        await set_policy(stage, rules=Rules(channels=(GENERAL,)))
    await until_summed(stage)

    assert stage.powerpost.paid_posts == stage.submits() == RUNNING
    assert count_pictures(stage.replies()) == RUNNING
    assert "3 of 4 pictures made." in last_line(stage).text
    assert any("pictures can't be made in this channel" in words_of(m) for m in stage.replies())


async def test_cancelled_in_the_middle_what_was_sent_still_arrives(stage: Stage) -> None:
    with hold(stage.powerpost):
        await ask(stage, FOUR)
        await stage.until(lambda: stage.submits() == RUNNING, what="three are paid for")
        (root,) = stage.roots()
        await press(stage.ben, root, "cancel_brief")
        await until_private(stage, "Only the person who asked")
        await asyncio.gather(*(press(stage.ada, root, "cancel_brief") for _ in range(2)))
        await until_private(stage, "Cancelled 1 that were waiting")
    await until_summed(stage)

    assert stage.submits() == RUNNING
    assert count_pictures(stage.replies()) == RUNNING
    assert "3 of 4 made, 1 cancelled" in stage.roots()[0].text


async def test_all_of_it_again_is_once_more_however_often_it_is_pressed(stage: Stage) -> None:
    await ask(stage)
    await until_summed(stage)

    await asyncio.gather(*(press(stage.ada, last_line(stage), "brief_again") for _ in range(3)))
    await until_summed(stage, 2)

    assert stage.powerpost.paid_posts == 6
    assert count_pictures(stage.replies()) == 6
    assert len(summaries(stage.replies())) == 2
    earlier = "UPDATE generations SET accepted_at = datetime(accepted_at, '-1 minute')"
    change_rows(stage, earlier)
    await press(stage.ada, summaries(stage.replies())[0], "brief_again")  # later it is meant
    await until_summed(stage, 3)
    assert stage.powerpost.paid_posts == 9


async def test_one_is_chosen_and_changed(stage: Stage) -> None:
    await ask(stage)
    await until_summed(stage)
    (shown,) = with_pictures(stage.replies())
    select = element(shown, "pick_part")
    second = select["options"][1]
    assert second["text"]["text"] == "2 · blue"

    await stage.ben.click(
        shown.channel,
        shown.ts,
        select["block_id"],
        "pick_part",
        selected_option=second["value"],
    )
    (offered,) = await until_private(stage, "*Number 2*")
    assert offered.ephemeral_to == "U0BEN"
    await press(stage.ben, offered, "regenerate")
    await stage.until(lambda: count_pictures(stage.replies()) == 4, what="made again")

    assert prompts(stage)[3] == "a blue kite"


async def test_one_that_is_deleted_is_not_left_on_the_contact_sheet(stage: Stage) -> None:
    await ask(stage)
    await until_summed(stage)
    (shown,) = with_pictures(stage.replies())
    select = element(shown, "pick_part")
    block_id, first = select["block_id"], select["options"][0]["value"]
    await stage.ada.click(DESIGN, shown.ts, block_id, "pick_part", selected_option=first)
    (offered,) = await until_private(stage, "*Number 1*")
    form = await open_menu(stage, stage.ada, offered, "delete")
    assert "and the contact sheet that shows it" in form.text()
    await form.submit()

    files = [block["slack_file"]["id"] for block in images_of(shown)]
    (sheet,) = [block["slack_file"]["id"] for block in images_of(last_line(stage))]
    gone = stage.workspace.files
    await stage.until(lambda: gone[sheet].is_deleted, what="the sheet is gone")
    assert [gone[file_id].is_deleted for file_id in files] == [True, False, False]


async def test_a_reply_that_may_mean_any_is_asked_about_and_one_that_names_it_is_made(
    stage: Stage,
) -> None:
    await ask(stage)
    await until_summed(stage)
    (root,) = stage.roots()

    await stage.ada.say(DESIGN, "<@U0IMAGINE> with a darker sky", thread_ts=root.ts)
    (asked,) = await until_private(stage, "I don't know which one you mean")
    assert "@Imagine the 2nd one, with a darker sky" in asked.text
    assert stage.submits() == 3
    await stage.ada.say(DESIGN, "<@U0IMAGINE> the 2nd one, with a darker sky", thread_ts=root.ts)
    await stage.until(lambda: count_pictures(stage.replies()) == 4, what="made")

    assert prompts(stage)[3] == "a blue kite. with a darker sky"


async def test_where_no_first_message_can_stand_nothing_is_spent_and_that_is_told_once(
    stage: Stage,
) -> None:
    stage.workspace.faults.refused = {"top": "is_archived"}
    await ask(stage)
    await until_summed(stage)

    assert stage.submits() == 0
    (told,) = stage.private()
    assert told.ephemeral_to == "U0ADA"
    assert "Nothing was spent" in told.text
    assert stage.roots() == stage.replies() == []
    assert query(stage, "SELECT DISTINCT state FROM generations") == [("refused",)]


async def test_if_its_thread_is_gone_the_pictures_go_to_who_asked(stage: Stage) -> None:
    with hold(stage.powerpost):
        await ask(stage)
        await stage.until(lambda: stage.submits() == 3, what="paid")
        (root,) = stage.roots()
        assert (await stage.ada.delete(DESIGN, root.ts)).ok
    await until_summed(stage)

    assert count_pictures(direct(stage)) == 3
    assert len(summaries(direct(stage))) == 1
    assert stage.powerpost.paid_posts == 3


async def test_slack_away_in_the_middle_all_of_it_comes_once_when_it_is_back(stage: Stage) -> None:
    with hold(stage.powerpost):
        await ask(stage)
        await stage.until(lambda: stage.submits() == 3, what="paid")
        stage.workspace.faults.away = True
    await until_states(stage, *["finished"] * 3)
    stage.workspace.faults.away = False
    await until_summed(stage)

    assert shown_parts(stage.replies()) == [1, 2, 3]
    assert len(summaries(stage.replies())) == 1
    assert len(stage.roots()) == 1


async def test_over_budget_it_is_asked_for_as_one_and_made_once_when_two_approve(
    stage: Stage,
) -> None:
    budget = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=10.0)
    kept = WorkspaceSettings(time_zone=find_noon_zone(), approvers=("U0BEN",))
    await set_policy(stage, budgets=(budget,), settings=kept)

    shown = await stage.ada.run_command(DESIGN, "/imagine", KITES)
    assert shown.message is not None
    assert "about *15 credits*" in words_of(shown.message)
    assert query(stage, "SELECT count(*) FROM generations") == [(0,)]
    await press(stage.ada, shown.message, "ask_approval")
    await stage.until(lambda: direct(stage, "D0BEN"), what="the card")
    (card,) = direct(stage, "D0BEN")
    await asyncio.gather(*(press(stage.ben, card, "approve_request") for _ in range(3)))
    await until_summed(stage)

    assert "approved by <@U0BEN>" in words_of(stage.roots()[0])
    assert count_pictures(stage.replies()) == 3
    assert stage.powerpost.paid_posts == 3


async def test_shown_only_to_me_it_stands_in_our_direct_message(stage: Stage) -> None:
    await ask(stage, f"{KITES} --show me")
    await until_summed(stage)

    assert stage.roots() == stage.replies() == []
    assert count_pictures(direct(stage)) == 3
    assert len(summaries(direct(stage))) == 1
    assert stage.powerpost.paid_posts == 3


@pytest.mark.parametrize("channel", [DESIGN, GENERAL])
async def test_anothers_request_waits_behind_two_of_a_brief_at_most(
    tmp_path: Path, channel: str
) -> None:
    """Two run at once in the workspace, and both are the brief's when Ben asks."""
    async with open_stage(tmp_path, imagine_running_per_workspace=2) as stage:
        choices = "|".join(str(n) for n in range(40))
        with hold(stage.powerpost):
            await ask(stage, f"kite {{{choices}}}")
            await stage.until(lambda: stage.submits() == 2, what="two are paid for")
            await stage.ben.run_command(channel, "/imagine", "bens fog")
            (root,) = [m for m in stage.roots() if "cancel_brief" in str(m.blocks)]
            cancel = element(root, "cancel_brief")
            waiting = "SELECT count(*) FROM generations WHERE user_id = 'U0BEN' AND root_ts > ''"
            await stage.until(lambda: query(stage, waiting) == [(1,)], what="Ben's waits")
        await stage.until(lambda: "bens fog" in prompts(stage), what="Ben's turn")
        await stage.ada.click(
            DESIGN, root.ts, cancel["block_id"], "cancel_brief", value=cancel["value"]
        )
        await until_summed(stage)

        assert prompts(stage).index("bens fog") <= 2 + 2


async def test_what_is_known_only_after_the_end_still_arrives(stage: Stage) -> None:
    await ask(stage)
    await until_summed(stage)
    (pictures,) = with_pictures(stage.replies())
    ((part_id,),) = query(stage, "SELECT id FROM generations WHERE part = 3")
    change_rows(stage, "DELETE FROM pictures WHERE generation_id = ?", part_id)
    change_rows(stage, "UPDATE generations SET state = 'unknown' WHERE part = 3")

    await choose_part(stage, pictures, part_id)
    (shown,) = await until_private(stage, "Number 3")
    await press(stage.ada, shown, "look_again")
    await stage.until(lambda: len(with_pictures(stage.replies())) == 2, what="the late one")

    late = with_pictures(stage.replies())[-1]
    assert late.thread_ts == pictures.thread_ts
    assert len(images_of(late)) == 1
    assert stage.powerpost.paid_posts == 3


async def test_while_several_are_being_made_a_reply_is_asked_about_and_pays_nothing(
    stage: Stage,
) -> None:
    with hold(stage.powerpost):
        await ask(stage)
        await stage.until(lambda: stage.submits() == 3, what="paid")
        (root,) = stage.roots()
        await stage.ada.say(DESIGN, "@Imagine at night", thread_ts=root.ts)
        await until_private(stage, "which one you mean")
    await until_summed(stage)

    assert stage.powerpost.paid_posts == 3


async def test_a_reply_to_the_only_one_that_was_made_changes_that_one(stage: Stage) -> None:
    for _ in range(2):
        stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await ask(stage)
    await until_summed(stage)
    made = "SELECT part FROM generations WHERE state = 'delivered' AND parent_id IS NULL"
    ((number,),) = query(stage, made)
    (root,) = stage.roots()

    await stage.ada.say(DESIGN, "@Imagine at night", thread_ts=root.ts)
    await stage.until(lambda: stage.submits() == 4, what="the version")

    colour = ("red", "blue", "brass")[number - 1]
    assert prompts(stage)[-1].startswith(f"a {colour} kite")


async def test_after_the_missing_one_was_made_a_number_may_mean_either_and_is_asked(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await ask(stage)
    await until_summed(stage)
    await press(stage.ada, last_line(stage), "brief_missing")
    await stage.until(lambda: count_pictures(stage.replies()) == 3, what="the missing one")
    (root,) = stage.roots()

    for reply in ("@Imagine at night", "@Imagine the 2nd one, at night"):
        await stage.ada.say(DESIGN, reply, thread_ts=root.ts)
    await until_private(stage, "which one you mean", 2)

    assert stage.powerpost.paid_posts == 4


async def choose_part(stage: Stage, message: Message, part_id: str) -> None:
    """In the list under its pictures."""
    found = element(message, "pick_part")
    done = await stage.ada.click(
        message.channel, message.ts, found["block_id"], "pick_part", value=part_id
    )
    assert done.ok


async def test_the_question_says_what_is_left_of_the_budget_if_that_is_less(stage: Stage) -> None:
    budget = Budget(id="b", scope=Scope.WORKSPACE, period=Period.MONTH, credits=25)
    await set_policy(stage, budgets=(budget,))

    shown = await stage.ada.run_command(DESIGN, "/imagine", "a {red|blue|brass|green|grey} kite")

    assert shown.message is not None
    assert "25 left of your budget" in shown.message.text
    assert stage.submits() == 0
