"""Slack's pace: bursts, steady rates, pauses that Slack asks for. The clock is passed in."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause, Transient
from bot.slack.kit.rate_limits import EDIT_BURST, MESSAGE_BURST, Pace, SlackRateLimits, read_due

_T = TypeVar("_T")


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("taken", "later", "seconds"),
    [
        pytest.param(0, 0.0, 0.0, id="nothing was sent"),
        pytest.param(3, 0.0, 0.0, id="within the burst"),
        pytest.param(4, 0.0, 1.0, id="the burst is used up"),
        pytest.param(4, 0.4, 0.6, id="some of the wait is over"),
        pytest.param(4, 1.0, 0.0, id="a turn has come back"),
        pytest.param(6, 0.0, 3.0, id="others wait before"),
        pytest.param(4, 3600.0, 0.0, id="an hour later"),
    ],
)
def test_a_turn_waits_for_the_rate_after_the_burst(
    taken: int, later: float, seconds: float
) -> None:
    pace = Pace(per_second=1.0, burst=4)
    for _ in range(taken):
        pace.take(0.0)

    assert pace.wait_seconds(later) == pytest.approx(seconds)


def test_rest_does_not_add_up_to_more_than_the_burst() -> None:
    pace = Pace(per_second=1.0, burst=4)
    for _ in range(4):
        pace.take(10_000.0)

    assert pace.wait_seconds(10_000.0) == pytest.approx(1.0)


@given(
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=60),
    burst=st.integers(1, 5),
    per_second=st.sampled_from([0.5, 1.0, 5.0]),
)
def test_no_stretch_of_time_holds_more_than_the_burst_and_the_rate(
    pauses: list[float], burst: int, per_second: float
) -> None:
    pace, now, sent = Pace(per_second, burst), 0.0, []
    for pause in pauses:
        now += pause
        sent.append(now + pace.wait_seconds(now))
        pace.take(now)

    sent.sort()
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            most = burst + (sent[last] - sent[first]) * per_second
            assert last - first + 1 <= most + 1e-6


def test_a_pause_that_slack_asks_for_holds_everyone() -> None:
    pace = Pace(per_second=1.0, burst=4)

    pace.hold(until=30.0)

    assert pace.wait_seconds(0.0) == pytest.approx(30.0)
    assert pace.wait_seconds(30.0) == 0.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pace = Pace(per_second=1.0, burst=4)
    pace.hold(until=30.0)

    pace.hold(until=5.0)

    assert pace.wait_seconds(0.0) == pytest.approx(30.0)


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


async def test_however_many_wait_for_a_channel_each_has_a_turn_of_its_own() -> None:
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


def test_what_an_older_version_kept_is_due_in_any_case() -> None:
    assert read_due({"due": 5e9 + 60}, 5e9) == 5e9 + 60
    assert read_due({"due": 5e9 + 3600}, 5e9) == -math.inf


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
