"""What can be said honestly of the cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generations.record import State
from bot.generations.usage import Usage, count_usage
from tests.support.examples import make_generation


@pytest.mark.parametrize(
    ("state", "made", "at_end", "refunded", "usage"),
    [
        pytest.param(State.DELIVERED, 2, None, None, Usage(6, 94), id="all made"),
        pytest.param(State.FINISHED, 1, 97, 3, Usage(6, 97, 3, True), id="one refunded"),
        pytest.param(State.FAILED, 0, 100, 6, Usage(6, 100, 6, True), id="all refunded"),
        pytest.param(State.FAILED, 0, None, None, Usage(6, 94, None, True), id="no balance"),
        pytest.param(State.FAILED, 0, 100, None, Usage(6, 100, None, True), id="may be another's"),
        pytest.param(State.UNKNOWN, 0, 94, None, Usage(6, 94), id="unknown claims no refund"),
    ],
)
def test_a_refund_is_a_number_only_where_a_balance_has_shown_it(
    state: State, made: int, at_end: float | None, refunded: float | None, usage: Usage
) -> None:
    generation = replace(
        make_generation(state, quantity=2, pictures=made),
        credits_used=6,
        balance_after=94,
        balance_at_end=at_end,
    )

    assert count_usage(generation, refunded) == usage


def test_where_powerpost_says_nothing_nothing_is_made_up() -> None:
    generation = make_generation(State.DELIVERED, pictures=1)

    assert count_usage(generation, None) == Usage(None, None)


@pytest.mark.parametrize(("made", "missing"), [(0, 3), (2, 1), (3, 0), (4, 0)])
def test_what_is_missing_is_never_less_than_nothing(made: int, missing: int) -> None:
    assert make_generation(quantity=3, pictures=made).pictures_missing == missing
