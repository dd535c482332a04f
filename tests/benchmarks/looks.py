"""Looks: how many a generation needs and how late they notice its end, with the bot's own timing on
durations that are drawn, so without a clock and the same in every run."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.generations import timing
from bot.generations.poll_schedule import REMEMBERED, adapt_schedule, find_typical_duration
from bot.generations.timing import PollSchedule
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row

# How long PowerPost takes for a picture is not known. These are guesses of every kind, in seconds.
DURATIONS: Final[dict[str, Callable[[random.Random], float]]] = {
    "always 3 s": lambda _: 3.0,
    "2 to 8 s": lambda draw: draw.uniform(2.0, 8.0),
    "about 2.5 s": lambda draw: draw.lognormvariate(0.9, 0.2),
    "about 8 s": lambda draw: draw.lognormvariate(2.08, 0.25),
    "about 8 s, with a long tail": lambda draw: draw.lognormvariate(2.08, 0.5),
    "about 25 s": lambda draw: draw.lognormvariate(3.2, 0.3),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one way of looking, each a mean over all generations."""

    looks: float
    delay_seconds: float


def simulate_looks(
    draw_seconds: Callable[[random.Random], float],
    *,
    count: int,
    learns: bool,
    seen: tuple[float, ...] = (),
) -> Outcome:
    """Wait for `count` generations, one after another, with what looks have seen so far. Pure.

    What is remembered is what a look saw, never how long it really took.
    """
    draw = random.Random(1)  # noqa: S311 - the same in every run
    remembered = deque(seen, maxlen=REMEMBERED)
    looks, late = 0, 0.0
    for _ in range(count):
        seconds = draw_seconds(draw)
        made, seen_at = _look_until(seconds, list(remembered) if learns else [], draw)
        remembered.append(seen_at)
        looks += made
        late += seen_at - seconds
    return Outcome(looks / count, late / count)


def _look_until(seconds: float, remembered: list[float], draw: random.Random) -> tuple[int, float]:
    """As bot/generations/polling.py does: the number of looks, and when the last was."""
    typical, jitter = find_typical_duration(remembered), draw.random()
    schedule = adapt_schedule(PollSchedule(), typical, 0.0, jitter)
    now = timing.first_poll_seconds(0.0, schedule, draw.random())
    looks = 1
    while now < seconds:
        schedule = adapt_schedule(PollSchedule(), typical, now, jitter)
        now += timing.next_poll_seconds(now, 0, schedule, draw.random())
        looks += 1
    return looks, now


async def measure_looks(sizes: Sizes) -> list[Row]:
    """The bot's way beside the fixed one of the specification's advice (2 s, then every 2.5 s)."""
    rows = []
    for name, draw_seconds in DURATIONS.items():
        ours = simulate_looks(draw_seconds, count=sizes.simulated, learns=True)
        fixed = simulate_looks(draw_seconds, count=sizes.simulated, learns=False)
        is_better = ours.looks < fixed.looks and ours.delay_seconds < fixed.delay_seconds
        rows.append(
            Row(
                f"pictures take {name}: looks, delay",
                _show(ours),
                target=f"below {_show(fixed)}, every 2.5 s",
                is_met=is_better,
            )
        )
    return rows


def _show(outcome: Outcome) -> str:
    return f"{outcome.looks:.2f}, {outcome.delay_seconds:.2f} s"
