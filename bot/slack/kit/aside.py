"""What is said privately where something was asked for, if it is made somewhere else."""

from __future__ import annotations

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.generations.record import Place
from bot.slack.kit import generation_texts
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.message import Message, mrkdwn_section

log = structlog.get_logger()


def made_aside(link: str | None) -> Message:
    """To who asked, where they asked: that nobody else sees it, and where it is."""
    said = generation_texts.aside_mrkdwn(link)
    return Message(said, [mrkdwn_section(said)])


async def say_where(client: AsyncWebClient, place: Place, message: Message) -> None:
    """Where it was asked for; the request itself says it, too, where it stands. Never raises for
    Slack's sake."""
    channel_id, thread_ts = place.asked_at
    try:
        await send_ephemeral(
            client,
            message,
            channel_id=channel_id,
            user_id=place.user_id,
            thread_ts=thread_ts,
            response_url=place.response_url,
        )
    except ImagineError as error:
        log.info("queue_position.update_failed", cause=error.cause, detail=error.detail)
