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
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.estimates import Basis, Estimate
from bot.credits.ledger import EntryKind
from bot.generations.record import Generation, NewGeneration, State
from bot.images.catalogue import Model
from bot.policy.budgets import BudgetUse, Ceiling, Scope, Window
from bot.policy.terms import ExceededBudget, OverBudget
from bot.store.channels import CURRENT_CHANNEL, find_former, join_moves
from bot.store.database import Database
from bot.store.people import PERSON, join_people, read_pseudonyms
from bot.store.prices import read_estimate
from bot.store.tables import (
    QUARTER_SECONDS,
    channel_moves,
    generations,
    ledger,
    ledger_sums,
    unindexed,
)

# Sums of decimal fractions are off by less than this.
_ROUNDING: Final = 1e-6


_WORKSPACE: Final = ""  # as a subject of these sums


@dataclass(slots=True)
class _Tally:
    """Of one workspace and window."""

    spent: dict[str, float] = field(default_factory=dict)  # subject -> credits
    held: dict[tuple[str, str], float] = field(default_factory=dict)  # (person, channel) -> credits

    def hold(self, user_id: str, channel_id: str, credits_: float) -> None:
        """So many credits more."""
        who_and_where = user_id, channel_id
        self.held[who_and_where] = self.held.get(who_and_where, 0.0) + credits_


class SpendingStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, team_id: str, ceilings: Sequence[Ceiling]) -> list[BudgetUse]:
        """How much of each of `ceilings` (of that workspace) is gone, in their order. For what
        holds now: `find_ceilings(policy.budgets, ...)`."""

        def find(on: sa.Connection) -> list[BudgetUse]:
            tallies = _count_windows(on, team_id, ceilings, _Prices(on))
            return [BudgetUse(each, _count(tallies[each.window], each)) for each in ceilings]

        return await self._database.read(find)


class Reckoning:
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
        self._tallies = {
            team_id: _count_windows(on, team_id, ceilings, self._prices)
            for team_id, ceilings in of_team.items()
        }

    def reserve(self, new: NewGeneration, ceilings: Sequence[Ceiling]) -> float:
        """The credits that are to be held for `new`, which counts against `ceilings`. Raises
        OverBudget where a budget has not enough left, unless somebody has approved it, or it is a
        second delivery of what was promised before."""
        price = self._prices.expect(new.request.model, new.request.quantity)
        tallies = self._tallies[new.place.team_id]
        short = _find_short(ceilings, tallies, price)
        if short and new.approved_by is None and not self._is_known(new.origin):
            raise OverBudget(short)
        if new.origin not in self._origins:
            self._origins.add(new.origin)
            for tally in tallies.values():
                tally.hold(new.place.user_id, new.place.channel_id, price.credits)
        return price.credits

    def _is_known(self, origin: str) -> bool:
        if origin in self._origins:
            return True
        known = sa.select(generations.c.id).where(generations.c.origin == origin)
        return self._on.execute(known).first() is not None


def reckon_again(on: sa.Connection, generation: Generation, ceilings: Sequence[Ceiling]) -> float:
    """The credits that are to be held for `generation`, which is to be paid for next. Raises
    OverBudget as `Reckoning.reserve` does, by the budgets as they are now. Others that wait do not
    count here: they will be asked in their turn."""
    prices = _Prices(on)
    price = prices.expect(generation.request.model, generation.request.quantity)
    if generation.approved_by is None:
        team_id = generation.place.team_id
        tallies = _count_windows(on, team_id, ceilings, prices, with_waiting=False)
        if short := _find_short(ceilings, tallies, price):
            raise OverBudget(short)
    return price.credits


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
    ceilings: Sequence[Ceiling], tallies: Mapping[Window, _Tally], price: Estimate
) -> list[ExceededBudget]:
    """The budgets that have less left than the price."""
    return [
        ExceededBudget(ceiling, used, price.credits, price.basis is Basis.GUIDE)
        for ceiling in ceilings
        if (used := _count(tallies[ceiling.window], ceiling)) + price.credits
        > ceiling.budget.credits + _ROUNDING
    ]


