"""Whether ledger and balance agree, and what may explain it where they do not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.credits.balances import (
    EXACT,
    REFUND_PATIENCE,
    Account,
    Due,
    Refund,
    Sight,
    Spell,
    find_refunds,
)
from bot.credits.ledger import Entry, EntryKind
from bot.generations.record import State

# A rise that falls again this soon was a refund that two balances showed in two parts.
_RETURNS_WITHIN: Final = timedelta(days=1)
_RETURNS_AFTER_SIGHTS: Final = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two balances something moved the account that is in no entry: by `credits`, up (+)
    or down (-)."""

    credits: float
    after: Sight
    before: Sight
    unknown: tuple[Spell, ...] = ()  # generations without a known outcome that may be it


@dataclass(frozen=True, slots=True)
class Audit:
    """What the books say beside what PowerPost says. Credits; `since` is the first known balance
    that the account is reckoned from."""

    since: Sight
    now: Sight
    charged: float
    given_back: float
    just_come: tuple[Refund, ...]  # shown by the balance of now, and not entered yet
    pending: tuple[Entry, ...]  # refunds that are expected and may well come
    missing: tuple[Entry, ...]  # refunds that did not come in time, as far as can be seen
    gaps: tuple[Gap, ...]
    unknown: tuple[Spell, ...]
    numberless: tuple[Spell, ...]  # PowerPost did not say what it took
    unentered: tuple[Spell, ...]  # paid for, and not in the ledger: a fault of ours
    out: tuple[Spell, ...]  # being sent at this moment: perhaps charged, perhaps not

    @property
    def should_be(self) -> float:
        """The balance by the books."""
        return self.since.balance - self.charged + self.given_back

    @property
    def difference(self) -> float:
        """What PowerPost has more (+) or less (-) than that."""
        return self.now.balance - self.should_be

    @property
    def adds_up(self) -> bool:
        """Whether nothing is left to be explained."""
        return abs(self.difference) < EXACT and not (self.missing or self.unentered)


def audit(
    entries: Sequence[Entry], spells: Sequence[Spell], balance: float, now: datetime
) -> Audit | None:
    """Hold the books against the `balance` that PowerPost tells `now`. None where no balance was
    ever seen: then there is nothing to reckon from."""
    charges = {e.generation_id: e for e in entries if e.kind is EntryKind.CHARGE}
    booked = [_book(spell, charges.get(spell.generation_id)) for spell in spells]
    refunds = [_refund_of(e) for e in entries if e.kind is EntryKind.REFUND_CONFIRMED]
    open_ = _list_open(entries)
    just_come = _find_just_come(booked, refunds, open_, charges, balance, now)
    account = Account(booked, [*refunds, *just_come])
    if not account.sights:
        return None
    first, last = account.sights[0], account.see(balance, now)
    charged = account.charges_until(last) - account.charges_until(first)
    given_back = account.refunds_until(last) - account.refunds_until(first)
    gaps = tuple(_find_gaps([*account.sights, last], booked))
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
        unentered=tuple(s for s in spells if s.charged_at and s.generation_id not in charges),
        out=tuple(s for s in booked if s.state is State.SUBMITTING),
    )


def _book(spell: Spell, charge: Entry | None) -> Spell:
    """The spell with what the ledger says that it took."""
    return replace(spell, credits=charge.credits if charge is not None else None)


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
    spells: Sequence[Spell],
    refunds: Sequence[Refund],
    open_: Sequence[Entry],
    charges: dict[str, Entry],
    balance: float,
    now: datetime,
) -> list[Refund]:
    account = Account(spells, refunds)
    account.sights.append(account.see(balance, now))
    due = [
        Due(e.generation_id, -e.expected, charges[e.generation_id].credits or 0.0)
        for e in open_
        if e.generation_id in charges
    ]
    return find_refunds(account, due)


def _find_gaps(sights: Sequence[Sight], spells: Sequence[Spell]) -> Iterator[Gap]:
    unknown = [spell for spell in spells if spell.state in (State.UNKNOWN, State.SUBMITTING)]
    number = 0
    while number < len(sights) - 1:
        before, after = sights[number], sights[number + 1]
        if (returned := _find_return(sights, number)) is not None:
            number = returned
            continue
        may_be = tuple(s for s in unknown if _overlaps(s, before, after))
        yield Gap(after.level - before.level, after, before, may_be)
        number += 1


def _find_return(sights: Sequence[Sight], number: int) -> int | None:
    """The next sight at which the account is as it was; None where it does not come to that."""
    before = sights[number]
    for later in range(number + 1, min(len(sights), number + 1 + _RETURNS_AFTER_SIGHTS)):
        if later > number + 1 and sights[later].at - before.at > _RETURNS_WITHIN:
            return None
        if abs(sights[later].level - before.level) < EXACT:
            return later
    return None


def _overlaps(spell: Spell, before: Sight, after: Sight) -> bool:
    muddle = spell.muddle
    return muddle is not None and muddle[0] <= after.until and muddle[1] >= before.since
