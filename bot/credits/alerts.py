"""When the admins are told that a budget runs low, or the balance: decided here. Pure.

Each step of a budget is told once in each of its windows, and anew of a limit that was changed or
set again; the balance once until it has risen above its line again. An alert's `key` says that it
is the same one: the store keeps each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.budgets import Ceiling, Period, Scope

STEPS: Final = (50, 80, 100)  # per cent
BALANCE_KEY: Final = "balance"
# Sums of decimal fractions are off by less than this.
_ROUNDING: Final = 1e-6


class BudgetAlert(BaseModel):
    """So many per cent of a budget are used, until it begins anew at `until`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["budget"] = "budget"
    scope: Scope
    budget_id: str = ""  # those that an earlier version kept have none
    subject: str | None  # a person's or channel's id
    period: Period
    since: datetime
    until: datetime
    percent: int
    used: float
    credits: float

    @property
    def key(self) -> str:
        """With the budget's id and size: another limit is another budget, and its steps are told
        anew, those that are reached at the change included."""
        since = self.since.strftime("%Y-%m-%dT%H:%MZ")
        limit = f"{self.budget_id}:{self.credits:.12g}"
        of = f"{self.scope}:{self.subject or '-'}:{self.period}"
        return f"budget:{of}:{since}:{limit}:{self.percent}"


class BalanceAlert(BaseModel):
    """The account has less than was set as its line."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["balance"] = "balance"
    balance: float
    line: float

    @property
    def key(self) -> str:
        """There is one balance."""
        return BALANCE_KEY


Alert = Annotated[BudgetAlert | BalanceAlert, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that holds. `is_covered`: a greater one says it too, so it is not told itself."""

    alert: BudgetAlert | BalanceAlert
    is_covered: bool = False


def find_reached(used: float, credits_: float, least: float = 0.0) -> tuple[int, ...]:
    """The steps that `used` of `credits_` has reached. A budget is used up, too, where less than
    `least` is left, which the cheapest picture takes: what does not fit is refused, and so a budget
    seldom comes to its last credit. A budget of nothing has no steps: who set it knows."""
    if credits_ <= 0:
        return ()
    is_used_up = used + least > credits_ + _ROUNDING and used >= credits_ * STEPS[-2] / 100
    return tuple(
        step
        for step in STEPS
        if used + _ROUNDING >= credits_ * step / 100 or (step == STEPS[-1] and is_used_up)
    )


def find_alerts(uses: Iterable[tuple[Ceiling, float]], least: float = 0.0) -> list[Raised]:
    """What holds of these budgets, of each of which so much is used; `least` is what the cheapest
    picture takes. Of several steps that are reached at once only the last is told."""
    found = []
    for ceiling, used in uses:
        reached = find_reached(used, ceiling.budget.credits, least)
        found += [
            Raised(_alert(ceiling, used, step), is_covered=step != reached[-1]) for step in reached
        ]
    return found


def _alert(ceiling: Ceiling, used: float, percent: int) -> BudgetAlert:
    budget = ceiling.budget
    return BudgetAlert(
        scope=budget.scope,
        budget_id=budget.id,
        subject=ceiling.subject,
        period=budget.period,
        since=ceiling.window.since,
        until=ceiling.window.until,
        percent=percent,
        used=used,
        credits=budget.credits,
    )
