"""What is spent and promised of each budget, and holding what a request will probably take.

Of a budget is used: what the ledger has for its window, and what is held for requests that were
not charged yet. What is held is the `estimate` on the row of a generation, and counts by the state
of that row: nothing has to be given back, and nothing can be forgotten. What was accepted before
there was a budget has no estimate yet: it is priced whenever it is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.estimates import Basis, Estimate, add_up
from bot.credits.ledger import EntryKind
from bot.generations.record import Generation, NewGeneration, State
from bot.images.campaigns import campaign_key
from bot.images.catalogue import Model
from bot.policy.budgets import BudgetUse, Ceiling, Scope, Window
from bot.policy.terms import ExceededBudget, OverBudget
from bot.store.briefs import find_brief
from bot.store.campaigns import read_names
from bot.store.channels import CURRENT_CHANNEL, find_former, join_moves
from bot.store.database import Database
from bot.store.people import PERSON, join_people, read_pseudonyms
from bot.store.prices import read_estimate
from bot.store.tables import (
    QUARTER_SECONDS,
    campaign_sums,
    channel_moves,
    generations,
    ledger,
    ledger_sums,
    posts,
    unindexed,
)

# Sums of decimal fractions are off by less than this.
_ROUNDING: Final = 1e-6


_WORKSPACE: Final = ""  # as a subject of these sums
_CAMPAIGN: Final = "#"  # before a campaign's; no id of Slack's begins so


@dataclass(slots=True)
class _Counts:
    """Of one workspace and window."""

    spent: dict[str, float] = field(default_factory=dict)  # subject -> credits
    # (person, channel, key of the campaign) -> credits; "" for all whom no budget asks about
    held: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def hold(self, user_id: str, channel_id: str, campaign: str | None, credits_: float) -> None:
        """So many credits more."""
        of = user_id, channel_id, campaign_key(campaign or "")
        self.held[of] = self.held.get(of, 0.0) + credits_


class SpendingStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, team_id: str, ceilings: Sequence[Ceiling]) -> list[BudgetUse]:
        """How much of each of `ceilings` (of that workspace) is gone, in their order. For what
        holds now: `find_ceilings(policy.budgets, ...)`."""

        def find(on: sa.Connection) -> list[BudgetUse]:
            by_window = _count_windows(on, team_id, ceilings, _Prices(on))
            return [BudgetUse(each, _count(by_window[each.window], each)) for each in ceilings]

        return await self._database.read(find)


class Reservation:
    """Requests of one transaction, held against their budgets one after the other, so that each
    sees what those before it took. The policies of their workspaces are locked meanwhile
    (`lock_policies`), or two transactions would not see each other's."""

    def __init__(self, on: sa.Connection, asked: Iterable[tuple[str, Sequence[Ceiling]]]) -> None:
        """`asked`: the workspace and the ceilings of each request that will be reserved for."""
        self._on = on
        self._prices = _Prices(on)
        self._origins: set[str] = set()
        of_team: dict[str, list[Ceiling]] = {}
        for team_id, ceilings in asked:
            of_team.setdefault(team_id, []).extend(ceilings)
        self._by_window = {
            team_id: _count_windows(on, team_id, ceilings, self._prices)
            for team_id, ceilings in of_team.items()
        }

    def reserve(self, new: NewGeneration, ceilings: Sequence[Ceiling]) -> list[float]:
        """The credits that are to be held for `new`, or for each of its parts; it counts against
        `ceilings`, all of it or nothing. Raises OverBudget where a budget has not enough left,
        unless somebody has approved it, or it is a second delivery of what was promised before."""
        prices = [
            (each.campaign, self._prices.expect(each.request.model, each.request.quantity))
            for each in new.split()
        ]
        by_window = self._by_window[new.place.team_id]
        short = _find_short(ceilings, by_window, prices)
        if short and new.approved_by is None and not self._is_known(new.origin):
            raise OverBudget(short)
        if new.origin not in self._origins:
            self._origins.add(new.origin)
            for counts in by_window.values():
                for campaign, price in prices:
                    where = new.place.ruled_channel_id
                    counts.hold(new.place.user_id, where, campaign, price.credits)
        return [price.credits for _, price in prices]

    def _is_known(self, origin: str) -> bool:
        if origin in self._origins or find_brief(self._on, origin) is not None:
            return True
        known = sa.select(generations.c.id).where(generations.c.origin == origin)
        return self._on.execute(known).first() is not None


