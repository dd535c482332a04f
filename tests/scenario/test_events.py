"""What Slack tells beside commands and clicks: edits, tabs that are opened, channels that move."""

from __future__ import annotations

import asyncio

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.rules import Rules
from tests.support.image_form import Form
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, hold, images_of, run_bot
from tests.support.threads import make, open_menu, press

MENTION = "<@U0IMAGINE>"
EDITED = "I make nothing of edits"
BENS_DM = "D0BEN"


async def until_edit_is_answered(stage: Stage, channel: str = DESIGN, number: int = 1) -> None:
    await stage.delivery.settle()
    await stage.until(lambda: len(stage.private(channel)) >= number, what="answered")
    told = stage.private(channel)[number - 1]
    assert EDITED in told.text
    assert "Nothing was spent." in told.text
    assert told.ephemeral_to == "U0BEN"


async def test_a_mention_that_an_edit_adds_is_answered_with_what_to_do(stage: Stage) -> None:
    result = await make(stage)
    said = await stage.ben.say(DESIGN, "with a darker sky", thread_ts=result.thread_ts)
    assert said.message is not None
    await stage.ben.edit(DESIGN, said.message.ts, f"{MENTION} with a darker sky")

    await until_edit_is_answered(stage)
    assert stage.private()[0].thread_ts == result.thread_ts
    assert stage.submits() == 1


async def test_an_edited_mention_is_answered_and_makes_no_second_version(stage: Stage) -> None:
    result = await make(stage)
    thread = str(result.thread_ts)
    said = await stage.ben.say(DESIGN, f"{MENTION} with rain", thread_ts=thread)
    assert said.message is not None
    await stage.until_told_in_thread(thread, 1)
    await stage.ben.edit(DESIGN, said.message.ts, f"{MENTION} with snow")
    await until_edit_is_answered(stage)
    await stage.ben.edit(DESIGN, said.message.ts, f"{MENTION} with hail")
    await until_edit_is_answered(stage, number=2)

    assert stage.submits() == 2


async def test_where_both_events_of_an_edit_come_it_is_answered_once(stage: Stage) -> None:
    stage.workspace.scopes.add("channels:history")
    stage.workspace.events.add("message.channels")
    said = await stage.ben.say(DESIGN, "a fox")
    assert said.message is not None
    await stage.ben.edit(DESIGN, said.message.ts, f"{MENTION} a fox")
    await until_edit_is_answered(stage)
    await asyncio.sleep(0.2)

    assert len(stage.private()) == 1


async def test_an_edit_that_is_not_to_the_bot_is_not_answered(stage: Stage) -> None:
    stage.workspace.scopes.add("channels:history")
    stage.workspace.events.add("message.channels")
    said = await stage.ben.say(DESIGN, "a fox")
    assert said.message is not None
    await stage.ben.edit(DESIGN, said.message.ts, "a hare")
    await stage.delivery.settle()
    await asyncio.sleep(0.2)

    assert stage.private() == []


async def test_an_edited_direct_message_is_answered(stage: Stage) -> None:
    said = await stage.ben.say(BENS_DM, "hello")
    assert said.message is not None
    await stage.until(lambda: len(stage.private(BENS_DM)) == 1, what="the first answer")
    await stage.ben.edit(BENS_DM, said.message.ts, "a fox in snow")

    await until_edit_is_answered(stage, BENS_DM, 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."},
        {"user": "U0BEN", "text": "a fox", "subtype": "tombstone", "edited": {"ts": "2.0"}},
        {"user": "USLACKBOT", "text": "a reminder", "edited": {"ts": "2.0"}},
        {"user": "U0BEN", "text": "a link, which was unfurled"},
        {"bot_id": "B0OTHER", "user": "U0BEN", "text": "a fox", "edited": {"ts": "2.0"}},
        {"user": "U0IMAGINE", "text": "Done", "edited": {"ts": "2.0"}},
    ],
)
async def test_what_nobody_has_edited_is_not_answered(
    stage: Stage, changed: dict[str, object]
) -> None:
    message = {"type": "message", "ts": "1.0"} | changed
    event = {"type": "message", "subtype": "message_changed", "channel": BENS_DM, "hidden": True}
    event |= {"channel_type": "im", "message": message, "ts": "2.0"}
    await stage.delivery.send_event(event)
    await asyncio.sleep(0.2)

    assert stage.workspace.messages.get(BENS_DM, []) == []


