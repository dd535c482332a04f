"""The words of budgets that have not enough left. mrkdwn."""

from __future__ import annotations

from bot.credits.amounts import amount
from bot.policy.budgets import Ceiling, Scope
from bot.policy.terms import ExceededBudget, OverBudget
from bot.slack.kit.price_texts import GUIDE, GUIDE_SOURCE
from bot.slack.kit.text import NOTHING_SPENT, credit_count, escape, moment_mrkdwn


def over_budget(error: OverBudget) -> str:
    """What is left of which budget, when it renews, and what can be done."""
    shortfalls = error.shortfalls
    less = all(each.left > 0 for each in shortfalls)  # else no picture would be little enough
    if error.approval_id is not None:
        advice = "You can ask for approval" + (", or ask for less." if less else ".")
    else:
        advice = (
            f"{'Ask for less, or ask' if less else 'Ask'} an admin of this workspace: nobody "
            "else can approve this."
        )
    said = [about(shortfalls[0]), *(left(each, is_own=True) for each in shortfalls), advice]
    return " ".join([*said, NOTHING_SPENT])


def about(shortfall: ExceededBudget) -> str:
    """What it would take."""
    said = f"This would take about *{credit_count(shortfall.estimate)}*"
    return f"{said} ({GUIDE}: {GUIDE_SOURCE})." if shortfall.is_guess else f"{said}."


def left(shortfall: ExceededBudget, *, is_own: bool) -> str:
    """`Your budget of 10 credits a day has 4 left; it renews tomorrow at 12:00 AM.`"""
    ceiling = shortfall.ceiling
    budget = ceiling.budget
    whose = budget_owner(ceiling, is_own=is_own)
    total = f"{credit_count(budget.credits)} a {budget.period}"
    renews = moment_mrkdwn(ceiling.window.until)
    return f"{whose} of {total} has *{amount(shortfall.left)}* left; it renews {renews}."


def budget_owner(ceiling: Ceiling, *, is_own: bool) -> str:
    """`Your budget`."""
    match ceiling.budget.scope:
        case Scope.PERSON:
            return "Your budget" if is_own else f"<@{ceiling.subject}>'s budget"
        case Scope.CHANNEL:
            return f"The budget of <#{ceiling.subject}>"
        case Scope.CAMPAIGN:
            return f"The budget of the campaign *{escape(ceiling.subject or '')}*"
        case Scope.WORKSPACE:
            return "The workspace's budget"
