"""Windows and ceilings."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.policy.budgets import Budget, Period, Scope, find_ceilings, find_window

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def read(utc: str) -> datetime:
    return datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "zone", "now", "since", "until"),
    [
        (Period.DAY, "UTC", "2026-11-23T12:00", "2026-11-23T00:00", "2026-11-24T00:00"),
        (Period.DAY, "UTC", "2026-11-23T00:00", "2026-11-23T00:00", "2026-11-24T00:00"),
        # Clocks have microseconds, and windows begin at midnight sharp.
        (Period.DAY, "UTC", "2026-11-23T12:34:56.789012", "2026-11-23T00:00", "2026-11-24T00:00"),
        (Period.DAY, "UTC", "2026-11-23T23:59:59.999999", "2026-11-23T00:00", "2026-11-24T00:00"),
        (Period.MONTH, "UTC", "2026-11-01T00:00:00.000001", "2026-11-01T00:00", "2026-12-01T00:00"),
        # By the workspace's clocks: it is tomorrow there.
        (Period.DAY, "Asia/Tokyo", "2026-11-23T15:30", "2026-11-23T15:00", "2026-11-24T15:00"),
        # Days of 25 and of 23 hours.
        (Period.DAY, "Europe/Berlin", "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),
        (Period.DAY, "Europe/Berlin", "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),
        (Period.MONTH, "UTC", "2026-12-31T23:59", "2026-12-01T00:00", "2027-01-01T00:00"),
        (Period.MONTH, "UTC", "2028-02-29T00:00", "2028-02-01T00:00", "2028-03-01T00:00"),
        (Period.MONTH, "Europe/Berlin", "2026-10-31T22:59", "2026-09-30T22:00", "2026-10-31T23:00"),
    ],
)  # fmt: skip
def test_a_window_is_by_the_calendar_of_its_zone(
    period: Period, zone: str, now: str, since: str, until: str
) -> None:
    window = find_window(period, read(now), ZoneInfo(zone))

    assert window.since == read(since)
    assert window.until == read(until)


def test_every_moment_is_in_one_window_only() -> None:
    moment = datetime(2026, 10, 24, tzinfo=UTC)
    while moment < datetime(2026, 10, 27, tzinfo=UTC):
        window = find_window(Period.DAY, moment, BERLIN)
        assert window.since <= moment < window.until
        assert find_window(Period.DAY, window.until, BERLIN).since == window.until
        moment += timedelta(minutes=30)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        # 01:00 becomes 00:00: midnight comes twice; in Havana that of a month, too.
        ("Atlantic/Azores", "2026-10-25"),
        ("America/Havana", "2026-11-01"),
        # 00:00 becomes 23:00: the last hour of the day comes twice.
        ("America/Santiago", "2026-04-05"),
        ("Asia/Beirut", "2026-10-25"),
        # 00:00 becomes 01:00: there is no midnight.
        ("Africa/Cairo", "2026-04-24"),
        ("America/Havana", "2026-03-08"),
    ],
)
@pytest.mark.parametrize("period", Period)
def test_a_calendar_day_has_one_window_however_the_clocks_change(
    zone: str, night: str, period: Period
) -> None:
    clock, windows = ZoneInfo(zone), defaultdict(set)
    begin = read(f"{night}T12:00") - timedelta(days=2)
    for quarter in range(4 * 24 * 3):
        moment = begin + timedelta(minutes=15 * quarter)
        window = find_window(period, moment, clock)
        assert window.since <= moment < window.until
        day = moment.astimezone(clock).date()
        windows[day if period is Period.DAY else day.replace(day=1)].add(window)

    assert [len(of_one) for of_one in windows.values()] == [1] * len(windows)


def budget(name: str, scope: Scope, subject: str | None = None, credits_: float = 10) -> Budget:
    return Budget(id=name, scope=scope, subject=subject, period=Period.MONTH, credits=credits_)


def names_of(budgets: list[Budget], channel_id: str = "C1", user_id: str = "U1") -> list[str]:
    ceilings = find_ceilings(budgets, channel_id=channel_id, user_id=user_id, now=NOON, zone=BERLIN)
    return [ceiling.budget.id for ceiling in ceilings]


def test_a_request_counts_against_its_person_its_channel_and_the_workspace() -> None:
    budgets = [
        budget("all", Scope.WORKSPACE),
        budget("channel", Scope.CHANNEL, "C1"),
        budget("each person", Scope.PERSON),
    ]

    assert names_of(budgets) == ["each person", "channel", "all"]
    assert names_of(budgets, channel_id="C2") == ["each person", "all"]


def test_a_persons_own_budget_takes_the_place_of_everyones() -> None:
    budgets = [budget("ada's", Scope.PERSON, "U1"), budget("each", Scope.PERSON)]

    assert names_of(budgets) == ["ada's"]
    assert names_of(budgets[::-1]) == ["ada's"]
    assert names_of(budgets, user_id="U2") == ["each"]


def test_a_day_and_a_month_both_hold() -> None:
    daily = Budget(id="day", scope=Scope.PERSON, period=Period.DAY, credits=1)

    assert names_of([daily, budget("month", Scope.PERSON)]) == ["day", "month"]
