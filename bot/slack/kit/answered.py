"""What was answered already: an event that Slack delivers again is answered once."""

from __future__ import annotations

from typing import Final

from cachetools import LRUCache

_KEPT: Final = 2000


class Answered:
    """The last 2,000 that this process has answered."""

    def __init__(self) -> None:
        self._origins: LRUCache[str, None] = LRUCache(_KEPT)

    def __contains__(self, origin: str) -> bool:
        return origin in self._origins

    def claim(self, origin: str) -> bool:
        """Whether it was not answered yet; from now on it was."""
        if origin in self._origins:
            return False
        self._origins[origin] = None
        return True