@pytest.mark.parametrize(
    "said",
    [
        {"user": "USLACKBOT"},
        {"user": "U0BEN", "bot_id": "B0OTHER", "app_id": "A0OTHER"},
        {"user": "U0BEN", "subtype": "bot_message", "bot_id": "B0WORKFLOW"},
        {"user": "U0BEN", "subtype": "message_replied"},
        {"user": "U0BEN", "subtype": "reminder_add"},
        {"user": "U0IMAGINE"},
        {"subtype": "bot_message", "username": "a workflow"},
    ],
)
@pytest.mark.parametrize("text", ["again x3", "help", "with rain"])
async def test_what_no_person_has_said_is_neither_made_nor_answered(
    stage: Stage, said: dict[str, object], text: str
) -> None:
    result = await make(stage)
    before = stage.private()
    mention = {"type": "app_mention", "text": f"{MENTION} {text}", "ts": "1790000000.000100"}
    mention |= {"channel": DESIGN, "thread_ts": str(result.thread_ts)}
    await stage.delivery.send_event(mention | said)
    direct = {
        "type": "message",
        "channel": BENS_DM,
        "channel_type": "im",
        "ts": "1790000000.000200",
    }
    await stage.delivery.send_event(direct | {"text": text} | said)
    await asyncio.sleep(0.2)

    assert stage.submits() == 1
    assert stage.private() == before
    assert stage.workspace.messages.get(BENS_DM, []) == []


@pytest.mark.parametrize("text", ["hello", "fox", "help", "?", ":wave:", "draw me a cat?"])
async def test_every_direct_message_that_is_no_prompt_gets_an_answer(
    stage: Stage, text: str
) -> None:
    await stage.ben.say(BENS_DM, text)
    await stage.until(lambda: stage.private(BENS_DM), what="an answer")

    assert "/imagine" in stage.private(BENS_DM)[0].text


async def test_the_first_opening_of_the_messages_tab_is_welcomed_with_three_examples(
    stage: Stage,
) -> None:
    for _ in range(3):
        await stage.ben.open_home("messages")
    await stage.delivery.settle()
    await stage.until(lambda: stage.workspace.messages[BENS_DM], what="welcomed")
    await stage.ada.open_home("messages")
    await stage.until(lambda: stage.workspace.messages["D0ADA"], what="welcomed, too")

    (welcome,) = stage.workspace.messages[BENS_DM]
    assert welcome.text.count("`/imagine ") >= 3
    assert "Made by AI" in welcome.text or "made by AI" in welcome.text
    assert len(stage.workspace.messages["D0ADA"]) == 1


async def test_who_has_pictures_already_is_not_told_what_this_is(stage: Stage) -> None:
    await make(stage)
    await stage.ada.open_home("messages")
    await stage.ben.open_home("messages")
    await stage.until(lambda: stage.workspace.messages[BENS_DM], what="Ben is welcomed, after her")
    await stage.delivery.settle()

    assert stage.workspace.messages["D0ADA"] == []


async def test_a_welcome_that_slack_did_not_take_comes_with_the_next_opening(
    stage: Stage,
) -> None:
    stage.workspace.faults.next_call("chat.postMessage", "a_code_of_next_year")
    await stage.ben.open_home("messages")
    await stage.until(lambda: not stage.workspace.faults.pending(), what="refused")
    await stage.delivery.settle()

    for _ in range(100):  # the next one may come before the bot knows of the refusal
        await stage.ben.open_home("messages")
        await stage.delivery.settle()
        await asyncio.sleep(0.05)
        if stage.workspace.messages[BENS_DM]:
            break

    assert len(stage.workspace.messages[BENS_DM]) == 1


