"""The campaigns that a workspace knows, as far as they are needed to read or offer some.

Where one is chosen, what is typed is offered too: as a new one, unless it is known. The value of an
option is the name itself, which none of the words for "none" can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, Protocol

import structlog
from slack_sdk.models.blocks import Option
from slack_sdk.models.blocks.basic_components import PlainTextObject

from bot.errors import Cause, Transient
from bot.images.campaigns import CAMPAIGN_MAX, campaign_key, may_name_campaign, read_campaign

_OFFER_SECONDS: Final = 0.5
_READ_SECONDS: Final = 1.0  # of the 3 in which Slack wants its answer
_OFFERED_MAX: Final = 90  # of the 100 options of a list
OFF: Final = "off"  # the value of the option for none
NO_CAMPAIGN: Final = "No campaign"

log = structlog.get_logger()


class Campaigns(Protocol):
    """Where they are kept (bot/store/campaigns.py)."""

    async def list_recent(self, team_id: str) -> tuple[str, ...]:
        """The ones used last first. Raises Transient."""


async def read_campaigns(campaigns: Campaigns, team_id: str, text: str) -> tuple[str, ...]:
    """Those used last, if `text`, a command or reply, may name one. Raises Transient if they can't
    be read in time: without them a slip in a name would be paid for, and not asked about."""
    if not may_name_campaign(text):
        return ()
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await campaigns.list_recent(team_id)
    except TimeoutError as error:
        raise Transient(Cause.STORAGE, "the campaigns took too long") from error


async def find_campaigns(campaigns: Campaigns, team_id: str) -> tuple[str, ...]:
    """Those used last, to be offered; none while the database is away."""
    try:
        async with asyncio.timeout(_OFFER_SECONDS):
            return await campaigns.list_recent(team_id)
    except (Transient, TimeoutError) as error:
        log.warning("campaigns.unread", error=type(error).__name__)
        return ()


def offer_campaigns(
    names: Iterable[str], typed: str, *special: tuple[str, str], may_be_new: bool = True
) -> list[Option]:
    """What a search for a campaign offers: of the `special` options (value, text) and of `names`
    those that have what was typed in them, and that itself, if it may be a new name."""
    names, wanted, name = list(names), campaign_key(typed), read_campaign(typed)
    found = [each for each in names if wanted in campaign_key(each)]
    taken = {campaign_key(each) for each in (*names, *(text for _, text in special))}
    is_new = campaign_key(name) not in taken
    may_be_new = may_be_new and is_new and bool(name) and len(name) <= CAMPAIGN_MAX
    offered = [make_option(*each) for each in special if wanted in campaign_key(each[1])]
    offered += [make_option(each, each) for each in found[:_OFFERED_MAX]]
    return [*offered, *([make_option(name, f"New: {name}")] if may_be_new else [])]


def make_option(value: str, text: str) -> Option:
    """An option of such a list."""
    return Option(value=value, text=PlainTextObject(text=text, emoji=False))


def option_of(campaign: str) -> Option:
    """The option for a campaign that is chosen; "" for none."""
    return make_option(campaign or OFF, campaign or NO_CAMPAIGN)
