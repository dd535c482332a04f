"""Where a result is shown: in its thread, in the channel, too, or to who asked alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from bot.images.showing import Show
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.policy.presets import Defaults
from bot.policy.rules import Rules
from bot.sandbox.slack.records import Message
from tests.support.databases import database_of
from tests.support.home import Home
from tests.support.image_form import Form, edit
from tests.support.noon import find_noon_zone
from tests.support.policies import set_policy
from tests.support.rendered_text import words_of
from tests.support.stage import DESIGN, GENERAL, Stage, hold, images_of, is_settled, status_of
from tests.support.threads import direct, element, make, press

HER_DM = "D0ADA"


def is_broadcast(message: Message) -> bool:
    return message.subtype == "thread_broadcast"


async def until_previewed(stage: Stage, number: int = 1) -> list[Message]:
    """Wait until so many previews stand in Ada's direct message; those with pictures."""

    def are_there() -> bool:
        said = direct(stage, HER_DM)
        roots = [m for m in said if any(b.get("block_id") == "status" for b in m.blocks)]
        return sum(map(is_settled, roots)) >= number

    await stage.until(are_there, what=f"{number} previews")
    return [m for m in direct(stage, HER_DM) if images_of(m)]


def charged_channels(stage: Stage) -> list[str]:
    with closing(sqlite3.connect(database_of(stage))) as connection:
        found = connection.execute("SELECT channel_id FROM ledger WHERE kind = 'charge'")
        return [row[0] for row in found]


async def test_a_result_is_in_its_thread_and_the_first_message_says_so(stage: Stage) -> None:
    result = await make(stage, "a lighthouse -n 2")

    (root,) = stage.roots()
    assert not is_broadcast(result)
    assert "*Done*" in status_of(root)
    assert "|2 pictures>* in this thread" in status_of(root)
    assert f"/p{result.ts.replace('.', '')}?thread_ts={root.ts}" in root.text


async def test_show_channel_shows_it_in_the_channel_too_once(stage: Stage) -> None:
    result = await make(stage, "a lighthouse --show channel")

    (root,) = stage.roots()
    assert is_broadcast(result)
    assert images_of(result)
    assert "a lighthouse" in result.text  # all that a channel's reader may get
    assert "in this thread and in the channel" in status_of(root)
    assert [m.ts for m in stage.replies() if is_broadcast(m)] == [result.ts]


async def test_a_version_is_in_the_thread_only_unless_it_is_asked_for(stage: Stage) -> None:
    result = await make(stage, "a lighthouse --show channel")
    root = stage.roots()[0]

    await press(stage.ada, result, "regenerate")
    await stage.until_told_in_thread(root.ts)
    await stage.ada.say(DESIGN, "<@U0IMAGINE> again", thread_ts=root.ts)
    await stage.until_told_in_thread(root.ts, 2)
    assert [m.ts for m in stage.replies() if is_broadcast(m)] == [result.ts]

    await stage.ada.say(DESIGN, "<@U0IMAGINE> again --show channel", thread_ts=root.ts)
    await stage.until_told_in_thread(root.ts, 3)
    assert len([m for m in stage.replies() if is_broadcast(m)]) == 2


async def test_to_show_what_is_there_makes_nothing_new(stage: Stage) -> None:
    await make(stage)
    root = stage.roots()[0]

    await stage.ada.say(DESIGN, "<@U0IMAGINE> --show channel", thread_ts=root.ts)

    await stage.until(stage.private, what="an answer")
    assert "Share to channel" in words_of(stage.private()[-1])
    assert stage.submits() == 1


