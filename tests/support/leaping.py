"""An event loop without waiting: where nobody has anything to do but to wait, its clock leaps to
the next moment that somebody waits for. For what is all in memory: a socket would be left behind.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")
# A turn of the loop takes some time, as ever: what waits for less would wait for ever.
_TURN_SECONDS: Final = 1e-6


class _LeapingSelector(selectors.DefaultSelector):
    """Does not wait; notes how long it should have."""

    leapt_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing is left to happen: what is waited for never comes")
        self.leapt_seconds += max(_TURN_SECONDS, timeout)
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """Begins at 0, and is the same at each run."""

    def __init__(self) -> None:
        self._leaping_selector = _LeapingSelector()
        super().__init__(self._leaping_selector)

    def time(self) -> float:
        """The seconds that were leapt."""
        return self._leaping_selector.leapt_seconds


def run_leaping(main: Coroutine[Any, Any, _T]) -> _T:
    """What `main` returns, on a loop of its own: for tests that are no coroutines."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(main)
