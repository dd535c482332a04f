"""The form of the rules: the workspace's (key ""), or where a channel's differ (its id). Pure."""

from __future__ import annotations

import re
from typing import Final

from slack_sdk.models.blocks import Block

from bot.images.catalogue import MODELS, QUANTITY_MAX, Model
from bot.images.typed import fold
from bot.policy.policy import Policy
from bot.policy.rules import LIFTABLE, RuleName, Rules
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import (
    NOT_SET,
    are_ids,
    draw_channel,
    draw_channels,
    draw_many,
    draw_people,
    draw_select,
    draw_text,
    draw_ticks,
    many,
    one,
)
from bot.slack.home.forms.form import Draft, Drawing, Errors, PresetConflictError, SettingsForm
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import mrkdwn_context, plain_context
from bot.slack.kit.text import picture_count

# The form sends all of them in one field, of at most 3,000 characters.
WORDS_MAX: Final = 2_800
EXCEPTIONS_MAX: Final = 200
# Before a preset's name, so that none is taken for what says that none is chosen.
_PRESET: Final = "preset:"
_WORKSPACE: Final = "workspace:"  # the same before the id of one of PowerPost's
_IS_WORKSPACE: Final = re.compile(rf"{_WORKSPACE}[!-~]{{1,255}}")
_FIELDS_OF: Final = {
    RuleName.MODEL: (HomeField.MODELS,),
    RuleName.QUANTITY: (HomeField.QUANTITY_MAX,),
    RuleName.PERSON: (HomeField.PEOPLE, HomeField.GROUPS),
    RuleName.WORD: (HomeField.WORDS, HomeField.BEGINNINGS),
}
_LISTS: Final = (
    HomeField.PEOPLE,
    HomeField.GROUPS,
    HomeField.CHANNELS,
    HomeField.CHANNEL,
)


def _rules_of(policy: Policy, key: str) -> Rules | None:
    return policy.channel_rules.get(key) if key else policy.rules


def _values_of(policy: Policy, key: str) -> Values | None:
    rules = _rules_of(policy, key)
    if rules is None:
        return None
    quantity = NOT_SET if rules.quantity_max is None else str(rules.quantity_max)
    return {
        HomeField.CHANNEL: (key,) if key else (),
        HomeField.MODELS: tuple(model.value for model in rules.models or ()),
        HomeField.QUANTITY_MAX: (quantity,),
        HomeField.CHANNELS: rules.channels or (),
        HomeField.PEOPLE: rules.people or (),
        HomeField.GROUPS: rules.groups or (),
        HomeField.WORDS: _join_words(rules.words),
        HomeField.BEGINNINGS: _join_words(rules.beginnings),
        HomeField.REQUIRED_PRESET: (_PRESET + rules.preset if rules.preset else NOT_SET,),
        HomeField.LIFTED: tuple(rule.value for rule in rules.lifted or ()),
        HomeField.POWERPOST_WORKSPACE: (
            _WORKSPACE + rules.powerpost_workspace if rules.powerpost_workspace else NOT_SET,
        ),
    }


def _join_words(words: tuple[str, ...] | None) -> tuple[str, ...]:
    return ("\n".join(words),) if words else ()


_FOR_NO_LIMIT: Final = "for no limit"


def _draw(draft: Draft) -> Drawing:
    values, state = draft.values, draft.state
    is_exception = state.is_new or bool(state.key)
    otherwise = "to use the workspace's rule" if is_exception else _FOR_NO_LIMIT
    blocks: list[Block] = []
    if state.is_new:
        blocks.append(draw_channel(HomeField.CHANNEL, "Channel", values))
    elif is_exception:
        blocks.append(mrkdwn_context(home_texts.rules_of_channel(state.key)))
    if is_exception:
        blocks += _draw_workspace(draft)
    blocks += _draw_options(values, otherwise)
    if not is_exception:
        blocks.append(
            draw_channels(
                HomeField.CHANNELS,
                "Only in these channels",
                values,
                hint="Empty: all channels. A channel with its own rules is always allowed.",
            )
        )
    blocks += [*_draw_people(draft, otherwise), *_draw_words(values, otherwise)]
    if is_exception:
        blocks += [_draw_required(draft), _draw_lifted(values)]
    return Drawing("Rules of a channel" if is_exception else "Rules", blocks)


def _draw_words(values: Values, otherwise: str) -> list[Block]:
    fields = (
        (HomeField.WORDS, "Blocked words", "Whole words only: “kite” doesn't block “kites”."),
        (
            HomeField.BEGINNINGS,
            "Blocked beginnings of words",
            "“kite” blocks “kite”, “kites” and “kiteboard”.",
        ),
    )
    more = f"One per line. Leave both empty {otherwise}."
    return [
        draw_text(field, label, values, most=WORDS_MAX, is_multiline=True, hint=f"{what} {more}")
        for field, label, what in fields
    ]


