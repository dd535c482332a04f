"""The admins are told when a budget or the balance runs low: once each, whatever crashes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy, WorkspaceSettings
from bot.sandbox.slack.records import Message
from bot.store.database import Database
from bot.store.migrate import migrate
from bot.store.policies import PolicyStore
from bot.store.tables import alerts as alert_table
from tests.support.home import Home
from tests.support.ledger_entries import enter, entry
from tests.support.noon import find_noon_zone
from tests.support.stage import DESIGN, Stage, run_bot
from tests.support.threads import direct

OF_EACH = Budget(id="b1", scope=Scope.PERSON, period=Period.MONTH, credits=100.0)
OF_ALL = Budget(id="b2", scope=Scope.WORKSPACE, period=Period.MONTH, credits=1000.0)


async def decide(stage: Stage, edit: Callable[[Policy], Policy]) -> None:
    """The workspace sets something."""
    database, now = Database(stage.settings.database_url), datetime.now(UTC)
    await PolicyStore(database).change("T0SANDBOX", edit, user_id="U0ADA", what="test", now=now)
    await database.close()


async def set_budgets(stage: Stage, *budgets: Budget) -> None:
    """These, and no others."""
    settings = WorkspaceSettings(time_zone=find_noon_zone())  # the month does not end meanwhile
    changes = {"budgets": budgets, "settings": settings}
    await decide(stage, lambda policy: policy.model_copy(update=changes))


async def set_settings(stage: Stage, **settings: Any) -> None:
    """These, and no others."""
    made = WorkspaceSettings(**settings)
    await decide(stage, lambda policy: policy.model_copy(update={"settings": made}))


async def spend(stage: Stage, credits_: float, user_id: str = "U0BEN") -> None:
    """So many were charged, this month."""
    charged = entry(
        f"of-{credits_}", credits_, counts_at=datetime.now(UTC), user_id=user_id, quantity=4
    )
    await enter(stage.settings.database_url, charged)


async def make(stage: Stage, number: int) -> None:
    """Ben makes his `number`-th picture; the bot looks at budgets and balance."""
    await stage.ben.run_command(DESIGN, "/imagine", f"fog {number}")
    await stage.until_told(number)


def alerts(stage: Stage, channel: str = "D0ADA") -> list[Message]:
    """What was told."""
    return [m for m in direct(stage, channel) if "You get this because" in m.text]


async def until_alerts(stage: Stage, number: int) -> Message:
    """Wait for the `number`-th; it."""
    await stage.until(lambda: len(alerts(stage)) >= number, what=f"alert {number}")
    assert len(alerts(stage)) == number
    return alerts(stage)[-1]


async def test_admins_are_told_once_at_each_step_and_nobody_else_is(stage: Stage) -> None:
    await set_budgets(stage, OF_EACH, OF_ALL)
    await spend(stage, 55.0)
    await make(stage, 1)
    said = (await until_alerts(stage, 1)).text
    assert "<@U0BEN>'s budget for the month has reached *50 %*" in said
    assert "of 100 credits" in said
    await make(stage, 2)
    await spend(stage, 26.0)
    await make(stage, 3)
    said = (await until_alerts(stage, 2)).text
    assert "<@U0BEN>'s budget for the month has reached *80 %*" in said

    assert alerts(stage, "D0BEN") == []


async def test_a_budget_that_is_raised_or_set_anew_is_told_at_its_own_steps(stage: Stage) -> None:
    of_200 = OF_EACH.model_copy(update={"credits": 200.0})
    await set_budgets(stage, of_200)
    await spend(stage, 110.0)
    await make(stage, 1)
    await until_alerts(stage, 1)
    await set_budgets(stage, of_200.model_copy(update={"credits": 220.0}))
    await make(stage, 2)
    assert "of 220 credits" in (await until_alerts(stage, 2)).text
    await set_budgets(stage, of_200.model_copy(update={"id": "b3"}))
    await make(stage, 3)

    assert "of 200 credits" in (await until_alerts(stage, 3)).text


async def test_several_steps_at_once_are_told_as_the_last(stage_without_bot: Stage) -> None:
    stage = stage_without_bot
    migrate(stage.settings.database_url)
    await set_budgets(stage, OF_ALL)
    await spend(stage, 1000.0)
    async with run_bot(stage):
        said = (await until_alerts(stage, 1)).text

    assert "This workspace's budget for the month is *used up*" in said


async def test_a_budget_without_room_for_any_picture_is_used_up(stage_without_bot: Stage) -> None:
    stage = stage_without_bot
    migrate(stage.settings.database_url)
    await set_budgets(stage, OF_ALL)
    await spend(stage, 996.0)
    async with run_bot(stage):
        said = (await until_alerts(stage, 1)).text

    assert "This workspace's budget for the month is *used up*" in said


async def test_the_balance_is_told_once_until_it_has_risen(stage: Stage) -> None:
    balance = stage.powerpost.balance
    await set_settings(stage, alert_below=balance - 1)
    await make(stage, 1)
    said = (await until_alerts(stage, 1)).text
    assert f"left: less than {balance - 1:g}, the line that was set" in said
    await make(stage, 2)
    stage.powerpost.balance = balance + 200
    await make(stage, 3)
    assert len(alerts(stage)) == 1
    stage.powerpost.balance = balance // 2
    await make(stage, 4)

    await until_alerts(stage, 2)


async def test_who_is_named_in_the_settings_is_told_too(stage: Stage) -> None:
    await set_settings(stage, alert_below=1_000_000, admins=("U0BEN", "U0GONE"))
    await make(stage, 1)
    await stage.until(lambda: alerts(stage, "D0BEN"), what="Ben is told")

    await until_alerts(stage, 1)
    assert len(alerts(stage, "D0BEN")) == 1


async def test_what_a_process_did_not_live_to_see_the_next_one_tells_once(
    stage_without_bot: Stage,
) -> None:
    stage = stage_without_bot
    migrate(stage.settings.database_url)
    await set_budgets(stage, OF_EACH)
    await spend(stage, 80.0)
    async with run_bot(stage):
        await until_alerts(stage, 1)
    await spend(stage, 20.0)
    async with run_bot(stage):
        await until_alerts(stage, 2)

    assert ["*80 %*" in alert.text for alert in alerts(stage)] == [True, False]


async def test_while_slack_takes_no_messages_nothing_is_lost(stage_without_bot: Stage) -> None:
    stage = stage_without_bot
    migrate(stage.settings.database_url)
    await set_budgets(stage, OF_EACH)
    await spend(stage, 99.0)
    stage.workspace.scopes.discard("chat:write")
    async with run_bot(stage):
        await stage.until(lambda: _tries(stage), what="a try")
    stage.workspace.scopes.add("chat:write")
    assert alerts(stage) == []
    await _let_time_pass(stage)
    async with run_bot(stage):
        await until_alerts(stage, 1)


def _tries(stage: Stage) -> int:
    return sum(each.method == "chat.postMessage" for each in stage.workspace.exchanges)


async def _let_time_pass(stage: Stage) -> None:
    """The alert is nobody's any more."""
    database = Database(stage.settings.database_url)
    past = datetime.now(UTC) - timedelta(minutes=5)
    await database.write(lambda on: on.execute(sa.update(alert_table).values(taken_until=past)))
    await database.close()


