"""The modal in which a campaign is chosen, to take its pictures out."""

from __future__ import annotations

from slack_sdk.models.blocks import ExternalDataSelectElement, InputBlock
from slack_sdk.models.views import View

from bot.slack.downloads import texts
from bot.slack.kit.ids import DownloadField, ViewId
from bot.slack.kit.message import plain_section


def show_choosing() -> View:
    """Of which campaign?"""
    select = ExternalDataSelectElement(action_id=DownloadField.CAMPAIGN, min_query_length=0)
    return View(
        type="modal",
        callback_id=ViewId.DOWNLOAD_CAMPAIGN,
        title="Download a campaign",
        submit="Download",
        close="Cancel",
        blocks=[
            InputBlock(block_id=DownloadField.CAMPAIGN, label="Campaign", element=select),
            plain_section(texts.WHAT_A_CAMPAIGN_HAS),
        ],
    )
