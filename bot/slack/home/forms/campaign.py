"""The form of what pictures are made for if nobody says: in the workspace, and in some channels.
Pure."""

from __future__ import annotations

from typing import Final

from bot.images.campaigns import CAMPAIGN_MAX, read_campaign
from bot.policy.policy import Policy
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import NOT_SET, are_ids, draw_channels, draw_search, many, one
from bot.slack.home.forms.form import Draft, Drawing, Errors, SettingsForm
from bot.slack.home.screens import Values
from bot.slack.kit.campaigns import NO_CAMPAIGN, OFF
from bot.slack.kit.ids import HomeField, ViewId
from bot.slack.kit.message import mrkdwn_section, plain_context

AS_WORKSPACE: Final = "As in the workspace"
_NAMED: Final = {OFF: NO_CAMPAIGN, NOT_SET: AS_WORKSPACE}
_SEARCHES: Final = (HomeField.CAMPAIGN, HomeField.CHANNELS_CAMPAIGN)


def _values_of(policy: Policy, _key: str) -> Values:
    return {
        HomeField.CAMPAIGN: (policy.settings.campaign or OFF,),
        HomeField.CHANNELS: (),
        HomeField.CHANNELS_CAMPAIGN: (NOT_SET,),
    }


def _draw(draft: Draft) -> Drawing:
    return Drawing(
        "Campaigns",
        [
            plain_context(home_texts.WHAT_CAMPAIGNS_ARE),
            mrkdwn_section(home_texts.campaigns_mrkdwn(draft.policy.settings)),
            draw_search(HomeField.CAMPAIGN, "By default", draft.values, named=_NAMED),
            draw_channels(
                HomeField.CHANNELS,
                "Change it in these channels",
                draft.values,
                hint="What is set in other channels stays.",
            ),
            draw_search(HomeField.CHANNELS_CAMPAIGN, "Their campaign", draft.values, named=_NAMED),
        ],
    )


def _find_errors(values: Values) -> Errors:
    errors = {}
    for field in _SEARCHES:
        if len(one(values, field) or "") > CAMPAIGN_MAX:
            errors[field] = home_texts.CHOOSE_FROM_LIST
    if not are_ids(many(values, HomeField.CHANNELS)):
        errors[HomeField.CHANNELS] = home_texts.CHOOSE_FROM_LIST
    elif one(values, HomeField.CHANNELS_CAMPAIGN) and not many(values, HomeField.CHANNELS):
        errors[HomeField.CHANNELS] = home_texts.CHOOSE_ONE
    return errors


def _apply(policy: Policy, _key: str, values: Values) -> Policy:
    chosen, channels = one(values, HomeField.CHANNELS_CAMPAIGN), many(values, HomeField.CHANNELS)
    differing = {
        channel: name
        for channel, name in policy.settings.campaign_channels.items()
        if channel not in channels
    }
    if chosen is not None:
        differing |= dict.fromkeys(channels, read_campaign(chosen))
    name = read_campaign(one(values, HomeField.CAMPAIGN) or "") or None
    changes = {"campaign": name, "campaign_channels": differing}
    return policy.model_copy(update={"settings": policy.settings.model_copy(update=changes)})


CAMPAIGN_FORM: Final = SettingsForm(
    view_id=ViewId.CAMPAIGN_FORM,
    what="campaigns",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
)
