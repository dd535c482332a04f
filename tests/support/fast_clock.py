"""An event loop on which time can be made to pass faster: ten minutes in ten seconds. What waits
waits shorter; what works takes as long as ever, so haste is for while nothing but waiting is done.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class _HastySelector(selectors.DefaultSelector):
    """Waits a fraction of what it is asked to."""

    speed = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self.speed)


class HastyLoop(asyncio.SelectorEventLoop):
    """Its seconds are as long as `make_haste` says; they never go back."""

    def __init__(self) -> None:
        self._hasty_selector = _HastySelector()
        self._begun_at = self._changed_at = super().time()
        super().__init__(self._hasty_selector)

    def time(self) -> float:
        """The seconds of this loop."""
        return self._begun_at + (super().time() - self._changed_at) * self._hasty_selector.speed

    def make_haste(self, speed: float) -> None:
        """From now on `speed` seconds pass in one."""
        self._begun_at, self._changed_at = self.time(), super().time()
        self._hasty_selector.speed = speed


def run_hastily(main: Callable[[HastyLoop], Coroutine[Any, Any, _T]]) -> _T:
    """What `main` returns, on a loop of its own: for tests that are no coroutines."""
    loop = HastyLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
