"""The states: the drawing at the top of record.py is the table."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from bot.generations import record
from bot.generations.record import MAY_BECOME, State


def read_drawing(text: str) -> dict[State, set[State]]:
    """The arrows of the drawing: along its first line, and down from a state of that line."""
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if "──>" in line)
    spans = [(m.start(), m.end(), State(m.group())) for m in re.finditer(r"[a-z]+", lines[first])]
    following: dict[State, set[State]] = defaultdict(set)
    for (_, _, before), (_, _, after) in pairwise(spans):
        following[before].add(after)
    for line in lines[first + 1 :]:
        if arrow := re.search(r"[├└]──> ([a-z]+)", line):
            (source,) = (s for start, end, s in spans if start <= arrow.start() < end)
            following[source].add(State(arrow.group(1)))
    return dict(following)


def test_the_drawing_and_the_table_agree() -> None:
    drawn = read_drawing(record.__doc__ or "")

    assert drawn == {before: set(after) for before, after in MAY_BECOME.items() if after}


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    reached, new = {State.ACCEPTED}, {State.ACCEPTED}
    while new:
        new = {after for before in new for after in MAY_BECOME[before]} - reached
        reached |= new

    assert set(MAY_BECOME) == set(State) == reached


def test_nothing_that_was_paid_for_or_may_have_been_is_ever_sent_again() -> None:
    paid = {State.PROCESSING, State.FINISHED, State.DELIVERED, State.FAILED, State.UNKNOWN}

    for state in paid:
        assert MAY_BECOME[state].isdisjoint({State.ACCEPTED, State.SUBMITTING})
