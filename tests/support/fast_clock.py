"""An event loop on which time can be made to pass faster: ten minutes in ten seconds. What waits
waits shorter; what works takes as long as ever, so haste is for while nothing but waiting is done.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")


# So much passes at the most while something arrives: on a busy machine that takes long, and nobody
# shall find that it took a minute.
_ARRIVAL_SECONDS: Final = 1.0


class _HastySelector(selectors.DefaultSelector):
    """Waits a fraction of what it is asked to, and adds up what it has not waited."""

    speed = 1.0
    saved_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        begun = time.monotonic()
        found = super().select(None if timeout is None else timeout / self.speed)
        waited = time.monotonic() - begun
        saved = waited * (self.speed - 1.0)
        if timeout is not None:
            saved = min(saved, max(0.0, timeout - waited))
        self.saved_seconds += min(saved, _ARRIVAL_SECONDS) if found else saved
        return found


class HastyLoop(asyncio.SelectorEventLoop):
    """Its waits are as short as `make_haste` says."""

    def __init__(self) -> None:
        self._hasty_selector = _HastySelector()
        super().__init__(self._hasty_selector)

    def time(self) -> float:
        """The seconds of this loop."""
        return super().time() + self._hasty_selector.saved_seconds

    def make_haste(self, speed: float) -> None:
        """From now on `speed` seconds of waiting pass in one."""
        self._hasty_selector.speed = speed


def run_hastily(main: Callable[[HastyLoop], Coroutine[Any, Any, _T]]) -> _T:
    """What `main` returns, on a loop of its own: for tests that are no coroutines."""
    loop = HastyLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
