"""PowerPost's workspaces: their names, and what a channel is set to."""

from __future__ import annotations

import pytest

from bot.policy.policy import Policy
from bot.policy.rules import Rules
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces

SEVERAL = PowerPostWorkspaces("ws_1", {"ws_2": "Lakeside Hotel"})


def test_the_default_one_is_always_none() -> None:
    assert SEVERAL.settle("ws_1") is None
    assert SEVERAL.settle(None) is None
    assert SEVERAL.settle("ws_2") == "ws_2"


@pytest.mark.parametrize(
    ("workspaces", "workspace_id", "name"),
    [
        (SEVERAL, None, "Default"),
        (SEVERAL, "ws_1", "Default"),
        (PowerPostWorkspaces("ws_1", {"ws_1": "Our brand"}), None, "Our brand"),
        (SEVERAL, "ws_2", "Lakeside Hotel"),
        (SEVERAL, "ws_gone", "ws_gone"),
        (ONE_WORKSPACE, None, "Default"),
    ],
)
def test_each_has_a_name(
    workspaces: PowerPostWorkspaces, workspace_id: str | None, name: str
) -> None:
    assert workspaces.name_of(workspace_id) == name


def test_what_is_set_up_is_known_and_counted() -> None:
    assert SEVERAL.ids == ("ws_1", "ws_2")
    assert SEVERAL.knows(None)
    assert SEVERAL.knows("ws_2")
    assert not SEVERAL.knows("ws_gone")
    assert SEVERAL.are_several
    assert not PowerPostWorkspaces("ws_1", {"ws_1": "Our brand"}).are_several


def test_a_channel_has_the_one_that_it_is_set_to_and_others_the_default_one() -> None:
    policy = Policy(channel_rules={"C1": Rules(powerpost_workspace="ws_2"), "C2": Rules()})

    assert policy.powerpost_workspace_in("C1") == "ws_2"
    assert policy.powerpost_workspace_in("C2") is None
    assert policy.powerpost_workspace_in("U1") is None


def test_a_workspace_alone_is_no_rule_of_the_channels_own() -> None:
    rules = Rules(channels=("C9",), quantity_max=2)
    policy = Policy(rules=rules, channel_rules={"C1": Rules(powerpost_workspace="ws_2")})

    assert policy.rules_in("C1") == rules
