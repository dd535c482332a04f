"""The policy as a whole: exceptions of channels, presets by name, what a later version wrote."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.images.catalogue import Model
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Preset
from bot.policy.rules import RuleName, Rules


def test_a_channels_rules_take_the_place_of_the_workspaces_where_they_say_something() -> None:
    policy = Policy(
        rules=Rules(models=(Model.IDEOGRAM_3,), quantity_max=2, channels=("C9",)),
        channel_rules={"C1": Rules(quantity_max=4)},
    )

    assert policy.rules_in("C1") == Rules(models=(Model.IDEOGRAM_3,), quantity_max=4)
    assert policy.rules_in("C2") == policy.rules


def test_who_may_ask_in_a_channel_is_ruled_as_a_whole() -> None:
    policy = Policy(rules=Rules(groups=("S1",)), channel_rules={"C1": Rules(people=("U1",))})

    assert policy.rules_in("C1") == Rules(people=("U1",))


def test_a_rule_is_the_channels_where_the_channel_says_something_of_it() -> None:
    policy = Policy(channel_rules={"C1": Rules(quantity_max=4, groups=("S1",))})

    assert [rule for rule in RuleName if policy.is_exception(rule, "C1")] == [
        RuleName.QUANTITY,
        RuleName.PERSON,
    ]
    assert not any(policy.is_exception(rule, "C2") for rule in RuleName)


def test_a_channels_preset_takes_the_place_of_the_workspaces_of_that_name() -> None:
    everywhere, here = Preset(name="Brand"), Preset(name="brand", channel_id="C1")
    policy = Policy(presets=(here, everywhere, Preset(name="Autumn")))

    assert policy.find_preset(" BRAND ", "C1") is here
    assert policy.find_preset("brand", "C2") is everywhere
    assert policy.find_preset("spring", "C1") is None
    assert [preset.name for preset in policy.presets_in("C1")] == ["Autumn", "brand"]


def test_what_a_later_version_has_added_is_passed_over() -> None:
    document = Policy().model_dump(mode="json") | {"moods": ["calm"]}

    assert Policy.model_validate(document) == Policy()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError, match="no such time zone"):
        WorkspaceSettings(time_zone=zone)
