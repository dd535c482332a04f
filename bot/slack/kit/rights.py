"""Whose a click is. An id proves nothing: it is in blocks that former members have seen, and in
messages that were copied elsewhere. So the buttons of a result count where the result is.

Each route names its right (routes.py), and what belongs to a result is looked up here, once, before
its handler is called: a handler of a result is handed the generation, and never an id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, Protocol

import structlog
from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from bot.generations.record import Generation
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.results import texts as thread_words
from bot.slack.results.modal_views import ResultContext, show_notice

Listener = Callable[..., Awaitable[Any]]

log = structlog.get_logger()


class Right(StrEnum):
    """Who may do what a route is for."""

    OWN = "own"  # everybody, for themselves: whose it is, Slack says, and not an id in the payload
    RESULT = "result"  # who is where the result is
    APPROVAL = "approval"  # whom generations/approval.py names
    ADMIN = "admin"  # whom admins.py names, asked again at each click; one's own defaults are OWN
    NOBODY = "nobody"  # nothing is done


class Generations(Protocol):
    """The rows (bot/store/generations.py)."""

    async def read(self, generation_id: str) -> Generation:
        """KeyError where there is none."""


def counts_at(generation: Generation, team_id: str, channel_id: str, user_id: str) -> bool:
    """Whether a click there by this person is one on `generation`: in its own conversation, where
    its result had to go elsewhere in that one, or in the bot's direct message with who asked for
    it. Pure."""
    place = generation.place
    if team_id != place.team_id:
        return False
    if channel_id in (place.channel_id, generation.result_channel_id):
        return True
    # Only the two of them are in it; `place` may name the person instead of the conversation.
    return channel_id.startswith("D") and user_id == place.user_id


class ResultRights:
    """Finds the generation that a click is about. One for the process."""

    def __init__(self, generations: Generations, refuse: Callable[[MessageAction], None]) -> None:
        """`refuse` tells who clicked that nothing is known of it here: the same for an id that is
        another's, old or made up."""
        self._generations = generations
        self._refuse = refuse

    def on_click(
        self,
        read_id: Callable[[MessageAction], str],
        act: Callable[[MessageAction, Generation], Awaitable[None]],
    ) -> Listener:
        """The listener of a button or menu; `act` is called before Slack is answered."""

        async def click(ack: AsyncAck, body: dict[str, Any]) -> None:
            action = MessageAction.model_validate(body)
            found = await self._find(
                read_id(action), action.team_id, action.channel.id, action.user.id
            )
            if found is None:
                self._refuse(action)
            else:
                await act(action, found)
            await ack()

        return click

    def on_view(
        self, act: Callable[[ViewSent, Generation], Awaitable[View | dict[str, str] | None]]
    ) -> Listener:
        """The listener of a small modal: a view that `act` returns takes its place, errors (by
        block) stay in it, and None closes it."""

        async def send(ack: AsyncAck, body: dict[str, Any]) -> None:
            sent = ViewSent.model_validate(body)
            found = await self._find_of_view(sent)
            answer: View | dict[str, str] | None = show_notice(thread_words.NOT_THERE_ANY_MORE)
            if found is not None:
                answer = await act(sent, found)
            if answer is None:
                await ack()
            elif isinstance(answer, View):
                await ack(response_action="update", view=answer)
            else:
                await ack(response_action="errors", errors=answer)

        return send

    async def _find_of_view(self, sent: ViewSent) -> Generation | None:
        try:
            context = ResultContext.model_validate_json(sent.view.private_metadata)
        except ValidationError:
            return None
        return await self._find(
            context.generation_id, sent.team_id, context.channel_id, sent.user.id
        )

    async def _find(
        self, generation_id: str, team_id: str, channel_id: str, user_id: str
    ) -> Generation | None:
        try:
            generation = await self._generations.read(generation_id)
        except KeyError:
            return None
        if counts_at(generation, team_id, channel_id, user_id):
            return generation
        log.warning("foreign_click", generation=generation.id)
        return None


def read_value(action: MessageAction) -> str:
    """The id on a button."""
    return action.actions[0].value or ""


def read_value_after_choice(action: MessageAction) -> str:
    """The id on a button that has several, `choice:id`."""
    return (action.actions[0].value or "").partition(":")[2]


def read_option(action: MessageAction) -> str:
    """The id in the option of a menu, `choice:id`."""
    return action.actions[0].chosen.partition(":")[2]