def reserve_again(on: sa.Connection, generation: Generation, ceilings: Sequence[Ceiling]) -> float:
    """The credits that are to be held for `generation`, which is to be paid for next. Raises
    OverBudget as `Reservation.reserve` does, by the budgets as they are now. Others that wait do
    not count here: they will be asked in their turn."""
    prices = _Prices(on)
    price = prices.expect(generation.request.model, generation.request.quantity)
    if generation.approved_by is None:
        team_id = generation.place.team_id
        by_window = _count_windows(on, team_id, ceilings, prices, with_waiting=False)
        if short := _find_short(ceilings, by_window, [(generation.campaign, price)]):
            raise OverBudget(short)
    return price.credits


def reserve_text(
    on: sa.Connection,
    team_id: str,
    campaign: str | None,
    ceilings: Sequence[Ceiling],
    price: Estimate,
    *,
    with_waiting: bool,
) -> None:
    """Raises OverBudget if a budget has not enough left for a text of this price. What waits counts
    when it is promised, and not when it is to be paid next. The workspace's policy is locked
    meanwhile (`lock_policies`)."""
    by_window = _count_windows(on, team_id, ceilings, _Prices(on), with_waiting=with_waiting)
    if short := _find_short(ceilings, by_window, [(campaign, price)]):
        raise OverBudget(short)


class _Prices:
    """What requests will probably take, each looked up once a transaction."""

    def __init__(self, on: sa.Connection) -> None:
        self._on = on
        self._known: dict[tuple[str, int], Estimate] = {}

    def expect(self, model: str, quantity: int) -> Estimate:
        """What is held for it, which is what people are told that it will cost. A model that only
        a newer version knows is taken to be as dear as the dearest one: a budget is rather asked
        about than overdrawn."""
        if (model, quantity) not in self._known:
            self._known[model, quantity] = self._find(model, quantity)
        return self._known[model, quantity]

    def _find(self, model: str, quantity: int) -> Estimate:
        models = [Model(model)] if model in set(Model) else [*Model]
        estimates = [read_estimate(self._on, each, quantity) for each in models]
        return max(estimates, key=lambda each: each.credits)


def _find_short(
    ceilings: Sequence[Ceiling],
    by_window: Mapping[Window, _Counts],
    prices: Sequence[tuple[str | None, Estimate]],
) -> list[ExceededBudget]:
    """The budgets that have less left than what they are asked for: the `prices` of all parts, or
    of those of the campaign that each is for."""
    short = []
    for ceiling in ceilings:
        price = add_up([each for campaign, each in prices if _counts_for(ceiling, campaign)])
        used = _count(by_window[ceiling.window], ceiling)
        if used + price.credits > ceiling.budget.credits + _ROUNDING:
            is_guess = price.basis is Basis.GUIDE
            short.append(ExceededBudget(ceiling, used, price.credits, is_guess))
    return short


def _counts_for(ceiling: Ceiling, campaign: str | None) -> bool:
    if ceiling.budget.scope is not Scope.CAMPAIGN:
        return True
    return campaign_key(campaign or "") == campaign_key(ceiling.subject or "")


def _count(counts: _Counts, ceiling: Ceiling) -> float:
    """How much of it counts against `ceiling`."""
    held = counts.held.items()
    match ceiling.budget.scope:
        case Scope.PERSON:
            used = sum(credits_ for (who, _, _), credits_ in held if who == ceiling.subject)
        case Scope.CHANNEL:
            used = sum(credits_ for (_, where, _), credits_ in held if where == ceiling.subject)
        case Scope.CAMPAIGN:
            key = campaign_key(ceiling.subject or "")
            used = sum(credits_ for (_, _, what), credits_ in held if what == key)
            return used + counts.spent.get(_CAMPAIGN + key, 0.0)
        case Scope.WORKSPACE:
            used = sum(credits_ for _, credits_ in held)
    return used + counts.spent.get(ceiling.subject or _WORKSPACE, 0.0)


