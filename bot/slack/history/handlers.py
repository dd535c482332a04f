"""The private pages of a person's history. The buttons of results are in routes.py: they need the
generation that they are about (bot/slack/kit/rights.py)."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.kit.payloads import MessageAction
from bot.slack.results.service import ResultService


class ThreadListeners:
    """What people do with what they made before."""

    def __init__(self, desk: ResultService) -> None:
        self._desk = desk

    async def show_older_history(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The page of `/imagine history` before this one."""
        await self._desk.show_older(MessageAction.model_validate(body))
        await ack()
