"""The buttons and modals of requests over budget."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.approvals.service import ApprovalActions
from bot.slack.kit.payloads import MessageAction, ViewSent


class ApprovalListeners:
    """What people do about what is over budget."""

    def __init__(self, desk: ApprovalActions) -> None:
        self._desk = desk

    async def ask_for_approval(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The button in a private answer."""
        await self._desk.ask(MessageAction.model_validate(body))
        await ack()

    async def ask_from_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The view upon the form: another takes its place."""
        view = await self._desk.ask_from_form(ViewSent.model_validate(body))
        await ack(response_action="update", view=view)

    async def approve_request(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Approve, on a card: the pictures are promised before this acks."""
        await self._desk.approve(MessageAction.model_validate(body))
        await ack()

    async def open_denial(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Deny, on a card."""
        await self._desk.open_denial(MessageAction.model_validate(body))
        await ack()

    async def deny_request(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The reason was given."""
        view = await self._desk.deny(ViewSent.model_validate(body))
        if view is None:
            await ack()
        else:
            await ack(response_action="update", view=view)
