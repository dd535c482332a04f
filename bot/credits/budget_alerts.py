"""Budget alerts: tell the admins when a budget runs low, or the balance.

It looks when an outcome was told, apart from whatever told it, and at everything every ten minutes,
for what a process did not live to see. What it finds is kept first (each once, whatever process
finds it), and told then, again and again until it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bot.credits.alerts import BalanceAlert, BudgetAlert, Raised, find_alerts
from bot.credits.estimates import Prices
from bot.credits.ledger import Entry
from bot.errors import ImagineError, Rejected
from bot.generations.ports import OutcomeCounter
from bot.generations.record import Generation
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.periodic import PeriodicTask
from bot.policy.book import PolicyBook
from bot.policy.budgets import ReadUsage, find_ceilings
from bot.policy.policy import Policy
from bot.telemetry.instrumentation import Observer

TELL_SECONDS: Final = 60.0
CHECK_SECONDS: Final = 600.0
_BALANCE_SECONDS: Final = 30.0
_AT_ONCE: Final = 50  # budgets whose use is asked for in one statement
# What was spent while no process was there to look.
_LOOK_BACK: Final = timedelta(hours=36)
_RETRY_AFTER: Final = timedelta(seconds=30)
_STALE_AFTER: Final = timedelta(hours=24)

log = structlog.get_logger()

Subjects = tuple[str, str, str]  # channel, person and campaign, "" for none


@dataclass(frozen=True, slots=True)
class TakenAlert:
    """An alert that is this process's to tell. `told_to`: the people who were told before."""

    id: int
    team_id: str
    alert: BudgetAlert | BalanceAlert
    raised_at: datetime
    told_to: tuple[str, ...]


class Alerts(Protocol):
    """What was raised, and who was told (bot/store/alerts.py)."""

    async def raise_new(self, team_id: str, raised: Sequence[Raised], now: datetime) -> bool: ...
    async def end_balance(self, team_id: str) -> None: ...
    async def take_pending(self, now: datetime) -> list[TakenAlert]: ...
    async def note_delivered_to(self, alert_id: int, people: Iterable[str]) -> None: ...
    async def note_delivered(self, alert_id: int, now: datetime) -> None: ...
    async def release(self, alert_id: int, until: datetime) -> None: ...


class Notifier(Protocol):
    """Who is told (bot/slack/alerts/notifier.py). Methods raise the errors of bot/errors.py."""

    async def list_people(self, team_id: str) -> list[str]: ...
    async def tell(self, user_id: str, alert: BudgetAlert | BalanceAlert) -> None:
        """Rejected where Slack lets nobody write to them."""