async def press_raise(stage: Stage, told: Message) -> None:
    """The button under an alert, by Ada."""
    (block,) = [block for block in told.blocks if block["type"] == "actions"]
    button = block["elements"][0]
    assert button["text"]["text"] == "Raise the budget"
    await stage.ada.click("D0ADA", told.ts, block["block_id"], "raise_budget")
    await stage.until(lambda: Home(stage, stage.ada).is_sheet_open, what="a form")


async def test_an_alert_opens_the_form_of_its_budget_filled(stage: Stage) -> None:
    await set_budgets(stage, OF_EACH, OF_ALL)
    await spend(stage, 55.0)
    await make(stage, 1)
    told = await until_alerts(stage, 1)
    await press_raise(stage, told)
    home = Home(stage, stage.ada)
    drawn = str(home.sheet.body["blocks"])
    assert "'initial_value': '100'" in drawn
    assert "Refused requests don't start by themselves" in drawn

    await home.fill("budget_credits", "200")
    await home.save(until="For admins")
    policy = await PolicyStore(database := Database(stage.settings.database_url)).read("T0SANDBOX")
    await database.close()
    assert [budget.credits for budget in policy.budgets] == [200.0, 1000.0]


async def test_the_button_of_a_budget_that_is_gone_says_so(stage: Stage) -> None:
    await set_budgets(stage, OF_EACH, OF_ALL)
    await spend(stage, 55.0)
    await make(stage, 1)
    told = await until_alerts(stage, 1)
    await set_budgets(stage, OF_ALL)
    await press_raise(stage, told)

    assert "there is nothing to raise" in str(Home(stage, stage.ada).sheet.body)


async def test_only_admins_raise_a_budget(stage: Stage) -> None:
    await set_settings(stage, admins=("U0BEN",))
    await set_budgets(stage, OF_EACH)
    await set_settings(stage, admins=("U0BEN",), time_zone=find_noon_zone())
    await spend(stage, 55.0, user_id="U0ADA")
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
    await stage.until(lambda: alerts(stage, "D0BEN"), what="Ben's alert")
    told = alerts(stage, "D0BEN")[0]
    await set_settings(stage, time_zone=find_noon_zone())
    (block,) = [block for block in told.blocks if block["type"] == "actions"]
    await stage.ben.click("D0BEN", told.ts, block["block_id"], "raise_budget")
    home = Home(stage, stage.ben)
    await stage.until(lambda: home.is_sheet_open, what="a notice")

    assert "Only admins can change this" in str(home.sheet.body)
