"""The small modal that asks whether a person is sure."""

from __future__ import annotations

from slack_sdk.models.views import View

from bot.slack.kit.ids import ViewId
from bot.slack.kit.message import mrkdwn_section
from bot.slack.privacy import texts


def show_forgetting() -> View:
    """Sure? What goes, and what stays."""
    return View(
        type="modal",
        callback_id=ViewId.FORGET_ME,
        title="Delete my data",
        submit="Delete",
        close="Keep",
        blocks=[mrkdwn_section(texts.WHAT_GOES), mrkdwn_section(texts.WHAT_STAYS)],
    )
