"""The adapter between Bolt and the features: what Slack sends is parsed and validated by the model
that the table of routes names, one function is called, and what it returns is the answer."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from bot.slack.kit.message import Message
from bot.slack.kit.payloads import Payload

Listener = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Push:
    """A view to be laid upon the modal that was sent."""

    view: View


@dataclass(frozen=True, slots=True)
class Clear:
    """The modal closes, with those that it lies upon."""


# Nothing: Slack is told that it arrived, and a modal closes. A message is for its person alone. A
# view takes the place of the modal that was sent; errors, by block, stay in it.
Answer = Message | View | Push | Clear | Mapping[str, str] | None
_P = TypeVar("_P", bound=Payload)


def listen(model: type[_P], act: Callable[[_P], Awaitable[Answer] | Answer]) -> Listener:
    """The listener that calls `act` with what Slack sends: what that promises is on disk before
    Slack is answered."""

    async def hear(ack: AsyncAck, body: dict[str, Any]) -> None:
        answer = act(model.model_validate(body))
        await send_answer(ack, await answer if inspect.isawaitable(answer) else answer)

    return hear


async def send_answer(ack: AsyncAck, answer: Answer) -> None:
    """Answer Slack.

    https://docs.slack.dev/surfaces/modals#response_actions
    """
    match answer:
        case Message():
            await ack(response_type="ephemeral", **answer.to_dict())
        case View():
            await ack(response_action="update", view=answer)
        case Push():
            await ack(response_action="push", view=answer.view)
        case Clear():
            await ack(response_action="clear")
        case Mapping() if answer:
            await ack(response_action="errors", errors=dict(answer))
        case _:
            await ack()


async def pass_over(ack: AsyncAck) -> None:
    """Something that means nothing to us: another app's button, an event of no use. Slack would
    send an event again that nobody acknowledges, and in the end switch the subscription off
    (slack-facts.md, "Events")."""
    await ack()
