"""The Home tab and its forms."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.home.service import HomeService, SheetAnswer
from bot.slack.kit.outsiders import Outsiders
from bot.slack.kit.payloads import HomeOpened, ViewAction, ViewSent
from bot.slack.messages.service import MessageService


class HomeListeners:
    """What people do in the Home tab."""

    def __init__(self, desk: HomeService, answers: MessageService, outsiders: Outsiders) -> None:
        self._outsiders = outsiders
        self._desk = desk
        self._answers = answers

    async def open_home(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The Home tab was opened, or the Messages tab: the first time, that is welcomed."""
        opened = HomeOpened.model_validate(self._outsiders.place(body))
        if opened.event.tab == "messages":
            await self._answers.welcome(opened.team_id, opened.event.user)
        else:
            self._desk.open(opened)
        await ack()

    async def turn_home(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Another screen or page, or Refresh."""
        self._desk.turn(ViewAction.model_validate(body))
        await ack()

    async def create_image(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Create image."""
        self._desk.create_image(ViewAction.model_validate(body))
        await ack()

    async def open_sheet(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Add, or Change."""
        self._desk.open_sheet(ViewAction.model_validate(body))
        await ack()

    async def choose_from_row(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The menu of a row."""
        self._desk.choose_from_row(ViewAction.model_validate(body))
        await ack()

    async def change_sheet(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A field that others depend on."""
        self._desk.change_sheet(ViewAction.model_validate(body))
        await ack()

    async def submit_sheet(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A form was sent: what it sets is on disk before this acks."""
        await _answer(ack, await self._desk.submit(ViewSent.model_validate(body)))

    async def remove(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Sure to remove."""
        await _answer(ack, await self._desk.remove(ViewSent.model_validate(body)))


async def _answer(ack: AsyncAck, answer: SheetAnswer) -> None:
    if answer.errors:
        errors = {field.value: text for field, text in answer.errors.items()}
        await ack(response_action="errors", errors=errors)
    elif answer.view is not None:
        await ack(response_action="update", view=answer.view)
    else:
        await ack()
