"""Keeping to Slack's pace: about one message a second and channel, some 50 edits a minute.

Source: slack-facts.md, "Transport". Results wait for their turn; edits of a status line do not:
a stale one is dropped, since the next one says more. Where several processes share a database,
they share these turns, and each goes by its own memory while that is out of reach.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from cachetools import LRUCache

from bot.errors import Transient
from bot.limits import SharedState, State

_T = TypeVar("_T")

MESSAGES_PER_SECOND: Final = 1.0
MESSAGE_BURST: Final = 4
EDITS_PER_SECOND: Final = 50 / 60
EDIT_BURST: Final = 10
# The last turns are for edits that must not be lost.
EDITS_KEPT_BACK: Final = 2
_CHANNELS_KEPT: Final = 2000
_EDITS: Final = "slack:edits"
# A shared clock that is behind its own last time by this much was set back.
_SET_BACK_SECONDS: Final = 60.0
# Kept without a time, by an older version: what is due later than this is of such a clock, too.
_LATEST_SECONDS: Final = 900.0


@dataclass
class Pace:
    """A steady rate with a burst (GCRA): `due` is when the next turn would be due at full pace."""

    per_second: float
    burst: int
    due: float = float("-inf")

    def wait_seconds(self, now: float) -> float:
        """How long until a turn is free."""
        allowance = (self.burst - 1) / self.per_second
        return max(0.0, self.due - allowance - now)

    def take(self, now: float) -> None:
        """Use a turn, free now or later."""
        self.due = max(self.due, now) + 1 / self.per_second

    def hold(self, until: float) -> None:
        """No turn before `until`, because Slack said so."""
        self.due = max(self.due, until + (self.burst - 1) / self.per_second)


def wait_and_take(pace: Pace, now: float) -> float:
    """Use the next turn; how long to wait for it. At once, so that the next in line waits behind
    this one."""
    wait = pace.wait_seconds(now)
    pace.take(now)
    return wait


def take_spare(pace: Pace, now: float) -> bool:
    """Use a turn where plenty are left."""
    if pace.wait_seconds(now - EDITS_KEPT_BACK / pace.per_second) > 0:
        return False
    pace.take(now)
    return True


class SlackRateLimits:
    """The turns toward Slack: of all processes where they have a `shared` state, else of this."""

    def __init__(self, clock: Callable[[], float], shared: SharedState | None = None) -> None:
        self._clock = clock
        self._shared = shared
        self._edits = Pace(EDITS_PER_SECOND, EDIT_BURST)
        self._channels: LRUCache[str, Pace] = LRUCache(_CHANNELS_KEPT)

    async def message_turn(self, channel_id: str) -> None:
        """Wait for the channel's next message."""
        pace = self._channel(channel_id)
        await asyncio.sleep(await self._use(_name(channel_id), pace, wait_and_take))

    async def edit_turn(self) -> None:
        """Wait for the next edit, for one that must not be lost."""
        await asyncio.sleep(await self._use(_EDITS, self._edits, wait_and_take))

    async def try_edit_turn(self) -> bool:
        """A turn for an edit that may be dropped: only where plenty are left."""
        kept_back = EDITS_KEPT_BACK / EDITS_PER_SECOND
        if self._edits.wait_seconds(self._clock() - kept_back) > 0:
            return False  # others can only have used more of them: no need to ask
        return await self._use(_EDITS, self._edits, take_spare)

    async def hold_channel(self, channel_id: str, seconds: float) -> None:
        """Slack asked for a pause of the messages to one channel."""
        await self._use(_name(channel_id), self._channel(channel_id), _hold_for(seconds))

    async def hold_edits(self, seconds: float) -> None:
        """Slack asked for a pause of the edits."""
        await self._use(_EDITS, self._edits, _hold_for(seconds))

    def _channel(self, channel_id: str) -> Pace:
        return self._channels.setdefault(channel_id, Pace(MESSAGES_PER_SECOND, MESSAGE_BURST))

    async def _use(self, name: str, own: Pace, do: Callable[[Pace, float], _T]) -> _T:
        """What `do` returns, done with the pace that all share; `own` then knows the same."""
        if self._shared is None:
            return do(own, self._clock())

        def change(kept: State | None, now: float) -> tuple[State | None, tuple[float, _T]]:
            due = read_due(kept, now)
            pace = Pace(own.per_second, own.burst, due)
            result = do(pace, now)
            # Never infinite: it was used.
            after = {"due": pace.due, "at": now} if pace.due != due else None
            return after, (pace.due - now, result)

        try:
            due_in, result = await self._shared.change(name, change)
        except Transient:
            return do(own, self._clock())
        own.due = self._clock() + due_in
        return result


def read_due(kept: State | None, now: float) -> float:
    """When the next turn is due, as it was kept, however long the queue is. If the clock was set
    back since, it is due as much earlier."""
    kept = kept or {}
    due, at = float(kept.get("due", -math.inf)), kept.get("at")
    if at is None:
        return -math.inf if due - now > _LATEST_SECONDS else due
    set_back = float(at) - now
    return due - set_back if set_back > _SET_BACK_SECONDS else due


def _name(channel_id: str) -> str:
    return f"slack:messages:{channel_id}"


def _hold_for(seconds: float) -> Callable[[Pace, float], None]:
    return lambda pace, now: pace.hold(now + seconds)
