"""Telling a person what became of a request that was in doubt: kept, or not."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.generations.record import NewGeneration
from bot.slack.kit import answer_texts as answers
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.ephemeral import send_ephemeral


async def tell_settled(client: AsyncWebClient, new: NewGeneration, is_kept: bool) -> None:
    """Tell the person privately, where they asked. Raises what `send_ephemeral` does."""
    if not is_kept and new.origin.startswith("message:"):
        return  # Slack sends an event again by itself, and that one is answered in its turn
    prompt = new.request.prompt or ""
    channel_id, thread_ts = new.place.asked_at
    await send_ephemeral(
        client,
        show_sentence(answers.settled(prompt, is_kept=is_kept)),
        channel_id=channel_id,
        user_id=new.place.user_id,
        thread_ts=thread_ts,
        response_url=new.place.response_url,
    )
