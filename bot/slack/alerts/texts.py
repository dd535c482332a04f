"""The words of alerts: a budget runs low, or the balance."""

from __future__ import annotations

import math
from typing import Final

from bot.credits.alerts import STEPS, BalanceAlert, BudgetAlert
from bot.policy.budgets import Period, Scope
from bot.slack.kit.text import credits_of, escape, moment_mrkdwn, number

# Sums of decimal fractions are off by less than this.
_ROUNDING: Final = 1e-6
WHY_YOU = "You get this because you're an admin here. `/imagine usage --by user` shows who spent."


def alert_mrkdwn(alert: BudgetAlert | BalanceAlert) -> str:
    """What has happened, and until when."""
    if isinstance(alert, BalanceAlert):
        return (
            f":coin: PowerPost's account has {credits_of(alert.balance)} left: less than "
            f"{number(alert.line)}, the line that was set. Everyone shares them."
        )
    period = "day" if alert.period is Period.DAY else "month"
    share = math.floor(100 * alert.used / alert.credits + _ROUNDING)
    sums = f"{number(alert.used)} of {credits_of(alert.credits)} ({share} %)"
    sums += ", including what is under way"
    if alert.percent < STEPS[-1]:
        step = f"has reached *{alert.percent} %*"
    else:
        step = "is *used up*"
        if alert.used < alert.credits:
            sums += "; what is left is less than any picture takes"
    whose = f"{_begin(_whose(alert))} for the {period} {step}"
    return f":coin: {whose}: {sums}. It renews on {moment_mrkdwn(alert.until, is_relative=False)}."


def _whose(alert: BudgetAlert) -> str:
    subject = alert.subject or ""
    match alert.scope:
        case Scope.PERSON:
            return f"<@{subject}>'s budget"
        case Scope.CHANNEL if subject.startswith("D"):
            return "the budget of a direct message"
        case Scope.CHANNEL:
            return f"<#{subject}>'s budget"
        case Scope.CAMPAIGN:
            return f"the budget of the campaign *{escape(subject)}*"
        case Scope.WORKSPACE:
            return "this workspace's budget"


def _begin(text: str) -> str:
    """As a sentence begins; ids stay as they are."""
    return text[:1].upper() + text[1:]
