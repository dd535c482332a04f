"""The words of alerts: whose budget, how much, until when; and that the text says all of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.credits.alerts import BalanceAlert, BudgetAlert
from bot.policy.budgets import Period, Scope
from bot.slack.alerts.notifier import show_alert

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
# With its hour, in the reader's time zone.
ANEW = (
    f"It renews on <!date^{int(UNTIL.timestamp())}^{{date_short}} at {{time}}|"
    "01 December 2026 00:00 UTC>."
)
MONTH = "including what is under way"


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
            ":coin: <@U1>'s budget for the month has reached *80 %*: 80.5 of 100 credits (80 %), "
            f"{MONTH}. {ANEW}",
        ),
        (
            budget(Scope.PERSON, "U1", 80, 98.99),
            ":coin: <@U1>'s budget for the month has reached *80 %*: 98.99 of 100 credits (98 %), "
            f"{MONTH}. {ANEW}",
        ),
        (
            budget(Scope.CHANNEL, "C1", 100, 100.0),
            ":coin: <#C1>'s budget for the month is *used up*: 100 of 100 credits (100 %), "
            f"{MONTH}. {ANEW}",
        ),
        (
            budget(Scope.CHANNEL, "C1", 100, 128.6),
            ":coin: <#C1>'s budget for the month is *used up*: 128.6 of 100 credits (128 %), "
            f"{MONTH}. {ANEW}",
        ),
        (
            budget(Scope.WORKSPACE, None, 100, 97.0),
            ":coin: This workspace's budget for the month is *used up*: 97 of 100 credits (97 %), "
            f"{MONTH}; what is left is less than any picture takes. {ANEW}",
        ),
        (
            budget(Scope.CHANNEL, "D1", 50, 50.0),
            ":coin: The budget of a direct message for the month has reached *50 %*: "
            f"50 of 100 credits (50 %), {MONTH}. {ANEW}",
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

    assert message.text.startswith(f"{said} You get this because you're an admin here.")
    assert message.to_dict()["blocks"][0]["text"]["text"] == said
