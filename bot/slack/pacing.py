"""Keeping to Slack's pace: about one message a second and channel, some 50 edits a minute.

Source: slack-facts.md, "Transport". Results wait for their turn; edits of a status line do not:
a stale one is dropped, since the next one says more.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MESSAGES_PER_SECOND: Final = 1.0
MESSAGE_BURST: Final = 4
EDITS_PER_SECOND: Final = 50 / 60
EDIT_BURST: Final = 10
_CHANNELS_KEPT: Final = 2000


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


class SlackPace:
    """All of this process's turns toward Slack."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._edits = Pace(EDITS_PER_SECOND, EDIT_BURST)
        self._channels: OrderedDict[str, Pace] = OrderedDict()

    async def message_turn(self, channel_id: str) -> None:
        """Wait for the channel's next message."""
        await _wait_and_take(self._channel(channel_id), self._clock)

    async def edit_turn(self) -> None:
        """Wait for the next edit, for one that must not be lost."""
        await _wait_and_take(self._edits, self._clock)

    def try_edit_turn(self) -> bool:
        """A turn for an edit that may be dropped: only where plenty are left."""
        now = self._clock()
        if self._edits.wait_seconds(now + -2 / EDITS_PER_SECOND) > 0:
            return False  # the last turns are for edits that must not be lost
        self._edits.take(now)
        return True

    def hold_edits(self, seconds: float) -> None:
        """Slack asked for a pause."""
        self._edits.hold(self._clock() + seconds)

    def _channel(self, channel_id: str) -> Pace:
        pace = self._channels.pop(channel_id, None) or Pace(MESSAGES_PER_SECOND, MESSAGE_BURST)
        self._channels[channel_id] = pace
        if len(self._channels) > _CHANNELS_KEPT:
            self._channels.popitem(last=False)
        return pace


async def _wait_and_take(pace: Pace, clock: Callable[[], float]) -> None:
    now = clock()
    wait = pace.wait_seconds(now)
    pace.take(now)  # at once, so that the next in line waits behind this one
    await asyncio.sleep(wait)
