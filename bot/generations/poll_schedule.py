"""Looking less and knowing sooner: when to poll, by what this model took lately. Pure, but for the
memory at the end.

What is known of a duration is when a poll saw its end: never earlier than the first poll. A first
poll at the median of such times would only ever come later. So it comes before the median, by more
than the spread, and finds out again and again whether pictures are made sooner by now.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from bot.errors import ImagineError
from bot.generations.timing import PATIENT_AFTER_SECONDS, PollSchedule
from bot.images.catalogue import Model
from bot.images.request import ImageRequest

# So many of the latest generations of a model and quantity are remembered, and with fewer than
# that nothing is taken to be known.
REMEMBERED: Final = 30
FEWEST: Final = 5
# However fast or slow a model is said to be. The upper bound is what a mistake can cost.
EARLIEST_FIRST_POLL_SECONDS: Final = 0.5
LATEST_FIRST_POLL_SECONDS: Final = 45.0
# The spread is never taken for less than this part of the median: it is the way to learn that
# pictures come sooner.
_LEAST_SPREAD: Final = 0.1
_FIRST_POLL_SPREADS: Final = 1.3  # so many spreads before the median
_FIRST_POLL_JITTER: Final = 0.1
# A pause between polls, in parts of POLL_SECONDS: an operator who sets it sets these too.
_SHORTEST_PAUSE: Final = 0.32
_LONGEST_PAUSE: Final = 0.6
# Once it is later than usual, the pause grows by this part of the time since.
_PAUSE_GROWTH: Final = 0.4


@dataclass(frozen=True, slots=True)
class TypicalDuration:
    """What a model took lately for a quantity, in seconds from the submit to the poll that saw the
    end: the median, and the median distance from it."""

    median_seconds: float
    spread_seconds: float


def find_typical_duration(durations: Sequence[float]) -> TypicalDuration | None:
    """What `durations` (seconds) have in common; None where they are too few."""
    if len(durations) < FEWEST:
        return None
    middle = median(durations)
    spread = median(abs(seconds - middle) for seconds in durations)
    return TypicalDuration(middle, max(spread, _LEAST_SPREAD * middle))


def adapt_schedule(
    schedule: PollSchedule, typical: TypicalDuration | None, elapsed_seconds: float, jitter: float
) -> PollSchedule:
    """The schedule for a generation of this `typical duration`, `elapsed_seconds` after its
    submit: polls are close together around the usual end, and as far apart as ever long after it.

    `schedule` is what holds where nothing is known. `jitter` is in [0, 1), one for a generation.
    """
    if typical is None:
        return schedule
    first = typical.median_seconds - _FIRST_POLL_SPREADS * typical.spread_seconds
    first *= 1 - _FIRST_POLL_JITTER * jitter
    earliest = min(EARLIEST_FIRST_POLL_SECONDS, schedule.first_poll_seconds)
    late_seconds = elapsed_seconds - typical.median_seconds - typical.spread_seconds
    poll = schedule.poll_seconds
    pause = min(max(typical.spread_seconds, _SHORTEST_PAUSE * poll), _LONGEST_PAUSE * poll)
    pause += _PAUSE_GROWTH * max(0.0, late_seconds)
    return replace(
        schedule,
        first_poll_seconds=min(max(first, earliest), LATEST_FIRST_POLL_SECONDS),
        poll_seconds=min(pause, poll),
    )


class DurationStatistics:
    """What each model took lately: read once from the store, and then from what ends here (to ask
    the store each time would read the whole table each time). One for the process."""

    def __init__(
        self, recent_durations: Callable[[Model, int, int], Awaitable[Iterable[float]]]
    ) -> None:
        """`recent_durations` of a model and a quantity, so many at most, the newest first."""
        self._recent_durations = recent_durations
        self._seen: dict[tuple[Model, int], deque[float]] = {}
        self._longest: dict[tuple[Model, int], float] = {}

    async def recall(self, request: ImageRequest) -> TypicalDuration | None:
        """What is usual for such a request; None where nothing is known, or the store is away."""
        key = request.model, request.quantity
        if key not in self._seen:
            try:
                latest = list(await self._recent_durations(*key, REMEMBERED))
            except ImagineError:
                return None
            seen = deque[float](maxlen=REMEMBERED)
            for seconds in reversed(latest):
                _remember(seen, seconds)
            self._seen.setdefault(key, seen)  # another may have been quicker
            self._longest[key] = max([*latest, self._longest.get(key, 0.0)])
        return find_typical_duration(self._seen[key])

    def longest_seconds(self, request: ImageRequest) -> float | None:
        """The longest that such a request has taken, of those that are known."""
        return self._longest.get((request.model, request.quantity))

    def note(self, request: ImageRequest, seconds: float) -> None:
        """Such a request has ended with pictures, so long after its submit."""
        key = request.model, request.quantity
        self._longest[key] = max(seconds, self._longest.get(key, 0.0))
        seen = self._seen.get(key)
        if seen is not None:
            _remember(seen, seconds)


def _remember(seen: deque[float], seconds: float) -> None:
    # What took longer was stuck, or ended while no process was there to see it.
    if 0 <= seconds < PATIENT_AFTER_SECONDS:
        seen.append(seconds)
