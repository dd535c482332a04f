"""Which refunds the balances show, and which they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.credits.balances import Account, ChargeWindow, Due, Refund, find_only_subset, find_refunds
from bot.generations.record import State
from tests.support.balances import DONE, NOON, at, charge_window

OUT = State.PROCESSING
A_FAILED = charge_window("a", 0, 60, 6, after=94, at_end=100)
A_NOT_BACK = charge_window("a", 0, 60, 6, after=94, at_end=94)


@pytest.mark.parametrize(
    ("charge_windows", "due", "found"),
    [
        pytest.param([A_FAILED], {"a": 6}, {"a": (6, 60)}, id="at once"),
        pytest.param(
            [charge_window("a", 0, 60, 6, state=DONE, after=94, at_end=96)],
            {"a": 2},
            {"a": (2, 60)},
            id="partial",
        ),
        pytest.param([A_NOT_BACK], {"a": 6}, {}, id="not back yet"),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 300, 360, 3, state=DONE, before=100, after=97)],
            {"a": 6},
            {"a": (6, 300)},
            id="the next one's balance shows it",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94),
                charge_window("b", 300, 360, 3, state=DONE, after=97),
            ],
            {"a": 6},
            {"a": (6, 301)},
            id="though the next one was charged in between",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94, at_end=91),
                charge_window("b", 10, 70, 3, after=91, at_end=100),
            ],
            {"a": 6, "b": 3},
            {"a": (6, 70), "b": (3, 70)},
            id="two pending at once, both came",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94, at_end=91),
                charge_window("b", 10, 70, 3, after=91, at_end=97),
            ],
            {"a": 6, "b": 3},
            {"a": (6, 70)},
            id="two pending at once, one came",
        ),
        pytest.param(
            [
                replace(charge_window("lost", 0, None, 3, state=OUT, after=97), is_missing=True),
                charge_window("a", 10, 60, 6, after=91, at_end=97),
            ],
            {"a": 6},
            {"a": (6, 60)},
            id="one that PowerPost does not know any more takes part in nothing",
        ),
        pytest.param(
            [
                charge_window("out", 0, None, 3, state=OUT, after=97),
                charge_window("a", 10, 60, 6, after=91, at_end=97),
            ],
            {"a": 6},
            {},
            id="one that is still out may have given back",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 3, after=97, at_end=97),
                charge_window("b", 10, 70, 3, after=94, at_end=97),
            ],
            {"a": 3, "b": 3},
            {},
            id="one of two that are alike came: nobody can say which",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 3, after=97, at_end=97),
                charge_window("b", 10, 70, 3, after=94, at_end=97),
                charge_window("c", 300, 360, 5, state=DONE, before=100, after=95),
            ],
            {"a": 3, "b": 3},
            {"a": (3, 300), "b": (3, 300)},
            id="and then the other one",
        ),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 300, 360, 3, state=DONE, before=95, after=92)],
            {"a": 6},
            {},
            id="somebody else spent meanwhile",
        ),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 300, 360, 3, state=DONE, before=200, after=197)],
            {"a": 6},
            {},
            id="a top-up in between hides it",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94, at_end=94),
                charge_window("b", 300, 360, 3, state=DONE, before=194, after=191),
                charge_window("c", 600, 660, 3, state=DONE, before=197, after=194),
            ],
            {"a": 6},
            {"a": (6, 600)},
            id="a top-up first, and then the refund",
        ),
        pytest.param(
            [charge_window("a", 0, 60, 10, state=DONE, after=90, at_end=93)],
            {"a": 10 / 3},
            {"a": (3, 60)},
            id="a share is rounded",
        ),
        pytest.param(
            [charge_window("a", 0, 60, 6, after=94, at_end=98)],
            {"a": 6},
            {"a": (4, 60)},
            id="another amount than expected, at once and alone",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94, at_end=94),
                charge_window("b", 30, 50, 3, state=DONE, after=91),
                charge_window("c", 300, 360, 3, state=DONE, before=95, after=92),
            ],
            {"a": 6},
            {},
            id="another amount, not alone",
        ),
        pytest.param(
            [charge_window("a", 0, 60, 6, after=94, at_end=500)],
            {"a": 6},
            {},
            id="more than it cost",
        ),
        pytest.param(
            [A_FAILED, charge_window("b", 30, None, 3, state=State.PROCESSING, after=91)],
            {"a": 6},
            {},
            id="another is still out that it may be of",
        ),
        pytest.param(
            [
                charge_window("a", 0, 60, 6, after=94, at_end=100),
                charge_window("b", 30, 50, None, state=State.UNKNOWN, before=94),
            ],
            {"a": 6},
            {},
            id="an unknown outcome in between",
        ),
        pytest.param(
            [A_FAILED, charge_window("b", 62, 90, 3, state=DONE)],
            {"a": 6},
            {},
            id="a charge while the balance was asked for",
        ),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 2 * 86400, 2 * 86400 + 60, 3, state=DONE, before=100)],
            {"a": 6},
            {},
            id="a rise of two days later is not its",
        ),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 300, 301, None, state=State.REFUSED, before=100)],
            {"a": 6},
            {"a": (6, 300)},
            id="the balance before a refused one shows it too",
        ),
        pytest.param(
            [A_FAILED, charge_window("b", 30, None, None, state=State.SUBMITTING, before=94)],
            {"a": 6},
            {},
            id="another is being sent, and perhaps charged already",
        ),
        pytest.param(
            [A_NOT_BACK, charge_window("b", 300, None, None, state=State.SUBMITTING, before=100)],
            {"a": 6},
            {},
            id="the balance of one that is being sent tells nothing yet",
        ),
        pytest.param(
            [
                A_NOT_BACK,
                charge_window("b", 300, 301, None, state=State.REFUSED, before=100),
                charge_window("c", 600, None, None, state=State.SUBMITTING, before=100),
            ],
            {"a": 6},
            {"a": (6, 300)},
            id="one that is sent later does not blind the balances before it",
        ),
    ],
)
def test_a_refund_is_confirmed_by_the_first_balance_that_only_it_explains(
    charge_windows: list[ChargeWindow], due: dict[str, float], found: dict[str, tuple[float, float]]
) -> None:
    charged = {one.generation_id: one.credits or 0.0 for one in charge_windows}

    came = find_refunds(
        Account(charge_windows), [Due(id_, credits_, charged[id_]) for id_, credits_ in due.items()]
    )

    assert {one.generation_id: (one.credits, one.seen_at) for one in came} == {
        id_: (credits_, at(seconds)) for id_, (credits_, seconds) in found.items()
    }


@pytest.mark.parametrize(
    ("state", "ended", "seen"),
    [
        pytest.param(State.SUBMITTING, None, [(0, "a"), (1, "a"), (30, "b")], id="being sent"),
        pytest.param(
            State.UNKNOWN, 50, [(0, "a"), (1, "a"), (30, "b"), (60, "a")], id="over by then"
        ),
        pytest.param(State.UNKNOWN, 60, [(0, "a"), (1, "a"), (30, "b")], id="just over"),
        pytest.param(
            State.REFUSED, 60, [(0, "a"), (1, "a"), (30, "b"), (60, "a")], id="surely not charged"
        ),
    ],
)
def test_a_balance_that_was_seen_while_another_may_have_been_charged_is_no_sight(
    state: State, ended: float | None, seen: list[tuple[float, str]]
) -> None:
    """Whether it is from before that charge or from after it, nobody can say."""
    one = charge_window("a", 0, 60, 6, before=100, after=94, at_end=94)
    other = charge_window("b", 30, ended, None, state=state, before=94)

    account = Account([one, other])

    assert [(each.at, each.generation_id) for each in account.observations] == [
        (at(seconds), id_) for seconds, id_ in seen
    ]


def test_what_was_confirmed_before_is_not_found_again_for_another() -> None:
    charge_windows = [A_FAILED, charge_window("b", 300, 360, 6, before=100, after=94, at_end=94)]
    confirmed = Refund("a", 6, at(60), 100)

    assert find_refunds(Account(charge_windows, [confirmed]), [Due("b", 6, 6)]) == []


def test_by_a_clock_that_stands_still_nothing_is_found_that_did_not_come() -> None:
    still = replace(
        A_NOT_BACK, charged_at=NOON, ended_at=NOON, balance_before=100, balance_at_end=94
    )

    assert find_refunds(Account([still]), [Due("a", 6, 6)]) == []


@pytest.mark.parametrize(
    ("credits_", "rise", "which"),
    [
        ([3, 6], 9, [0, 1]),
        ([3, 6], 6, [1]),
        ([3, 6, 9], 9, []),
        ([3, 6], 7, []),
        ([3.0] * 100, 300, list(range(100))),
        ([3.0] * 100, 299, []),
    ],
)
def test_only_what_can_be_explained_in_one_way_is(
    credits_: list[float], rise: float, which: list[int]
) -> None:
    usable = [Due(str(number), each, each) for number, each in enumerate(credits_)]

    assert find_only_subset(usable, rise) == [usable[number] for number in which]