async def test_nobody_else_sees_what_is_shown_to_who_asked(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a secret lighthouse --show me -n 2")
    (result,) = await until_previewed(stage)

    assert stage.roots() == stage.replies() == []
    (pointer,) = stage.private()
    assert pointer.ephemeral_to == "U0ADA"
    assert f"/archives/{HER_DM}/p" in pointer.text
    assert "lighthouse" not in pointer.text
    assert result.thread_ts is None  # in the open: nothing to unfold
    assert "To change it, reply in its thread: " in words_of(result)
    assert element(result, "share_result")["text"]["text"] == "Share"
    assert element(result, "regenerate")["text"]["text"] == "Again"
    (root,) = [m for m in direct(stage, HER_DM) if m is not result]
    assert "|2 pictures>* below" in status_of(root)


async def test_again_stays_with_its_person(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    (result,) = await until_previewed(stage)

    await press(stage.ada, result, "regenerate")
    versions = await until_previewed(stage, 2)

    assert [m.thread_ts for m in versions] == [None, None]
    assert "2nd version" in words_of(versions[-1])
    assert stage.submits() == 2
    assert stage.roots() == stage.replies() == []


async def test_a_reply_to_a_preview_stays_there_or_goes_to_the_channel(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    (result,) = await until_previewed(stage)

    await stage.ada.say(HER_DM, "with a darker sky", thread_ts=result.ts)
    version = (await until_previewed(stage, 2))[-1]
    assert version.thread_ts == result.ts
    assert stage.roots() == []

    await stage.ada.say(HER_DM, "again --show channel", thread_ts=result.ts)
    (shown,) = await stage.until_told()
    assert is_broadcast(shown)
    assert HER_DM not in str(shown.blocks)  # nobody else can follow a link to there
    assert charged_channels(stage) == [DESIGN] * 3


async def test_a_preview_counts_where_it_was_asked_for(stage: Stage) -> None:
    budget = Budget(id="b1", scope=Scope.CHANNEL, subject=DESIGN, period=Period.DAY, credits=5)
    await set_policy(
        stage,
        budgets=(budget,),
        settings=WorkspaceSettings(time_zone=find_noon_zone()),
        rules=Rules(channels=(DESIGN,)),
    )

    shown = await stage.ada.run_command(GENERAL, "/imagine", "a lighthouse --show me")
    assert shown.message is not None  # its rules hold for what is made aside, too
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    await until_previewed(stage)
    assert charged_channels(stage) == [DESIGN]

    shown = await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    assert shown.message is not None
    assert "budget" in words_of(shown.message)
    assert stage.submits() == 1


@pytest.mark.parametrize(
    ("settings", "defaults", "said", "seen"),
    [
        ({"show": Show.CHANNEL}, None, "", Show.CHANNEL),
        ({"show": Show.CHANNEL}, None, " --show thread", Show.THREAD),
        ({"show": Show.CHANNEL, "show_channels": {DESIGN: Show.THREAD}}, None, "", Show.THREAD),
        ({"show_channels": {DESIGN: Show.ME}}, None, "", Show.ME),
        ({"show_channels": {GENERAL: Show.ME}}, None, "", Show.THREAD),
        ({"show": Show.CHANNEL}, Show.ME, "", Show.ME),
        ({"show": Show.THREAD}, Show.ME, " --show channel", Show.CHANNEL),
    ],
)
async def test_what_is_said_wins_then_ones_own_then_the_channels_then_the_workspaces(
    stage: Stage, settings: dict[str, object], defaults: Show | None, said: str, seen: Show
) -> None:
    own = {} if defaults is None else {"U0ADA": Defaults(show=defaults)}
    await set_policy(stage, settings=WorkspaceSettings.model_validate(settings), defaults=own)

    if seen is Show.ME:
        await stage.ada.run_command(DESIGN, "/imagine", f"fog{said}")
        await until_previewed(stage)
        assert stage.roots() == []
    else:
        result = await make(stage, f"fog{said}")
        assert is_broadcast(result) is (seen is Show.CHANNEL)


async def test_a_place_that_is_none_is_asked_about(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show nowhere")

    assert shown.message is not None
    assert "--show channel" in words_of(shown.message)
    assert stage.submits() == 0


async def test_what_slack_does_not_take_in_the_channel_is_in_the_thread(stage: Stage) -> None:
    stage.workspace.faults.refused["broadcast"] = "restricted_action_thread_only_channel"

    result = await make(stage, "a lighthouse --show channel")

    assert images_of(result)
    assert not is_broadcast(result)
    await stage.until(lambda: "in this thread" in status_of(stage.roots()[0]), what="done")
    assert "in the channel" not in status_of(stage.roots()[0])


async def open_form(stage: Stage, channel: str = DESIGN) -> Form:
    await stage.ada.run_command(channel, "/imagine", "")
    return await Form(stage, stage.ada).until_open()


async def test_the_form_shows_what_is_set_and_takes_what_is_chosen(stage: Stage) -> None:
    await set_policy(stage, settings=WorkspaceSettings(show=Show.CHANNEL))
    form = await open_form(stage)
    assert chosen(form) == "channel"

    await form.set("prompt", "fog")
    await form.set("show", "me")
    assert (await form.submit()).ok
    (preview,) = await until_previewed(stage)
    assert "fog" in preview.text
    assert stage.roots() == []


async def test_another_channel_has_its_own_way_in_the_form(stage: Stage) -> None:
    settings = WorkspaceSettings(show_channels={GENERAL: Show.CHANNEL})
    await set_policy(stage, settings=settings)
    form = await open_form(stage)
    assert chosen(form) == "thread"

    await form.set("prompt", "fog")
    await form.set("destination", "channel")
    await stage.until(lambda: "'share" in form.text() or "Channel" in form.text(), what="field")
    await form.set("channel", GENERAL)
    await stage.until(lambda: chosen(form) == "channel", what="that channel's way")
    assert (await form.submit()).ok
    (result,) = await stage.until_told(channel=GENERAL)
    assert is_broadcast(result)


async def test_edit_of_a_preview_stays_with_its_person(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    (result,) = await until_previewed(stage)
    form = await edit(stage, HER_DM, result.ts)

    assert "Show the pictures" not in form.text()
    assert (await form.submit()).ok
    versions = await until_previewed(stage, 2)
    assert versions[-1].thread_ts is None
    assert charged_channels(stage) == [DESIGN] * 2
    assert stage.roots() == []


async def test_help_says_who_sees_what_is_made(stage: Stage) -> None:
    await set_policy(stage, settings=WorkspaceSettings(show_channels={DESIGN: Show.ME}))

    here = await stage.ada.run_command(DESIGN, "/imagine", "help")
    elsewhere = await stage.ada.run_command(GENERAL, "/imagine", "help")

    assert here.message is not None
    assert elsewhere.message is not None
    assert "You see them first" in here.message.text
    assert "Everyone in the channel sees them, in a thread" in elsewhere.message.text


async def test_an_admin_sets_where_results_are_shown(stage: Stage) -> None:
    home = Home(stage, stage.ada)
    await home.open("Where results are shown")
    await home.open_sheet("home_edit_showing")
    await home.fill("show_results", "channel")
    await home.fill("show_in_thread", [GENERAL])
    await home.save("in the thread and in the channel")

    assert is_broadcast(await make(stage))
    assert not is_broadcast(await make(stage, channel=GENERAL))
    assert home.says("<#C0GENERAL>: in the thread")


async def test_who_wants_previews_sets_it_for_themselves(stage: Stage) -> None:
    home = Home(stage, stage.ada)
    await home.open()
    await home.open_sheet("home_edit_defaults")
    await home.fill("show_results", "me")
    await home.save("only to you first")

    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await until_previewed(stage)
    assert stage.roots() == []


async def test_what_was_asked_back_is_shown_as_it_was_said(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "fog --siez portrait --show me")
    assert shown.message is not None
    assert "Shown only to you first." in words_of(shown.message)
    await press(stage.ada, shown.message, "make_asked")

    await until_previewed(stage)
    assert stage.roots() == []


def chosen(form: Form) -> str:
    """What the form would do."""
    value: str = form.value("show")
    return value


async def test_what_is_over_budget_is_approved_as_it_was_to_be_shown(stage: Stage) -> None:
    budget = Budget(id="b1", scope=Scope.CHANNEL, subject=DESIGN, period=Period.DAY, credits=0)
    settings = WorkspaceSettings(time_zone=find_noon_zone(), approvers=("U0BEN",))
    await set_policy(stage, budgets=(budget,), settings=settings)
    shown = await stage.ada.run_command(DESIGN, "/imagine", "a secret --show me")
    assert shown.message is not None
    await press(stage.ada, shown.message, "ask_approval")
    await stage.until(lambda: direct(stage, "D0BEN"), what="a card")
    card = direct(stage, "D0BEN")[-1]
    assert "shown to them alone first" in words_of(card)
    assert "<#C0DESIGN>" in words_of(card)

    await press(stage.ben, card, "approve_request")
    await until_previewed(stage)
    assert stage.roots() == stage.replies() == []


async def test_a_preview_that_waits_is_cancelled_where_it_is(stage: Stage) -> None:
    with hold(stage.powerpost):
        for _ in range(4):
            await stage.ada.run_command(DESIGN, "/imagine", "fog --show me")

        def waiting() -> list[Message]:
            return [m for m in direct(stage, HER_DM) if "Cancel" in str(m.blocks)]

        await stage.until(waiting, what="one that waits")
        await press(stage.ada, waiting()[0], "cancel")
        await stage.until(
            lambda: any("Cancelled" in m.text for m in direct(stage, HER_DM)), what="cancelled"
        )
    await until_previewed(stage, 3)
    assert stage.submits() == 3
    assert stage.roots() == []


async def test_history_links_to_the_preview(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")
    (result,) = await until_previewed(stage)
    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: len(stage.private()) == 2, what="the history")

    link = f"/archives/{HER_DM}/p{result.ts.replace('.', '')}"
    assert f"{link}?" not in str(stage.private()[-1].blocks)
    assert link in str(stage.private()[-1].blocks)


async def test_where_no_direct_message_can_be_posted_nothing_is_spent(stage: Stage) -> None:
    stage.workspace.faults.next_call("chat.postMessage", "messages_tab_disabled", 2)
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse --show me")

    await stage.until(stage.private, what="refused")
    assert "Nothing was spent" in words_of(stage.private()[0])
    assert stage.submits() == 0