async def test_a_private_channel_that_is_shared_keeps_its_thread_rules_and_budget(
    stage: Stage,
) -> None:
    stage.workspace.channels[LAUNCH].members.add("U0IMAGINE")
    budget = Budget(id="b", scope=Scope.CHANNEL, subject=LAUNCH, period=Period.DAY, credits=6)
    await set_policy(stage, budgets=(budget,), channel_rules={LAUNCH: Rules(quantity_max=1)})
    result = await make(stage, channel=LAUNCH)
    new_id = stage.workspace.change_channel_id(LAUNCH)
    await stage.delivery.settle()

    await stage.ada.say(new_id, f"{MENTION} with rain", thread_ts=result.thread_ts)
    await stage.until_told_in_thread(str(result.thread_ts), channel=new_id)
    await press(stage.ada, result, "regenerate")
    await stage.until(lambda: stage.private(new_id), what="over budget")
    await stage.ada.run_command(new_id, "/imagine", "fog -n 2")
    await stage.until(lambda: len(stage.private(new_id)) == 2, what="against the rules")

    assert "budget" in stage.private(new_id)[0].text
    assert "at most 1 picture" in stage.private(new_id)[1].text
    assert stage.submits() == 2


async def test_what_is_under_way_when_its_channel_moves_is_told_in_the_same_thread(
    stage: Stage,
) -> None:
    stage.workspace.channels[LAUNCH].members.add("U0IMAGINE")
    with hold(stage.powerpost):
        await stage.ada.run_command(LAUNCH, "/imagine", "fog")
        await stage.until(lambda: stage.roots(LAUNCH), what="the root message")
        new_id = stage.workspace.change_channel_id(LAUNCH)
    (told,) = await stage.until_told(channel=new_id)

    assert len(images_of(told)) == 1
    assert stage.workspace.messages["D0ADA"] == []


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (Rules(channels=(DESIGN,)), "don't allow pictures in that channel"),
        (Rules(words=("lighthouse",)), "words that aren't allowed in that channel"),
        (Rules(models=()), "doesn't allow the model that made this picture"),
        (Rules(people=("U0BEN",)), "don't let you make or show pictures in that channel"),
        (Rules(groups=("S0EVERYONE",)), None),
        (Rules(quantity_max=1), None),
    ],
)
async def test_sharing_obeys_the_rules_of_the_channel_that_it_shares_to(
    stage: Stage, rules: Rules, says: str | None
) -> None:
    result = await make(stage, "a lighthouse in fog -n 2")
    if rules.channels is None:
        await set_policy(stage, channel_rules={GENERAL: rules})
    else:
        await set_policy(stage, rules=rules)
    modal = await open_menu(stage, stage.ada, result, "share")
    await modal.set("share_channel", GENERAL)
    shown = await modal.submit()

    if says is None:
        assert shown.ok
        await stage.until(lambda: stage.roots(GENERAL), what="shared")
        return
    assert says in str(shown.view_errors)
    await modal.set("share_channel", DESIGN)
    assert (await modal.submit()).ok
    await stage.until(lambda: len(stage.roots(DESIGN)) == 2, what="shared at home")
    assert stage.roots(GENERAL) == []


async def test_without_the_scope_for_files_pictures_come_and_forms_say_what_is_lost(
    stage_without_bot: Stage,
) -> None:
    stage = stage_without_bot
    stage.workspace.scopes.discard("files:read")
    async with run_bot(stage):
        result = await make(stage)
        await stage.ada.run_command(DESIGN, "/imagine", "")
        form = await Form(stage, stage.ada).until_open()

    assert len(images_of(result)) == 1
    assert "file_input" not in form.text()
    assert "grant files:read" in form.text()


async def test_without_the_scope_for_public_channels_it_says_how_to_invite_it(
    stage_without_bot: Stage,
) -> None:
    stage = stage_without_bot
    stage.workspace.scopes.discard("chat:write.public")
    async with run_bot(stage):
        await stage.ada.run_command(GENERAL, "/imagine", "fog")
        await stage.until(lambda: stage.private(GENERAL), what="refused")

    assert "/invite @Imagine" in stage.private(GENERAL)[0].text
    assert stage.submits() == 0
