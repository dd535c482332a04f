"""What each moment of a generation enters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.credits.ledger import EntryKind, confirm_refund, enter_charge, expect_refund
from bot.generations.record import Generation, State
from tests.support.examples import NOON, make_generation


def charged(state: State, pictures: int, credits_used: float | None = 9.0) -> Generation:
    generation = make_generation(state, quantity=3, pictures=pictures)
    return replace(generation, credits_used=credits_used, balance_after=91.0, approved_by="U0ADA")


def test_a_charge_is_entered_with_who_where_what_and_by_whose_leave() -> None:
    entry = enter_charge(charged(State.PROCESSING, 0))

    assert (entry.kind, entry.generation_id, entry.quantity) == (EntryKind.CHARGE, "g1", 3)
    assert (entry.team_id, entry.channel_id, entry.user_id) == ("T1", "C1", "U1")
    assert (entry.credits, entry.expected, entry.balance) == (9.0, 0.0, 91.0)
    assert (entry.entered_at, entry.counts_at, entry.approved_by) == (NOON, NOON, "U0ADA")


@pytest.mark.parametrize(
    ("state", "pictures", "credits_used", "expected"),
    [
        pytest.param(State.FAILED, 0, 9.0, (-9.0, 3), id="failed: all of it"),
        pytest.param(State.FINISHED, 2, 9.0, (-3.0, 1), id="partial: its share"),
        pytest.param(State.DELIVERED, 1, 9.0, (-6.0, 2), id="partial, told already"),
        pytest.param(State.DELIVERED, 3, 9.0, None, id="all made"),
        pytest.param(State.UNKNOWN, 0, 9.0, None, id="nobody knows"),
        pytest.param(State.PROCESSING, 0, 9.0, None, id="not over yet"),
        pytest.param(State.FAILED, 0, None, None, id="nobody knows of how much"),
        pytest.param(State.FAILED, 0, 0.0, None, id="nothing was taken"),
    ],
)
def test_what_comes_back_is_expected_by_its_share(
    state: State, pictures: int, credits_used: float | None, expected: tuple[float, int] | None
) -> None:
    generation = charged(state, pictures, credits_used)

    entry = expect_refund(generation, enter_charge(generation))

    assert (entry and (entry.expected, entry.quantity)) == expected
    assert entry is None or (entry.credits, entry.counts_at) == (0.0, NOON)


def test_a_confirmed_refund_counts_when_its_charge_did_and_leaves_nothing_expected() -> None:
    generation = charged(State.FAILED, 0)
    expected = expect_refund(generation, enter_charge(generation))
    assert expected is not None
    next_month = NOON.replace(month=12, day=1)

    entry = confirm_refund(expected, 8.0, 99.0, next_month)

    assert (entry.credits, entry.balance, entry.entered_at) == (-8.0, 99.0, next_month)
    assert entry.expected + expected.expected == 0
    assert entry.counts_at == NOON
