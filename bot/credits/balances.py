"""What the balances tell that were seen: which refunds have come, and where somebody else spent
or added credits. Pure.

PowerPost names a balance in the answer that charges, and whenever it is asked; it never says how
much it gave back, and other people use the same account. So each balance that was seen is a sight
with a level: what the balance would be, had we never spent. The level moves only by what we do not
know: up by a refund that nobody has confirmed yet (or by a top-up), down by somebody else's
spending. A rise that the expected refunds explain in one way only is them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import accumulate, combinations
from typing import Final

from bot.generations.record import State

# How far from the time in the row the balance may have been seen (timing.BALANCE_SECONDS).
_ASKING: Final = timedelta(seconds=10)
# PowerPost refunds when a generation fails. Later than this a rise is not laid at its door.
REFUND_PATIENCE: Final = timedelta(days=1)
_JUST: Final = timedelta(minutes=2)
# Within this after the end, a refund of any amount is believed where nobody else was out.
_SOON: Final = timedelta(minutes=10)
# Of more refunds at once only all of them together are recognised.
_TOLD_APART: Final = 8
EXACT: Final = 1e-6
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Spell:
    """A generation as PowerPost's account saw it, from the intent to pay on. Times are UTC."""

    generation_id: str
    state: State
    intended_at: datetime
    charged_at: datetime | None = None  # when the answer came that said so
    ended_at: datetime | None = None
    credits: float | None = None  # None with `charged_at`: PowerPost did not say
    balance_before: float | None = None
    balance_after: float | None = None
    balance_at_end: float | None = None
    is_missing: bool = False  # PowerPost took it, and does not know it any more

    @property
    def is_out(self) -> bool:
        """Whether it may still be charged, or given back."""
        return self.state in (State.SUBMITTING, State.PROCESSING) and not self.is_lost

    @property
    def is_lost(self) -> bool:
        """Whether nothing can come back of it: what it took is known, and it is not."""
        return self.is_missing and self.charged_at is not None and self.credits is not None

    def is_fresh(self, moment: datetime) -> bool:
        """Whether at that moment it was not over, or only just."""
        return self.ended_at is None or self.ended_at + _JUST >= moment

    @property
    def charging(self) -> tuple[datetime, datetime] | None:
        """Within which time it was charged, or may have been; None: it never was."""
        if self.charged_at is not None:
            return self.intended_at, self.charged_at
        if self.state is State.SUBMITTING:
            return self.intended_at, _NEVER
        if self.state is State.UNKNOWN:
            return self.intended_at, self.ended_at or _NEVER
        return None

    @property
    def muddle(self) -> tuple[datetime, datetime] | None:
        """Within which time it may have moved the balance by nobody knows how much."""
        if self.is_lost:
            return None
        if self.is_out or self.state is State.UNKNOWN:
            return self.intended_at, self.ended_at or _NEVER
        if self.charged_at is not None and self.credits is None:
            return self.intended_at, self.charged_at
        return None


@dataclass(frozen=True, slots=True)
class Refund:
    """Credits that came back, and when the balance was seen that showed it."""

    generation_id: str
    credits: float
    seen_at: datetime
    balance: float


@dataclass(frozen=True, slots=True)
class Due:
    """A refund that is expected: `credits`, of the `charged` ones."""

    generation_id: str
    credits: float
    charged: float


class Moment(IntEnum):
    """At which moment of a generation a balance was seen."""

    BEFORE = 0  # asked for before the paid POST
    AFTER = 1  # in the answer to it
    AT_END = 2
    ASKED = 3  # of no generation: by the audit


@dataclass(frozen=True, slots=True)
class Sight:
    """A balance that was seen, between `since` and `until`. `level`: see the top."""

    balance: float
    at: datetime
    since: datetime
    until: datetime
    moment: Moment
    generation_id: str | None = None
    level: float = 0.0


class Account:
    """What is known of the account's movements, in order of time."""

    def __init__(self, spells: Iterable[Spell], refunds: Iterable[Refund] = ()) -> None:
        """`refunds` are those that are confirmed."""
        self.spells = {spell.generation_id: spell for spell in spells}
        self._muddles = [s.muddle for s in self.spells.values() if s.muddle]
        self._charges = _Sums(
            (s.charged_at, s.credits or 0.0) for s in self.spells.values() if s.charged_at
        )
        self._refunds = _Sums((refund.seen_at, refund.credits) for refund in refunds)
        self.sights = [self._level(sight) for sight in _list_clear(self.spells.values())]

    @property
    def confirmed_until(self) -> datetime | None:
        """When the last confirmed refund was seen."""
        return self._refunds.last

    def see(self, balance: float, now: datetime) -> Sight:
        """A balance that was asked for just now."""
        return self._level(Sight(balance, now, now, now, Moment.ASKED))

    def is_muddled(self, before: Sight, after: Sight) -> bool:
        """Whether one of ours moved the balance in between by an amount that nobody knows."""
        return any(since <= after.until and until >= before.since for since, until in self._muddles)

    def is_alone(self, spell: Spell, until: datetime) -> bool:
        """Whether no other of ours was out between its charge and `until`."""
        charged_at = spell.charged_at or spell.intended_at
        return not any(
            other.intended_at <= until and (other.ended_at or _NEVER) >= charged_at
            for other in self.spells.values()
            if other is not spell and not other.is_lost
        )

    def charges_until(self, sight: Sight) -> float:
        """Credits that were taken up to then."""
        taken = self._charges.until(sight.at)
        own = self.spells.get(sight.generation_id or "")
        if own and own.charged_at and sight.moment is Moment.BEFORE and own.charged_at <= sight.at:
            taken -= own.credits or 0.0  # by a clock that stood still
        return taken

    def refunds_until(self, sight: Sight) -> float:
        """Credits that were seen to be back up to then."""
        return self._refunds.until(sight.at)

    def _level(self, sight: Sight) -> Sight:
        known = self.charges_until(sight) - self.refunds_until(sight)
        return replace(sight, level=sight.balance + known)


