"""Turns toward Slack: of one process, and of several together. The clock is passed in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from bot.errors import Cause, Transient
from bot.limits import read_due
from bot.slack.kit.rate_limits import EDIT_BURST, MESSAGE_BURST, SlackRateLimits
from tests.support.leaping import run_leaping

_T = TypeVar("_T")


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_edits_that_may_be_dropped_leave_turns_for_those_that_may_not() -> None:
    pace = SlackRateLimits(Clock())

    may_be_dropped = sum([await pace.try_edit_turn() for _ in range(100)])

    assert EDIT_BURST - 3 <= may_be_dropped <= EDIT_BURST - 2
    async with asyncio.timeout(30):
        await pace.edit_turn()
        await pace.edit_turn()


async def test_while_slack_wants_a_pause_no_edit_is_made() -> None:
    clock = Clock()
    pace = SlackRateLimits(clock)

    await pace.hold_edits(20.0)

    assert not await pace.try_edit_turn()
    clock.now += 60.0
    assert await pace.try_edit_turn()


class OneForAll:
    """The state that several processes share, while `is_away` is not set."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.kept: dict[str, dict[str, Any]] = {}
        self.changes = 0
        self.is_away = False

    async def change(
        self,
        name: str,
        do: Callable[[dict[str, Any] | None, float], tuple[dict[str, Any] | None, _T]],
    ) -> _T:
        """See the protocol."""
        if self.is_away:
            raise Transient(Cause.STORAGE)
        self.changes += 1
        after, result = do(self.kept.get(name), self.clock.now)
        if after is not None:
            self.kept[name] = json.loads(json.dumps(after, allow_nan=False))
        return result


async def is_held(pace: SlackRateLimits, channel: str) -> bool:
    try:
        async with asyncio.timeout(0.02):
            await pace.message_turn(channel)
    except TimeoutError:
        return True
    return False


async def test_several_processes_have_one_pace_for_a_channel_together() -> None:
    shared = OneForAll(Clock(5e9))  # another clock than either process has
    one, other = SlackRateLimits(Clock(), shared), SlackRateLimits(Clock(77.0), shared)

    for pace in (one, other, one, other):
        assert not await is_held(pace, "C1")

    assert await is_held(one, "C1")
    assert await is_held(other, "C1")
    assert not await is_held(other, "C2")


async def test_a_pause_that_slack_asks_one_process_for_is_kept_by_the_other() -> None:
    shared = OneForAll(Clock(5e9))
    one, other = SlackRateLimits(Clock(), shared), SlackRateLimits(Clock(77.0), shared)

    await one.hold_channel("C1", 20.0)
    await one.hold_edits(20.0)

    assert await is_held(other, "C1")
    assert not await other.try_edit_turn()
    shared.clock.now += 60.0
    assert not await is_held(other, "C1")


async def test_edits_that_will_be_dropped_ask_nobody() -> None:
    shared = OneForAll(Clock(5e9))
    one, other = SlackRateLimits(Clock(), shared), SlackRateLimits(Clock(77.0), shared)

    shown = sum([await pace.try_edit_turn() for _ in range(100) for pace in (one, other)])

    assert EDIT_BURST - 3 <= shown <= EDIT_BURST - 2
    assert shared.changes <= shown + 2


async def test_while_the_shared_pace_is_away_each_process_goes_by_what_it_knew() -> None:
    shared = OneForAll(Clock(5e9))
    pace = SlackRateLimits(Clock(), shared)
    for _ in range(MESSAGE_BURST - 1):
        assert not await is_held(pace, "C1")

    shared.is_away = True

    assert not await is_held(pace, "C1")
    assert await is_held(pace, "C1")


async def test_a_shared_clock_that_is_set_back_changes_nothing() -> None:
    shared = OneForAll(Clock(5e9))
    pace = SlackRateLimits(Clock(), shared)
    for _ in range(MESSAGE_BURST):
        assert not await is_held(pace, "C1")

    shared.clock.now -= 3600.0

    assert await is_held(pace, "C1")  # as a moment ago
    shared.clock.now += 2.0
    assert not await is_held(pace, "C1")


def test_however_many_wait_for_a_channel_each_has_a_turn_of_its_own() -> None:
    async def queue() -> None:
        shared = OneForAll(Clock(5e9))
        processes = [SlackRateLimits(Clock(), shared) for _ in range(2)]
        queued = [
            asyncio.create_task(processes[number % 2].message_turn("C1")) for number in range(2000)
        ]
        await asyncio.wait(queued[:MESSAGE_BURST])  # by then all have asked

        assert shared.changes == len(queued)
        assert [task.done() for task in queued].count(True) == MESSAGE_BURST
        assert read_due(shared.kept["slack:messages:C1"], 5e9) == 5e9 + 2000
        for task in queued:
            task.cancel()

    run_leaping(queue())


async def test_each_channel_has_its_own_pace() -> None:
    pace = SlackRateLimits(Clock())

    async with asyncio.timeout(30):
        for channel in ("C1", "C2", "C3"):
            for _ in range(MESSAGE_BURST):
                await pace.message_turn(channel)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await pace.message_turn("C1")


async def test_channels_that_were_not_used_for_long_are_forgotten() -> None:
    pace = SlackRateLimits(Clock())
    for _ in range(MESSAGE_BURST):
        await pace.message_turn("C1")

    for number in range(2000):
        await pace.message_turn(f"D{number}")

    async with asyncio.timeout(30):
        await pace.message_turn("C1")
