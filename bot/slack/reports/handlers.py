"""Buttons that ask for a report."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.kit.payloads import ButtonAction
from bot.slack.reports.service import ReportService


class ReportListeners:
    """What people do to see what was spent."""

    def __init__(self, desk: ReportService) -> None:
        self._desk = desk

    async def send_report(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The report comes in the direct message of who pressed the button."""
        self._desk.send(ButtonAction.model_validate(body))
        await ack()