class BudgetAlerts:
    """One for the process."""

    def __init__(
        self,
        *,
        book: PolicyBook,
        list_teams: Callable[[], Awaitable[list[str]]],
        list_spenders: Callable[[datetime], Awaitable[list[tuple[str, str, str, str]]]],
        read_usage: ReadUsage,
        prices: Prices,
        alerts: Alerts,
        notifier: Notifier,
        ask_balance: Callable[[], Awaitable[float]],
        end_overdue: Callable[[datetime], Awaitable[Sequence[Entry]]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
    ) -> None:
        self._book = book
        self._list_teams = list_teams
        self._list_spenders = list_spenders
        self._read_usage = read_usage
        self._prices = prices
        self._alerts = alerts
        self._notifier = notifier
        self._ask_balance = ask_balance
        self._end_overdue = end_overdue
        self._clock = clock
        # Team and subjects of what was told -> the balance as it was then.
        self._told: dict[tuple[str, Subjects], float | None] = {}
        self._is_due = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._repeated = (
            PeriodicTask("deliver_alerts", TELL_SECONDS, self.deliver_pending, observer),
            PeriodicTask("find_alerts", CHECK_SECONDS, self.check_all, observer, jitter=0.1),
        )

    def open(self) -> None:
        """Begin to look."""
        self._watching = asyncio.create_task(self._watch())
        for task in self._repeated:
            task.start()

    async def close(self) -> None:
        """What is kept and not told is told by the next process."""
        for task in self._repeated:
            await task.stop()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def note_delivered(self, generation: Generation, usage: Usage) -> None:
        """Something may have been spent; see `generations.ports`. Never waits."""
        place = generation.place
        # What was refused for want of credits has no balance after it.
        balance = generation.balance_before if usage.left is None else usage.left
        subjects = place.ruled_channel_id, place.user_id, generation.campaign or ""
        self._told[place.team_id, subjects] = balance
        self._is_due.set()

    def note_refund(self, credits_: float) -> None:
        """What comes back sets off no alert."""

    async def check_all(self) -> None:
        """Whatever was spent lately, and the balance as it is now."""
        now = self._clock()
        for entry in await self._end_overdue(now):
            log.warning("refund.missed", refund_of=entry.generation_id, credits=entry.expected)
        places: dict[str, set[Subjects]] = {}
        for team_id, channel_id, user_id, campaign in await self._list_spenders(now - _LOOK_BACK):
            places.setdefault(team_id, set()).add((channel_id, user_id, campaign))
        teams = {
            team_id: await self._book.read(team_id, fresh=True)
            for team_id in await self._list_teams()
        }
        for team_id, policy in teams.items():
            await self._check_budgets(team_id, policy, places.get(team_id, set()))
        balance = None
        if any(policy.settings.alert_below is not None for policy in teams.values()):
            async with asyncio.timeout(_BALANCE_SECONDS):
                balance = await self._ask_balance()
        for team_id, policy in teams.items():
            await self._check_balance(team_id, policy, balance)
        await self.deliver_pending()

    async def deliver_pending(self) -> None:
        """Tell what was raised and is not told: here, or by a process that is gone."""
        for taken in await self._alerts.take_pending(self._clock()):
            await self._tell(taken)

    async def _watch(self) -> None:
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            told, self._told = self._told, {}
            for (team_id, subjects), balance in told.items():
                await _carefully(self._check(team_id, subjects, balance))

    async def _check(self, team_id: str, subjects: Subjects, balance: float | None) -> None:
        policy = await self._book.read(team_id, fresh=True)
        if policy.version == 0:
            return
        is_new = await self._check_budgets(team_id, policy, {subjects})
        if balance is not None:
            is_new = await self._check_balance(team_id, policy, balance) or is_new
        if is_new:
            await self.deliver_pending()

    async def _check_budgets(
        self, team_id: str, policy: Policy, places: Collection[Subjects]
    ) -> bool:
        """Whether there is something new to tell of the budgets that these count against."""
        now = self._clock()
        ceilings = list(
            dict.fromkeys(
                ceiling
                for channel_id, user_id, campaign in sorted(places)
                for ceiling in find_ceilings(
                    policy.budgets,
                    channel_id=channel_id,
                    user_id=user_id,
                    now=now,
                    zone=policy.zone,
                    campaign=campaign,
                )
            )
        )
        least = await self._find_least() if ceilings else 0.0
        is_new = False
        for start in range(0, len(ceilings), _AT_ONCE):
            some = ceilings[start : start + _AT_ONCE]
            used = [each.used for each in await self._read_usage(team_id, some)]
            found = find_alerts(zip(some, used, strict=True), least)
            is_new = await self._alerts.raise_new(team_id, found, now) or is_new
        return is_new

    async def _find_least(self) -> float:
        """The credits of the cheapest picture, as they would be held."""
        return min([(await self._prices.estimate(model, 1)).credits for model in Model])

    async def _check_balance(self, team_id: str, policy: Policy, balance: float | None) -> bool:
        """Whether it has just fallen below its line. None: it was not asked for."""
        line = policy.settings.alert_below
        if line is None or (balance is not None and balance >= line):
            await self._alerts.end_balance(team_id)
        elif balance is not None:
            raised = [Raised(BalanceAlert(balance=balance, line=line))]
            return await self._alerts.raise_new(team_id, raised, self._clock())
        return False

    async def _tell(self, taken: TakenAlert) -> None:
        now = self._clock()
        if now - taken.raised_at > _STALE_AFTER:
            log.warning("alert.given_up", alert=taken.id)
            await self._alerts.note_delivered(taken.id, now)
            return
        try:
            people = await self._tell_everyone(taken)
        except ImagineError as error:
            log.warning("alert.notice_failed", cause=error.cause, detail=error.detail)
            await self._alerts.release(taken.id, now + _RETRY_AFTER)
            return
        await self._alerts.note_delivered(taken.id, now)
        log.info("alert.delivered", kind=taken.alert.kind, people=len(people))

    async def _tell_everyone(self, taken: TakenAlert) -> list[str]:
        told = list(taken.told_to)
        for user_id in await self._notifier.list_people(taken.team_id):
            if user_id in told:
                continue
            try:
                await self._notifier.tell(user_id, taken.alert)
            except Rejected as error:  # who has left, or takes no messages from apps
                log.info("alert.refused", detail=error.detail)
            told.append(user_id)
            await self._alerts.note_delivered_to(taken.id, told)
        return told


class Counters:
    """Several that are told of outcomes (`generations.ports.Tally`)."""

    def __init__(self, *counters: OutcomeCounter) -> None:
        self._counters = counters

    def note_delivered(self, generation: Generation, usage: Usage) -> None:
        """See the port."""
        for counter in self._counters:
            counter.note_delivered(generation, usage)

    def note_refund(self, credits_: float) -> None:
        """See the port."""
        for counter in self._counters:
            counter.note_refund(credits_)


async def _carefully(operation: Coroutine[Any, Any, None]) -> None:
    """What fails is found again by the next look."""
    try:
        await operation
    except (ImagineError, TimeoutError) as error:
        log.warning("alert.failed", error=str(getattr(error, "cause", "timeout")))
    except Exception:
        log.exception("alert.failed")
