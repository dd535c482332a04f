"""The rates and the window that calls keep to: tables, and a server that counts along."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import (
    Grant,
    Rate,
    Reading,
    Window,
    give_back,
    is_news,
    note_reading,
    penalise,
    read_due,
    read_window_state,
    take_tokens,
    write_window_state,
)

NOW = 1000.0
# Ten calls are left of thirty, for twenty seconds.
KNOWN = Window(limit=30, end=5000.0, until=NOW + 20, left=10, given=20)


@pytest.mark.parametrize(
    ("window", "wanted", "grant"),
    [
        pytest.param(Window(), 3, Grant(3), id="nothing known: some go"),
        pytest.param(Window(), 50, Grant(8), id="nothing known: eight at once"),
        pytest.param(Window(limit=2), 50, Grant(2), id="no more than the limit ever was"),
        pytest.param(KNOWN, 4, Grant(4), id="calls are left"),
        pytest.param(KNOWN, 40, Grant(10), id="no more than are left"),
        pytest.param(replace(KNOWN, left=0), 1, Grant(0, 20.0), id="none is left: until Reset"),
        pytest.param(
            replace(KNOWN, left=0, end=None), 1, Grant(0, 0.25), id="an answer may bring more"
        ),
        pytest.param(replace(KNOWN, until=NOW), 40, Grant(8), id="it is over: eight try"),
        pytest.param(
            replace(KNOWN, blocked_until=NOW + 7), 1, Grant(0, 7.0), id="a 429 holds everyone"
        ),
        pytest.param(replace(KNOWN, blocked_until=NOW), 1, Grant(1), id="the pause is over"),
        pytest.param(
            replace(KNOWN, left=0, until=NOW + 3600, blocked_until=NOW + 3600),
            1,
            Grant(1),
            id="the clock was set back by an hour",
        ),
    ],
)
def test_tokens_are_given_out_as_long_as_there_are(
    window: Window, wanted: int, grant: Grant
) -> None:
    assert take_tokens(window, wanted, NOW)[1] == grant


@pytest.mark.parametrize(
    ("window", "reading", "in_flight", "left"),
    [
        pytest.param(KNOWN, Reading(30, 4, 5000.0, 20.0), 0, 4, id="others use the key too"),
        pytest.param(KNOWN, Reading(30, 13, 5000.0, 20.0), 3, 10, id="calls under way: ours"),
        pytest.param(KNOWN, Reading(30, 29, 5060.0, 60.0), 3, 26, id="a new window"),
        pytest.param(KNOWN, Reading(30, 0, 4940.0, 0.5), 0, 10, id="a late answer of the last"),
        pytest.param(
            Window(until=NOW + 9, given=8), Reading(30, 29, 5000.0, 60.0), 3, 22, id="eight tried"
        ),
        pytest.param(
            Window(until=NOW + 9, given=8),
            Reading(30, 26, 5000.0, 60.0),
            3,
            22,
            id="eight tried, and four of them are counted",
        ),
        pytest.param(
            Window(until=NOW + 9, given=8),
            Reading(None, 29, 5000.0, 60.0),
            3,
            22,
            id="eight tried, and nobody knows the limit",
        ),
        pytest.param(
            Window(), Reading(30, 29, 5000.0, 60.0), 0, 29, id="the first answer since long ago"
        ),
        pytest.param(Window(), Reading(30, 1, 5000.0, 60.0), 5, 0, id="never less than none"),
    ],
)
def test_an_answer_tells_all_processes_what_is_left(
    window: Window, reading: Reading, in_flight: int, left: int
) -> None:
    assert note_reading(window, reading, in_flight, NOW).left == left


def test_only_what_is_not_known_is_written_down() -> None:
    assert is_news(None, Reading(30, 29, 5000.0, 60.0))
    assert is_news(Window(), Reading(30, 29, 5000.0, 60.0))
    assert is_news(KNOWN, Reading(30, 29, 5060.0, 60.0))
    assert is_news(KNOWN, Reading(30, 9, 5000.0, 60.0))
    assert not is_news(KNOWN, Reading(30, 12, 5000.0, 60.0))
    assert not is_news(KNOWN, Reading(30, 0, 4940.0, 0.5))


def test_a_penalty_holds_everyone_and_a_shorter_one_does_not_end_it() -> None:
    window = penalise(penalise(KNOWN, 30.0, NOW), None, NOW)

    assert take_tokens(window, 1, NOW)[1] == Grant(0, 30.0)
    assert take_tokens(window, 1, NOW + 30)[1] == Grant(1)


def test_where_no_answer_ever_tells_a_call_that_ends_lets_another_go() -> None:
    window, grant = take_tokens(Window(), 50, NOW)
    assert grant.number == 8

    window = give_back(window, NOW + 1)

    assert take_tokens(window, 50, NOW + 1)[1] == Grant(1)
    assert give_back(KNOWN, NOW) == KNOWN


def test_a_call_without_an_answer_gives_its_token_back_to_the_window_that_gave_it() -> None:
    window, _ = take_tokens(KNOWN, 10, NOW)
    assert take_tokens(window, 1, NOW)[1] == Grant(0, 20.0)

    window = give_back(window, NOW + 1, KNOWN.end)

    assert take_tokens(window, 5, NOW + 1)[1] == Grant(1)
    assert give_back(window, NOW + 1, 4940.0) == window


def test_a_window_is_read_back_and_what_a_newer_version_added_is_left_out() -> None:
    assert read_window_state(write_window_state(KNOWN)) == KNOWN
    assert read_window_state({**write_window_state(KNOWN), "added": 1}) == KNOWN
    assert read_window_state(None) == Window()


# As long as no answer has told the limit, eight may be on their way: a smaller one would show.
@given(
    limit=st.integers(8, 40),
    calls=st.lists(
        st.tuples(st.floats(0, 4), st.floats(0, 2), st.floats(0, 3)), min_size=1, max_size=120
    ),
)
def test_no_window_ever_sees_more_calls_than_its_limit_whoever_makes_them(
    limit: int, calls: list[tuple[float, float, float]]
) -> None:
    """Each call: the pause before it, and how long it and its answer travel. Windows are of 20
    seconds; calls begun in one that arrive in the next count there, as they do at PowerPost."""
    book, now, begin, used = Window(), NOW, -math.inf, 0
    out: list[tuple[float, float]] = []  # arrives, answered
    told: list[tuple[float, Reading]] = []
    refused = stragglers = 0
    for pause, way, back in calls:
        now += pause
        if take_tokens(book, 1, now)[1].number:
            book = take_tokens(book, 1, now)[0]
            out.append((now + way, now + way + back))
        for arrival, answer in sorted(a for a in out if a[0] <= now):
            out.remove((arrival, answer))
            if arrival >= begin + 20:
                begin, used = arrival, 0
                stragglers = len(out)
            refused += used >= limit + stragglers
            used += 1
            left = max(0, limit - used)
            told.append((answer, Reading(limit, left, begin + 20, begin + 20 - arrival)))
        for answer, reading in sorted((t for t in told if t[0] <= now), key=lambda t: t[0]):
            told.remove((answer, reading))
            book = note_reading(book, reading, 0, now)
    assert refused == 0


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
    rate = Rate(per_second=1.0, burst=4)
    for _ in range(taken):
        rate.take(0.0)

    assert rate.wait_seconds(later) == pytest.approx(seconds)


def test_rest_does_not_add_up_to_more_than_the_burst() -> None:
    rate = Rate(per_second=1.0, burst=4)
    for _ in range(4):
        rate.take(10_000.0)

    assert rate.wait_seconds(10_000.0) == pytest.approx(1.0)


@given(
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=60),
    burst=st.integers(1, 5),
    per_second=st.sampled_from([0.5, 1.0, 5.0]),
)
def test_no_stretch_of_time_holds_more_than_the_burst_and_the_rate(
    pauses: list[float], burst: int, per_second: float
) -> None:
    rate, now, sent = Rate(per_second, burst), 0.0, []
    for pause in pauses:
        now += pause
        sent.append(now + rate.wait_seconds(now))
        rate.take(now)

    sent.sort()
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            most = burst + (sent[last] - sent[first]) * per_second
            assert last - first + 1 <= most + 1e-6


def test_a_pause_that_is_asked_for_holds_everyone() -> None:
    rate = Rate(per_second=1.0, burst=4)

    rate.hold(until=30.0)

    assert rate.wait_seconds(0.0) == pytest.approx(30.0)
    assert rate.wait_seconds(30.0) == 0.0


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    rate = Rate(per_second=1.0, burst=4)
    rate.hold(until=30.0)

    rate.hold(until=5.0)

    assert rate.wait_seconds(0.0) == pytest.approx(30.0)


def test_what_an_older_version_kept_is_due_in_any_case() -> None:
    assert read_due({"due": 5e9 + 60}, 5e9) == 5e9 + 60
    assert read_due({"due": 5e9 + 3600}, 5e9) == -math.inf
