"""Whether the books agree with the balance, and what is said where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cli.audit import write_audit
from bot.credits.audit import audit
from bot.credits.balances import ChargeWindow
from bot.credits.ledger import Entry, EntryKind
from bot.generations.record import State
from bot.images.catalogue import Model
from tests.support.balances import DONE, NOON, at, charge_window

LATER = NOON + timedelta(hours=3)


def entry(
    kind: EntryKind, id_: str, seconds: float, credits_: float | None, expected: float = 0
) -> Entry:
    """One entry of somebody's."""
    moment = at(seconds)
    return Entry(
        kind, id_, "T1", "C1", "U1", Model.FLUX2_FLEX, 3, credits_, expected, None, moment, moment
    )


def charge(id_: str, seconds: float, credits_: float | None) -> Entry:
    return entry(EntryKind.CHARGE, id_, seconds, credits_)


ONE = charge_window("a", 0, 60, 6, state=DONE, before=100, after=94)
TWO = charge_window("b", 300, 360, 3, state=DONE, before=94, after=91)
BOOKS = [charge("a", 1, 6), charge("b", 301, 3)]
FAILED = charge_window("a", 0, 60, 6, before=100, after=94, at_end=94)
EXPECTED = entry(EntryKind.REFUND_EXPECTED, "a", 60, 0, -6)
UNKNOWN = charge_window("u", 120, 130, None, state=State.UNKNOWN, before=94, at_end=91)


@pytest.mark.parametrize(
    ("entries", "charge_windows", "balance", "now", "adds_up", "says"),
    [
        pytest.param(BOOKS, [ONE, TWO], 91, LATER, True, ["difference 0"], id="all is well"),
        pytest.param(
            BOOKS, [ONE, TWO], 80, LATER, False,
            ["difference -11", "-11 somebody else spent from the same account"],
            id="somebody else spent since",
        ),
        pytest.param(
            BOOKS, [ONE, replace(TWO, balance_before=194, balance_after=191)], 191, LATER, False,
            ["difference 100", "(94) -> 2026-11-23 12:05:00 UTC (194) 100 credits were added"],
            id="a top-up between two entries",
        ),
        pytest.param(
            [charge("a", 1, 6), EXPECTED], [FAILED], 94, LATER, True,
            ["difference 0", "Still expected back: 6, of 1 generation."],
            id="a refund is expected",
        ),
        pytest.param(
            [charge("a", 1, 6), EXPECTED], [FAILED], 100, LATER, True,
            ["given back since 6 6 of it is shown by this balance alone", "difference 0"],
            id="a refund that only this balance shows",
        ),
        pytest.param(
            [charge("a", 1, 6), EXPECTED], [FAILED], 94, NOON + timedelta(days=3), False,
            ["difference 0", "Refunds that have not come after a day", "a 6 flux2-flex"],
            id="a refund that did not come",
        ),
        pytest.param(
            [charge("a", 1, 6)], [ONE, UNKNOWN], 91, LATER, False,
            ["difference -3", "-3 perhaps the unknown outcome of u", "balance 94 before, 91 after"],
            id="an unknown outcome that was charged",
        ),
        pytest.param(
            [charge("a", 1, 6)], [ONE, replace(UNKNOWN, balance_at_end=94)], 94, LATER, True,
            ["difference 0"],
            id="an unknown outcome that was not charged",
        ),
        pytest.param(
            [charge("a", 1, None)], [ONE], 94, LATER, False,
            ["difference -6", "did not say how much", "balance 100 before, 94 after"],
            id="a charge without a number",
        ),
        pytest.param(
            [], [ONE], 94, LATER, False,
            ["Paid for, and not in the ledger"],
            id="a payment that was not entered",
        ),
        pytest.param(
            BOOKS[:1],
            [ONE, charge_window("s", 600, None, None, state=State.SUBMITTING, before=94)],
            91, LATER, False,
            ["Being sent at this moment"],
            id="one is being sent",
        ),
    ],
)  # fmt: skip
def test_it_says_whether_it_adds_up_and_what_may_explain_it(
    entries: Sequence[Entry],
    charge_windows: Sequence[ChargeWindow],
    balance: float,
    now: datetime,
    adds_up: bool,
    says: Sequence[str],
) -> None:
    found = audit(entries, charge_windows, balance, now)

    assert found is not None
    lines = list(write_audit(found))
    report = "\n".join(" ".join(line.split()) for line in lines)
    assert found.adds_up is adds_up, report
    assert lines[-1] == ("It adds up." if adds_up else "It does not add up.")
    for said in says:
        assert said in report, report


def test_a_refund_that_two_balances_show_in_two_parts_is_no_gap() -> None:
    books = [
        charge("a", 1, 3),
        charge("b", 11, 3),
        entry(EntryKind.REFUND_CONFIRMED, "a", 70, -3, 3),
        entry(EntryKind.REFUND_CONFIRMED, "b", 70, -3, 3),
    ]
    charge_windows = [
        charge_window("a", 0, 60, 3, before=100, after=97, at_end=97),
        charge_window("b", 10, 70, 3, after=94, at_end=100),
    ]

    found = audit(books, charge_windows, 100, LATER)

    assert found is not None
    assert (found.gaps, found.difference, found.adds_up) == ((), 0, True)


def test_without_any_balance_there_is_nothing_to_reckon_from() -> None:
    assert audit([], [], 100, LATER) is None


def test_a_long_ledger_is_audited_in_no_time() -> None:
    charge_windows, books, balance = [], [], 100_000.0
    for number in range(5000):
        id_, begun = f"g{number}", number * 100.0
        charge_windows.append(
            charge_window(id_, begun, begun + 9, 6, state=DONE, before=balance, after=balance - 6)
        )
        books.append(charge(id_, begun + 1, 6))
        balance -= 6

    found = audit(books, charge_windows, balance, at(500_000))

    assert found is not None
    assert found.adds_up
    assert found.charged == 30_000
