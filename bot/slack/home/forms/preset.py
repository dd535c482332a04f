"""The form of one preset. Its key is its channel (or nothing) and its name. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from slack_sdk.models.blocks import Block

from bot.images.catalogue import STYLE_IMAGES_MAX
from bot.policy.policy import Policy
from bot.policy.presets import (
    AFFIX_MAX,
    NAME_MAX,
    OWN_PRESETS_MAX,
    PRESETS_MAX,
    Preset,
    StoredReference,
)
from bot.policy.rules import find_blocked_word
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import (
    YES,
    are_ids,
    draw_channel,
    draw_files,
    draw_radio,
    draw_text,
    draw_ticks,
    many,
    one,
)
from bot.slack.home.forms.choices import (
    BLANK_CHOICES,
    Choices,
    draw_choices,
    find_choice_errors,
    read_choices,
    values_of_choices,
)
from bot.slack.home.forms.form import (
    Draft,
    Drawing,
    Errors,
    Gone,
    PresetConflictError,
    SettingsForm,
    make_edit,
)
from bot.slack.home.screens import FormState, Values
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import mrkdwn_section, plain_context
from bot.slack.kit.thumbnails import show_thumbnails

WORKSPACE: Final = "workspace"
CHANNEL: Final = "channel"
PERSON: Final = "me"
_KINDS: Final = ((WORKSPACE, "The whole workspace"), (CHANNEL, "One channel"))
_KINDS_OF_NEW: Final = (*_KINDS, (PERSON, "Only me"))
_BLANK: Final[Values] = {HomeField.KIND: (WORKSPACE,), **BLANK_CHOICES}
_BAD_NAME: Final = re.compile(r'["“”\x00-\x1f]|^[-–—]')
_SHARED_WORDS: Final = "Keep only what all pictures should share, such as the style."


def preset_key(preset: Preset, owner: str | None = None) -> str:
    """What a form and a menu name it by: where it is for, or the person whose own it is, and its
    name."""
    return f"{owner or preset.channel_id or ''}:{preset.name}"


def owner_of(key: str) -> str | None:
    """Whose own preset a key names; None: it is the team's."""
    scope = key.partition(":")[0]
    return scope if scope.startswith(("U", "W")) else None


def find_preset(policy: Policy, key: str) -> Preset | None:
    """The preset of that key."""
    owner = owner_of(key)
    presets = policy.presets if owner is None else policy.own_presets.get(owner, ())
    return next((each for each in presets if preset_key(each, owner) == key), None)


def key_of_values(values: Values, user_id: str) -> str:
    """The key that a preset with these values has; a person's own is that of `user_id`."""
    channel = one(values, HomeField.CHANNEL) if _is_of_channel(values) else None
    scope = user_id if is_own(values) else channel
    return f"{scope or ''}:{_name_of(values)}"


def is_own(values: Values) -> bool:
    """Whether it is for nobody else."""
    return one(values, HomeField.KIND) == PERSON


def find_alike(policy: Policy, values: Values, user_id: str) -> str | None:
    """The key of a preset that is called as this one would be, in its place."""
    key = key_of_values(values, user_id).casefold()
    owner = user_id if is_own(values) else None
    presets = policy.presets if owner is None else policy.own_presets.get(owner, ())
    keys = (preset_key(each, owner) for each in presets)
    return next((each for each in keys if each.casefold() == key), None)


def make_preset_edit(
    state: FormState, values: Values, user_id: str, replaced: str | None
) -> Callable[[Policy], Policy]:
    """The change of the newest policy that a preset's form asks for, with the references that it
    was `given`. `replaced` is the key of a preset that a new one takes the place of: nothing of
    that stays. Raises Gone and PresetConflictError."""
    key = state.key or (f"{user_id}:" if is_own(values) else "")
    given = [each for each in state.given if each.media_id in many(values, HomeField.KEPT)]
    touched, offered = state.find_touched(values), state.offered

    def edit(policy: Policy) -> Policy:
        if replaced is not None and find_preset(policy, replaced) is not None:
            changed = _apply(policy, replaced, {**_BLANK, **values})
        else:
            change = make_edit(PRESET_FORM, key, touched, is_new=state.is_new, offered=offered)
            changed = change(policy)
        new_key = key_of_values(values, user_id)
        return add_references(changed, new_key, tuple(given)) if given else changed

    return edit


def remove_preset(policy: Policy, key: str) -> Policy:
    """Without it."""
    owner, gone = owner_of(key), find_preset(policy, key)
    if owner is None:
        kept = tuple(each for each in policy.presets if each is not gone)
        return policy.model_copy(update={"presets": kept})
    kept = tuple(each for each in policy.own_presets.get(owner, ()) if each is not gone)
    others = {user: own for user, own in policy.own_presets.items() if user != owner}
    return policy.model_copy(update={"own_presets": others | ({owner: kept} if kept else {})})


