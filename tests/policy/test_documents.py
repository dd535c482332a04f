"""Policies as documents: what a newer version has set is kept, and never passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NewerVersion
from bot.images.catalogue import Model
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.documents import read_policy, write_policy
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.presets import Defaults, Preset
from bot.policy.rules import Rules

POLICY = Policy(
    version=7,
    settings=WorkspaceSettings(admins=("U1",)),
    rules=Rules(quantity_max=2),
    channel_rules={"C1": Rules(models=(Model.FLUX2_FLEX,))},
    budgets=(Budget(id="b1", scope=Scope.WORKSPACE, period=Period.MONTH, credits=100),),
    presets=(Preset(name="brand", prefix="flat"), Preset(name="noir", channel_id="C1")),
    defaults={"U1": Defaults(quantity=2)},
    own_presets={"U1": (Preset(name="mine", suffix="in fog"),)},
)


def document() -> dict[str, Any]:
    return POLICY.model_dump(mode="json")


def test_what_is_written_is_read() -> None:
    assert read_policy(document(), 7) == POLICY
    assert write_policy(document(), POLICY, POLICY) == document()
    assert read_policy(write_policy({}, Policy(), POLICY), 7) == POLICY


@pytest.mark.parametrize(
    "newer",
    [
        {"rules": {"quantity_max": 2, "sizes": ["square"]}},
        {"rules": {"models": ["flux-3"]}},
        {"channel_rules": {"C1": {"sizes": ["square"]}}},
        {"budgets": [{"id": "b1", "scope": "team", "period": "month", "credits": 9}]},
        {
            "budgets": [
                {"id": "b", "scope": "workspace", "period": "day", "credits": 9, "weekends": False}
            ]
        },
    ],
)
def test_rules_and_budgets_that_this_version_cannot_hold_to_are_not_passed_over(
    newer: dict[str, Any],
) -> None:
    with pytest.raises(NewerVersion):
        read_policy(document() | newer, 7)


NEWER: dict[str, Any] = document() | {
    "themes": ["dark"],
    "settings": document()["settings"] | {"quiet_hours": [22, 6]},
    "presets": [
        *(preset | {"negative": "text"} for preset in document()["presets"]),
        {"name": "of tomorrow", "model": "flux-3"},
    ],
    "defaults": document()["defaults"] | {"U2": {"size": "cinema"}},
}


def test_everything_else_that_a_newer_version_has_set_is_only_not_seen() -> None:
    assert read_policy(NEWER, 7) == POLICY


def change_setting(policy: Policy) -> Policy:
    settings = policy.settings.model_copy(update={"admins": ("U1", "U9")})
    return policy.model_copy(update={"settings": settings})


def test_what_an_older_version_did_not_write_is_as_by_default_after_a_change() -> None:
    older = document()
    del older["own_presets"], older["settings"]["brief_most"]
    before = read_policy(older, 7)

    written = write_policy(older, before, change_setting(before))

    assert read_policy(written, 8).settings == change_setting(POLICY).settings
    assert read_policy(written, 8).own_presets == {}


def rename_preset(policy: Policy) -> Policy:
    presets = (Preset(name="brand", prefix="bold"), *policy.presets[1:])
    return policy.model_copy(update={"presets": presets})


def drop_preset(policy: Policy) -> Policy:
    return policy.model_copy(update={"presets": policy.presets[1:]})


def set_defaults(policy: Policy) -> Policy:
    return policy.model_copy(update={"defaults": {"U3": Defaults(quantity=1)}})


@pytest.mark.parametrize("edit", [change_setting, rename_preset, drop_preset, set_defaults])
def test_what_is_not_seen_is_kept_when_something_else_is_changed(edit: Any) -> None:
    before = read_policy(NEWER, 7)
    after = edit(before)

    written = write_policy(NEWER, before, after)

    assert read_policy(written, 7) == after
    assert written["themes"] == ["dark"]
    assert written["settings"]["quiet_hours"] == [22, 6]
    assert {"name": "of tomorrow", "model": "flux-3"} in written["presets"]
    assert all(p.get("negative", "text") == "text" for p in written["presets"])
    assert sum("negative" in p for p in written["presets"]) == len(after.presets)
    assert "U2" in written["defaults"]
