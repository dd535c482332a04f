"""What a change of the policy changed: old and new, as far as it may be told. Pure.

Words around prompts are never in it, only that they were changed; nor are people's own defaults.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.policy.budgets import Budget
from bot.policy.policy import Policy
from bot.policy.presets import Preset
from bot.policy.rules import Rules

_AFFIXES = ("prefix", "suffix")
_PRESET_FIELDS = (
    *("name", "channel_id", "model", "size", "quantity", "enhance_prompt", "is_locked"),
)


class Difference(BaseModel):
    """One thing that was `before` and is `after`, as JSON has it. `field` is the name of a setting,
    rule or option of a preset; `budget`: the two are budgets, None where there is none."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    field: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Who made a version, of what, and from what to what, where that was kept."""

    version: int
    what: str
    changed_by: str
    changed_at: datetime
    differences: tuple[Difference, ...] = ()


def find_differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """What differs, in the order in which it is set."""
    settings = _compare(before.settings, after.settings)
    rules = _compare(before.rules, after.rules)
    return (*settings, *rules, *_compare_channels(before, after), *_compare_lists(before, after))


def _compare_channels(before: Policy, after: Policy) -> Iterator[Difference]:
    for channel in sorted({*before.channel_rules, *after.channel_rules}):
        old = before.channel_rules.get(channel, Rules())
        yield from _compare(old, after.channel_rules.get(channel, Rules()))


def _compare_lists(before: Policy, after: Policy) -> Iterator[Difference]:
    old_budgets = {budget.id: budget for budget in before.budgets}
    new_budgets = {budget.id: budget for budget in after.budgets}
    for key in dict.fromkeys((*old_budgets, *new_budgets)):
        yield from _compare_budgets(old_budgets.get(key), new_budgets.get(key))
    gone = [preset for preset in before.presets if preset not in after.presets]
    come = [preset for preset in after.presets if preset not in before.presets]
    if len(gone) == len(come) == 1:  # one was changed: also its name may be another
        yield from _compare_presets(gone[0], come[0])


def _compare(before: BaseModel, after: BaseModel) -> Iterator[Difference]:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    for name in new:
        if old[name] != new[name]:
            yield Difference(field=name, before=old[name], after=new[name])


def _compare_budgets(before: Budget | None, after: Budget | None) -> Iterator[Difference]:
    if before != after:
        old, new = (each and each.model_dump(mode="json") for each in (before, after))
        yield Difference(field="budget", before=old, after=new)


def _compare_presets(before: Preset, after: Preset) -> Iterator[Difference]:
    for each in _compare(before, after):
        if each.field in _PRESET_FIELDS:
            yield each
        elif each.field in _AFFIXES:
            yield Difference(field=each.field, before=bool(each.before), after=bool(each.after))
        elif each.field == "references":
            count = (len(each.before), len(each.after))
            yield Difference(field=each.field, before=count[0], after=count[1])