def _draw_workspace(draft: Draft) -> list[Block]:
    """Which of PowerPost's workspaces pictures are made in, if there are several. One that is not
    set up any more stays named: what is asked for there is refused."""
    workspaces = draft.workspaces
    chosen = (one(draft.values, HomeField.POWERPOST_WORKSPACE) or "").removeprefix(_WORKSPACE)
    if not workspaces.are_several and not chosen:
        return []
    default = workspaces.name_of(None)
    options = [(NOT_SET, f"{default} (for all channels without their own)")]
    others = [each for each in workspaces.ids if workspaces.settle(each) is not None]
    options += [(_WORKSPACE + each, workspaces.name_of(each)) for each in others]
    if chosen and chosen not in others:
        known = workspaces.knows(chosen)
        said = default if known else f"{chosen} (not set up any more)"
        options.append((_WORKSPACE + chosen, said))
    return [
        draw_select(
            HomeField.POWERPOST_WORKSPACE,
            "PowerPost workspace",
            draft.values,
            options,
            hint="Pictures for this channel are made in it, and captions come from it.",
        )
    ]


def _draw_required(draft: Draft) -> Block:
    """Which preset every picture is made with: one of this channel's, or, while it is not chosen,
    of any. One that is not there any more stays named, or it would seem that none is required."""
    policy, channel = draft.policy, draft.state.key
    presets = policy.presets_in(channel) if channel else policy.presets
    offered = {preset.name.casefold(): preset.name for preset in presets}
    names = {name: name for name in offered.values()}
    chosen = (one(draft.values, HomeField.REQUIRED_PRESET) or "").removeprefix(_PRESET)
    if chosen and chosen.casefold() not in offered:
        names[chosen] = f"{chosen} (not there any more)"
    options = [(NOT_SET, "None: everyone chooses")]
    options += [(_PRESET + name, shown) for name, shown in sorted(names.items())]
    return draw_select(
        HomeField.REQUIRED_PRESET,
        "Required preset",
        draft.values,
        options,
        hint="Every picture in this channel uses it.",
    )


def _draw_lifted(values: Values) -> Block:
    return draw_ticks(
        HomeField.LIFTED,
        "Lift the workspace's rules here",
        values,
        [(rule.value, home_texts.LIFTED[rule].capitalize()) for rule in LIFTABLE],
        hint="What you tick doesn't apply in this channel. To set another limit, use the fields "
        "above instead.",
    )


def _draw_options(values: Values, otherwise: str) -> list[Block]:
    is_exception = otherwise != _FOR_NO_LIMIT
    quantities = [(NOT_SET, "As in the workspace" if is_exception else "No limit")]
    quantities += [(str(n), picture_count(n)) for n in range(1, QUANTITY_MAX + 1)]
    return [
        draw_ticks(
            HomeField.MODELS,
            "Only these models",
            values,
            [(model.value, facts.name) for model, facts in MODELS.items()],
            hint=f"Leave empty {otherwise}.",
        ),
        draw_select(HomeField.QUANTITY_MAX, "Max images per request", values, quantities),
    ]


def _draw_people(draft: Draft, otherwise: str) -> list[Block]:
    blocks: list[Block] = [
        draw_people(
            HomeField.PEOPLE,
            "Only these people",
            draft.values,
            hint=f"And those in the groups below. Leave both empty {otherwise}.",
        )
    ]
    chosen = many(draft.values, HomeField.GROUPS)
    known = list(draft.groups or ())
    known += [(group, group) for group in chosen if group not in dict(known)]
    if known:
        blocks.append(draw_many(HomeField.GROUPS, "Only these user groups", draft.values, known))
    elif draft.groups is None:
        blocks.append(plain_context(home_texts.GROUPS_UNKNOWN))
    return blocks


def _find_errors(values: Values) -> Errors:
    errors = {}
    if not set(many(values, HomeField.MODELS)) <= set(Model):
        errors[HomeField.MODELS] = home_texts.CHOOSE_FROM_LIST
    quantity = one(values, HomeField.QUANTITY_MAX)
    if quantity not in (None, *map(str, range(1, QUANTITY_MAX + 1))):
        errors[HomeField.QUANTITY_MAX] = home_texts.CHOOSE_FROM_LIST
    for field in _LISTS:
        if not are_ids(many(values, field)):
            errors[field] = home_texts.CHOOSE_FROM_LIST
    workspace = one(values, HomeField.POWERPOST_WORKSPACE)
    if workspace is not None and not _IS_WORKSPACE.fullmatch(workspace):
        errors[HomeField.POWERPOST_WORKSPACE] = home_texts.CHOOSE_FROM_LIST
    return errors | _find_word_errors(values) | _find_lift_errors(values)


