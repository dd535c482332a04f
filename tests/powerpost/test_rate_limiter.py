"""The limiter: what the headers mean as a table, the turns in a real event loop."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.limits import Window, note_reading, penalise, take_tokens
from bot.powerpost.calls import CallKind
from bot.powerpost.headers import Headers, read_rate_limit
from bot.powerpost.rate_limiter import RateLimiter

NOW = 1000.0
MIDNIGHT = "Thu, 01 Jan 2026 00:00:00 GMT"
MIDNIGHT_UNIX = 1767225600


def left(remaining: object, seconds: float, limit: int = 30) -> dict[str, str]:
    """Headers of an answer that was made at midnight."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(MIDNIGHT_UNIX + seconds),
        "date": MIDNIGHT,
    }


def observe(
    window: Window, headers: Headers, now: float, in_flight: int, *, unix_now: float | None = None
) -> Window:
    """What is known after an answer with these headers, so many other calls being under way."""
    reading = read_rate_limit(headers, now if unix_now is None else unix_now)
    if reading is None:
        return take_tokens(window, in_flight, now)[0]
    return note_reading(window, reading, in_flight, now)


def wait_seconds(window: Window, now: float) -> float:
    """How long until one more call may begin."""
    return take_tokens(window, 1, now)[1].wait_seconds


@pytest.mark.parametrize(
    ("headers", "in_flight", "seconds"),
    [
        pytest.param(left(29, 60), 0, 0.0, id="calls are left"),
        pytest.param(left(0, 60), 0, 60.0, id="none is left: until Reset"),
        pytest.param(left(3, 60), 2, 0.0, id="one is left beside those in flight"),
        pytest.param(left(3, 60), 3, 60.0, id="those in flight are the last"),
        pytest.param(left(0, -60), 0, 0.5, id="Reset is past"),
        pytest.param(left(0, 86400), 0, 300.0, id="Reset is tomorrow"),
        pytest.param(left(0, 1e300), 0, 300.0, id="Reset is absurd"),
        pytest.param(left("-1", 60), 0, 0.0, id="Remaining is negative: not believed"),
        pytest.param(left("many", 60), 0, 0.0, id="Remaining is a word"),
        pytest.param({**left(0, 60), "x-ratelimit-reset": "nan"}, 0, 0.0, id="Reset is nan"),
        pytest.param({}, 0, 0.0, id="no headers"),
        pytest.param({}, 7, 0.0, id="nothing known: eight at once"),
        pytest.param({}, 8, 0.25, id="nothing known: no ninth"),
        pytest.param(
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1030"},
            0,
            30.0,
            id="without Date our own clock is taken",
        ),
    ],
)
def test_the_wait_follows_the_headers(
    headers: dict[str, str], in_flight: int, seconds: float
) -> None:
    assert wait_seconds(observe(Window(), headers, NOW, in_flight), NOW) == seconds


def test_the_servers_clock_may_be_wrong_by_hours() -> None:
    headers = {**left(0, 20), "date": MIDNIGHT}
    state = observe(Window(), headers, NOW, 0, unix_now=MIDNIGHT_UNIX + 7200)
    assert wait_seconds(state, NOW) == 20.0


def test_the_wait_shrinks_as_time_goes_and_ends_at_the_reset() -> None:
    state = observe(Window(), left(0, 20), NOW, 0)
    assert wait_seconds(state, NOW + 15) == 5.0
    assert wait_seconds(state, NOW + 20) == 0.0


def test_answers_that_overtake_each_other_never_raise_what_is_left() -> None:
    state = observe(Window(), left(1, 60), NOW, 1)
    state = observe(state, left(5, 60), NOW + 0.1, 1)
    assert wait_seconds(state, NOW + 0.1) == pytest.approx(59.9)


def test_a_new_window_forgets_the_old_one() -> None:
    state = observe(Window(), left(0, 10), NOW, 0)
    state = observe(state, left(29, 70), NOW + 10, 0)
    assert wait_seconds(state, NOW + 10) == 0.0
    # and an answer of the old window that comes late changes nothing
    state = observe(state, left(0, 10), NOW + 10.2, 0)
    assert wait_seconds(state, NOW + 10.2) == 0.0


def test_after_a_reset_few_go_before_the_first_answer() -> None:
    window = observe(Window(), left(0, 10), NOW, 0)
    assert take_tokens(window, 30, NOW + 10)[1].number == 8
    window = observe(Window(), left(0, 10, limit=2), NOW, 0)
    assert take_tokens(window, 30, NOW + 10)[1].number == 2


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(7.0, 7.0), (None, 2.0), (0.0, 0.5), (1e9, 300.0)]
)
def test_after_a_429_nothing_goes_for_a_while(retry_after: float | None, seconds: float) -> None:
    assert wait_seconds(penalise(Window(), retry_after, NOW), NOW) == seconds


def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    state = penalise(penalise(Window(), 60.0, NOW), 1.0, NOW)
    assert wait_seconds(state, NOW) == 60.0


