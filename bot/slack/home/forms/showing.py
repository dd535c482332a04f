"""The form of where results are shown: in the workspace, and in channels that differ. Pure."""

from __future__ import annotations

from typing import Final

from bot.images.showing import Show
from bot.policy.policy import Policy
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import are_ids, draw_channels, draw_radio, many, one
from bot.slack.home.forms.form import Draft, Drawing, Errors, SettingsForm
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import plain_context
from bot.slack.kit.show_texts import SHOWN_AS

_CHANNELS: Final = {
    Show.THREAD: HomeField.SHOW_THREAD,
    Show.CHANNEL: HomeField.SHOW_CHANNEL,
    Show.ME: HomeField.SHOW_ME,
}


def _values_of(policy: Policy, _key: str) -> Values:
    settings = policy.settings
    return {
        HomeField.SHOW: (settings.show.value,),
        **{
            field: tuple(c for c, shown in sorted(settings.show_channels.items()) if shown is show)
            for show, field in _CHANNELS.items()
        },
    }


def _draw(draft: Draft) -> Drawing:
    choices = [(show.value, SHOWN_AS[show]) for show in Show]
    channels = [
        draw_channels(field, f"In these channels: {SHOWN_AS[show].lower()}", draft.values)
        for show, field in _CHANNELS.items()
    ]
    return Drawing(
        "Where results appear",
        [
            plain_context(home_texts.WHAT_SHOWING_IS),
            draw_radio(HomeField.SHOW, "By default", draft.values, choices),
            *channels,
        ],
    )


def _find_errors(values: Values) -> Errors:
    errors = {}
    if one(values, HomeField.SHOW) not in set(Show):
        errors[HomeField.SHOW] = home_texts.CHOOSE_FROM_LIST
    seen: set[str] = set()
    for field in _CHANNELS.values():
        channels = many(values, field)
        if not are_ids(channels):
            errors[field] = home_texts.CHOOSE_FROM_LIST
        elif seen & set(channels):
            errors[field] = home_texts.CHANNEL_TWICE
        seen |= set(channels)
    return errors


def _apply(policy: Policy, _key: str, values: Values) -> Policy:
    differing = {c: show for show, field in _CHANNELS.items() for c in many(values, field)}
    changes = {"show": Show(one(values, HomeField.SHOW) or Show.THREAD)}
    settings = policy.settings.model_copy(update={**changes, "show_channels": differing})
    return policy.model_copy(update={"settings": settings})


SHOWING_FORM: Final = SettingsForm(
    view_id=ViewId.SHOWING_FORM,
    what="showing",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
)
