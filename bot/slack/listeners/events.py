"""Events. What nobody handles is acknowledged, or Slack would send it again, and in the end switch
the subscription off (slack-facts.md, "Events")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.payloads import EventEnvelope
from bot.slack.threads.desk import ThreadDesk
from bot.slack.threads.replies import read_reply


class EventListeners:
    """What people say to the bot."""

    def __init__(self, desk: ThreadDesk, bot_user_id: Callable[[], str | None]) -> None:
        self._desk = desk
        self._bot_user_id = bot_user_id

    async def hear_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A mention, or a direct message: what it promises is on disk before this acks."""
        reply = read_reply(EventEnvelope.model_validate(body), self._bot_user_id())
        if reply is not None:
            await self._desk.take_reply(reply)
        await ack()


async def pass_over(ack: AsyncAck) -> None:
    """Something that means nothing to us: another app's button, an event of no use."""
    await ack()
