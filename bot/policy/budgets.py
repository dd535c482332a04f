"""Budgets: how many credits may be spent by whom, where, and until when. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.images.campaigns import campaign_key


class Scope(StrEnum):
    """What a budget is of."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    PERSON = "person"
    CAMPAIGN = "campaign"


class Period(StrEnum):
    """After what time a budget renews, by the workspace's own clock."""

    DAY = "day"
    MONTH = "month"


class Budget(BaseModel):
    """So many credits per period. `subject` is a channel's or a person's id, or a campaign's
    name; None with those scopes: each one has this much for itself. One that is set for a subject
    takes its place."""

    # A later version may keep more here; this one still works with what it knows.
    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    scope: Scope
    subject: str | None = None
    period: Period
    credits: Annotated[float, Field(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (in it) to `until` (not in it): aware times, UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A budget as it holds for one request: for this `subject` (None: the workspace), now."""

    budget: Budget
    subject: str | None
    window: Window


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """How much of a budget is gone: `used` credits of it are spent or promised."""

    ceiling: Ceiling
    used: float

    @property
    def left(self) -> float:
        """Credits that may still be spent in this window."""
        return max(0.0, self.ceiling.budget.credits - self.used)


ReadUsage = Callable[[str, Sequence[Ceiling]], Awaitable[Sequence[BudgetUse]]]
"""How much of a workspace's budgets is used, one for each of the ceilings, in their order
(bot/store/spending.py). Raises Transient."""


def find_window(period: Period, now: datetime, zone: ZoneInfo) -> Window:
    """The day or month that `now` (aware) is in, by the clocks of `zone`."""
    # fold=0: if the clocks go back over midnight, the day has begun at the first one.
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period is Period.DAY:
        # By the calendar: a day of 23 or 25 hours is one day.
        since, until = midnight, midnight + timedelta(days=1)
    else:
        since = midnight.replace(day=1)
        until = (since + timedelta(days=32)).replace(day=1)
    utc = ZoneInfo("UTC")
    return Window(since.astimezone(utc), until.astimezone(utc))


def find_ceilings(
    budgets: Iterable[Budget],
    *,
    channel_id: str,
    user_id: str,
    now: datetime,
    zone: ZoneInfo,
    campaign: str | None = None,
) -> tuple[Ceiling, ...]:
    """Every budget that a request of `user_id` in `channel_id` for `campaign` counts against,
    narrowest first. A direct message with the bot is no channel: there the others hold."""
    subjects = {
        Scope.PERSON: user_id,
        Scope.CHANNEL: channel_id,
        Scope.CAMPAIGN: campaign,
        Scope.WORKSPACE: None,
    }
    if not campaign:
        del subjects[Scope.CAMPAIGN]
    if not channel_id.startswith(("C", "G")):
        del subjects[Scope.CHANNEL]
    chosen: dict[tuple[Scope, Period], Budget] = {}
    for budget in budgets:
        if budget.scope not in subjects or not _is_of(budget, subjects[budget.scope]):
            continue
        key = (budget.scope, budget.period)
        if key not in chosen or budget.subject is not None:
            chosen[key] = budget
    return tuple(
        Ceiling(budget, budget.subject or subject, find_window(budget.period, now, zone))
        for scope, subject in subjects.items()
        for budget in chosen.values()
        if budget.scope is scope
    )


def _is_of(budget: Budget, subject: str | None) -> bool:
    if budget.scope is Scope.CAMPAIGN and budget.subject and subject:
        return campaign_key(budget.subject) == campaign_key(subject)
    return budget.subject in (None, subject)