def _count_windows(
    on: sa.Connection,
    team_id: str,
    ceilings: Sequence[Ceiling],
    prices: _Prices,
    *,
    with_waiting: bool = True,
) -> dict[Window, _Counts]:
    """What is spent by the subjects of `ceilings` in their windows, and all that is held there.
    Held is also for what waits to be paid, or only for what is being paid and may have been."""
    of_campaigns = [each.subject or "" for each in ceilings if each.budget.scope is Scope.CAMPAIGN]
    # By their keys, as they are spelt; what was never used yet, as it is asked about.
    campaigns = {campaign_key(name): name for name in of_campaigns}
    campaigns |= read_names(on, team_id, campaigns) if campaigns else {}
    subjects = {
        each.subject or _WORKSPACE for each in ceilings if each.budget.scope is not Scope.CAMPAIGN
    }
    if any(each.budget.scope is Scope.CHANNEL for each in ceilings):
        subjects |= find_former(on, team_id, subjects)
    # Under the pseudonym that the ledger knows somebody by, and under Slack's id, which a process
    # of an older version enters.
    whose = {}
    if people_ := [each.subject for each in ceilings if each.budget.scope is Scope.PERSON]:
        whose = read_pseudonyms(on, team_id, people_)
    names = sorted(subjects | whose.keys())
    states = [State.SUBMITTING.value, *([State.ACCEPTED.value] if with_waiting else [])]
    who = sorted({each.subject or "" for each in ceilings if each.budget.scope is Scope.PERSON})
    where = sorted({each.subject or "" for each in ceilings if each.budget.scope is Scope.CHANNEL})
    asked = {"subjects": names, "people": who, "channels": where, "states": states}
    asked["campaigns"] = sorted(campaigns.values())
    asked["post_states"] = [*_TEXTS_OUT, *([_TEXT_WAITS] if with_waiting else [])]
    by_window = {}
    for window in {ceiling.window for ceiling in ceilings}:
        counts = by_window[window] = _count_window(on, team_id, window, asked, prices)
        for pseudonym, user_id in whose.items():
            entered = counts.spent.pop(pseudonym, 0.0)
            counts.spent[user_id] = counts.spent.get(user_id, 0.0) + entered
        for key, name in campaigns.items():
            counts.spent[_CAMPAIGN + key] = counts.spent.pop(_CAMPAIGN + name, 0.0)
    return by_window


def _count_window(
    on: sa.Connection,
    team_id: str,
    window: Window,
    asked: Mapping[str, Sequence[str]],
    prices: _Prices,
) -> _Counts:
    """Spent and held, in one statement, which sees one moment: a charge that is entered between
    two would be in neither (PostgreSQL, READ COMMITTED). `asked` are its values beside the
    window's."""
    values = {
        "team_id": team_id,
        "since": window.since,
        "until": window.until,
        "first_quarter": _quarter_of(window.since),
        "end_quarter": _quarter_of(window.until),
        **asked,
    }
    counts = _Counts()
    for row in on.execute(_build_count(), values):
        if row.subject is not None:
            counts.spent[row.subject] = row.used
            continue
        used = row.used
        if row.model is not None:
            used = row.number * prices.expect(row.model, row.quantity or 1).credits
        counts.hold(row.user_id, row.channel_id, row.campaign, used)
    return counts


