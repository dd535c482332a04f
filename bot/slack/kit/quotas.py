"""How much one person may have of what costs everybody: so many in so much time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cachetools import LRUCache

from bot.limits import Rate

_PEOPLE_KEPT: Final = 5000


class Quota:
    """Counts what people take, each for themselves, in this process. One for each thing."""

    def __init__(
        self, most: int, per_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """At most `most` at once, which come back evenly within `per_seconds`."""
        self._rate = Rate(most / per_seconds, most)
        self._clock = clock
        self._rates: LRUCache[tuple[str, str], Rate] = LRUCache(_PEOPLE_KEPT)

    def take(self, team_id: str, user_id: str) -> bool:
        """One, where the person has one left."""
        rate = self._rates.setdefault((team_id, user_id), replace(self._rate))
        now = self._clock()
        if rate.wait_seconds(now) > 0:
            return False
        rate.take(now)
        return True
