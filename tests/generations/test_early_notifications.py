"""Hints that come before anybody waits for them."""

from __future__ import annotations

import pytest

from bot.generations.early_notifications import (
    NOTIFICATION_LIFE_SECONDS,
    NOTIFICATIONS_MAX,
    EarlyNotifications,
)


@pytest.mark.parametrize(
    ("taken_at", "is_heeded"),
    [
        (10.0, True),
        (10.0 + NOTIFICATION_LIFE_SECONDS, True),
        (10.1 + NOTIFICATION_LIFE_SECONDS, False),
    ],
)
def test_a_hint_is_remembered_for_a_while(taken_at: float, *, is_heeded: bool) -> None:
    hints = EarlyNotifications()
    hints.keep("i1", 10.0)

    assert hints.take("i1", taken_at) is is_heeded


def test_a_hint_is_heeded_once_and_only_for_what_it_names() -> None:
    hints = EarlyNotifications()
    hints.keep("i1", 10.0)

    assert not hints.take("i2", 10.0)
    assert hints.take("i1", 10.0)
    assert not hints.take("i1", 10.0)


def test_a_flood_of_hints_takes_no_more_memory_than_it_may() -> None:
    hints = EarlyNotifications()
    for number in range(NOTIFICATIONS_MAX):
        hints.keep(f"i{number}", 10.0)
    hints.keep("i0", 11.0)  # named again: the youngest now
    hints.keep("one more", 11.0)

    assert hints.take("i0", 11.0)
    assert not hints.take("i1", 11.0)
    assert hints.take("one more", 11.0)
