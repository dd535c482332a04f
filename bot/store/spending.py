"""What is spent and promised of each budget, and holding what a request will probably take.

Of a budget is used: what the ledger has for its window, and what is held for requests that were
not charged yet. What is held is the `estimate` on the row of a generation, and counts by the state
of that row: nothing has to be given back, and nothing can be forgotten. What was accepted before
there was a budget has no estimate yet: it is priced whenever it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.estimates import estimate
from bot.credits.ledger import EntryKind
from bot.generations.record import Generation, NewGeneration, State
from bot.images.catalogue import Model
from bot.policy.budgets import BudgetUse, Ceiling, Scope, Window
from bot.policy.terms import ExceededBudget, OverBudget
from bot.store.channels import CURRENT_CHANNEL, join_moves
from bot.store.database import Database
from bot.store.people import PERSON, join_people
from bot.store.prices import read_prices
from bot.store.tables import generations, ledger

# Where PowerPost was never seen to take anything for anything.
UNSEEN_CREDITS_PER_PICTURE: Final = 1.0
# Sums of decimal fractions are off by less than this.
_ROUNDING: Final = 1e-6


# (person, channel) -> credits, in one workspace and window.
_Tally = dict[tuple[str, str], float]


class SpendingStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, team_id: str, ceilings: Sequence[Ceiling]) -> list[BudgetUse]:
        """How much of each of `ceilings` (of that workspace) is gone, in their order. For what
        holds now: `find_ceilings(policy.budgets, ...)`."""

        def find(on: sa.Connection) -> list[BudgetUse]:
            windows, prices = {ceiling.window for ceiling in ceilings}, _Prices(on)
            tallies = {window: _counter(on, team_id, window, prices) for window in windows}
            return [BudgetUse(each, _count(tallies[each.window], each)) for each in ceilings]

        return await self._database.read(find)


@dataclass(frozen=True, slots=True)
class _Price:
    credits: float
    is_guess: bool


class Reckoning:
    """Requests of one transaction, held against their budgets one after the other, so that each
    sees what those before it took. The policies of their workspaces are locked meanwhile
    (`lock_policies`), or two transactions would not see each other's."""

    def __init__(self, on: sa.Connection) -> None:
        self._on = on
        self._counters: dict[tuple[str, Window], _Tally] = {}
        self._prices = _Prices(on)
        self._origins: set[str] = set()

    def reserve(self, new: NewGeneration, ceilings: Sequence[Ceiling]) -> float:
        """The credits that are to be held for `new`, which counts against `ceilings`. Raises
        OverBudget where a budget has not enough left, unless somebody has approved it, or it is a
        second delivery of what was promised before."""
        team_id = new.place.team_id
        price = self._prices.expect(new.request.model, new.request.quantity)
        for window in {ceiling.window for ceiling in ceilings}:
            if (team_id, window) not in self._counters:
                self._counters[team_id, window] = _counter(self._on, team_id, window, self._prices)
        tallies = {ceiling.window: self._counters[team_id, ceiling.window] for ceiling in ceilings}
        short = _find_short(ceilings, tallies, price)
        if short and new.approved_by is None and not self._is_known(new.origin):
            raise OverBudget(short)
        if new.origin not in self._origins:
            self._origins.add(new.origin)
            who_and_where = new.place.user_id, new.place.channel_id
            for counter in tallies.values():
                counter[who_and_where] = counter.get(who_and_where, 0.0) + price.credits
        return price.credits

    def ask_again(self, generation: Generation, ceilings: Sequence[Ceiling]) -> float:
        """The credits that are to be held for `generation`, which is to be paid for next. Raises
        OverBudget as `reserve` does, by the budgets as they are now. Others that wait do not count
        here: they will be asked in their turn."""
        price = self._prices.expect(generation.request.model, generation.request.quantity)
        if generation.approved_by is None:
            tallies = {
                ceiling.window: _counter(
                    self._on,
                    generation.place.team_id,
                    ceiling.window,
                    self._prices,
                    with_waiting=False,
                )
                for ceiling in ceilings
            }
            if short := _find_short(ceilings, tallies, price):
                raise OverBudget(short)
        return price.credits

    def _is_known(self, origin: str) -> bool:
        if origin in self._origins:
            return True
        known = sa.select(generations.c.id).where(generations.c.origin == origin)
        return self._on.execute(known).first() is not None