class _Sums:
    """Amounts by time, to be summed up to any moment."""

    def __init__(self, amounts: Iterable[tuple[datetime, float]]) -> None:
        in_order = sorted(amounts)
        self._times = [at for at, _ in in_order]
        self._sums = [0.0, *accumulate(amount for _, amount in in_order)]

    @property
    def last(self) -> datetime | None:
        return self._times[-1] if self._times else None

    def until(self, moment: datetime) -> float:
        """The sum of all that was no later than `moment`."""
        return self._sums[bisect_right(self._times, moment)]


def _list_sights(spells: Iterable[Spell]) -> Iterator[Sight]:
    for spell in spells:
        id_, begun = spell.generation_id, spell.intended_at
        if spell.balance_before is not None:
            since = begun - _ASKING
            yield Sight(spell.balance_before, begun, since, begun, Moment.BEFORE, id_)
        if spell.balance_after is not None and (charged := spell.charged_at):
            yield Sight(spell.balance_after, charged, begun, charged, Moment.AFTER, id_)
        if spell.balance_at_end is not None and (ended := spell.ended_at):
            since, until = ended, ended + _ASKING
            if spell.state is State.UNKNOWN:  # asked for before it was settled, not after
                since, until = max(begun, ended - _ASKING), ended
            yield Sight(spell.balance_at_end, ended, since, until, Moment.AT_END, id_)


def _list_clear(spells: Iterable[Spell]) -> list[Sight]:
    """The sights, oldest first, without those during which another one may have been charged:
    whether such a balance was before or after the charge, nobody can say."""
    spells = list(spells)
    windows = sorted((*s.charging, s.generation_id) for s in spells if s.charging)
    starts = [since for since, _, _ in windows]
    ends = list(accumulate((until for _, until, _ in windows), max))
    clear = []
    for sight in sorted(_list_sights(spells), key=lambda one: (one.at, one.moment)):
        number = bisect_right(starts, sight.until)
        is_clear = True
        while is_clear and number and ends[number - 1] >= sight.since:
            number -= 1
            _, until, whose = windows[number]
            is_clear = until < sight.since or whose == sight.generation_id
        if is_clear:
            clear.append(sight)
    return clear


def find_refunds(account: Account, due: Sequence[Due]) -> list[Refund]:
    """Those of `due` that the balances show, oldest sight first. What may be another's, or may be
    explained in two ways, is left for a later balance."""
    sights = account.sights
    if (until := account.confirmed_until) is not None:
        sights = [sight for sight in sights if sight.at >= until]
    open_, found, base = list(due), list[Refund](), 0
    for number in range(1, len(sights)):
        after = sights[number]
        usable = [one for one in open_ if _may_have_come(account, one, after)]
        came = usable and _explain(account, sights[base:number], after, usable)
        for one, credits_ in came or ():
            found.append(Refund(one.generation_id, credits_, after.at, after.balance))
            open_.remove(one)
        if came:
            base = number
    return found


def _may_have_come(account: Account, due: Due, after: Sight) -> bool:
    spell = account.spells.get(due.generation_id)
    if spell is None or spell.charged_at is None or spell.ended_at is None:
        return False
    return spell.charged_at <= after.at <= spell.ended_at + REFUND_PATIENCE


def _explain(
    account: Account, earlier: Sequence[Sight], after: Sight, usable: Sequence[Due]
) -> list[tuple[Due, float]]:
    """Which of `usable` have come until `after`, and how much of each: from the shortest time
    before it to the longest."""
    for before in reversed(earlier):
        if account.is_muddled(before, after):
            break
        rise = after.level - before.level
        # Those that failed just now come first: what is long overdue seldom comes just then.
        fresh = [one for one in usable if account.spells[one.generation_id].is_fresh(before.at)]
        those = find_only_subset(fresh, rise) or find_only_subset(usable, rise)
        if those:
            return [(one, one.credits) for one in those]
    if len(usable) != 1 or account.is_muddled(earlier[-1], after):
        return []
    (one,), rise = usable, after.level - earlier[-1].level
    spell = account.spells[one.generation_id]
    is_near = abs(rise - one.credits) < 1  # whole credits of a share
    is_soon = spell.ended_at is not None and after.at <= spell.ended_at + _SOON
    if EXACT < rise <= one.charged and (is_near or is_soon) and account.is_alone(spell, after.at):
        return [(one, rise)]
    return []


def find_only_subset(usable: Sequence[Due], rise: float) -> list[Due]:
    """Those of `usable` that make `rise` together; empty where none do, or not only one choice."""
    if rise < EXACT:
        return []
    if len(usable) > _TOLD_APART:
        total = sum(one.credits for one in usable)
        return list(usable) if abs(total - rise) < EXACT else []
    fitting = [
        list(some)
        for size in range(1, len(usable) + 1)
        for some in combinations(usable, size)
        if abs(sum(one.credits for one in some) - rise) < EXACT
    ]
    return fitting[0] if len(fitting) == 1 else []
