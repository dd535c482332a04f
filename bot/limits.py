"""What the rate limiters of PowerPost and of Slack share: a state that all processes change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

_T = TypeVar("_T")
State = dict[str, Any]
"""JSON; what it means is its owner's business."""


class SharedState(Protocol):
    """Where the states are kept (bot/store/rate_limits.py)."""

    async def change(
        self, name: str, do: Callable[[State | None, float], tuple[State | None, _T]]
    ) -> _T:
        """What `do` returns beside the new state (None: unchanged), given the state under `name`
        (None: there is none) and the time. Nobody else changes it meanwhile.

        Raises Transient at once, or within a second, where the database is away.
        """
