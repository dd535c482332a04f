"""The words of what was changed, as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.policy.changes import Difference
from bot.policy.workspaces import PowerPostWorkspaces
from bot.slack.home.change_texts import change_mrkdwn, difference_mrkdwn

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SIX = {"id": "b1", "scope": "person", "subject": None, "period": "day", "credits": 6.0}


@pytest.mark.parametrize(
    ("field", "before", "after", "said"),
    [
        ("quantity_max", 4, 3, "largest quantity 4 → 3"),
        ("quantity_max", None, 3, "largest quantity any → 3"),
        ("budget", SIX, SIX | {"credits": 20.0}, "6 → 20 credits a day"),
        ("budget", SIX, SIX | {"period": "month"}, "6 credits a day → 6 credits a month"),
        ("budget", SIX, SIX | {"subject": "U1"}, "for each person → 6 credits a day for <@U1>"),
        ("budget", None, SIX, "6 credits a day"),
        ("name", "Brand look!", "brand", "*Brand look!* renamed to *brand*"),
        ("name", "<!channel>", "b", "*&lt;!channel&gt;* renamed"),
        ("prefix", True, True, "other words before each prompt"),
        ("words", ["a"], ["a", "b"], "blocked words 1 → 2"),
        ("words", ["a"], ["b"], "1 → 1 (others)"),
        ("models", None, ["ideogram-3"], "models any → Ideogram 3.0"),
        ("approvers", [], ["U1", "U2", "U3", "U4"], "none → <@U1>, <@U2>, <@U3> and 1 more"),
        ("approval_channel", None, "C1", "channel for approvals none → <#C1>"),
        ("alert_below", None, 20.0, "low-balance alert at never → 20"),
        ("is_locked", False, True, "locked no → yes"),
        ("show", "thread", "channel", "in the thread → in the thread and in the channel"),
        ("show_channels", {}, {"C1": "me"}, "channels that differ 0 → 1"),
        ("channel_id", None, "C1", "for the whole workspace → <#C1>"),
        ("of a later version", 1, 2, "something 1 → 2"),
    ],
)
def test_a_difference_is_said_from_old_to_new(
    field: str, before: Any, after: Any, said: str
) -> None:
    assert said in difference_mrkdwn(Difference(field=field, before=before, after=after))


def test_powerposts_workspaces_are_called_by_their_names() -> None:
    several = PowerPostWorkspaces("ws_1", {"ws_1": "Ours", "ws_2": "<b>"})
    changed = Difference(field="powerpost_workspace", before=None, after="ws_2")

    assert difference_mrkdwn(changed, several) == "PowerPost workspace Ours → &lt;b&gt;"


def test_of_a_large_change_the_first_few_are_told_and_of_an_old_one_what_is_known() -> None:
    many = [Difference(field="quantity", before=n, after=n + 1) for n in range(6)]

    assert change_mrkdwn("settings", "U1", NOON, many).endswith("quantity 3 → 4; and 2 more")
    assert change_mrkdwn("rules", "U1", NOON).endswith("<@U1> changed the rules")
