"""The form and the ways to it."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from bot.slack.image_form.service import ImageFormService
from bot.slack.kit.payloads import MessageShortcut, Shortcut, ViewAction, ViewSent


class FormListeners:
    """What people do with the form."""

    def __init__(self, desk: ImageFormService) -> None:
        self._desk = desk

    async def open_image_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The global shortcut "Create image"."""
        self._desk.open_for_shortcut(Shortcut.model_validate(body))
        await ack()

    async def open_form_of_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The message shortcut "Make an image of this"."""
        self._desk.open_for_message(MessageShortcut.model_validate(body))
        await ack()

    async def change_image_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A field was changed, or a letter typed."""
        self._desk.change(ViewAction.model_validate(body))
        await ack()

    async def close_image_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The form was closed without being sent."""
        self._desk.close(ViewSent.model_validate(body))
        await ack()

    async def submit_image_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The form was sent: what it promises is on disk before this acks."""
        errors = await self._desk.submit(ViewSent.model_validate(body))
        if isinstance(errors, View):
            await ack(response_action="push", view=errors)
        elif errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack()