# What only some parts of that statement have. The types, so that PostgreSQL sees them alike.
_WHOSE: Final = ("user_id", "channel_id", "campaign")
_NOBODY: Final = tuple(sa.cast(sa.null(), sa.String).label(name) for name in _WHOSE)
_NO_SUBJECT: Final = sa.cast(sa.null(), sa.String).label("subject")
_PRICED: Final = (
    sa.cast(sa.null(), sa.String).label("model"),
    sa.cast(sa.null(), sa.Integer).label("quantity"),
    sa.cast(sa.null(), sa.Integer).label("number"),
)
# Whose budget it counts against: what is made aside, in a direct message, is a channel's.
_CHANNEL: Final = sa.func.coalesce(generations.c.for_channel_id, generations.c.channel_id)
_TEAM: Final[sa.BindParameter[Any]] = sa.bindparam("team_id")
_SINCE: Final[sa.BindParameter[Any]] = sa.bindparam("since")
_UNTIL: Final[sa.BindParameter[Any]] = sa.bindparam("until")
# Everybody else, and everywhere else: what they hold is one row, however many they are.
_OTHERS: Final[sa.ColumnElement[str]] = sa.literal_column("''")


@cache
def _build_count() -> sa.CompoundSelect[Any]:
    """Built once: that takes longer than the database needs to answer."""
    spent = _spent(), _spent_for_campaigns()
    return sa.union_all(*spent, _unpriced(), _held(), _held_unknown(), _held_for_texts())