def _count(tally: _Tally, ceiling: Ceiling) -> float:
    """How much of it counts against `ceiling`."""
    held = tally.held.items()
    match ceiling.budget.scope:
        case Scope.PERSON:
            used = sum(credits_ for (who, _), credits_ in held if who == ceiling.subject)
        case Scope.CHANNEL:
            used = sum(credits_ for (_, where), credits_ in held if where == ceiling.subject)
        case Scope.WORKSPACE:
            used = sum(credits_ for _, credits_ in held)
    return used + tally.spent.get(ceiling.subject or _WORKSPACE, 0.0)


def _count_windows(
    on: sa.Connection,
    team_id: str,
    ceilings: Sequence[Ceiling],
    prices: _Prices,
    *,
    with_waiting: bool = True,
) -> dict[Window, _Tally]:
    """What is spent by the subjects of `ceilings` in their windows, and all that is held there.
    Held is also for what waits to be paid, or only for what is being paid and may have been."""
    subjects = {each.subject or _WORKSPACE for each in ceilings}
    if any(each.budget.scope is Scope.CHANNEL for each in ceilings):
        subjects |= find_former(on, team_id, subjects)
    # Under the pseudonym that the ledger knows somebody by, and under Slack's id, which a process
    # of an older version enters.
    whose = {}
    if people_ := [each.subject for each in ceilings if each.budget.scope is Scope.PERSON]:
        whose = read_pseudonyms(on, team_id, people_)
    names = sorted(subjects | whose.keys())
    states = [State.SUBMITTING.value, *([State.ACCEPTED.value] if with_waiting else [])]
    tallies = {}
    for window in {ceiling.window for ceiling in ceilings}:
        tally = tallies[window] = _count_window(on, team_id, window, names, states, prices)
        for pseudonym, user_id in whose.items():
            entered = tally.spent.pop(pseudonym, 0.0)
            tally.spent[user_id] = tally.spent.get(user_id, 0.0) + entered
    return tallies


def _count_window(
    on: sa.Connection,
    team_id: str,
    window: Window,
    subjects: Sequence[str],
    states: Sequence[str],
    prices: _Prices,
) -> _Tally:
    """Spent and held, in one statement, which sees one moment: a charge that is entered between
    two would be in neither (PostgreSQL, READ COMMITTED)."""
    parts = (
        _spent(team_id, window, subjects),
        _unpriced(team_id, window),
        _held(team_id, window, states),
        _held_without_price(team_id, states),
    )
    tally = _Tally()
    for row in on.execute(sa.union_all(*parts)):
        if row.subject is not None:
            tally.spent[row.subject] = row.used
            continue
        used = row.used
        if row.model is not None:
            used = row.number * prices.expect(row.model, row.quantity or 1).credits
        tally.hold(row.user_id, row.channel_id, used)
    return tally


# What only some parts of that statement have. The types, so that PostgreSQL sees them alike.
_NO_SUBJECT: Final = sa.cast(sa.null(), sa.String).label("subject")
_PRICED: Final = (
    sa.cast(sa.null(), sa.String).label("model"),
    sa.cast(sa.null(), sa.Integer).label("quantity"),
    sa.cast(sa.null(), sa.Integer).label("number"),
)


