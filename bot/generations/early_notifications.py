"""Notifications that come too early: PowerPost may tell of an end before its answer to the submit
is on our disk. They are remembered for a moment. Pure: the time is passed in.
"""

from __future__ import annotations

from typing import Final

from cachetools import LRUCache

# What nobody waits for may be forged, or another process's: it is soon forgotten.
NOTIFICATION_LIFE_SECONDS: Final = 60.0
NOTIFICATIONS_MAX: Final = 256


class EarlyNotifications:
    """The ids that notifications have named and nobody waits for yet. Times are seconds of one
    clock."""

    def __init__(self) -> None:
        self._kept_at: LRUCache[str, float] = LRUCache(NOTIFICATIONS_MAX)

    def keep(self, image_generation_id: str, now: float) -> None:
        """Remember a notification; of more than NOTIFICATIONS_MAX the oldest is forgotten."""
        self._kept_at[image_generation_id] = now

    def take(self, image_generation_id: str, now: float) -> bool:
        """Whether there was a notification lately; it is used up by asking."""
        kept_at = self._kept_at.pop(image_generation_id, None)
        return kept_at is not None and now - kept_at <= NOTIFICATION_LIFE_SECONDS