def _one_of(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[str]:
    asked = column.in_(sa.bindparam(name, expanding=True))
    return sa.case((asked, column), else_=_OTHERS)


def _spent() -> sa.Select[Any]:
    """By the ledger's sums, under the id that a channel has now."""
    # Added up first: a month has thousands of rows, and each would be looked up among the moves.
    sums = (
        sa.select(ledger_sums.c.subject, sa.func.sum(ledger_sums.c.credits).label("credits"))
        .where(ledger_sums.c.team_id == _TEAM)
        .where(ledger_sums.c.subject.in_(sa.bindparam("subjects", expanding=True)))
        .where(ledger_sums.c.quarter >= sa.bindparam("first_quarter"))
        .where(ledger_sums.c.quarter < sa.bindparam("end_quarter"))
        .group_by(ledger_sums.c.subject)
        .subquery()
    )
    is_move = (channel_moves.c.team_id == _TEAM) & (channel_moves.c.old_id == sums.c.subject)
    subject = sa.func.coalesce(channel_moves.c.new_id, sums.c.subject)
    columns: list[sa.ColumnElement[Any]] = [
        subject.label("subject"),
        *_NOBODY,
        sa.func.sum(sums.c.credits).label("used"),
        *_PRICED,
    ]
    return sa.select(*columns).select_from(sums.outerjoin(channel_moves, is_move)).group_by(subject)


def _spent_for_campaigns() -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [
        (sa.literal(_CAMPAIGN) + campaign_sums.c.campaign).label("subject"),
        *_NOBODY,
        sa.func.sum(campaign_sums.c.credits).label("used"),
        *_PRICED,
    ]
    return (
        sa.select(*columns)
        .where(campaign_sums.c.team_id == _TEAM)
        .where(campaign_sums.c.campaign.in_(sa.bindparam("campaigns", expanding=True)))
        .where(campaign_sums.c.quarter >= sa.bindparam("first_quarter"))
        .where(campaign_sums.c.quarter < sa.bindparam("end_quarter"))
        .group_by(campaign_sums.c.campaign)
    )


def _quarter_of(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER_SECONDS)


def _unpriced() -> sa.Select[Any]:
    """Where PowerPost did not say what it took, the estimate stays."""
    charged = ledger.join(generations, generations.c.id == ledger.c.generation_id)
    rows = (
        sa.select(
            _one_of(PERSON, "people").label("user_id"),
            _one_of(CURRENT_CHANNEL, "channels").label("channel_id"),
            _one_of(generations.c.campaign, "campaigns").label("campaign"),
            sa.func.coalesce(generations.c.estimate, 0.0).label("estimate"),
        )
        .select_from(join_people(join_moves(charged)))
        .where(ledger.c.team_id == _TEAM)
        .where(ledger.c.counts_at >= _SINCE)
        .where(ledger.c.counts_at < _UNTIL)
        .where(ledger.c.credits.is_(None))
        .where(ledger.c.kind == EntryKind.CHARGE.value)
        .where(generations.c.state != State.FAILED.value)
    )
    return _add_up(rows)


def _held() -> sa.Select[Any]:
    """For what is under way in these states and not charged: it will be charged in the window that
    is now. Of what was accepted before there was a budget: how many, of which model and
    quantity. By the index of what is owed, which all of that is: it has few rows. (Without
    statistics SQLite might take that of estimates, were they asked for, which has nearly all.)"""
    request, is_unpriced = generations.c.request, generations.c.estimate.is_(None)
    rows = (
        sa.select(
            *_whose(),
            generations.c.estimate,
            sa.case((is_unpriced, request["model"].as_string())).label("model"),
            sa.case((is_unpriced, request["quantity"].as_integer())).label("quantity"),
        )
        .where(unindexed(generations.c.team_id) == _TEAM)
        .where(generations.c.told_at.is_(None))
        .where(generations.c.state.in_(sa.bindparam("states", expanding=True)))
        .subquery()
    )
    whose, kind = [rows.c[name] for name in _WHOSE], (rows.c.model, rows.c.quantity)
    used, number = sa.func.sum(rows.c.estimate).label("used"), sa.func.count().label("number")
    return sa.select(_NO_SUBJECT, *whose, used, *kind, number).group_by(*whose, *kind)


def _held_unknown() -> sa.Select[Any]:
    """For what may have been charged, nobody knows, in the window that it was asked for in."""
    charge = (
        sa.select(ledger.c.id)
        .where(ledger.c.generation_id == generations.c.id)
        .where(ledger.c.kind == EntryKind.CHARGE.value)
        .correlate(generations)
    )
    rows = (
        sa.select(*_whose(), generations.c.estimate)
        .where(generations.c.team_id == _TEAM)
        # As its index has it: SQLite takes none whose condition is a parameter.
        .where(generations.c.state == sa.literal_column(f"'{State.UNKNOWN.value}'"))
        .where(generations.c.estimate.is_not(None))
        .where(generations.c.accepted_at >= _SINCE)
        .where(generations.c.accepted_at < _UNTIL)
        .where(~sa.exists(charge))
    )
    return _add_up(rows)


# Of a draft whose text is paid for (bot/posts/record.py): what waits, and what may have been paid.
_TEXT_WAITS: Final = "accepted"
_TEXTS_OUT: Final = ("ordering", "text_unknown")


def _held_for_texts() -> sa.Select[Any]:
    """For texts that are not charged yet, may have been, or of which PowerPost did not say how much
    it took."""
    is_unpriced = (
        posts.c.submitted_at.is_not(None)
        & posts.c.credits_used.is_(None)
        & posts.c.is_text_failed.is_(sa.false())
    )
    rows = (
        sa.select(
            _one_of(posts.c.user_id, "people").label("user_id"),
            _one_of(posts.c.ruled_channel_id, "channels").label("channel_id"),
            _one_of(posts.c.campaign, "campaigns").label("campaign"),
            posts.c.estimate,
        )
        .where(posts.c.team_id == _TEAM)
        .where(posts.c.accepted_at >= _SINCE)
        .where(posts.c.accepted_at < _UNTIL)
        .where(posts.c.estimate.is_not(None))
        .where(posts.c.state.in_(sa.bindparam("post_states", expanding=True)) | is_unpriced)
    )
    return _add_up(rows)


def _whose() -> tuple[sa.ColumnElement[str], ...]:
    who = _one_of(generations.c.user_id, "people").label("user_id")
    where = _one_of(_CHANNEL, "channels").label("channel_id")
    return who, where, _one_of(generations.c.campaign, "campaigns").label("campaign")


def _add_up(rows: sa.Select[*tuple[Any, ...]]) -> sa.Select[Any]:
    found = rows.subquery()
    whose = [found.c[name] for name in _WHOSE]
    used = sa.func.sum(found.c.estimate).label("used")
    return sa.select(_NO_SUBJECT, *whose, used, *_PRICED).group_by(*whose)
