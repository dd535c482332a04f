"""What can be said honestly of the cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generations.money import Usage, count_usage, pictures_missing
from bot.generations.record import State
from tests.generations.examples import make_generation


@pytest.mark.parametrize(
    ("state", "quantity", "made", "at_end", "is_alone", "usage"),
    [
        pytest.param(State.DELIVERED, 2, 2, None, True, Usage(6, 94), id="all made"),
        pytest.param(State.FINISHED, 2, 1, 97, True, Usage(6, 97, 3, True), id="one refunded"),
        pytest.param(State.FAILED, 2, 0, 100, True, Usage(6, 100, 6, True), id="all refunded"),
        pytest.param(State.FAILED, 2, 0, None, True, Usage(6, 94, None, True), id="no balance"),
        pytest.param(
            State.FAILED, 2, 0, 100, False, Usage(6, 100, None, True), id="others were out"
        ),
        pytest.param(State.FAILED, 2, 0, 94, True, Usage(6, 94, None, True), id="not back yet"),
        pytest.param(State.FAILED, 2, 0, 90, True, Usage(6, 90, None, True), id="less than before"),
        pytest.param(
            State.FAILED, 2, 0, 500, True, Usage(6, 500, None, True), id="more than it cost"
        ),
        pytest.param(State.UNKNOWN, 2, 0, 94, True, Usage(6, 94), id="unknown claims no refund"),
    ],
)
def test_a_refund_is_a_number_only_where_it_is_known(
    state: State, quantity: int, made: int, at_end: float | None, is_alone: bool, usage: Usage
) -> None:
    generation = replace(
        make_generation(state, quantity=quantity, pictures=made),
        credits_used=6,
        balance_after=94,
        balance_at_end=at_end,
    )

    assert count_usage(generation, is_alone=is_alone) == usage


def test_where_powerpost_says_nothing_nothing_is_made_up() -> None:
    generation = make_generation(State.DELIVERED, pictures=1)

    assert count_usage(generation, is_alone=True) == Usage(None, None)


@pytest.mark.parametrize(("made", "missing"), [(0, 3), (2, 1), (3, 0), (4, 0)])
def test_what_is_missing_is_never_less_than_nothing(made: int, missing: int) -> None:
    assert pictures_missing(make_generation(quantity=3, pictures=made)) == missing
