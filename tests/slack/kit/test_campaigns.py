"""What a search for a campaign offers."""

from __future__ import annotations

import pytest

from bot.images.campaigns import CAMPAIGN_MAX
from bot.slack.kit.campaigns import NO_CAMPAIGN, OFF, offer_campaigns

KNOWN = ("Spring 27", "Summer Sale")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", ["off", "Spring 27", "Summer Sale"]),
        ("sale", ["Summer Sale", "sale"]),
        ("SPRING27", ["Spring 27"]),
        ("Winter", ["Winter"]),
        # A field that is filled is searched for what stands in it.
        (NO_CAMPAIGN, ["off"]),
        ("none", []),
        ("x" * (CAMPAIGN_MAX + 1), []),
    ],
)
def test_known_names_are_found_and_what_was_typed_is_offered_as_a_new_one(
    typed: str, offered: list[str]
) -> None:
    assert [each.value for each in offer_campaigns(KNOWN, typed, (OFF, NO_CAMPAIGN))] == offered
