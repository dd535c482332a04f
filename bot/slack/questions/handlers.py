"""The buttons of what was asked back."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.kit.payloads import MessageAction
from bot.slack.questions.service import QuestionService


class QuestionListeners:
    """What people do about a question."""

    def __init__(self, desk: QuestionService) -> None:
        self._desk = desk

    async def make_what_was_asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Make it: what it promises is on disk before this acks."""
        await self._desk.make(MessageAction.model_validate(body))
        await ack()

    async def open_form_of_question(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The form, with everything filled in."""
        await self._desk.open_form(MessageAction.model_validate(body))
        await ack()