def _find_word_errors(values: Values) -> dict[HomeField, str]:
    errors = {}
    for field in (HomeField.WORDS, HomeField.BEGINNINGS):
        words = _split_words(values, field)
        nothing = next((word for word in words if not fold(word)), None)
        if len("\n".join(words)) > WORDS_MAX:
            errors[field] = home_texts.TOO_MANY_WORDS
        elif nothing is not None:
            errors[field] = home_texts.no_word(nothing)
    return errors


def _find_lift_errors(values: Values) -> dict[HomeField, str]:
    """A rule that is lifted and set at once."""
    lifted = many(values, HomeField.LIFTED)
    if not set(lifted) <= {rule.value for rule in LIFTABLE}:
        return {HomeField.LIFTED: home_texts.CHOOSE_FROM_LIST}
    both = [
        field
        for rule in lifted
        for field in _FIELDS_OF[RuleName(rule)]
        if one(values, field) is not None
    ]
    return {both[0]: home_texts.SET_AND_LIFTED} if both else {}


def _split_words(values: Values, field: HomeField) -> tuple[str, ...]:
    """One a line, each once."""
    lines = (" ".join(line.split()) for line in (one(values, field) or "").splitlines())
    return tuple({line.casefold(): line for line in lines if line}.values())


def _apply(policy: Policy, key: str, values: Values) -> Policy:
    quantity = one(values, HomeField.QUANTITY_MAX)
    rules = Rules(
        models=tuple(Model(model) for model in many(values, HomeField.MODELS)) or None,
        quantity_max=None if quantity is None else int(quantity),
        channels=many(values, HomeField.CHANNELS) or None,
        people=many(values, HomeField.PEOPLE) or None,
        groups=many(values, HomeField.GROUPS) or None,
        words=_split_words(values, HomeField.WORDS) or None,
        beginnings=_split_words(values, HomeField.BEGINNINGS) or None,
    )
    return policy.model_copy(update={"rules": rules})


def _apply_exception(policy: Policy, key: str, values: Values) -> Policy:
    channel = key or one(values, HomeField.CHANNEL)
    if channel is None:
        raise PresetConflictError({HomeField.CHANNEL: home_texts.CHOOSE_ONE})
    if not key and channel in policy.channel_rules:
        raise PresetConflictError({HomeField.CHANNEL: home_texts.EXCEPTION_EXISTS})
    if channel not in policy.channel_rules and len(policy.channel_rules) >= EXCEPTIONS_MAX:
        raise PresetConflictError(
            {HomeField.CHANNEL: home_texts.too_many_exceptions(EXCEPTIONS_MAX)}
        )
    chosen = one(values, HomeField.REQUIRED_PRESET)
    lifted = tuple(RuleName(rule) for rule in many(values, HomeField.LIFTED))
    workspace = one(values, HomeField.POWERPOST_WORKSPACE)
    exception = {
        "channels": None,
        "preset": _check_preset(policy, chosen.removeprefix(_PRESET), channel) if chosen else None,
        "lifted": lifted or None,
        "powerpost_workspace": workspace and workspace.removeprefix(_WORKSPACE),
    }
    rules = _apply(policy, key, values).rules.model_copy(update=exception)
    return policy.model_copy(update={"channel_rules": {**policy.channel_rules, channel: rules}})


def _check_preset(policy: Policy, name: str, channel: str) -> str:
    """Its name as it is written there. Raises PresetConflictError if nothing could be made with it
    there; one that was required before, and is gone, may stay while something else is changed."""
    known = policy.channel_rules.get(channel)
    preset = policy.find_preset(name, channel)
    if preset is not None:
        return preset.name
    if known is not None and known.preset == name:
        return name
    raise PresetConflictError({HomeField.REQUIRED_PRESET: home_texts.NOT_ITS_PRESET})


def _values_of_exception(policy: Policy, key: str) -> Values | None:
    return _values_of(policy, key) if key else None


def _name_of_exception(key: str, values: Values) -> str:
    return f"channel={key or one(values, HomeField.CHANNEL)}"


_BLANK: Final[Values] = {
    HomeField.QUANTITY_MAX: (NOT_SET,),
    HomeField.REQUIRED_PRESET: (NOT_SET,),
    HomeField.POWERPOST_WORKSPACE: (NOT_SET,),
}
RULES_FORM: Final = SettingsForm(
    view_id=ViewId.RULES_FORM,
    what="rules",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
    blank=_BLANK,
)
EXCEPTION_FORM: Final = SettingsForm(
    view_id=ViewId.EXCEPTION_FORM,
    what="channel_rules",
    draw=_draw,
    values_of=_values_of_exception,
    find_errors=_find_errors,
    apply=_apply_exception,
    name_of=_name_of_exception,
    blank=_BLANK,
)
