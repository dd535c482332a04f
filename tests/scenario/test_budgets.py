"""Over budget, as people see it: what is left, asking for approval, and what was decided."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import WorkspaceSettings
from bot.policy.rules import Rules
from bot.policy.terms import Terms
from bot.sandbox.powerpost.faults import SubmitFault
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.records import Message, User
from bot.store.approvals import ApprovalStore
from bot.store.database import Database
from bot.store.policies import PolicyStore
from tests.support.databases import database_of
from tests.support.image_form import Form
from tests.support.noon import find_noon_zone
from tests.support.rendered_text import words_of
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage, is_settled, run_bot, status_of
from tests.support.threads import change_rows, element, lost_answers, make, press

ADAS_DM, BENS_DM = "D0ADA", "D0BEN"


@contextlib.asynccontextmanager
async def bots_database(stage: Stage) -> AsyncIterator[Database]:
    """The bot's own database, as another connection sees it."""
    database = Database(stage.settings.database_url)
    yield database
    await database.close()


async def decide(stage: Stage, **changes: Any) -> None:
    """Let an admin have set these parts of the policy."""
    async with bots_database(stage) as database:
        await PolicyStore(database).change(
            stage.workspace.team_id,
            lambda policy: policy.model_copy(update=changes),
            user_id="U0ADA",
            what="budget",
            now=datetime.now(UTC),
        )


async def limit(stage: Stage, credits_: float = 0.0, **settings: Any) -> None:
    """Each person has so many credits a day, which does not end meanwhile; `settings` say who may
    approve more."""
    budget = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=credits_)
    kept = WorkspaceSettings(time_zone=find_noon_zone(), **settings)
    await decide(stage, budgets=(budget,), settings=kept)


async def ask(stage: Stage, text: str = "a lighthouse in fog", channel: str = DESIGN) -> Message:
    """Ada asks for more than there is, and presses "Ask for approval"; her private answer."""
    shown = await stage.ada.run_command(channel, "/imagine", text)
    assert shown.message is not None
    await press(stage.ada, shown.message, "ask_approval")
    return shown.message


async def until_card(stage: Stage, channel: str, says: str = "asks for approval") -> Message:
    """The newest card in a conversation, when it says this."""

    def cards() -> list[Message]:
        return [m for m in stage.workspace.messages[channel] if "asks for approval" in words_of(m)]

    await stage.until(lambda: cards() and says in words_of(cards()[-1]), what=f"card {says}")
    return cards()[-1]


async def until_said(stage: Stage, channel: str, says: str) -> Message:
    """A message of a conversation that says this, whoever sees it."""

    def found() -> list[Message]:
        return [m for m in stage.workspace.messages[channel] if says in words_of(m)]

    await stage.until(found, what=f"said {says}")
    return found()[-1]


async def until_card_is_noted(stage: Stage) -> None:
    """Ben's card stands, and the bot has noted where: a process that ends before that leaves it to
    the next one, a minute later."""
    await until_card(stage, BENS_DM)
    noted = "SELECT count(*) FROM approval_messages WHERE ts IS NOT NULL"
    await stage.until(lambda: read_row(stage, noted) == "1", what="noted")


def read_row(stage: Stage, question: str) -> str:
    """The one value that the bot's database answers with."""
    with closing(sqlite3.connect(database_of(stage))) as connection:
        ((value,),) = connection.execute(question).fetchall()
    return str(value)


def has_buttons(message: Message) -> bool:
    return any(block["type"] == "actions" for block in message.blocks)


async def deny(stage: Stage, person: Person, card: Message, reason: str) -> None:
    await press(person, card, "deny_request")
    form = Form(stage, person)
    await stage.until(lambda: form.is_open, what="asked for the reason")
    await form.set("reason", reason)
    await form.submit()


def cleo_of(stage: Stage) -> Person:
    """Somebody who may approve nothing."""
    stage.workspace.add_user(User("U0CLEO", "cleo", "Cleo Diaz"))
    for channel in (DESIGN, LAUNCH):
        stage.workspace.channels[channel].members.add("U0CLEO")
    return Person(stage.workspace, stage.delivery, "U0CLEO")


