"""The form of one budget: of what, how many credits, and until when. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from slack_sdk.models.blocks import Block

from bot.images.campaigns import CAMPAIGN_MAX, campaign_key, read_campaign
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import (
    are_ids,
    draw_channel,
    draw_number,
    draw_person,
    draw_radio,
    draw_search,
    one,
)
from bot.slack.home.forms.form import (
    Draft,
    Drawing,
    Errors,
    PresetConflictError,
    SettingsForm,
    is_number,
    read_number,
    write_number,
)
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import mrkdwn_section, plain_context

# More than anybody wants to look through; each request is held against all of them.
BUDGETS_MAX: Final = 500


class BudgetKind(StrEnum):
    """What a budget can be of, as a person says it."""

    WORKSPACE = "workspace"
    EACH_CHANNEL = "each_channel"
    CHANNEL = "channel"
    EACH_PERSON = "each_person"
    PERSON = "person"
    EACH_CAMPAIGN = "each_campaign"
    CAMPAIGN = "campaign"


_KINDS: Final = (
    (BudgetKind.WORKSPACE, "The whole workspace"),
    (BudgetKind.EACH_CHANNEL, "Each channel"),
    (BudgetKind.CHANNEL, "One channel (overrides the default)"),
    (BudgetKind.EACH_PERSON, "Each person"),
    (BudgetKind.PERSON, "One person (overrides the default)"),
    (BudgetKind.EACH_CAMPAIGN, "Each campaign"),
    (BudgetKind.CAMPAIGN, "One campaign (overrides the default)"),
)
_NAMES: Final = {
    BudgetKind.WORKSPACE: "the whole workspace",
    BudgetKind.EACH_CHANNEL: "each channel",
    BudgetKind.EACH_PERSON: "each person",
    BudgetKind.EACH_CAMPAIGN: "each campaign",
}
_SCOPES: Final = {
    BudgetKind.WORKSPACE: Scope.WORKSPACE,
    BudgetKind.EACH_CHANNEL: Scope.CHANNEL,
    BudgetKind.CHANNEL: Scope.CHANNEL,
    BudgetKind.EACH_PERSON: Scope.PERSON,
    BudgetKind.PERSON: Scope.PERSON,
    BudgetKind.EACH_CAMPAIGN: Scope.CAMPAIGN,
    BudgetKind.CAMPAIGN: Scope.CAMPAIGN,
}
# Where it is said of which one it is.
_SUBJECTS: Final = {
    BudgetKind.CHANNEL: HomeField.CHANNEL,
    BudgetKind.PERSON: HomeField.PERSON,
    BudgetKind.CAMPAIGN: HomeField.BUDGET_CAMPAIGN,
}
_PERIODS: Final = ((Period.MONTH, "A month"), (Period.DAY, "A day"))


def find_budget(policy: Policy, key: str) -> Budget | None:
    """The budget of that id."""
    return next((budget for budget in policy.budgets if budget.id == key), None)


def _kind_of(budget: Budget) -> BudgetKind:
    match budget.scope, budget.subject:
        case Scope.CHANNEL, None:
            return BudgetKind.EACH_CHANNEL
        case Scope.CHANNEL, _:
            return BudgetKind.CHANNEL
        case Scope.PERSON, None:
            return BudgetKind.EACH_PERSON
        case Scope.PERSON, _:
            return BudgetKind.PERSON
        case Scope.CAMPAIGN, None:
            return BudgetKind.EACH_CAMPAIGN
        case Scope.CAMPAIGN, _:
            return BudgetKind.CAMPAIGN
        case _:
            return BudgetKind.WORKSPACE


def _values_of(policy: Policy, key: str) -> Values | None:
    budget = find_budget(policy, key)
    if budget is None:
        return None
    kind = _kind_of(budget)
    subject = (budget.subject,) if budget.subject else ()
    return {
        HomeField.KIND: (kind.value,),
        **{field: subject if kind is its_kind else () for its_kind, field in _SUBJECTS.items()},
        HomeField.CREDITS: write_number(budget.credits),
        HomeField.PERIOD: (budget.period.value,),
    }


def _draw(draft: Draft) -> Drawing:
    values, state = draft.values, draft.state
    blocks: list[Block] = [mrkdwn_section(state.asked)] if state.asked else []
    blocks.append(draw_radio(HomeField.KIND, "Budget for", values, _KINDS, redraws=True))
    kind = one(values, HomeField.KIND)
    if kind == BudgetKind.CHANNEL:
        blocks.append(draw_channel(HomeField.CHANNEL, "Channel", values))
    if kind == BudgetKind.PERSON:
        blocks.append(draw_person(HomeField.PERSON, "Person", values))
    if kind == BudgetKind.CAMPAIGN:
        blocks.append(draw_search(HomeField.BUDGET_CAMPAIGN, "Campaign", values))
    blocks += [
        draw_number(HomeField.CREDITS, "Credits", values, is_optional=False),
        draw_radio(HomeField.PERIOD, "For", values, _PERIODS),
    ]
    if state.is_raise:
        blocks.append(plain_context(home_texts.RAISING))
    return Drawing("New budget" if state.is_new else "Budget", blocks)


def find_question(policy: Policy, values: Values) -> str:
    """What to ask before a budget without errors is kept; empty if nothing is to be asked."""
    budget = _read_budget("", values)
    if budget.credits > 0:
        return ""
    has_approvers = bool(policy.settings.approvers or policy.settings.approval_channel)
    return home_texts.nobody_can(budget, has_approvers=has_approvers)


def _find_errors(values: Values) -> Errors:
    errors = {}
    kind = one(values, HomeField.KIND)
    if kind not in set(BudgetKind):
        errors[HomeField.KIND] = home_texts.CHOOSE_FROM_LIST
    credits_ = one(values, HomeField.CREDITS)
    if credits_ is None or not is_number(credits_):
        errors[HomeField.CREDITS] = home_texts.NOT_CREDITS
    if one(values, HomeField.PERIOD) not in set(Period):
        errors[HomeField.PERIOD] = home_texts.CHOOSE_FROM_LIST
    for its_kind, field in _SUBJECTS.items():
        chosen = one(values, field) or ""
        is_one = are_ids((chosen,)) if its_kind is not BudgetKind.CAMPAIGN else _is_campaign(chosen)
        if kind == its_kind and not is_one:
            errors[field] = home_texts.CHOOSE_ONE
    return errors


def _is_campaign(name: str) -> bool:
    return bool(read_campaign(name)) and len(name) <= CAMPAIGN_MAX


def _read_budget(key: str, values: Values) -> Budget:
    kind = BudgetKind(one(values, HomeField.KIND) or "")
    return Budget(
        id=key,
        scope=_SCOPES[kind],
        subject=one(values, _SUBJECTS[kind]) if kind in _SUBJECTS else None,
        period=Period(one(values, HomeField.PERIOD) or ""),
        credits=read_number(one(values, HomeField.CREDITS)) or 0.0,
    )


def _apply(policy: Policy, key: str, values: Values) -> Policy:
    budget = _read_budget(key, values)
    others = [other for other in policy.budgets if other.id != key]
    if any(_is_same(budget, other) for other in others):
        raise PresetConflictError({HomeField.KIND: home_texts.BUDGET_EXISTS})
    if len(others) >= BUDGETS_MAX:
        raise PresetConflictError({HomeField.KIND: home_texts.too_many_budgets(BUDGETS_MAX)})
    at_its_place = tuple(budget if other.id == key else other for other in policy.budgets)
    is_known = find_budget(policy, key) is not None
    return policy.model_copy(
        update={"budgets": at_its_place if is_known else (*at_its_place, budget)}
    )


def _name_of(_key: str, values: Values) -> str:
    kind = one(values, HomeField.KIND)
    match kind:
        case BudgetKind.CHANNEL:
            return f"channel={one(values, HomeField.CHANNEL)}"
        case BudgetKind.PERSON:
            return f"person={one(values, HomeField.PERSON)}"
        case BudgetKind.CAMPAIGN:
            return f"campaign={one(values, HomeField.BUDGET_CAMPAIGN)}"
        case _:
            return f"each={_NAMES[BudgetKind(kind or '')]}"


def _is_same(one_: Budget, other: Budget) -> bool:
    subjects = [each.subject or "" for each in (one_, other)]
    if one_.scope is Scope.CAMPAIGN:
        subjects = [campaign_key(each) for each in subjects]
    is_alike = (one_.scope, one_.period) == (other.scope, other.period)
    return is_alike and subjects[0] == subjects[1]


BUDGET_FORM: Final = SettingsForm(
    view_id=ViewId.BUDGET_FORM,
    what="budget",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
    name_of=_name_of,
    blank={
        HomeField.KIND: (BudgetKind.WORKSPACE.value,),
        HomeField.CHANNEL: (),
        HomeField.PERSON: (),
        HomeField.BUDGET_CAMPAIGN: (),
        HomeField.CREDITS: (),
        HomeField.PERIOD: (Period.MONTH.value,),
    },
)
