"""The small modal before a budget, a channel's rules or a preset is removed. Pure.

It has no button that sends it: Slack would show that one as what is to be done. Remove is beside
Keep, in red.
"""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement
from slack_sdk.models.views import View

from bot.policy.policy import Policy
from bot.slack.home import texts as home_texts
from bot.slack.home.forms.budget import BUDGET_FORM, find_budget
from bot.slack.home.forms.defaults import DEFAULTS_FORM
from bot.slack.home.forms.form import Gone
from bot.slack.home.forms.preset import (
    PRESET_FORM,
    find_preset,
    list_requiring,
    owner_of,
    remove_preset,
)
from bot.slack.home.forms.rules import EXCEPTION_FORM
from bot.slack.home.screens import FormState, HomePage
from bot.slack.kit.ids import HomeAction, ViewId
from bot.slack.kit.message import mrkdwn_section


def show_removal(policy: Policy, what: str, key: str, place: HomePage) -> View | None:
    """Sure? None where it is gone already. `what` is a form's."""
    said = describe(policy, what, key)
    if said is None:
        return None
    state = FormState(key=f"{what}:{key}", place=place)
    warned = [home_texts.sure_to_remove(said), *_warn(policy, what, key)]
    remove = ButtonElement(text="Remove", action_id=HomeAction.REMOVE, style="danger")
    blocks: list[Block] = [*map(mrkdwn_section, warned), ActionsBlock(elements=[remove])]
    return View(
        type="modal",
        callback_id=ViewId.REMOVAL_FORM,
        title="Remove",
        close="Keep",
        private_metadata=state.write(),
        blocks=blocks,
    )


def show_outcome(said: str) -> View:
    """In its place, once it was pressed; `said` is mrkdwn."""
    return View(
        type="modal",
        callback_id=ViewId.NOTICE,
        title="Remove",
        close="Close",
        blocks=[mrkdwn_section(said)],
    )


def _warn(policy: Policy, what: str, key: str) -> list[str]:
    """What will not go any more without it."""
    if what == EXCEPTION_FORM.what and policy.powerpost_workspace_in(key) is not None:
        return [home_texts.WORKSPACE_GOES]
    preset = find_preset(policy, key) if what == PRESET_FORM.what else None
    if preset is None or owner_of(key) is not None:
        return []
    without = make_removal(what, key)(policy)
    channels = [
        channel
        for channel in list_requiring(policy, preset.name)
        if without.find_preset(preset.name, channel) is None
        and preset.channel_id in (None, channel)
    ]
    return [home_texts.preset_required_in(channels)] if channels else []


def describe(policy: Policy, what: str, key: str) -> str | None:
    """What would be removed, in mrkdwn; None where it is not there."""
    if what == BUDGET_FORM.what and (budget := find_budget(policy, key)):
        return home_texts.budget_mrkdwn(budget)
    if what == EXCEPTION_FORM.what and key in policy.channel_rules:
        return home_texts.rules_of_channel(key)
    if what == PRESET_FORM.what and (preset := find_preset(policy, key)):
        return home_texts.preset_title(preset, is_own=owner_of(key) is not None)
    return None


def name_removed(policy: Policy, what: str, key: str) -> str:
    """For the record of changes."""
    if what == PRESET_FORM.what and owner_of(key) is not None:
        return DEFAULTS_FORM.what  # nobody else's business
    form = next(s for s in (BUDGET_FORM, EXCEPTION_FORM, PRESET_FORM) if s.what == what)
    name = form.name_of(key, form.values_of(policy, key) or form.blank)
    return f"{what}_removed:{name}"


def make_removal(what: str, key: str) -> Callable[[Policy], Policy]:
    """The change of the newest policy. It raises Gone."""

    def edit(policy: Policy) -> Policy:
        if describe(policy, what, key) is None:
            raise Gone
        if what == BUDGET_FORM.what:
            kept = tuple(budget for budget in policy.budgets if budget.id != key)
            return policy.model_copy(update={"budgets": kept})
        if what == PRESET_FORM.what:
            return remove_preset(policy, key)
        rules = {channel: r for channel, r in policy.channel_rules.items() if channel != key}
        return policy.model_copy(update={"channel_rules": rules})

    return edit