@given(
    headers=st.dictionaries(
        st.sampled_from(
            ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"]
        ),
        st.text() | st.floats().map(str) | st.integers().map(str) | st.just(MIDNIGHT),
    ),
    in_flight=st.integers(0, 7),
)
def test_no_header_can_stop_the_calls_for_longer_than_five_minutes(
    headers: dict[str, str], in_flight: int
) -> None:
    assert 0 <= wait_seconds(observe(Window(), headers, NOW, in_flight), NOW) <= 300


def spend_all(limiter: RateLimiter, *, for_seconds: float) -> None:
    """An answer came that says: none is left, for a while."""
    unix_now = time.time()
    limiter.observe(
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(unix_now + for_seconds)}
    )


def allow(limiter: RateLimiter, calls_left: int) -> None:
    """An answer came of a new window with so many calls left."""
    reset = time.time() + 200
    limiter.observe({"X-RateLimit-Remaining": str(calls_left), "X-RateLimit-Reset": str(reset)})


class Queue:
    """Callers that wait for their turn and note when they get it; each keeps it until told."""

    def __init__(self, limiter: RateLimiter) -> None:
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._limiter = limiter
        self._may_end = asyncio.Event()

    def add(self, name: str, kind: CallKind) -> None:
        self.tasks[name] = asyncio.create_task(self._call(name, kind))

    async def _call(self, name: str, kind: CallKind) -> None:
        async with self._limiter.turn(kind):
            self.order.append(name)
            await self._may_end.wait()

    async def settle(self) -> None:
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        self._may_end.set()
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def test_calls_go_at_once_while_any_are_left() -> None:
    limiter = RateLimiter()
    allow(limiter, 30)
    queue = Queue(limiter)
    for number in range(20):
        queue.add(str(number), CallKind.POLL)
    await queue.settle()
    assert queue.order == [str(number) for number in range(20)]
    await queue.end()


async def test_what_a_person_waits_for_goes_before_looks_and_looks_do_not_starve() -> None:
    limiter = RateLimiter()
    spend_all(limiter, for_seconds=100)
    queue = Queue(limiter)
    for number in (1, 2, 3):
        queue.add(f"look {number}", CallKind.POLL)
    await queue.settle()
    for number in (1, 2, 3):
        queue.add(f"submit {number}", CallKind.SUBMIT)
    for number in (1, 2, 3):
        queue.add(f"credits {number}", CallKind.CREDITS)
    await queue.settle()
    assert queue.order == []

    allow(limiter, 9)
    await queue.settle()
    assert queue.order == [
        "submit 1",
        "submit 2",
        "submit 3",
        "look 1",
        "credits 1",
        "credits 2",
        "credits 3",
        "look 2",
        "look 3",
    ]
    await queue.end()


async def test_no_more_calls_are_in_flight_than_are_left() -> None:
    limiter = RateLimiter()
    allow(limiter, 2)
    queue = Queue(limiter)
    for number in range(5):
        queue.add(str(number), CallKind.SUBMIT)
    await queue.settle()
    assert queue.order == ["0", "1"]
    await queue.end()


async def test_a_call_that_ends_lets_the_next_one_go() -> None:
    limiter = RateLimiter()
    queue = Queue(limiter)
    for number in range(9):
        queue.add(str(number), CallKind.POLL)
    await queue.settle()
    assert len(queue.order) == 8
    queue.tasks["0"].cancel()
    await queue.settle()
    assert queue.order[-1] == "8"
    await queue.end()


async def test_a_window_that_ends_wakes_those_who_wait() -> None:
    limiter = RateLimiter()
    spend_all(limiter, for_seconds=0.5)
    began = time.monotonic()
    async with asyncio.timeout(60), limiter.turn(CallKind.POLL):
        assert 0.4 < time.monotonic() - began < 20


async def test_who_is_cancelled_while_waiting_takes_no_turn() -> None:
    limiter = RateLimiter()
    spend_all(limiter, for_seconds=100)
    queue = Queue(limiter)
    for name in ("a", "b", "c"):
        queue.add(name, CallKind.SUBMIT)
    await queue.settle()
    queue.tasks["b"].cancel()
    await queue.settle()
    allow(limiter, 2)
    await queue.settle()
    assert queue.order == ["a", "c"]
    await queue.end()


async def test_a_turn_that_comes_with_the_cancellation_is_given_back() -> None:
    limiter = RateLimiter()
    spend_all(limiter, for_seconds=100)
    queue = Queue(limiter)
    queue.add("a", CallKind.SUBMIT)
    queue.add("b", CallKind.SUBMIT)
    await queue.settle()
    allow(limiter, 1)  # a's turn is given, and a has not run yet
    queue.tasks["a"].cancel()
    await queue.settle()
    assert queue.order == ["b"]
    await queue.end()


async def test_a_call_that_fails_gives_its_turn_back() -> None:
    limiter = RateLimiter()
    allow(limiter, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            async with asyncio.timeout(30), limiter.turn(CallKind.SUBMIT):
                raise ValueError("broken")


async def test_a_429_stops_every_class_of_calls() -> None:
    limiter = RateLimiter()
    limiter.penalise(100.0)
    queue = Queue(limiter)
    for kind in CallKind:
        queue.add(kind.value, kind)
    await queue.settle()
    assert queue.order == []
    await queue.end()