def add_references(policy: Policy, key: str, added: tuple[StoredReference, ...]) -> Policy:
    """The preset with more reference pictures, as many as it takes. Raises Gone."""
    preset = find_preset(policy, key)
    if preset is None:
        raise Gone
    by_id = {reference.media_id: reference for reference in (*preset.references, *added)}
    kept = tuple(by_id.values())[:STYLE_IMAGES_MAX]
    return _replace(policy, key, preset.model_copy(update={"references": kept}))


def _values_of(policy: Policy, key: str) -> Values | None:
    preset = find_preset(policy, key)
    if preset is None:
        return None
    choices = Choices(preset.model, preset.size, preset.quantity, preset.enhance_prompt)
    return {
        HomeField.NAME: (preset.name,),
        HomeField.KIND: (PERSON if owner_of(key) else CHANNEL if preset.channel_id else WORKSPACE,),
        HomeField.CHANNEL: (preset.channel_id,) if preset.channel_id else (),
        HomeField.PREFIX: (preset.prefix,) if preset.prefix else (),
        HomeField.SUFFIX: (preset.suffix,) if preset.suffix else (),
        **values_of_choices(choices),
        HomeField.LOCKED: (YES,) if preset.is_locked else (),
        HomeField.KEPT: tuple(reference.media_id for reference in preset.references),
    }


def _draw(draft: Draft) -> Drawing:
    values, state = draft.values, draft.state
    asked = [mrkdwn_section(home_texts.preset_exists(state.asked))] if state.asked else []
    blocks: list[Block] = [
        *asked,
        draw_text(
            HomeField.NAME,
            "Name",
            values,
            most=NAME_MAX,
            is_optional=False,
            hint="As in: /imagine a lighthouse --preset brand",
        ),
    ]
    if state.is_own:
        blocks.append(plain_context(home_texts.ONLY_YOURS))
    else:
        kinds = _KINDS_OF_NEW if state.is_new else _KINDS
        blocks.append(draw_radio(HomeField.KIND, "For", values, kinds, redraws=True))
    if one(values, HomeField.KIND) == CHANNEL:
        blocks.append(draw_channel(HomeField.CHANNEL, "Channel", values))
    for field, label, hint in (
        (HomeField.PREFIX, "Before each prompt", None),
        (HomeField.SUFFIX, "After each prompt", _SHARED_WORDS),
    ):
        blocks.append(draw_text(field, label, values, most=AFFIX_MAX, is_multiline=True, hint=hint))
    locked = [(YES, "Lock these options")]
    blocks += draw_choices(values)
    if not (state.is_own or is_own(values)):
        blocks.append(draw_ticks(HomeField.LOCKED, "Locked", values, locked))
    title = "New preset" if state.is_new else "Preset"
    return Drawing(title, [*blocks, *_draw_references(draft)])


def _draw_references(draft: Draft) -> list[Block]:
    preset = find_preset(draft.policy, draft.state.key)
    known = (*(preset.references if preset else ()), *draft.state.given)
    names = {r.media_id: r.name for r in known}
    offered = [(key, names.get(key, "Picture")) for key in draft.state.offered]
    blocks: list[Block] = []
    if offered:
        label = "Reference pictures" if draft.state.given else "Current reference pictures"
        files = {r.media_id: r.file_id for r in known}
        blocks += show_thumbnails("references", ((files.get(key), name) for key, name in offered))
        blocks.append(draw_ticks(HomeField.KEPT, label, draft.values, offered))
    return [
        *blocks,
        draw_files(
            HomeField.FILES,
            "More reference pictures" if offered else "Reference pictures",
            most=STYLE_IMAGES_MAX,
            hint=f"Up to {STYLE_IMAGES_MAX} in all, HEIC photos from a phone included. "
            "They are uploaded to PowerPost after you save.",
        ),
    ]


def _find_errors(values: Values) -> Errors:
    errors = dict(find_choice_errors(values))
    name = _name_of(values)
    if not name or len(name) > NAME_MAX or _BAD_NAME.search(name):
        errors[HomeField.NAME] = home_texts.bad_preset_name(NAME_MAX)
    if one(values, HomeField.KIND) not in (WORKSPACE, CHANNEL, PERSON):
        errors[HomeField.KIND] = home_texts.CHOOSE_FROM_LIST
    channel = one(values, HomeField.CHANNEL)
    if _is_of_channel(values) and (channel is None or not are_ids((channel,))):
        errors[HomeField.CHANNEL] = home_texts.CHOOSE_ONE
    for field in (HomeField.PREFIX, HomeField.SUFFIX):
        if len(one(values, field) or "") > AFFIX_MAX:
            errors[field] = home_texts.too_long(AFFIX_MAX)
    if len(many(values, HomeField.KEPT)) + len(many(values, HomeField.FILES)) > STYLE_IMAGES_MAX:
        errors[HomeField.FILES] = home_texts.too_many_references(STYLE_IMAGES_MAX)
    return errors


