"""Every amount of credits, as it is read."""

from __future__ import annotations

import pytest

from bot.credits.amounts import amount
from bot.slack.kit.text import credit_count


@pytest.mark.parametrize(
    ("credits_", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (0.5, "0.5"),
        (2.25, "2.25"),
        (0.1 + 0.2, "0.3"),
        (1000, "1,000"),
        (1_234_567, "1,234,567"),
        (1_234_567.5, "1,234,567.5"),
        (12_345_678_901.5, "12,345,678,901.5"),
        (-1_500, "-1,500"),
        (1e21, "1,000,000,000,000,000,000,000"),
    ],
)
def test_an_amount_has_all_its_digits_and_no_exponent(credits_: float, written: str) -> None:
    assert amount(credits_) == written


def test_one_credit_is_one() -> None:
    assert [credit_count(n) for n in (1, 1.5, 2)] == ["1 credit", "1.5 credits", "2 credits"]
