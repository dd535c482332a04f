"""What the balances tell that were seen: which refunds have come, and where somebody else spent
or added credits. Pure.

PowerPost names a balance in the answer that charges, and whenever it is asked; it never says how
much it gave back, and other people use the same account. So each balance that was seen is an
observation with a level: what the balance would be, had we never spent. The level moves only by
what we do not know: up by a refund that nobody has confirmed yet (or by a top-up), down by somebody
else's spending. A rise that the expected refunds explain in one way only is them.
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
class ChargeWindow:
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
    def ambiguous_window(self) -> tuple[datetime, datetime] | None:
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
class BalanceObservation:
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

    def __init__(
        self, charge_windows: Iterable[ChargeWindow], refunds: Iterable[Refund] = ()
    ) -> None:
        """`refunds` are those that are confirmed."""
        self.charge_windows = {
            charge_window.generation_id: charge_window for charge_window in charge_windows
        }
        self._ambiguous_windows = [
            s.ambiguous_window for s in self.charge_windows.values() if s.ambiguous_window
        ]
        self._charges = _Sums(
            (s.charged_at, s.credits or 0.0) for s in self.charge_windows.values() if s.charged_at
        )
        self._refunds = _Sums((refund.seen_at, refund.credits) for refund in refunds)
        self.observations = [
            self._level(observation) for observation in _list_clear(self.charge_windows.values())
        ]

    @property
    def confirmed_until(self) -> datetime | None:
        """When the last confirmed refund was seen."""
        return self._refunds.last

    def see(self, balance: float, now: datetime) -> BalanceObservation:
        """A balance that was asked for just now."""
        return self._level(BalanceObservation(balance, now, now, now, Moment.ASKED))

    def is_ambiguous(self, before: BalanceObservation, after: BalanceObservation) -> bool:
        """Whether one of ours moved the balance in between by an amount that nobody knows."""
        return any(
            since <= after.until and until >= before.since
            for since, until in self._ambiguous_windows
        )

    def is_alone(self, charge_window: ChargeWindow, until: datetime) -> bool:
        """Whether no other of ours was out between its charge and `until`."""
        charged_at = charge_window.charged_at or charge_window.intended_at
        return not any(
            other.intended_at <= until and (other.ended_at or _NEVER) >= charged_at
            for other in self.charge_windows.values()
            if other is not charge_window and not other.is_lost
        )

    def charges_until(self, observation: BalanceObservation) -> float:
        """Credits that were taken up to then."""
        taken = self._charges.until(observation.at)
        own = self.charge_windows.get(observation.generation_id or "")
        if (
            own
            and own.charged_at
            and observation.moment is Moment.BEFORE
            and own.charged_at <= observation.at
        ):
            taken -= own.credits or 0.0  # by a clock that stood still
        return taken

    def refunds_until(self, observation: BalanceObservation) -> float:
        """Credits that were seen to be back up to then."""
        return self._refunds.until(observation.at)

    def _level(self, observation: BalanceObservation) -> BalanceObservation:
        known = self.charges_until(observation) - self.refunds_until(observation)
        return replace(observation, level=observation.balance + known)


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


def _list_observations(charge_windows: Iterable[ChargeWindow]) -> Iterator[BalanceObservation]:
    for charge_window in charge_windows:
        id_, begun = charge_window.generation_id, charge_window.intended_at
        if charge_window.balance_before is not None:
            since = begun - _ASKING
            yield BalanceObservation(
                charge_window.balance_before, begun, since, begun, Moment.BEFORE, id_
            )
        if charge_window.balance_after is not None and (charged := charge_window.charged_at):
            yield BalanceObservation(
                charge_window.balance_after, charged, begun, charged, Moment.AFTER, id_
            )
        if charge_window.balance_at_end is not None and (ended := charge_window.ended_at):
            since, until = ended, ended + _ASKING
            if charge_window.state is State.UNKNOWN:  # asked for before it was settled, not after
                since, until = max(begun, ended - _ASKING), ended
            yield BalanceObservation(
                charge_window.balance_at_end, ended, since, until, Moment.AT_END, id_
            )


def _list_clear(charge_windows: Iterable[ChargeWindow]) -> list[BalanceObservation]:
    """The observations, oldest first, without those during which another one may have been charged:
    whether such a balance was before or after the charge, nobody can say."""
    charge_windows = list(charge_windows)
    windows = sorted((*s.charging, s.generation_id) for s in charge_windows if s.charging)
    starts = [since for since, _, _ in windows]
    ends = list(accumulate((until for _, until, _ in windows), max))
    clear = []
    for observation in sorted(
        _list_observations(charge_windows), key=lambda one: (one.at, one.moment)
    ):
        number = bisect_right(starts, observation.until)
        is_clear = True
        while is_clear and number and ends[number - 1] >= observation.since:
            number -= 1
            _, until, whose = windows[number]
            is_clear = until < observation.since or whose == observation.generation_id
        if is_clear:
            clear.append(observation)
    return clear


def find_refunds(account: Account, due: Sequence[Due]) -> list[Refund]:
    """Those of `due` that the balances show, oldest observation first. What may be another's, or
    may be explained in two ways, is left for a later balance."""
    observations = account.observations
    if (until := account.confirmed_until) is not None:
        observations = [observation for observation in observations if observation.at >= until]
    open_, found, base = list(due), list[Refund](), 0
    for number in range(1, len(observations)):
        after = observations[number]
        usable = [one for one in open_ if _may_have_come(account, one, after)]
        came = usable and _explain(account, observations[base:number], after, usable)
        for one, credits_ in came or ():
            found.append(Refund(one.generation_id, credits_, after.at, after.balance))
            open_.remove(one)
        if came:
            base = number
    return found


def _may_have_come(account: Account, due: Due, after: BalanceObservation) -> bool:
    charge_window = account.charge_windows.get(due.generation_id)
    if charge_window is None or charge_window.charged_at is None or charge_window.ended_at is None:
        return False
    return charge_window.charged_at <= after.at <= charge_window.ended_at + REFUND_PATIENCE


def _explain(
    account: Account,
    earlier: Sequence[BalanceObservation],
    after: BalanceObservation,
    usable: Sequence[Due],
) -> list[tuple[Due, float]]:
    """Which of `usable` have come until `after`, and how much of each: from the shortest time
    before it to the longest."""
    for before in reversed(earlier):
        if account.is_ambiguous(before, after):
            break
        rise = after.level - before.level
        # Those that failed just now come first: what is long overdue seldom comes just then.
        fresh = [
            one for one in usable if account.charge_windows[one.generation_id].is_fresh(before.at)
        ]
        those = find_only_subset(fresh, rise) or find_only_subset(usable, rise)
        if those:
            return [(one, one.credits) for one in those]
    if len(usable) != 1 or account.is_ambiguous(earlier[-1], after):
        return []
    (one,), rise = usable, after.level - earlier[-1].level
    charge_window = account.charge_windows[one.generation_id]
    is_near = abs(rise - one.credits) < 1  # whole credits of a share
    is_soon = charge_window.ended_at is not None and after.at <= charge_window.ended_at + _SOON
    if (
        EXACT < rise <= one.charged
        and (is_near or is_soon)
        and account.is_alone(charge_window, after.at)
    ):
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
