"""When to look, to show progress, and to give up."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause
from bot.generations import timing
from bot.generations.timing import PollSchedule
from tests.support.examples import NOON

RHYTHM = PollSchedule()
DAY = 24 * 3600.0


@pytest.mark.parametrize(
    ("elapsed", "failures", "seconds"),
    [
        pytest.param(0.0, 0, 2.0, id="first after 2 s"),
        pytest.param(0.5, 0, 1.5, id="counted from the submit"),
        pytest.param(2.0, 0, 2.5, id="then every 2.5 s"),
        pytest.param(179.9, 0, 2.5, id="up to 3 minutes"),
        pytest.param(180.0, 0, 30.0, id="then every 30 s"),
        pytest.param(3599.0, 0, 30.0, id="for an hour"),
        pytest.param(3600.0, 0, 600.0, id="then seldom"),
        pytest.param(0.5, 1, 2.5, id="a failure is no hurry"),
        pytest.param(10.0, 3, 4.0, id="failures in a row back off"),
        pytest.param(10.0, 5, 16.0, id="further"),
        pytest.param(10.0, 99, 60.0, id="up to a minute"),
        pytest.param(200.0, 3, 30.0, id="and never look more often for it"),
    ],
)
def test_the_pause_before_the_next_look(elapsed: float, failures: int, seconds: float) -> None:
    assert timing.next_poll_seconds(elapsed, failures, RHYTHM, jitter=0.5) == pytest.approx(seconds)


@given(
    elapsed=st.floats(2, 10 * DAY),
    failures=st.integers(0, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_jitter_is_a_tenth_and_a_pause_is_always_a_time_to_wait(
    elapsed: float, failures: int, jitter: float
) -> None:
    middle = timing.next_poll_seconds(elapsed, failures, RHYTHM, jitter=0.5)
    pause = timing.next_poll_seconds(elapsed, failures, RHYTHM, jitter)

    assert 0.89 * middle <= pause <= 1.11 * middle
    assert 1.0 <= pause < math.inf


@pytest.mark.parametrize(
    ("elapsed", "seconds"), [(0.0, 2.0), (1.5, 0.5), (2.0, 0.25), (300.0, 0.25), (3 * DAY, 0.25)]
)
def test_a_process_looks_soon_however_late_it_comes(elapsed: float, seconds: float) -> None:
    assert timing.first_poll_seconds(elapsed, RHYTHM, jitter=0.5) == seconds


@pytest.mark.parametrize(
    ("longest", "seconds"),
    [(None, 180.0), (30.0, 180.0), (181.0, 181.0), (900.0, 900.0), (9 * DAY, 3600.0)],
)
def test_what_takes_longer_than_its_model_ever_needed_hangs(
    longest: float | None, seconds: float
) -> None:
    assert timing.overdue_seconds(longest) == seconds


@pytest.mark.parametrize(
    ("elapsed", "times", "is_missing"),
    [(3599.0, 99, False), (3600.0, 3, True), (3600.0, 2, False), (DAY, 3, True)],
)
def test_what_powerpost_does_not_know_is_given_up_after_an_hour(
    elapsed: float, times: int, *, is_missing: bool
) -> None:
    assert timing.is_missing(elapsed, times) is is_missing


def test_it_gives_up_after_a_day_of_answers_and_after_a_week_of_silence() -> None:
    assert timing.give_up_seconds(is_answered=True) == DAY
    assert timing.give_up_seconds(is_answered=False) == 7 * DAY


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10**9, 60)]
)
def test_back_off_doubles_up_to_a_minute(failures: int, seconds: float) -> None:
    assert timing.backoff_seconds(failures, jitter=0.5) == seconds


@pytest.mark.parametrize("cause", Cause)
def test_a_picture_waits_for_slack_for_days_and_for_everyone_else_minutes(cause: Cause) -> None:
    seconds = timing.Patience().seconds(cause)

    assert seconds == (6 * DAY if cause is Cause.SLACK_AWAY else 120.0)
    assert seconds < 7 * DAY  # links live no longer


@pytest.mark.parametrize(
    ("elapsed", "seconds"), [(0, 4), (59, 4), (60, 15), (179, 15), (180, 60), (9999, 60)]
)
def test_progress_is_shown_less_often_the_longer_it_takes(elapsed: float, seconds: float) -> None:
    assert timing.progress_seconds(elapsed) == seconds


@pytest.mark.parametrize(
    ("since", "seconds"),
    [
        pytest.param(NOON - timedelta(seconds=30), 35.0, id="from before it was started"),
        pytest.param(NOON, 5.0, id="from its start"),
        pytest.param(NOON + timedelta(hours=1), 5.0, id="by a clock that was wrong then"),
    ],
)
def test_a_stopwatch_asks_the_wall_clock_once(since: datetime, seconds: float) -> None:
    stopwatch = timing.Stopwatch.start(since, NOON, clock=100.0)

    assert stopwatch.read(105.0) == seconds
