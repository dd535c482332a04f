"""What the Home tab shows: looked up for one person, one screen at a time. What cannot be had is
left out; only the policy must be there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog

from bot.credits.ledger import Bill
from bot.errors import ImagineError
from bot.generations.record import Generation
from bot.policy.book import PolicyBook
from bot.policy.budgets import Budget, Ceiling, ReadUsage, Scope, find_ceilings, find_window
from bot.policy.changes import PolicyChange
from bot.policy.policy import Policy
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.slack.home.screens import HomePage, Screen
from bot.slack.kit.admins import Admins
from bot.slack.kit.channel_access import ChannelAccess, ChannelLook
from bot.slack.kit.library import LibraryFinder, LibraryPage
from bot.slack.kit.ports import History

RECENT: Final = 5
ROWS: Final = 20  # on a page of a list
# The tab is shown without it rather than late; the number is then the last one that is known.
_BALANCE_SECONDS: Final = 2.0
_BALANCE_KEPT: Final = timedelta(seconds=10)
_T = TypeVar("_T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Used:
    """A budget in its window; `used` is None where that is not known."""

    ceiling: Ceiling
    used: float | None


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything that one screen of the Home tab shows. `is_admin` is None where Slack cannot be
    asked; `balance` is credits and when they were told."""

    user_id: str
    is_admin: bool | None
    policy: Policy
    balance: tuple[float, datetime] | None = None
    mine: tuple[Used, ...] = ()
    used: dict[str, Used] | None = None  # by the budget's id, for the list of budgets
    recent: tuple[Generation, ...] = ()
    bills: Mapping[str, Bill] = field(default_factory=dict)  # of those, by their id
    versions: Mapping[str, int] = field(default_factory=dict)  # of those, where not the first
    changes: tuple[PolicyChange, ...] = ()
    workspace_url: str | None = None
    workspaces: PowerPostWorkspaces = ONE_WORKSPACE
    library: LibraryPage | None = None  # None: not asked for, or the database is away
    is_channel_open: bool | None = None  # the one for approvals, to the bot; None: not known


class BalanceWatch:
    """The account's credits, with the time at which they were true. One for the process."""

    def __init__(
        self,
        ask_balance: Callable[[], Awaitable[float]],
        read_last: Callable[[], Awaitable[tuple[float, datetime] | None]],
    ) -> None:
        """`read_last`: the balance that was told last with a generation."""
        self._ask_balance = ask_balance
        self._read_last = read_last
        self._seen: tuple[float, datetime] | None = None

    async def look(self, now: datetime) -> tuple[float, datetime] | None:
        """As PowerPost tells it now; else as it told it last; None where it never did."""
        if self._seen is not None and now - self._seen[1] < _BALANCE_KEPT:
            return self._seen
        try:
            async with asyncio.timeout(_BALANCE_SECONDS):
                self._seen = (await self._ask_balance(), now)
                return self._seen
        except (TimeoutError, ImagineError) as error:
            log.info("balance.unknown", error=type(error).__name__)
        told = [seen for seen in (self._seen, await self._read_last()) if seen is not None]
        return max(told, key=lambda seen: seen[1], default=None)


