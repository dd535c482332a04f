"""What a line of the history says a generation cost, as a table."""

from __future__ import annotations

import pytest

from bot.credits.ledger import Bill
from bot.slack.kit.history_texts import bill_words


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        (Bill(9.0), "9 credits"),
        (Bill(12.0, 4.0), "8 credits (4 came back)"),
        (Bill(12.0, 0.0, 4.0), "12 credits (4 expected back)"),
        (Bill(12.0, 12.0), "0 credits (12 came back)"),
        (Bill(0.3, 0.1), "0.2 credits (0.1 came back)"),
        (Bill(10.0, 3.0, 2.5), "7 credits (3 came back, 2.5 expected back)"),
        (Bill(9.0, 8.0), "1 credit (8 came back)"),
    ],
)
def test_credits_are_said_less_what_came_back(bill: Bill, said: str) -> None:
    assert bill_words(bill) == said
