"""The form of a workspace's settings: clocks, admins, approvers, alerts. Pure."""

from __future__ import annotations

from functools import cache
from typing import Final
from zoneinfo import available_timezones

from slack_sdk.models.blocks import Block

from bot.images.brief import PICTURES_MAX
from bot.policy.policy import (
    Policy,
    WorkspaceSettings,
)
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import (
    YES,
    are_ids,
    draw_channels,
    draw_number,
    draw_people,
    draw_search,
    draw_ticks,
    many,
    one,
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
from bot.slack.kit.message import mrkdwn_section

_AREAS: Final = (
    *("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe"),
    *("Indian", "Pacific"),
)
_LISTS: Final = (
    *(HomeField.ADMINS, HomeField.APPROVERS, HomeField.APPROVAL_CHANNEL),
    HomeField.SHARED_CHANNELS,
)


@cache
def list_time_zones() -> tuple[str, ...]:
    """Every time zone by area and city, and UTC: about 490."""
    return ("UTC", *sorted(z for z in available_timezones() if z.partition("/")[0] in _AREAS))


def search_time_zones(typed: str) -> list[tuple[str, str]]:
    """The zones (value, text) that have every word of what was typed."""
    words = typed.casefold().replace("_", " ").split()
    found = [z for z in list_time_zones() if all(w in _said(z) for w in words)]
    return [(zone, zone) for zone in found]


def is_approval_open(values: Values) -> bool:
    """Whether whoever is in the channel for approvals may approve, and nobody has said that this is
    meant."""
    is_channel = one(values, HomeField.APPROVAL_CHANNEL) is not None
    is_meant = YES in many(values, HomeField.OPEN_APPROVAL)
    return is_channel and not many(values, HomeField.APPROVERS) and not is_meant


def _said(zone: str) -> str:
    return zone.casefold().replace("_", " ")


def _values_of(policy: Policy, _key: str) -> Values:
    settings = policy.settings
    meant = {HomeField.OPEN_APPROVAL: (YES,)} if settings.is_open_approval_meant else {}
    return {
        **meant,
        HomeField.TIME_ZONE: (settings.time_zone,),
        HomeField.ADMINS: settings.admins,
        HomeField.APPROVERS: settings.approvers,
        HomeField.APPROVAL_CHANNEL: (
            (settings.approval_channel,) if settings.approval_channel else ()
        ),
        HomeField.ALERT_BELOW: write_number(settings.alert_below),
        HomeField.CONFIRM_ABOVE: write_number(settings.confirm_above),
        HomeField.BRIEF_MOST: write_number(settings.brief_most),
        HomeField.BRIEF_ASK_PICTURES: write_number(settings.brief_ask_pictures),
        HomeField.BRIEF_ASK_CREDITS: write_number(settings.brief_ask_credits),
        HomeField.SHARED_CHANNELS: settings.shared_channels,
        HomeField.PLAIN_REPLIES: (YES,) if settings.asks_about_replies else (),
    }


def _draw(draft: Draft) -> Drawing:
    values = draft.values
    return Drawing(
        "Settings",
        [
            draw_search(
                HomeField.TIME_ZONE,
                "Time zone",
                values,
                hint="When a day and a month begin for budgets and reports.",
            ),
            draw_people(
                HomeField.ADMINS,
                "Admins of Imagine",
                values,
                hint="In addition to Slack's own admins and owners.",
            ),
            draw_people(
                HomeField.APPROVERS,
                "Approvers",
                values,
                hint="They can approve requests that are over a budget, but never their own.",
            ),
            draw_channels(
                HomeField.APPROVAL_CHANNEL,
                "Channel for approvals",
                values,
                most=1,
                hint="Where requests for approval go. Empty: to each approver. Imagine must be in "
                "the channel.",
            ),
            *_draw_open_approval(values),
            draw_number(
                HomeField.ALERT_BELOW,
                "Alert when fewer credits are left than",
                values,
                hint="Admins are told once. Empty: never.",
            ),
            draw_number(
                HomeField.CONFIRM_ABOVE,
                "Ask before a Regenerate that costs this or more",
                values,
                hint="In credits. Empty: never.",
            ),
            draw_number(
                HomeField.BRIEF_MOST,
                "Max images per brief",
                values,
                hint=f"A brief is one request for several images. Empty: {PICTURES_MAX}.",
            ),
            draw_number(
                HomeField.BRIEF_ASK_PICTURES,
                "Ask before a brief of more images than",
                values,
                hint="The question says the price. Empty: never, however many.",
            ),
            draw_number(
                HomeField.BRIEF_ASK_CREDITS,
                "Ask before a brief of more credits than",
                values,
                hint="As estimated. Empty: never, whatever the price.",
            ),
            draw_channels(
                HomeField.SHARED_CHANNELS,
                "Channels where other companies can ask",
                values,
                hint="Channels shared through Slack Connect. You pay for what they ask for, and it "
                "counts against your budgets. Empty: only your own people can ask.",
            ),
            draw_ticks(
                HomeField.PLAIN_REPLIES,
                "Replies without @Imagine",
                values,
                [(YES, "Ask who asked for the picture")],
                hint="In a picture's thread, where Slack lets Imagine read replies (the optional "
                "scope channels:history). It asks privately, and makes nothing by itself.",
            ),
        ],
    )


def _draw_open_approval(values: Values) -> list[Block]:
    """Only where it was asked about."""
    if HomeField.OPEN_APPROVAL not in values:
        return []
    ticks = draw_ticks(
        HomeField.OPEN_APPROVAL,
        "Without named approvers",
        values,
        [(YES, "Anyone who joins the channel can approve")],
    )
    channel = one(values, HomeField.APPROVAL_CHANNEL)
    warning = [] if channel is None else [mrkdwn_section(home_texts.open_approval(channel))]
    return [*warning, ticks]


def _find_errors(values: Values) -> Errors:
    errors = {}
    if one(values, HomeField.TIME_ZONE) not in available_timezones():
        errors[HomeField.TIME_ZONE] = home_texts.CHOOSE_FROM_LIST
    for field, least in ((HomeField.BRIEF_MOST, 2), (HomeField.BRIEF_ASK_PICTURES, 0)):
        if not _is_count(one(values, field), least):
            errors[field] = home_texts.not_count(least, PICTURES_MAX)
    for field in (
        HomeField.ALERT_BELOW,
        HomeField.CONFIRM_ABOVE,
        HomeField.BRIEF_ASK_CREDITS,
    ):
        if not is_number(one(values, field)):
            errors[field] = home_texts.NOT_CREDITS
    for field in _LISTS:
        if not are_ids(many(values, field)):
            errors[field] = home_texts.CHOOSE_FROM_LIST
    return errors


def _is_count(text: str | None, least: int) -> bool:
    return text is None or (text.isdecimal() and least <= int(text) <= PICTURES_MAX)


def _read_count(text: str | None) -> int | None:
    return None if text is None else int(text)


def _apply(policy: Policy, _key: str, values: Values) -> Policy:
    kept = policy.settings  # what another form sets
    settings = WorkspaceSettings(
        time_zone=one(values, HomeField.TIME_ZONE) or "UTC",
        admins=many(values, HomeField.ADMINS),
        approvers=many(values, HomeField.APPROVERS),
        approval_channel=one(values, HomeField.APPROVAL_CHANNEL),
        is_open_approval_meant=YES in many(values, HomeField.OPEN_APPROVAL),
        alert_below=read_number(one(values, HomeField.ALERT_BELOW)),
        confirm_above=read_number(one(values, HomeField.CONFIRM_ABOVE)),
        brief_most=_read_count(one(values, HomeField.BRIEF_MOST)) or PICTURES_MAX,
        brief_ask_pictures=_read_count(one(values, HomeField.BRIEF_ASK_PICTURES)),
        brief_ask_credits=read_number(one(values, HomeField.BRIEF_ASK_CREDITS)),
        shared_channels=many(values, HomeField.SHARED_CHANNELS),
        show=kept.show,
        show_channels=kept.show_channels,
        campaign=kept.campaign,
        campaign_channels=kept.campaign_channels,
        asks_about_replies=YES in many(values, HomeField.PLAIN_REPLIES),
    )
    return policy.model_copy(update={"settings": settings})


SETTINGS_FORM: Final = SettingsForm(
    view_id=ViewId.SETTINGS_FORM,
    what="settings",
    draw=_draw,
    values_of=_values_of,
    find_errors=_find_errors,
    apply=_apply,
)
