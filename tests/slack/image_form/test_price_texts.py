"""What is said of a price before it is paid: no more than is known."""

from __future__ import annotations

import pytest

from bot.credits.estimates import Basis, Estimate, estimate
from bot.images.catalogue import Model
from bot.slack.image_form.texts import cost_mrkdwn
from bot.slack.image_form.values import FormValues


@pytest.mark.parametrize(
    ("prices", "quantity", "expected"),
    [
        ({}, 2, Estimate(Basis.GUIDE, 10.0)),
        ({2: 6.0}, 2, Estimate(Basis.SEEN, 6.0)),
        ({1: 3.0}, 4, Estimate(Basis.SCALED, 12.0, 1)),
        ({1: 3.0, 3: 9.0}, 2, Estimate(Basis.SCALED, 6.0, 3)),
    ],
)
def test_an_estimate_says_what_it_rests_on(
    prices: dict[int, float], quantity: int, expected: Estimate
) -> None:
    assert estimate(Model.FLUX2_FLEX, prices, quantity) == expected


@pytest.mark.parametrize(
    ("known", "balance", "said"),
    [
        (
            Estimate(Basis.SEEN, 6.0),
            94,
            "About 6 credits, 94 left (what 2 pictures with FLUX.2 Flex took the last time)",
        ),
        (
            Estimate(Basis.SCALED, 16 / 3, 3),
            None,
            "About 5.33 credits (estimated from what 3 pictures with FLUX.2 Flex took the last",
        ),
        (
            Estimate(Basis.GUIDE, 10.0),
            94,
            "About 10 credits, 94 left (guide price of 2 pictures with FLUX.2 Flex: PowerPost "
            "published it in March 2026, and it may have changed)",
        ),
        (Estimate(Basis.GUIDE, 10.0), 5, "*About 10 credits (guide price), but only 5 left*"),
        (Estimate(Basis.SEEN, 6.0), 5, "*About 6 credits, but only 5 left*"),
        (None, 94, "What it costs is told afterwards, 94 left"),
    ],
)
def test_the_form_says_what_it_will_cost_as_far_as_that_is_known(
    known: Estimate | None, balance: float | None, said: str
) -> None:
    assert said in cost_mrkdwn(known, balance, FormValues(quantity=2))