class HomeFactFinder:
    """Looks them up. One for the process."""

    def __init__(
        self,
        *,
        book: PolicyBook,
        admins: Admins,
        balance: BalanceWatch,
        pictures: History,
        list_changes: Callable[[str, int, int], Awaitable[Sequence[PolicyChange]]],
        channels: ChannelAccess,
        read_usage: ReadUsage | None,
        workspace_url: Callable[[], str | None],
        library: LibraryFinder,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
    ) -> None:
        """`workspaces` are PowerPost's; `workspace_url` is of Slack's."""
        self._library = library
        self._workspaces = workspaces
        self._book = book
        self._admins = admins
        self._balance = balance
        self._pictures = pictures
        self._list_changes = list_changes
        self._channels = channels
        self._read_usage = read_usage
        self._workspace_url = workspace_url

    async def find(self, team_id: str, user_id: str, place: HomePage) -> HomeFacts:
        """What `user_id` sees at `place`. Raises Transient where the policy cannot be read."""
        policy = await self._book.read(team_id, fresh=True)
        is_admin = await self.may_set(team_id, user_id)
        facts = HomeFacts(
            user_id,
            is_admin,
            policy,
            workspace_url=self._workspace_url(),
            workspaces=self._workspaces,
        )
        match place.screen:
            case Screen.OVERVIEW:
                return await self._find_overview(facts, team_id)
            case Screen.BUDGETS if is_admin:
                return await self._find_budgets(facts, team_id)
            case Screen.CHANGES if is_admin:
                return await self._find_changes(facts, team_id, place.page)
            case Screen.LIBRARY:
                found = self._library.find(team_id, user_id, place.wanted)
                return replace(facts, library=await _or_none("library.read_failed", found))
            case _:
                return facts

    async def is_outsider(self, team_id: str, user_id: str) -> bool:
        """Whether Slack says that this person is of another company: then nothing is theirs to
        see."""
        return await self._admins.is_member(team_id, user_id) is False

    async def may_set(self, team_id: str, user_id: str) -> bool | None:
        """Whether this person may set things; None where Slack or the database cannot say."""
        return await _or_none("admin.unknown", self._admins.is_admin(team_id, user_id))

    async def _find_overview(self, facts: HomeFacts, team_id: str) -> HomeFacts:
        now = datetime.now(UTC)
        history = self._pictures.history(team_id, facts.user_id, None, RECENT)
        balance, recent, mine, is_open = await asyncio.gather(
            _or_none("balance.read_failed", self._balance.look(now)),
            _or_none("history.read_failed", history),
            self._find_used(team_id, find_own_ceilings(facts.policy, facts.user_id, now)),
            self._look_into_channel(facts),
        )
        pictures, bills, versions = recent or ([], {}, {})
        facts = replace(facts, balance=balance, mine=mine, is_channel_open=is_open)
        return replace(facts, recent=tuple(pictures), bills=bills, versions=versions)

    async def _look_into_channel(self, facts: HomeFacts) -> bool | None:
        channel = facts.policy.settings.approval_channel
        if not (facts.is_admin and channel):
            return None
        return (await self.look_at_channel(channel)).may_write

    async def look_at_channel(self, channel_id: str) -> ChannelLook:
        """Whether cards for approvers come through there, and who can join."""
        return await self._channels.look(channel_id)

    async def _find_budgets(self, facts: HomeFacts, team_id: str) -> HomeFacts:
        policy, now = facts.policy, datetime.now(UTC)
        ceilings = [
            Ceiling(budget, budget.subject, find_window(budget.period, now, policy.zone))
            for budget in policy.budgets
            if is_of_one(budget)
        ]
        found = await self._find_used(team_id, ceilings)
        return replace(facts, used={each.ceiling.budget.id: each for each in found})

    async def _find_changes(self, facts: HomeFacts, team_id: str, page: int) -> HomeFacts:
        found = self._list_changes(team_id, page * ROWS, ROWS + 1)
        return replace(facts, changes=tuple(await _or_none("changes.read_failed", found) or ()))

    async def _find_used(self, team_id: str, ceilings: Sequence[Ceiling]) -> tuple[Used, ...]:
        if self._read_usage is None or not ceilings:
            return tuple(Used(ceiling, None) for ceiling in ceilings)
        found = await _or_none("usage.read_failed", self._read_usage(team_id, ceilings))
        used = {each.ceiling: each.used for each in found or ()}
        return tuple(Used(ceiling, used.get(ceiling)) for ceiling in ceilings)


def is_of_one(budget: Budget) -> bool:
    """Whether there is one number that is left of it."""
    return budget.scope is Scope.WORKSPACE or budget.subject is not None


def find_own_ceilings(policy: Policy, user_id: str, now: datetime) -> tuple[Ceiling, ...]:
    """The budgets that limit a person wherever they are."""
    ceilings = find_ceilings(
        policy.budgets, channel_id="", user_id=user_id, now=now, zone=policy.zone
    )
    return tuple(each for each in ceilings if each.budget.scope is not Scope.CHANNEL)


async def _or_none(event: str, finding: Awaitable[_T]) -> _T | None:
    try:
        return await finding
    except ImagineError as error:
        log.warning(event, cause=error.cause, detail=error.detail)
        return None
