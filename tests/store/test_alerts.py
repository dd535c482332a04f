"""Alerts are kept once, and told by one process at a time; on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.credits.alerts import BalanceAlert, BudgetAlert, Raised
from bot.policy.budgets import Period, Scope
from bot.store.alerts import LEASE, AlertStore
from bot.store.database import Database

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LOW = Raised(BalanceAlert(balance=9.0, line=10.0))


def used(percent: int, *, is_covered: bool = False) -> Raised:
    alert = BudgetAlert(
        scope=Scope.PERSON,
        subject="U1",
        period=Period.MONTH,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 12, 1, tzinfo=UTC),
        percent=percent,
        used=81.5,
        credits=100.0,
    )
    return Raised(alert, is_covered)


@pytest.fixture
def alerts(any_database: Database) -> AlertStore:
    return AlertStore(any_database)


async def test_an_alert_is_raised_once_however_often_it_is_found(alerts: AlertStore) -> None:
    found = [used(50, is_covered=True), used(80)]
    new = await asyncio.gather(*(alerts.raise_new("T1", found, NOON) for _ in range(8)))
    assert any(new)
    assert await alerts.raise_new("T1", found, NOON) is False
    assert await alerts.raise_new("T2", found, NOON) is True
    taken = await alerts.take_pending(NOON)

    assert [(each.team_id, each.alert) for each in taken] == [
        ("T1", used(80).alert),
        ("T2", used(80).alert),
    ]


async def test_what_one_process_has_taken_no_other_takes(alerts: AlertStore) -> None:
    await alerts.raise_new("T1", [used(80)], NOON)
    taken = await asyncio.gather(*(alerts.take_pending(NOON) for _ in range(8)))

    assert sum(len(each) for each in taken) == 1


async def test_what_a_process_died_over_is_taken_again_with_who_was_told(
    alerts: AlertStore,
) -> None:
    await alerts.raise_new("T1", [used(80)], NOON)
    (taken,) = await alerts.take_pending(NOON)
    await alerts.note_delivered_to(taken.id, ["U1", "U2"])
    assert await alerts.take_pending(NOON + LEASE - SECOND) == []
    (again,) = await alerts.take_pending(NOON + LEASE)
    assert (again.id, again.told_to) == (taken.id, ("U1", "U2"))
    await alerts.note_delivered(again.id, NOON)

    assert await alerts.take_pending(NOON + 2 * LEASE) == []
    assert await alerts.raise_new("T1", [used(80)], NOON) is False


async def test_what_could_not_be_told_is_taken_again_when_it_is_time(alerts: AlertStore) -> None:
    await alerts.raise_new("T1", [used(80)], NOON)
    (taken,) = await alerts.take_pending(NOON)
    await alerts.release(taken.id, NOON + 5 * SECOND)

    assert await alerts.take_pending(NOON + 4 * SECOND) == []
    assert [each.id for each in await alerts.take_pending(NOON + 5 * SECOND)] == [taken.id]


async def test_the_balance_is_told_again_after_it_has_risen(alerts: AlertStore) -> None:
    assert await alerts.raise_new("T1", [LOW], NOON) is True
    assert await alerts.raise_new("T1", [LOW], NOON) is False
    await alerts.end_balance("T1")
    await alerts.end_balance("T1")

    assert await alerts.raise_new("T1", [LOW], NOON) is True