class _Prices:
    """What requests will probably take, each looked up once a transaction."""

    def __init__(self, on: sa.Connection) -> None:
        self._on = on
        self._known: dict[tuple[str, int], _Price] = {}

    def expect(self, model: str, quantity: int) -> _Price:
        """What is held for it. A model that was never charged for, or that only a newer version
        knows, is taken to be as dear as the dearest one: a budget is rather asked about than
        overdrawn."""
        if (model, quantity) not in self._known:
            self._known[model, quantity] = self._find(model, quantity)
        return self._known[model, quantity]

    def _find(self, model: str, quantity: int) -> _Price:
        seen = read_prices(self._on, Model(model)) if model in set(Model) else {}
        expected = estimate(seen, quantity).credits
        if expected is not None:
            return _Price(expected, is_guess=False)
        others = [read_prices(self._on, other) for other in Model if other != model]
        per_picture = [credits_ / number for one in others for number, credits_ in one.items()]
        dearest = max(per_picture, default=UNSEEN_CREDITS_PER_PICTURE)
        return _Price(dearest * quantity, is_guess=True)


def _find_short(
    ceilings: Sequence[Ceiling], tallies: Mapping[Window, _Tally], price: _Price
) -> list[ExceededBudget]:
    """The budgets that have less left than the price."""
    return [
        ExceededBudget(ceiling, used, price.credits, price.is_guess)
        for ceiling in ceilings
        if (used := _count(tallies[ceiling.window], ceiling)) + price.credits
        > ceiling.budget.credits + _ROUNDING
    ]


def _count(counter: _Tally, ceiling: Ceiling) -> float:
    """How much of it counts against `ceiling`."""
    match ceiling.budget.scope:
        case Scope.PERSON:
            return sum(used for (who, _), used in counter.items() if who == ceiling.subject)
        case Scope.CHANNEL:
            return sum(used for (_, where), used in counter.items() if where == ceiling.subject)
        case Scope.WORKSPACE:
            return sum(counter.values())


def _counter(
    on: sa.Connection, team_id: str, window: Window, prices: _Prices, *, with_waiting: bool = True
) -> _Tally:
    """Spent and held, in one statement, which sees one moment: a charge that is entered between
    two would be in neither (PostgreSQL, READ COMMITTED). Held is also for what waits to be paid,
    or only for what is being paid and may have been."""
    states = [State.SUBMITTING.value, *([State.ACCEPTED.value] if with_waiting else [])]
    held = _held(team_id, window, states), _held_without_price(team_id, states)
    counter: _Tally = {}
    for row in on.execute(sa.union_all(_spent(team_id, window), *held)):
        used = row.used
        if row.model is not None:
            used = row.number * prices.expect(row.model, row.quantity or 1).credits
        who_and_where = row.user_id, row.channel_id
        counter[who_and_where] = counter.get(who_and_where, 0.0) + used
    return counter


# What only `_held_without_price` has. The types, so that PostgreSQL sees them alike.
_PRICED: Final = (
    sa.cast(sa.null(), sa.String).label("model"),
    sa.cast(sa.null(), sa.Integer).label("quantity"),
    sa.cast(sa.null(), sa.Integer).label("number"),
)


def _spent(team_id: str, window: Window) -> sa.Select[Any]:
    """By the ledger. Where PowerPost did not say what it took, the estimate stays."""
    is_unsaid = (
        ledger.c.credits.is_(None)
        & (ledger.c.kind == EntryKind.CHARGE.value)
        & (generations.c.id == ledger.c.generation_id)
        & (generations.c.state != State.FAILED.value)
    )
    taken = sa.func.coalesce(ledger.c.credits, generations.c.estimate, 0.0)
    return (
        sa.select(
            PERSON.label("user_id"),
            CURRENT_CHANNEL.label("channel_id"),
            sa.func.sum(taken + ledger.c.expected).label("used"),
            *_PRICED,
        )
        .select_from(join_people(join_moves(ledger.outerjoin(generations, is_unsaid))))
        .where(ledger.c.team_id == team_id)
        .where(ledger.c.counts_at >= window.since)
        .where(ledger.c.counts_at < window.until)
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
    who_and_where = generations.c.user_id, generations.c.channel_id
    return (
        sa.select(*who_and_where, sa.func.sum(generations.c.estimate).label("used"), *_PRICED)
        .where(generations.c.team_id == team_id)
        .where(generations.c.estimate.is_not(None))
        .where(generations.c.state.in_([*states, State.UNKNOWN.value]))
        .where((generations.c.state != State.UNKNOWN.value) | is_unknown_here)
        .group_by(*who_and_where)
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
    return sa.select(*who_and_where, nothing, *kind, number).group_by(*who_and_where, *kind)
