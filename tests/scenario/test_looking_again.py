"""Look again under an unknown outcome, and the audit in the Home tab: they look, and never pay."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa

from bot.policy.policy import WorkspaceSettings
from bot.sandbox.powerpost.faults import SubmitFault
from bot.sandbox.slack.records import Message
from bot.store.database import Database
from bot.store.tables import generations, pictures
from tests.support.home import Home
from tests.support.policies import set_policy
from tests.support.stage import DESIGN, Stage
from tests.support.threads import direct, make, press


async def lose(stage: Stage, fault: SubmitFault) -> Message:
    """Ada asks, and nobody knows the outcome; what she is told."""
    stage.powerpost.faults.next_submit(fault)
    await stage.ada.run_command(DESIGN, "/imagine", "fog -n 2")
    await stage.until_told()
    return stage.thread(stage.roots()[0].ts)[-1]


async def look(stage: Stage, told: Message, number: int = 1) -> str:
    """Press the button; what is said of it."""
    await press(stage.ada, told, "look_again")
    await stage.until(lambda: len(stage.private()) >= number, what=f"answer {number}")
    return stage.private()[-1].text


async def test_a_lost_answer_that_was_paid_for_shows_in_the_balance(stage: Stage) -> None:
    told = await lose(stage, SubmitFault.ANSWER_LOST)
    said = await look(stage, told)

    assert "6 credits went at that time that nothing else explains" in said
    assert "probably paid for" in said
    assert "If you ask again, it costs again." in said
    assert stage.submits() == 1


async def test_a_request_that_failed_without_a_charge_is_probably_free(stage: Stage) -> None:
    told = await lose(stage, SubmitFault.ERROR_500)
    said = await look(stage, told)

    assert "probably never paid for. You can ask again." in said
    assert stage.submits() == 1


async def test_without_powerpost_a_look_says_that_it_could_not_look(stage: Stage) -> None:
    told = await lose(stage, SubmitFault.ANSWER_LOST)
    stage.powerpost.faults.away = True

    assert "I couldn't look" in await look(stage, told)
    stage.powerpost.faults.away = False
    assert "probably paid for" in await look(stage, told, 2)
    assert stage.submits() == 1


async def forget_outcome(stage: Stage) -> None:
    """As if the bot, once it is through, had given up looking a day after it was paid for."""
    values: dict[str, Any] = {"state": "unknown", "cause": "no_answer", "result_ts": None}
    database = Database(stage.settings.database_url)

    def forget(on: sa.Connection) -> None:
        on.execute(sa.delete(pictures))
        on.execute(sa.update(generations).values(**values, result_intended_at=None))

    pending = sa.select(generations.c.id).where(generations.c.told_at.is_(None))
    while await database.read(lambda on: on.execute(pending).first()):  # noqa: ASYNC110 - of rows
        await asyncio.sleep(0.02)
    await database.write(forget)
    await database.close()


async def post_button(stage: Stage) -> Message:
    """A message in the thread with the button."""
    root = stage.roots()[0]
    generation_id = str(root.metadata["event_payload"]["generation"] if root.metadata else "")
    button = {
        "type": "button",
        "action_id": "look_again",
        "text": {"type": "plain_text", "text": "Look again"},
        "value": generation_id,
    }
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    return stage.workspace.post_message(
        DESIGN, "U0IMAGINE", "Unknown", blocks=blocks, thread_ts=root.ts
    )


async def test_what_powerpost_has_made_meanwhile_comes_and_is_not_paid_again(
    stage: Stage,
) -> None:
    result = await make(stage, "a fox")
    balance = stage.powerpost.balance
    await forget_outcome(stage)
    told = await post_button(stage)
    said = await look(stage, told)
    assert "it has made your picture. It comes into this thread now." in said

    def has_come() -> bool:
        later = [m for m in stage.thread(result.thread_ts or "") if m.ts > told.ts]
        return any("image" in str(m.blocks) for m in later)

    await stage.until(has_come, what="the picture")
    assert "The outcome is known now" in await look(stage, told, 2)
    assert stage.submits() == 1
    assert stage.powerpost.balance == balance


async def test_what_powerpost_does_not_know_stays_unknown(stage: Stage) -> None:
    await make(stage, "a fox")
    await forget_outcome(stage)
    stage.powerpost.generations.clear()
    said = await look(stage, await post_button(stage))

    assert "still does not know this request" in said
    assert stage.submits() == 1


async def test_an_admin_asks_for_the_audit_in_the_home_tab(stage: Stage) -> None:
    home = Home(stage, stage.ada)
    await home.open("For admins")
    await home.open_sheet("home_audit")
    await stage.until(lambda: "nothing to compare yet" in str(home.sheet.body), what="an outcome")
    await stage.ada.close(home.sheet.id)
    await make(stage, "a fox")
    await home.open_sheet("home_audit")
    await stage.until(lambda: "*It adds up.*" in str(home.sheet.body), what="an outcome")
    await stage.ada.close(home.sheet.id)
    stage.powerpost.balance -= 7
    await home.open_sheet("home_audit")
    await stage.until(lambda: "does not add up" in str(home.sheet.body), what="an outcome")

    said = str(home.sheet.body)
    assert "PowerPost has 7 credits less than the ledger comes to" in said
    assert "somebody else spent from the same account" in said
    assert "python -m bot audit" in said


async def test_the_audit_of_a_closed_modal_comes_in_the_direct_message(stage: Stage) -> None:
    await make(stage, "a fox")
    home = Home(stage, stage.ada)
    await home.open("For admins")
    stage.workspace.faults.next_call("views.update", "not_found", times=1)
    await home.press("home_audit")
    await stage.until(lambda: direct(stage), what="the outcome")

    assert "*It adds up.*" in direct(stage)[0].text


async def test_the_audit_says_what_names_an_unknown_outcome(stage: Stage) -> None:
    await lose(stage, SubmitFault.ANSWER_LOST)
    home = Home(stage, stage.ada)
    await home.open("For admins")
    await home.open_sheet("home_audit")
    await stage.until(lambda: "does not add up" in str(home.sheet.body), what="an outcome")

    assert "perhaps 1 request without a known outcome" in str(home.sheet.body)
    assert "press *Look again* under it" in str(home.sheet.body)


async def test_only_admins_are_told_what_the_account_comes_to(stage: Stage) -> None:
    await set_policy(stage, settings=WorkspaceSettings(admins=("U0BEN",)))
    home = Home(stage, stage.ben)
    await home.open("For admins")
    await set_policy(stage, settings=WorkspaceSettings())
    await home.open_sheet("home_audit")
    await stage.until(lambda: "Only admins" in str(home.sheet.body), what="a refusal")


async def test_without_powerpost_the_audit_says_so(stage: Stage) -> None:
    stage.powerpost.faults.away = True
    home = Home(stage, stage.ada)
    await home.open("For admins")
    await home.open_sheet("home_audit")
    await stage.until(lambda: "couldn't be made" in str(home.sheet.body), what="a refusal")
