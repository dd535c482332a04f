"""The form of one person's own defaults; its key is the person. Pure."""

from __future__ import annotations

from typing import Final

from bot.images.showing import Show
from bot.policy.policy import Policy
from bot.policy.presets import NAME_MAX, Defaults
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import NOT_SET, draw_number, draw_select, one
from bot.slack.home.forms.choices import (
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
    SettingsForm,
    is_number,
    read_number,
    write_number,
)
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import plain_context
from bot.slack.kit.show_texts import SHOWN_AS


def _values_of(policy: Policy, key: str) -> Values:
    defaults = policy.defaults.get(key) or Defaults()
    return {
        HomeField.PRESET: (defaults.preset or NOT_SET,),
        HomeField.SHOW: (str(defaults.show or NOT_SET),),
        HomeField.ASK_ABOVE: write_number(defaults.ask_above),
        **values_of_choices(
            Choices(defaults.model, defaults.size, defaults.quantity, defaults.enhance_prompt)
        ),
    }


def _draw(draft: Draft) -> Drawing:
    seen = draft.policy.seen_by(draft.state.key)
    names = {preset.name.casefold(): preset.name for preset in seen.presets}
    chosen = one(draft.values, HomeField.PRESET)
    if chosen is not None:  # also one that is not there any more, or it would seem not set
        names.setdefault(chosen.casefold(), chosen)
    presets = [(NOT_SET, "Not set"), *((names[key], names[key]) for key in sorted(names))]
    shown = [(NOT_SET, "As in the channel"), *((show.value, SHOWN_AS[show]) for show in Show)]
    return Drawing(
        "My defaults",
        [
            plain_context(home_texts.WHAT_DEFAULTS_ARE),
            draw_select(HomeField.PRESET, "Preset", draft.values, presets),
            *draw_choices(draft.values),
            draw_select(HomeField.SHOW, "Show the pictures", draft.values, shown),
            draw_number(
                HomeField.ASK_ABOVE,
                "Ask me above (credits)",
                draft.values,
                hint="A command, reply or button that will probably cost more asks you first, and "
                "so does one whose price is not known. Empty: never.",
            ),
        ],
    )


def _find_errors(values: Values) -> Errors:
    errors = dict(find_choice_errors(values))
    if len(one(values, HomeField.PRESET) or "") > NAME_MAX:
        errors[HomeField.PRESET] = home_texts.CHOOSE_FROM_LIST
    if one(values, HomeField.SHOW) not in (None, *Show):
        errors[HomeField.SHOW] = home_texts.CHOOSE_FROM_LIST
    if not is_number(one(values, HomeField.ASK_ABOVE)):
        errors[HomeField.ASK_ABOVE] = home_texts.NOT_CREDITS
    return errors


def _apply(policy: Policy, key: str, values: Values) -> Policy:
    choices = read_choices(values)
    defaults = Defaults(
        model=choices.model,
        size=choices.size,
        quantity=choices.quantity,
        enhance_prompt=choices.enhance_prompt,
        preset=one(values, HomeField.PRESET),
        show=Show(show) if (show := one(values, HomeField.SHOW)) else None,
        ask_above=read_number(one(values, HomeField.ASK_ABOVE)),
    )
    others = {user: of_user for user, of_user in policy.defaults.items() if user != key}
    kept = {} if defaults == Defaults() else {key: defaults}
    return policy.model_copy(update={"defaults": {**others, **kept}})


DEFAULTS_FORM: Final = SettingsForm(
    view_id=ViewId.DEFAULTS_FORM,
    what="defaults",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
    is_for_admins=False,
    is_personal=True,
)
