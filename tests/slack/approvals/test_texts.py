"""What is said of a request over budget, where nothing else would be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.generations.approval import Approval, Verdict
from bot.generations.record import NewGeneration, Place
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Ceiling, Period, Scope, Window
from bot.policy.terms import ExceededBudget, OverBudget
from bot.slack.approvals.texts import asked
from bot.slack.approvals.views import show_answer_modal
from bot.slack.kit.budget_texts import over_budget

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BUDGET = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=10)
TODAY = Ceiling(BUDGET, "U1", Window(NOON, NOON + timedelta(hours=12)))


@pytest.mark.parametrize(
    ("left", "approval_id", "says"),
    [
        (4.0, "a1", "You can ask for approval, or ask for less."),
        (0.0, "a1", "You can ask for approval. "),
        (4.0, None, "Ask for less, or ask an admin"),
        (0.0, None, ". Ask an admin"),
    ],
)
def test_less_is_only_advised_where_something_is_left(
    left: float, approval_id: str | None, says: str
) -> None:
    short = ExceededBudget(TODAY, used=10.0 - left, estimate=11.0)

    assert says in over_budget(OverBudget((short,), approval_id=approval_id))


@pytest.mark.parametrize(
    ("thread_ts", "channel_id", "says"),
    [
        (None, "C1", "tell you in a direct message when"),
        ("1.0", "C1", "tell you in the thread in <#C1> when"),
        ("1.0", "D1", "tell you in our direct message when"),
    ],
)
def test_who_asked_is_told_where_they_will_hear_of_it(
    thread_ts: str | None, channel_id: str, says: str
) -> None:
    place = Place("T1", channel_id, "U1", thread_ts=thread_ts)
    new = NewGeneration("g1", "o1", place, ImageRequest(prompt="fog"), NOON)
    said = asked(Approval("a1", new, (), NOON), Verdict.DONE)

    assert says in said
    assert show_answer_modal(said).to_dict()["title"]["text"] == "Approval"