async def test_over_budget_is_told_with_what_is_left_and_when_it_renews(stage: Stage) -> None:
    await limit(stage, 2.0)

    shown = await stage.ada.run_command(DESIGN, "/imagine", "fog -n 3")

    assert shown.message is not None
    said = words_of(shown.message)
    assert "Your budget of 2 credits a day has *2* left" in said
    assert "about *15 credits* (guide price: PowerPost published it in March 2026" in said
    assert re.search(r"it renews <!date\^\d+\^", said)
    assert "Nothing was spent." in said
    assert "/imagine fog -n 3" in said
    assert "Ask for approval" not in str(shown.message.blocks)
    assert "ask an admin" in said
    assert stage.submits() == 0


async def test_approved_it_is_made_once_and_everybody_sees_by_whom(stage: Stage) -> None:
    await limit(stage, approvers=("U0ADA", "U0BEN"))
    private = await ask(stage)
    card = await until_card(stage, BENS_DM)

    assert "Asked for approval" in words_of(await until_said(stage, DESIGN, "Asked for approval"))
    assert not has_buttons(private)
    assert "a lighthouse in fog" in words_of(card)
    assert "<@U0ADA>'s budget of 0 credits a day has *0* left" in words_of(card)
    assert "<#C0DESIGN>" in words_of(card)
    await asyncio.gather(*(press(stage.ben, card, "approve_request") for _ in range(3)))
    await stage.until_told()

    root = stage.roots()[0]
    assert "approved by <@U0BEN>" in words_of(root)
    assert stage.submits() == 1
    card = await until_card(stage, BENS_DM, "*Approved* by <@U0BEN>")
    assert not has_buttons(card)
    told = await until_said(stage, ADAS_DM, "approved your request")
    assert "<#C0DESIGN>" in words_of(told)
    assert not any("asks for approval" in m.text for m in stage.workspace.messages[ADAS_DM])


async def test_a_budget_that_is_set_while_a_request_waits_holds_for_it_with_the_way_to_approval(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)  # for a second
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse in fog")
    await stage.until(lambda: stage.submits() == 1, what="tried")
    await limit(stage, approvers=("U0BEN",))

    told = await until_said(stage, DESIGN, "has *0* left")
    root = stage.roots()[0]
    assert (told.thread_ts, told.ephemeral_to) == (root.ts, None)
    assert "I have not started this." in words_of(told)
    assert "Nothing was spent." in words_of(told)
    assert stage.powerpost.paid_posts == 0
    await stage.until(lambda: "*Not started*" in status_of(root), what="its status line")
    await press(stage.ben, told, "ask_approval")
    not_his = await until_said(stage, DESIGN, "Only the person who asked for these pictures")
    assert not_his.ephemeral_to == "U0BEN"
    assert has_buttons(told)

    for says in ("I'll tell you", "asked for this already"):
        await press(stage.ada, told, "ask_approval")
        assert (await until_said(stage, DESIGN, says)).ephemeral_to == "U0ADA"
    await press(stage.ben, await until_card(stage, BENS_DM), "approve_request")

    await stage.until(lambda: stage.powerpost.paid_posts == 1, what="made")
    await stage.until(lambda: len(stage.roots()) == 2, what="shown as a request of its own")
    await stage.until(lambda: is_settled(stage.roots()[1]), what="told")
    assert "approved by <@U0BEN>" in words_of(stage.roots()[1])
    assert stage.powerpost.paid_posts == 1


