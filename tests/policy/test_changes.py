"""What is kept of a change: old and new, and no words of anybody's prompts."""

from __future__ import annotations

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.changes import Difference, find_differences
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import Rules

SIX = Budget(id="b1", scope=Scope.PERSON, period=Period.DAY, credits=6)
BRAND = Preset(name="Brand look!", prefix="in our secret blue")


def test_each_setting_and_rule_that_differs_is_one_difference() -> None:
    before = Policy(rules=Rules(quantity_max=4))
    after = Policy(
        version=1,
        settings=WorkspaceSettings(time_zone="Europe/Berlin"),
        rules=Rules(quantity_max=3),
        channel_rules={"C1": Rules(people=("U1",))},
    )

    assert find_differences(before, after) == (
        Difference(field="time_zone", before="UTC", after="Europe/Berlin"),
        Difference(field="quantity_max", before=4, after=3),
        Difference(field="people", before=None, after=["U1"]),
    )


def test_budgets_are_compared_by_their_id() -> None:
    twenty = SIX.model_copy(update={"credits": 20.0})
    old, new = SIX.model_dump(mode="json"), twenty.model_dump(mode="json")

    assert find_differences(Policy(budgets=(SIX,)), Policy(budgets=(twenty,))) == (
        Difference(field="budget", before=old, after=new),
    )
    assert find_differences(Policy(), Policy(budgets=(SIX,))) == (
        Difference(field="budget", after=old),
    )
    assert find_differences(Policy(budgets=(SIX,)), Policy()) == (
        Difference(field="budget", before=old),
    )


def test_a_renamed_preset_is_the_same_one_and_its_words_are_not_told() -> None:
    renamed = BRAND.model_copy(update={"name": "brand", "prefix": "in our new secret red"})
    found = find_differences(Policy(presets=(BRAND,)), Policy(presets=(renamed,)))

    assert found[0] == Difference(field="name", before="Brand look!", after="brand")
    assert "secret" not in str(found)
    assert [each.field for each in found] == ["name", "prefix"]


def test_peoples_own_defaults_are_nobodys_business() -> None:
    assert find_differences(Policy(), Policy(defaults={"U1": Defaults(quantity=2)})) == ()
