"""The words of alerts: whose budget, how much, until when; and that the text says all of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.credits.alerts import BalanceAlert, BudgetAlert
from bot.policy.budgets import Period, Scope
from bot.slack.alerts import show_alert

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
ANEW = f"It begins anew on <!date^{int(UNTIL.timestamp())}^{{date_long}}|01 December 2026>."
MONTH = "with what is under way"
USED = "budget for the month is used"


def budget(scope: Scope, subject: str | None, percent: int, used: float) -> BudgetAlert:
    """Of 100 credits for November."""
    return BudgetAlert(
        scope=scope,
        subject=subject,
        period=Period.MONTH,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=UNTIL,
        percent=percent,
        used=used,
        credits=100.0,
    )


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (
            budget(Scope.PERSON, "U1", 80, 80.5),
            f":coin: *80 %* of <@U1>'s {USED}: 80.5 of 100 credits, {MONTH}. {ANEW}",
        ),
        (
            budget(Scope.CHANNEL, "C1", 100, 100.0),
            f":coin: *100 %* of <#C1>'s {USED}: 100 of 100 credits, {MONTH}. {ANEW}",
        ),
        (
            budget(Scope.WORKSPACE, None, 100, 97.0),
            ":coin: This workspace's budget for the month is *used up*: 97 of 100 credits, "
            f"{MONTH}; what is left is less than any picture takes. {ANEW}",
        ),
        (
            budget(Scope.CHANNEL, "D1", 50, 50.0),
            ":coin: *50 %* of the budget of a direct message for the month is used: "
            f"50 of 100 credits, {MONTH}. {ANEW}",
        ),
        (
            BalanceAlert(balance=1, line=20.5),
            ":coin: PowerPost's account has 1 credit left: less than 20.5, the line that was set. "
            "Everyone shares them.",
        ),
    ],
)
def test_what_admins_are_told(alert: BudgetAlert | BalanceAlert, said: str) -> None:
    message = show_alert(alert)

    assert message.text.startswith(f"{said} You are told because you are an admin here.")
    assert message.to_dict()["blocks"][0]["text"]["text"] == said