async def test_denied_the_requester_reads_why_and_nothing_is_spent(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    await ask(stage)
    card = await until_card(stage, BENS_DM)

    await deny(stage, stage.ben, card, "too *dear* <!channel>")

    told = await until_said(stage, ADAS_DM, "denied your request")
    assert "Reason: too &lt;!channel&gt;" in told.text.replace("*dear* ", "")
    assert "Nothing was spent." in told.text
    card = await until_card(stage, BENS_DM, "*Denied* by <@U0BEN>")
    assert "too *dear*" in words_of(card)
    assert stage.submits() == 0
    await press(stage.ada, told, "open_asked")
    form = await Form(stage, stage.ada).until_open()
    assert form.value("prompt") == "a lighthouse in fog"


async def test_an_approval_that_is_kept_is_never_said_not_to_be(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    await ask(stage)
    card = await until_card(stage, BENS_DM)

    with lost_answers(1):
        await press(stage.ben, card, "approve_request")
    await stage.until_told()

    assert "couldn't save" not in str([words_of(m) for m in stage.workspace.messages[BENS_DM]])
    assert stage.submits() == 1


async def test_nobody_approves_their_own_not_even_an_approver(stage: Stage) -> None:
    await limit(stage, approval_channel=DESIGN)
    await ask(stage)
    card = await until_card(stage, DESIGN)

    await press(stage.ada, card, "approve_request")
    said = await until_said(stage, DESIGN, "You can't decide on your own request")
    await press(stage.ada, card, "deny_request")

    assert said.ephemeral_to == "U0ADA"
    assert has_buttons(card)
    assert stage.submits() == 0
    await press(stage.ben, card, "approve_request")
    await stage.until(lambda: stage.submits() == 1, what="approved by another")


async def test_only_approvers_decide_also_in_a_channel(stage: Stage) -> None:
    cleo = cleo_of(stage)
    await limit(stage, approval_channel=DESIGN, approvers=("U0BEN",))
    await ask(stage)
    card = await until_card(stage, DESIGN)

    await press(cleo, card, "approve_request")
    said = await until_said(stage, DESIGN, "can decide on this")
    await press(cleo, card, "deny_request")

    assert said.ephemeral_to == "U0CLEO"
    assert "<@U0BEN>" in said.text
    assert not stage.workspace.view_stacks.get("U0CLEO")
    assert stage.submits() == 0


async def test_an_approver_who_was_unmade_approves_nothing_more(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    await ask(stage)
    card = await until_card(stage, BENS_DM)
    await limit(stage, approvers=("U0CLEO",))

    await press(stage.ben, card, "approve_request")

    await until_said(stage, BENS_DM, "can decide on this")
    assert stage.submits() == 0


async def test_a_card_whose_channel_was_changed_comes_to_where_it_can_be_decided(
    stage: Stage,
) -> None:
    await limit(stage, approval_channel=GENERAL)
    await ask(stage)
    stranded = await until_card(stage, GENERAL)
    await limit(stage, approval_channel=DESIGN)

    card = await until_card(stage, DESIGN)
    await press(stage.ben, stranded, "approve_request")
    await until_said(stage, BENS_DM, "You can't decide on this")  # we are not in #general
    await press(stage.ben, card, "approve_request")

    await stage.until_told()
    await until_card(stage, GENERAL, "*Approved* by <@U0BEN>")
    assert stage.submits() == 1


async def test_what_the_rules_forbid_by_now_is_not_approved(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    await ask(stage)
    card = await until_card(stage, BENS_DM)
    await decide(stage, rules=Rules(words=("lighthouse",)))

    await press(stage.ben, card, "approve_request")

    said = await until_said(stage, BENS_DM, "the rules don't allow it")
    assert "lighthouse" in said.text
    assert stage.submits() == 0
    await deny(stage, stage.ben, card, "the word")
    await until_said(stage, ADAS_DM, "denied your request")


async def test_from_the_form_nothing_that_was_typed_is_lost(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    below = form.view.id
    await form.set("prompt", "a red fox")
    await form.set("quantity", "2")

    await form.submit()
    assert "has *0* left" in form.text()
    await stage.ada.close(form.view.id)
    assert (form.view.id, form.value("prompt")) == (below, "a red fox")
    await form.submit()
    await form.submit()
    assert "Asked for approval" in form.text()
    await stage.ada.close(form.view.id)

    assert not form.is_open
    card = await until_card(stage, BENS_DM)
    assert "*2 pictures*" in words_of(card)
    await press(stage.ben, card, "approve_request")
    await stage.until_told()
    assert stage.submits() == 1


async def test_the_form_shows_what_is_left_of_the_budget_that_has_least(stage: Stage) -> None:
    mine = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=6)
    ours = Budget(id="b2", scope=Scope.CHANNEL, subject=DESIGN, period=Period.MONTH, credits=5)
    await make(stage)
    assert [charge.credits for charge in stage.powerpost.charges] == [3]
    kept = WorkspaceSettings(time_zone=find_noon_zone())
    await decide(stage, budgets=(mine, ours), settings=kept)
    form = await reopen(stage)
    await stage.until(
        lambda: "*2 of the channel's 5 credits a month left*: not enough for this" in form.text(),
        what="the channel's budget",
    )
    await form.set("destination", "me")
    await stage.until(
        lambda: ":bar_chart: 3 of your 6 credits a day left" in form.text(),
        what="the budget of a direct message",
    )


async def send_over_budget(stage: Stage) -> Form:
    """Ada's form, with the offer to ask for approval laid upon it."""
    await limit(stage, approvers=("U0BEN",))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a red fox")
    await form.submit()
    assert "has *0* left" in form.text()
    return form


async def reopen(stage: Stage) -> Form:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    return await Form(stage, stage.ada).until_open()


async def test_a_form_that_was_asked_approval_for_does_not_come_back_to_be_paid_twice(
    stage: Stage,
) -> None:
    form = await send_over_budget(stage)
    await form.submit()
    await stage.ada.close(form.view.id)

    asked = await reopen(stage)
    assert "Restored from your draft" not in asked.text()
    assert asked.value("prompt") is None
    await stage.ada.close(asked.view.id)
    card = await until_card(stage, BENS_DM)
    await press(stage.ben, card, "approve_request")
    await stage.until_told()
    approved = await reopen(stage)
    assert "Restored from your draft" not in approved.text()


async def test_a_form_that_nobody_asked_approval_for_or_that_was_denied_comes_back(
    stage: Stage,
) -> None:
    form = await send_over_budget(stage)
    await stage.ada.close(form.view.id)
    await stage.ada.close(form.view.id)
    offered = await reopen(stage)
    assert "Restored from your draft" in offered.text()
    assert offered.value("prompt") == "a red fox"

    await offered.submit()
    await offered.submit()
    await stage.ada.close(offered.view.id)
    await deny(stage, stage.ben, await until_card(stage, BENS_DM), "a blue one")
    assert (await reopen(stage)).value("prompt") == "a red fox"


async def test_a_reply_in_a_thread_is_answered_there(stage: Stage) -> None:
    result = await make(stage)
    root = stage.roots()[0]
    await limit(stage, approvers=("U0BEN",))
    await stage.ada.say(DESIGN, "<@U0IMAGINE> with rain", thread_ts=result.thread_ts)
    offer = await until_said(stage, DESIGN, "has *0* left")
    assert (offer.ephemeral_to, offer.thread_ts) == ("U0ADA", root.ts)
    await press(stage.ada, offer, "ask_approval")
    card = await until_card(stage, BENS_DM)

    await deny(stage, stage.ben, card, "enough rain")

    told = await until_said(stage, DESIGN, "enough rain")
    assert (told.thread_ts, told.ephemeral_to) == (root.ts, None)
    assert not any("denied" in m.text for m in stage.workspace.messages[ADAS_DM])


async def test_a_button_in_a_thread_offers_approval_and_the_thread_shows_it(stage: Stage) -> None:
    result = await make(stage)
    root = stage.roots()[0]
    await limit(stage, approvers=("U0ADA",))
    await press(stage.ben, result, "regenerate")
    offer = await until_said(stage, DESIGN, "has *0* left")
    await press(stage.ben, offer, "ask_approval")
    card = await until_card(stage, ADAS_DM)

    await press(stage.ada, card, "approve_request")

    shown = await stage.until_told_in_thread(root.ts)
    assert any("approved by <@U0ADA>" in words_of(message) for message in shown)


async def test_where_we_are_not_in_the_channel_each_approver_has_a_card(stage: Stage) -> None:
    await limit(stage, approval_channel=LAUNCH, approvers=("U0ADA", "U0BEN"))

    await ask(stage)

    await until_card(stage, BENS_DM)
    assert not any("asks for" in m.text for m in stage.workspace.messages[ADAS_DM])


async def test_where_nobody_can_be_reached_the_requester_is_told(stage: Stage) -> None:
    await limit(stage, approval_channel=LAUNCH)

    await ask(stage)

    told = await until_said(stage, ADAS_DM, "couldn't reach anybody")
    assert "Nothing was spent." in told.text


async def test_asked_twice_there_is_one_card(stage: Stage) -> None:
    await limit(stage, approvers=("U0BEN",))
    shown = await stage.ada.run_command(DESIGN, "/imagine", "fog")
    assert shown.message is not None
    button = element(shown.message, "ask_approval")
    for _ in range(2):
        found = stage.workspace.find_message(DESIGN, shown.message.ts)
        assert found is not None
        found.blocks = shown.message.blocks if has_buttons(found) else [_actions(button)]
        await press(stage.ada, found, "ask_approval")
    await until_card(stage, BENS_DM)
    await until_said(stage, DESIGN, "asked for this already")

    assert sum("asks for" in m.text for m in stage.workspace.messages[BENS_DM]) == 1


def _actions(button: dict[str, Any]) -> dict[str, Any]:
    element_ = {key: value for key, value in button.items() if key != "block_id"}
    return {"type": "actions", "block_id": button["block_id"], "elements": [element_]}


async def test_a_request_outlives_the_process_and_ends_after_a_day(
    stage_without_bot: Stage,
) -> None:
    stage = stage_without_bot
    async with run_bot(stage):
        await limit(stage, approvers=("U0BEN",))
        await ask(stage)
        await until_card_is_noted(stage)
    change_rows(stage, "UPDATE approvals SET expires_at = '2026-01-01 00:00:00.000000'")

    async with run_bot(stage):
        await until_said(stage, ADAS_DM, "within 24 hours")
        card = await until_card(stage, BENS_DM, "*Ended*")
        assert not has_buttons(card)
    assert stage.submits() == 0


async def test_what_was_approved_as_the_process_died_is_made_by_the_next(
    stage_without_bot: Stage,
) -> None:
    stage = stage_without_bot
    async with run_bot(stage):
        await limit(stage, approvers=("U0BEN",))
        await ask(stage)
        await until_card_is_noted(stage)
    now = datetime.now(UTC)
    approval_id = read_row(stage, "SELECT id FROM approvals")
    async with bots_database(stage) as database:
        store = ApprovalStore(database, "local")
        approval = await store.read(approval_id)
        assert approval is not None
        new = approval.approved_generation("U0BEN", now)
        assert await store.approve(approval_id, new, Terms(1), now)

    async with run_bot(stage):
        await stage.until_told()
        await until_card(stage, BENS_DM, "*Approved* by <@U0BEN>")
        await until_said(stage, ADAS_DM, "approved your request")
    assert stage.submits() == 1


async def test_a_card_that_slack_had_no_time_for_is_posted_by_the_bot_itself_and_once(
    stage: Stage,
) -> None:
    """Soon: not when another process might take it, which is later than this test waits."""
    await limit(stage, approvers=("U0BEN",))
    stage.workspace.faults.next_call("chat.postMessage", "ratelimited")
    await ask(stage)

    await until_card(stage, BENS_DM)

    tries = [e.status for e in stage.workspace.exchanges if e.method == "chat.postMessage"]
    assert tries == [429, 200]
    assert sum("asks for" in m.text for m in stage.workspace.messages[BENS_DM]) == 1