def _spent(team_id: str, window: Window, subjects: Sequence[str]) -> sa.Select[Any]:
    """By the ledger's sums, under the id that a channel has now."""
    is_move = (channel_moves.c.team_id == ledger_sums.c.team_id) & (
        channel_moves.c.old_id == ledger_sums.c.subject
    )
    subject = sa.func.coalesce(channel_moves.c.new_id, ledger_sums.c.subject)
    nobody = sa.cast(sa.null(), sa.String)
    columns: list[sa.ColumnElement[Any]] = [
        subject.label("subject"),
        *(nobody.label("user_id"), nobody.label("channel_id")),
        sa.func.sum(ledger_sums.c.credits).label("used"),
        *_PRICED,
    ]
    return (
        sa.select(*columns)
        .select_from(ledger_sums.outerjoin(channel_moves, is_move))
        .where(ledger_sums.c.team_id == team_id)
        .where(ledger_sums.c.subject.in_(subjects))
        .where(ledger_sums.c.quarter >= _quarter_of(window.since))
        .where(ledger_sums.c.quarter < _quarter_of(window.until))
        .group_by(subject)
    )


def _quarter_of(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER_SECONDS)


def _unpriced(team_id: str, window: Window) -> sa.Select[Any]:
    """Where PowerPost did not say what it took, the estimate stays."""
    who_and_where = PERSON.label("user_id"), CURRENT_CHANNEL.label("channel_id")
    charged = ledger.join(generations, generations.c.id == ledger.c.generation_id)
    return (
        sa.select(
            _NO_SUBJECT,
            *who_and_where,
            sa.func.sum(sa.func.coalesce(generations.c.estimate, 0.0)).label("used"),
            *_PRICED,
        )
        .select_from(join_people(join_moves(charged)))
        .where(ledger.c.team_id == team_id)
        .where(ledger.c.counts_at >= window.since)
        .where(ledger.c.counts_at < window.until)
        .where(ledger.c.credits.is_(None))
        .where(ledger.c.kind == EntryKind.CHARGE.value)
        .where(generations.c.state != State.FAILED.value)
        .group_by(PERSON, CURRENT_CHANNEL)
    )


def _held(team_id: str, window: Window, states: Sequence[str]) -> sa.Select[Any]:
    """For what is under way in these states and not charged: it will be charged in the window that
    is now. And for what may have been charged, nobody knows, in the window that it was asked for
    in."""
    charge = (
        sa.select(ledger.c.id)
        .where(ledger.c.generation_id == generations.c.id)
        .where(ledger.c.kind == EntryKind.CHARGE.value)
        .correlate(generations)
    )
    is_unknown_here = (
        (generations.c.accepted_at >= window.since)
        & (generations.c.accepted_at < window.until)
        & ~sa.exists(charge)
    )
    user_id = unindexed(generations.c.user_id)
    who_and_where = user_id.label("user_id"), generations.c.channel_id
    return (
        sa.select(
            _NO_SUBJECT,
            *who_and_where,
            sa.func.sum(generations.c.estimate).label("used"),
            *_PRICED,
        )
        .where(generations.c.team_id == team_id)
        .where(generations.c.estimate.is_not(None))
        .where(generations.c.state.in_([*states, State.UNKNOWN.value]))
        .where((generations.c.state != State.UNKNOWN.value) | is_unknown_here)
        .group_by(user_id, generations.c.channel_id)
    )


def _held_without_price(team_id: str, states: Sequence[str]) -> sa.Select[Any]:
    """The same for what was accepted before there was a budget: how many, of which model and
    quantity. By the index of what is owed."""
    request = generations.c.request
    kinds = [
        generations.c.user_id,
        generations.c.channel_id,
        request["model"].as_string().label("model"),
        request["quantity"].as_integer().label("quantity"),
    ]
    rows = (
        sa.select(*kinds)
        .where(generations.c.team_id == team_id)
        .where(generations.c.told_at.is_(None))
        .where(generations.c.estimate.is_(None))
        .where(generations.c.state.in_(states))
        .subquery()
    )
    nothing = sa.cast(sa.null(), sa.Float).label("used")
    number = sa.func.count().label("number")
    who_and_where, kind = (rows.c.user_id, rows.c.channel_id), (rows.c.model, rows.c.quantity)
    counted = sa.select(_NO_SUBJECT, *who_and_where, nothing, *kind, number)
    return counted.group_by(*who_and_where, *kind)
