"""The figures of a report, as tables."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.credits.reports import (
    DIRECT,
    OTHERS,
    Line,
    find_month_window,
    shape_report,
    take_top,
)
from bot.images.usage import By, Month
from bot.policy.budgets import Window

NOVEMBER = Month(2026, 11)
ADA = Line("U0ADA", 27.0, 9.0, 3, 2)
BEN = Line("U0BEN", 40.5, 0.0, 5, 9, unpriced=1)
CLEO = Line("U0CLEO", 0.1, 0.0, 1, 1)
DAN = Line("U0DAN", 0.2, 0.0, 1, 1)


def test_who_spent_most_comes_first_and_the_sum_is_of_everyone() -> None:
    report = shape_report(By.USER, NOVEMBER, [CLEO, ADA, BEN, DAN])

    assert [line.key for line in report.lines] == ["U0BEN", "U0ADA", "U0DAN", "U0CLEO"]
    assert report.total == Line("total", 67.8, 9.0, 10, 13, unpriced=1)


def test_direct_messages_are_one_line() -> None:
    lines = [Line("D0ADA", 1.0, 0.5, 1, 1), Line("C0DESIGN", 1.5, 0.0, 1, 1)]
    report = shape_report(By.CHANNEL, NOVEMBER, [*lines, Line("D0BEN", 2.0, 0.0, 2, 2)])

    assert report.lines == (Line(DIRECT, 3.0, 0.5, 3, 3), Line("C0DESIGN", 1.5, 0.0, 1, 1))


@pytest.mark.parametrize(
    ("most", "shown"),
    [
        (4, (BEN, ADA, DAN, CLEO)),
        (3, (BEN, ADA, Line(OTHERS, 0.3, 0.0, 2, 2))),
        (1, (Line(OTHERS, 67.8, 9.0, 10, 13, unpriced=1),)),
    ],
)
def test_more_lines_than_fit_are_the_others(most: int, shown: tuple[Line, ...]) -> None:
    assert take_top((BEN, ADA, DAN, CLEO), most) == shown


@pytest.mark.parametrize(
    ("month", "zone", "since", "until"),
    [
        (NOVEMBER, "UTC", (2026, 11, 1, 0), (2026, 12, 1, 0)),
        (NOVEMBER, "America/New_York", (2026, 11, 1, 4), (2026, 12, 1, 5)),
        (Month(2026, 12), "Asia/Tokyo", (2026, 11, 30, 15), (2026, 12, 31, 15)),
    ],
)
def test_a_month_is_the_workspaces_own(
    month: Month, zone: str, since: tuple[int, int, int, int], until: tuple[int, int, int, int]
) -> None:
    window = Window(datetime(*since, tzinfo=UTC), datetime(*until, tzinfo=UTC))

    assert find_month_window(month, ZoneInfo(zone)) == window


def test_a_month_without_requests_is_empty() -> None:
    assert shape_report(By.MODEL, NOVEMBER, []).total == Line("total", 0, 0, 0, 0)