def _apply(policy: Policy, key: str, values: Values) -> Policy:
    before = find_preset(policy, key)
    choices = read_choices(values)
    channel = one(values, HomeField.CHANNEL) if _is_of_channel(values) else None
    kept = set(many(values, HomeField.KEPT))
    preset = Preset(
        name=_name_of(values),
        channel_id=channel,
        prefix=one(values, HomeField.PREFIX) or "",
        suffix=one(values, HomeField.SUFFIX) or "",
        model=choices.model,
        size=choices.size,
        quantity=choices.quantity,
        enhance_prompt=choices.enhance_prompt,
        references=tuple(r for r in (before.references if before else ()) if r.media_id in kept),
        is_locked=bool(many(values, HomeField.LOCKED)) and not is_own(values),
    )
    if errors := _find_forbidden(policy, preset):
        raise PresetConflictError(errors)
    owner = owner_of(key)
    if is_own(values) != (owner is not None):
        raise PresetConflictError({HomeField.KIND: home_texts.CHOOSE_FROM_LIST})
    if owner is not None:
        return _keep_own(policy, owner, key, before, preset)
    others = [other for other in policy.presets if other is not before]
    if any(_is_called_alike(preset, other) for other in others):
        raise PresetConflictError({HomeField.NAME: home_texts.PRESET_EXISTS})
    if before is None and len(others) >= PRESETS_MAX:
        raise PresetConflictError({HomeField.NAME: home_texts.too_many_presets(PRESETS_MAX)})
    return _rename_required(_replace(policy, key, preset), before, preset)


def _keep_own(
    policy: Policy, owner: str, key: str, before: Preset | None, preset: Preset
) -> Policy:
    """A person's own: at its place, or at the end."""
    name = preset.name.casefold()
    if any(each.name.casefold() == name for each in policy.presets):
        raise PresetConflictError({HomeField.NAME: home_texts.TEAM_PRESET_EXISTS})
    others = [each for each in policy.own_presets.get(owner, ()) if each is not before]
    if any(each.name.casefold() == name for each in others):
        raise PresetConflictError({HomeField.NAME: home_texts.PRESET_EXISTS})
    if before is None and len(others) >= OWN_PRESETS_MAX:
        raise PresetConflictError({HomeField.NAME: home_texts.too_many_presets(OWN_PRESETS_MAX)})
    return _replace(policy, key, preset)


def _rename_required(policy: Policy, before: Preset | None, preset: Preset) -> Policy:
    """Channels that required it go on to, under its new name."""
    if before is None or before.name == preset.name:
        return policy
    channels = [
        channel
        for channel in list_requiring(policy, before.name)
        if before.channel_id in (None, channel) and policy.find_preset(before.name, channel) is None
    ]
    renamed = {
        channel: policy.channel_rules[channel].model_copy(update={"preset": preset.name})
        for channel in channels
    }
    return policy.model_copy(update={"channel_rules": policy.channel_rules | renamed})


def list_requiring(policy: Policy, name: str) -> list[str]:
    """The channels whose rules require the preset of that name."""
    return [
        channel
        for channel, rules in sorted(policy.channel_rules.items())
        if (rules.preset or "").casefold() == name.casefold()
    ]


def _find_forbidden(policy: Policy, preset: Preset) -> Errors:
    """Words of its own that a prompt may not have there: nobody looks at them later."""
    rules = policy.rules_in(preset.channel_id or "")
    parts = {HomeField.PREFIX: preset.prefix, HomeField.SUFFIX: preset.suffix}
    found = {field: find_blocked_word(text, rules) for field, text in parts.items()}
    return {field: home_texts.forbidden_word(word) for field, word in found.items() if word}


def _replace(policy: Policy, key: str, preset: Preset) -> Policy:
    """At its place, or at the end."""
    owner = owner_of(key)
    before = policy.presets if owner is None else policy.own_presets.get(owner, ())
    presets = [preset if preset_key(other, owner) == key else other for other in before]
    if find_preset(policy, key) is None:
        presets.append(preset)
    if owner is None:
        return policy.model_copy(update={"presets": tuple(presets)})
    return policy.model_copy(update={"own_presets": {**policy.own_presets, owner: tuple(presets)}})


def _name_of(values: Values) -> str:
    return " ".join((next(iter(values.get(HomeField.NAME, ())), "")).split())


def _name_for_record(_key: str, values: Values) -> str:
    return f"name={_name_of(values)}"


def _is_of_channel(values: Values) -> bool:
    return one(values, HomeField.KIND) == CHANNEL


def _is_called_alike(one_: Preset, other: Preset) -> bool:
    return (one_.name.casefold(), one_.channel_id) == (other.name.casefold(), other.channel_id)


PRESET_FORM: Final = SettingsForm(
    view_id=ViewId.PRESET_FORM,
    what="preset",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
    name_of=_name_for_record,
    blank=_BLANK,
)
