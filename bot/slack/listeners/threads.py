"""The buttons, menus and small modals of a result."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from bot.slack.payloads import MessageAction, ViewSent
from bot.slack.threads.desk import ThreadDesk


class ThreadListeners:
    """What people do with results."""

    def __init__(self, desk: ThreadDesk) -> None:
        self._desk = desk

    async def press_button(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Regenerate, Edit or Make the missing: what it promises is on disk before this acks."""
        await self._desk.press(MessageAction.model_validate(body))
        await ack()

    async def choose_from_menu(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """More like this, Share to channel or Delete."""
        await self._desk.choose_from_menu(MessageAction.model_validate(body))
        await ack()

    async def give_opinion(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Thumbs up or down."""
        await self._desk.give_opinion(MessageAction.model_validate(body))
        await ack()

    async def show_older_history(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The page of `/imagine history` before this one."""
        await self._desk.show_older(MessageAction.model_validate(body))
        await ack()

    async def pick_picture(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """More like the picked one: the form takes this modal's place."""
        view = await self._desk.pick_picture(ViewSent.model_validate(body))
        await _answer(ack, view)

    async def share_picture(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Share the picked one."""
        await _answer(ack, await self._desk.share(ViewSent.model_validate(body)))

    async def delete_result(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Delete message and files."""
        await _answer(ack, await self._desk.delete(ViewSent.model_validate(body)))


async def _answer(ack: AsyncAck, view: View | None) -> None:
    """Close the modal, or put `view` in its place."""
    if view is None:
        await ack()
    else:
        await ack(response_action="update", view=view)
