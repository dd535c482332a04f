"""Whether ledger and balance agree, and what may explain it where they do not. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from bot.credits.balances import (
    EXACT,
    REFUND_PATIENCE,
    Account,
    BalanceObservation,
    ChargeWindow,
    Due,
    Refund,
    find_refunds,
)
from bot.credits.ledger import Entry, EntryKind
from bot.generations.record import State

# A rise that falls again this soon was a refund that two balances showed in two parts.
_RETURNS_WITHIN: Final = timedelta(days=1)
_RETURNS_AFTER_OBSERVATIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two balances something moved the account that is in no entry: by `credits`, up (+)
    or down (-)."""

    credits: float
    after: BalanceObservation
    before: BalanceObservation
    unknown: tuple[ChargeWindow, ...] = ()  # generations without a known outcome that may be it


@dataclass(frozen=True, slots=True)
class Audit:
    """What the ledger says beside what PowerPost says. Credits; `since` is the first known balance
    that the account is counted from."""

    since: BalanceObservation
    now: BalanceObservation
    charged: float
    given_back: float
    just_come: tuple[Refund, ...]  # shown by the balance of now, and not entered yet
    pending: tuple[Entry, ...]  # refunds that are expected and may well come
    missing: tuple[Entry, ...]  # refunds that did not come in time, as far as can be seen
    gaps: tuple[Gap, ...]
    unknown: tuple[ChargeWindow, ...]
    numberless: tuple[ChargeWindow, ...]  # PowerPost did not say what it took
    unentered: tuple[ChargeWindow, ...]  # paid for, and not in the ledger: a fault of ours
    out: tuple[ChargeWindow, ...]  # being sent at this moment: perhaps charged, perhaps not

    @property
    def should_be(self) -> float:
        """The balance by the ledger."""
        return self.since.balance - self.charged + self.given_back

    @property
    def difference(self) -> float:
        """What PowerPost has more (+) or less (-) than that."""
        return self.now.balance - self.should_be

    @property
    def adds_up(self) -> bool:
        """Whether nothing is left to be explained."""
        return abs(self.difference) < EXACT and not (self.missing or self.unentered)


@dataclass(frozen=True, slots=True)
class WrongSum:
    """So many credits more are in the ledger than in its sums, of a person, a channel, a
    campaign (`campaign …`), or all."""

    team_id: str
    subject: str
    credits: float


def audit(
    entries: Sequence[Entry], charge_windows: Sequence[ChargeWindow], balance: float, now: datetime
) -> Audit | None:
    """Compare the ledger with the `balance` that PowerPost tells `now`. None where no balance was
    ever seen: then there is nothing to count from."""
    charges = {e.generation_id: e for e in entries if e.kind is EntryKind.CHARGE}
    booked = [
        _enter(charge_window, charges.get(charge_window.generation_id))
        for charge_window in charge_windows
    ]
    refunds = [_refund_of(e) for e in entries if e.kind is EntryKind.REFUND_CONFIRMED]
    open_ = _list_open(entries)
    just_come = _find_just_come(booked, refunds, open_, charges, balance, now)
    account = Account(booked, [*refunds, *just_come])
    if not account.observations:
        return None
    first, last = account.observations[0], account.see(balance, now)
    charged = account.charges_until(last) - account.charges_until(first)
    given_back = account.refunds_until(last) - account.refunds_until(first)
    gaps = tuple(_find_gaps([*account.observations, last], booked))
    come = {refund.generation_id for refund in just_come}
    still = [entry for entry in open_ if entry.generation_id not in come]
    return Audit(
        since=first,
        now=last,
        charged=charged,
        given_back=given_back,
        just_come=tuple(just_come),
        pending=tuple(e for e in still if not _is_overdue(e, now)),
        missing=tuple(e for e in still if _is_overdue(e, now)),
        gaps=gaps,
        unknown=tuple(s for s in booked if s.state is State.UNKNOWN),
        numberless=tuple(s for s in booked if s.charged_at and s.credits is None),
        unentered=tuple(
            s for s in charge_windows if s.charged_at and s.generation_id not in charges
        ),
        out=tuple(s for s in booked if s.state is State.SUBMITTING),
    )


def _enter(charge_window: ChargeWindow, charge: Entry | None) -> ChargeWindow:
    """The charge window with what the ledger says that it took."""
    return replace(charge_window, credits=charge.credits if charge is not None else None)


def _refund_of(entry: Entry) -> Refund:
    return Refund(
        entry.generation_id, -(entry.credits or 0.0), entry.entered_at, entry.balance or 0.0
    )


def _list_open(entries: Sequence[Entry]) -> list[Entry]:
    closed = {e.generation_id for e in entries if e.kind is EntryKind.REFUND_CONFIRMED}
    return [
        entry
        for entry in entries
        if entry.kind is EntryKind.REFUND_EXPECTED and entry.generation_id not in closed
    ]


def _is_overdue(entry: Entry, now: datetime) -> bool:
    return entry.entered_at < now - REFUND_PATIENCE


def _find_just_come(
    charge_windows: Sequence[ChargeWindow],
    refunds: Sequence[Refund],
    open_: Sequence[Entry],
    charges: dict[str, Entry],
    balance: float,
    now: datetime,
) -> list[Refund]:
    due = [
        Due(e.generation_id, -e.expected, charges[e.generation_id].credits or 0.0)
        for e in open_
        if e.generation_id in charges
    ]
    if not due:
        return []
    account = Account(charge_windows, refunds)
    account.observations.append(account.see(balance, now))
    return find_refunds(account, due)


def _find_gaps(
    observations: Sequence[BalanceObservation], charge_windows: Sequence[ChargeWindow]
) -> Iterator[Gap]:
    doubts = _Doubts(charge_windows)
    number = 0
    while number < len(observations) - 1:
        before, after = observations[number], observations[number + 1]
        if (returned := _find_return(observations, number)) is not None:
            number = returned
            continue
        yield Gap(after.level - before.level, after, before, doubts.between(before, after))
        number += 1


def _find_return(observations: Sequence[BalanceObservation], number: int) -> int | None:
    """The next observation at which the account is as it was; None if there is none."""
    before = observations[number]
    for later in range(
        number + 1, min(len(observations), number + 1 + _RETURNS_AFTER_OBSERVATIONS)
    ):
        if later > number + 1 and observations[later].at - before.at > _RETURNS_WITHIN:
            return None
        if abs(observations[later].level - before.level) < EXACT:
            return later
    return None


class _Doubts:
    """What has no known outcome, found by when it may have moved the balance."""

    def __init__(self, charge_windows: Sequence[ChargeWindow]) -> None:
        found = [
            (*each.ambiguous_window, each)
            for each in charge_windows
            if each.state in (State.UNKNOWN, State.SUBMITTING) and each.ambiguous_window
        ]
        self._found = sorted(found, key=lambda one: one[0])
        self._starts = [since for since, _, _ in self._found]
        self._ends = list(accumulate((until for _, until, _ in self._found), max))

    def between(
        self, before: BalanceObservation, after: BalanceObservation
    ) -> tuple[ChargeWindow, ...]:
        """Those that may have, oldest first."""
        last = first = bisect_right(self._starts, after.until)
        while first and self._ends[first - 1] >= before.since:
            first -= 1
        return tuple(each for _, until, each in self._found[first:last] if until >= before.since)
