"""Slack's rate limits: about one message a second and channel, some 50 edits a minute.

Source: slack-facts.md, "Transport". Results wait for their turn; edits of a status line do not:
a stale one is dropped, since the next one says more. Where several processes share a database,
they share these turns, and each goes by its own memory while that is out of reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from bot.limits import Rate, RateLimitState, SharedState, State, read_due

_T = TypeVar("_T")

MESSAGES_PER_SECOND: Final = 1.0
MESSAGE_BURST: Final = 4
EDITS_PER_SECOND: Final = 50 / 60
EDIT_BURST: Final = 10
# The last turns are for edits that must not be lost.
EDITS_KEPT_BACK: Final = 2
_MESSAGES: Final = Rate(MESSAGES_PER_SECOND, MESSAGE_BURST)
_EDITS: Final = Rate(EDITS_PER_SECOND, EDIT_BURST)
_EDITS_NAME: Final = "slack:edits"


def wait_and_take(rate: Rate, now: float) -> float:
    """Use the next turn; how long to wait for it. At once, so that the next in line waits behind
    this one."""
    wait = rate.wait_seconds(now)
    rate.take(now)
    return wait


def take_spare(rate: Rate, now: float) -> bool:
    """Use a turn where plenty are left."""
    if rate.wait_seconds(now - EDITS_KEPT_BACK / rate.per_second) > 0:
        return False
    rate.take(now)
    return True


class SlackRateLimits:
    """The turns toward Slack: of all processes where they have a `shared` state, else of this."""

    def __init__(self, clock: Callable[[], float], shared: SharedState | None = None) -> None:
        self._state = RateLimitState(shared, clock)

    async def message_turn(self, channel_id: str) -> None:
        """Wait for the channel's next message."""
        await asyncio.sleep(await self._use(_name(channel_id), _MESSAGES, wait_and_take))

    async def edit_turn(self) -> None:
        """Wait for the next edit, for one that must not be lost."""
        await asyncio.sleep(await self._use(_EDITS_NAME, _EDITS, wait_and_take))

    async def try_edit_turn(self) -> bool:
        """A turn for an edit that may be dropped: only where plenty are left."""
        kept, now = self._state.look(_EDITS_NAME)
        if not take_spare(replace(_EDITS, due=read_due(kept, now)), now):
            return False  # others can only have used more of them: no need to ask
        return await self._use(_EDITS_NAME, _EDITS, take_spare)

    async def hold_channel(self, channel_id: str, seconds: float) -> None:
        """Slack asked for a pause of the messages to one channel."""
        await self._use(_name(channel_id), _MESSAGES, _hold_for(seconds))

    async def hold_edits(self, seconds: float) -> None:
        """Slack asked for a pause of the edits."""
        await self._use(_EDITS_NAME, _EDITS, _hold_for(seconds))

    async def _use(self, name: str, rate: Rate, do: Callable[[Rate, float], _T]) -> _T:
        """What `do` returns, done with the turns under `name`."""

        def change(kept: State | None, now: float) -> tuple[State | None, _T]:
            due = read_due(kept, now)
            used = replace(rate, due=due)
            result = do(used, now)
            # Never infinite: it was used.
            return {"due": used.due, "at": now} if used.due != due else None, result

        return await self._state.change(name, change)


def _name(channel_id: str) -> str:
    return f"slack:messages:{channel_id}"


def _hold_for(seconds: float) -> Callable[[Rate, float], None]:
    return lambda rate, now: rate.hold(now + seconds)
