"""Looking less and knowing sooner: when to look, by what was seen lately."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause, Transient
from bot.generations.poll_schedule import (
    REMEMBERED,
    DurationStatistics,
    TypicalDuration,
    adapt_schedule,
    find_typical_duration,
)
from bot.generations.timing import PollSchedule, heed_notification_seconds
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from tests.benchmarks.looks import DURATIONS, simulate_looks

RHYTHM = PollSchedule()
EIGHT = TypicalDuration(median_seconds=8.0, spread_seconds=1.0)
FOG = ImageRequest(prompt="fog")


@pytest.mark.parametrize(
    ("durations", "typical"),
    [
        ([], None),
        ([8.0] * 4, None),
        ([6.0, 7.0, 8.0, 9.0, 10.0], TypicalDuration(8.0, 1.0)),
        (
            [8.0] * 5,
            TypicalDuration(8.0, 0.8),
        ),  # never less than a tenth: else nothing new is learnt
        ([6.0, 7.0, 8.0, 9.0, 170.0], TypicalDuration(8.0, 1.0)),  # one that was stuck says nothing
    ],
)
def test_a_habit_is_the_median_and_the_median_distance_from_it(
    durations: list[float], typical: TypicalDuration | None
) -> None:
    assert find_typical_duration(durations) == typical


@pytest.mark.parametrize(
    ("typical", "elapsed", "first", "pause"),
    [
        pytest.param(None, 0.0, 2.0, 2.5, id="nothing known: the specification's advice"),
        pytest.param(EIGHT, 0.0, 6.7, 1.0, id="a little before the usual, then by the spread"),
        pytest.param(EIGHT, 9.0, 6.7, 1.0, id="up to the late side of the usual"),
        pytest.param(EIGHT, 11.0, 6.7, 1.8, id="then ever slower"),
        pytest.param(EIGHT, 20.0, 6.7, 2.5, id="down to the ordinary"),
        pytest.param(TypicalDuration(8.0, 0.8), 0.0, 6.96, 0.8, id="close together: not too often"),
        pytest.param(TypicalDuration(30.0, 9.0), 0.0, 18.3, 1.5, id="far apart: not too seldom"),
        pytest.param(TypicalDuration(0.3, 0.03), 0.0, 0.5, 0.8, id="very fast: not at once"),
        pytest.param(
            TypicalDuration(170.0, 17.0), 0.0, 45.0, 1.5, id="very slow: a look all the same"
        ),
    ],
)
def test_the_rhythm_is_that_of_the_habit(
    typical: TypicalDuration | None, elapsed: float, first: float, pause: float
) -> None:
    schedule = adapt_schedule(RHYTHM, typical, elapsed, jitter=0.0)

    assert schedule.first_poll_seconds == pytest.approx(first)
    assert schedule.poll_seconds == pytest.approx(pause)


def test_jobs_that_began_together_do_not_look_together() -> None:
    schedule = adapt_schedule(RHYTHM, EIGHT, 0.0, jitter=0.5)

    assert schedule.first_poll_seconds == pytest.approx(6.7 * 0.95)


@given(
    durations=st.lists(st.floats(0, 180), max_size=40),
    elapsed=st.floats(0, 1e6),
    jitter=st.floats(0, 1, exclude_max=True),
    poll=st.floats(0.1, 60),
)
def test_whatever_was_seen_a_look_is_neither_too_soon_nor_too_late(
    durations: list[float], elapsed: float, jitter: float, poll: float
) -> None:
    schedule = adapt_schedule(
        PollSchedule(2.0, poll), find_typical_duration(durations), elapsed, jitter
    )

    assert 0.5 <= schedule.first_poll_seconds <= 45.0
    assert 0.3 * poll <= schedule.poll_seconds <= poll


@pytest.mark.parametrize("name", DURATIONS)
def test_there_are_fewer_looks_and_a_shorter_delay_than_every_2_5_seconds(name: str) -> None:
    ours = simulate_looks(DURATIONS[name], count=1500, learns=True)
    fixed = simulate_looks(DURATIONS[name], count=1500, learns=False)

    assert ours.looks < fixed.looks
    assert ours.delay_seconds < fixed.delay_seconds


def test_what_looks_have_seen_never_makes_the_first_look_later_and_later() -> None:
    """What is seen is never sooner than the first look: a first look at the median of that would
    stay late for ever, or become later, once it was late."""
    unlearnt = simulate_looks(DURATIONS["always 3 s"], count=400, learns=True, seen=(45.0,) * 30)
    later = simulate_looks(DURATIONS["always 3 s"], count=4000, learns=True, seen=(45.0,) * 30)

    assert unlearnt.delay_seconds < 10.0
    assert later.delay_seconds < 1.5


@pytest.mark.parametrize(
    ("vain", "seconds"), [(0, 0.0), (1, 1.0), (2, 2.0), (5, 16.0), (7, 60.0), (10**9, 60.0)]
)
def test_hints_in_vain_are_heeded_ever_less(vain: int, seconds: float) -> None:
    assert heed_notification_seconds(vain) == seconds


class Rows:
    """What a store would say, newest first."""

    def __init__(self, *durations: float) -> None:
        self.durations = list(durations)
        self.is_away = False
        self.asked: list[tuple[Model, int]] = []

    async def recent_durations(self, model: Model, quantity: int, limit: int) -> list[float]:
        self.asked.append((model, quantity))
        if self.is_away:
            raise Transient(Cause.STORAGE)
        return self.durations[:limit]


async def test_the_store_is_asked_once_for_each_model_and_quantity() -> None:
    rows = Rows(10.0, 9.0, 8.0, 7.0, 6.0)
    habits = DurationStatistics(rows.recent_durations)

    assert await habits.recall(FOG) == TypicalDuration(8.0, 1.0)
    assert await habits.recall(FOG) == TypicalDuration(8.0, 1.0)
    await habits.recall(FOG.model_copy(update={"quantity": 2}))
    assert rows.asked == [(FOG.model, 1), (FOG.model, 2)]


async def test_a_habit_changes_with_what_ends_here_and_the_oldest_is_forgotten_first() -> None:
    habits = DurationStatistics(Rows(*deque([8.0] * REMEMBERED)).recent_durations)
    assert await habits.recall(FOG) == TypicalDuration(8.0, 0.8)

    for _ in range(REMEMBERED):
        habits.note(FOG, 3.0)

    typical = await habits.recall(FOG)
    assert typical is not None
    assert typical.median_seconds == 3.0


async def test_an_empty_store_is_filled_by_what_ends_here() -> None:
    habits = DurationStatistics(Rows().recent_durations)
    assert await habits.recall(FOG) is None

    for seconds in (6.0, 7.0, 8.0, 9.0, 10.0, 4000.0):
        habits.note(FOG, seconds)

    assert await habits.recall(FOG) == TypicalDuration(8.0, 1.0)


async def test_while_the_store_is_away_nothing_is_known_and_it_is_asked_again() -> None:
    rows = Rows(10.0, 9.0, 8.0, 7.0, 6.0)
    rows.is_away = True
    habits = DurationStatistics(rows.recent_durations)
    assert await habits.recall(FOG) is None

    rows.is_away = False
    assert await habits.recall(FOG) == TypicalDuration(8.0, 1.0)
