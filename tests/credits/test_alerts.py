"""Which steps of a budget are told, as tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.credits.alerts import BalanceAlert, BudgetAlert, find_alerts, find_reached
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window

NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
DECEMBER = Window(NOVEMBER.until, datetime(2027, 1, 1, tzinfo=UTC))


def ceiling(
    credits_: float, window: Window = NOVEMBER, scope: Scope = Scope.PERSON, id_: str = "b1"
) -> Ceiling:
    budget = Budget(id=id_, scope=scope, period=Period.MONTH, credits=credits_)
    return Ceiling(budget, None if scope is Scope.WORKSPACE else "U1", window)


def keys(used: float, of: Ceiling) -> set[str]:
    return {raised.alert.key for raised in find_alerts([(of, used)])}


@pytest.mark.parametrize(
    ("used", "credits_", "steps"),
    [
        (0.0, 100.0, ()),
        (49.9, 100.0, ()),
        (50.0, 100.0, (50,)),
        (79.99, 100.0, (50,)),
        (80.0, 100.0, (50, 80)),
        (99.5, 100.0, (50, 80)),
        (100.0, 100.0, (50, 80, 100)),
        (130.0, 100.0, (50, 80, 100)),
        (0.1 + 0.1 + 0.1, 0.3, (50, 80, 100)),
        (0.7 + 0.1, 1.0, (50, 80)),
        (-9.0, 100.0, ()),
        (0.0, 0.0, ()),
        (9.0, 0.0, ()),
    ],
)
def test_the_steps_that_are_reached(used: float, credits_: float, steps: tuple[int, ...]) -> None:
    assert find_reached(used, credits_) == steps


@pytest.mark.parametrize(
    ("used", "least", "steps"),
    [
        (92.0, 9.0, (50, 80, 100)),
        (91.0, 9.0, (50, 80)),
        (92.0, 0.0, (50, 80)),
        (0.0, 200.0, ()),
        (60.0, 50.0, (50,)),
    ],
)
def test_a_budget_that_has_no_room_for_any_picture_is_used_up(
    used: float, least: float, steps: tuple[int, ...]
) -> None:
    assert find_reached(used, 100.0, least) == steps


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0.0, 49.0, []),
        (0.0, 50.0, [50]),
        (50.0, 60.0, []),
        (60.0, 81.0, [80]),
        (0.0, 81.0, [80]),
        (0.0, 120.0, [100]),
        (81.0, 60.0, []),
    ],
)
def test_what_is_told_is_the_last_step_that_was_not_reached_before(
    before: float, after: float, told: list[int]
) -> None:
    known = keys(before, ceiling(100.0))
    raised = find_alerts([(ceiling(100.0), after)])
    new = [each for each in raised if each.alert.key not in known and not each.is_covered]

    assert [each.alert.percent for each in new if isinstance(each.alert, BudgetAlert)] == told


def test_a_limit_that_is_changed_or_set_anew_tells_its_own_steps_and_each_once() -> None:
    as_it_was = keys(80.0, ceiling(100.0))

    assert as_it_was == keys(90.0, ceiling(100.0))
    assert as_it_was.isdisjoint(keys(160.0, ceiling(200.0)))
    assert as_it_was.isdisjoint(keys(80.0, ceiling(100.0, id_="b2")))


def test_each_window_and_each_budget_tells_its_own() -> None:
    november, december = keys(50.0, ceiling(100.0)), keys(50.0, ceiling(100.0, DECEMBER))
    of_all = keys(50.0, ceiling(100.0, scope=Scope.WORKSPACE))

    assert november == {"budget:person:U1:month:2026-11-01T00:00Z:b1:100:50"}
    assert of_all == {"budget:workspace:-:month:2026-11-01T00:00Z:b1:100:50"}
    assert len(november | december | of_all) == 3


def test_there_is_one_balance() -> None:
    assert BalanceAlert(balance=9, line=10).key == BalanceAlert(balance=1, line=5).key
