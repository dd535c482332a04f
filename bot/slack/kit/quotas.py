"""How much one person may have of what costs everybody: so many in so much time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from cachetools import LRUCache

_PEOPLE_KEPT: Final = 5000


class Quota:
    """Counts what people take, each for themselves, in this process. One for each thing."""

    def __init__(
        self, most: int, per_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """At most `most` at once, which come back evenly within `per_seconds`."""
        self._most = most
        self._pace = most / per_seconds
        self._clock = clock
        self._taken: LRUCache[tuple[str, str], tuple[float, float]] = LRUCache(_PEOPLE_KEPT)

    def take(self, team_id: str, user_id: str) -> bool:
        """One, where the person has one left."""
        now = self._clock()
        taken, at = self._taken.get((team_id, user_id), (0.0, now))
        taken = max(0.0, taken - (now - at) * self._pace)
        may = taken + 1 <= self._most
        self._taken[team_id, user_id] = (taken + 1 if may else taken, now)
        return may
