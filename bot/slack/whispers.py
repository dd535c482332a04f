"""Saying something to one person where they are: nobody else sees it."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import Cause, Rejected, Transient
from bot.slack.calling import call_slack
from bot.slack.views.message import Message


async def whisper(
    client: AsyncWebClient,
    message: Message,
    *,
    channel_id: str,
    user_id: str,
    thread_ts: str | None = None,
) -> None:
    """Show `message` to one person in a conversation; in a direct message where we are not in it.

    Raises Transient, Misconfigured, or Rejected where Slack has neither.
    """
    try:
        await call_slack(
            client.chat_postEphemeral,
            channel=channel_id,
            user=user_id,
            thread_ts=thread_ts,
            **message.to_dict(),
        )
    except Rejected:
        await call_slack(client.chat_postMessage, channel=user_id, **message.to_dict())


async def respond(
    url: str, message: Message, client: AsyncWebClient, *, replaces: bool = False
) -> None:
    """Answer privately through a `response_url` (5 uses in 30 minutes).

    Raises Transient or Rejected where Slack did not take it.
    """
    webhook = AsyncWebhookClient(url, session=client.session, retry_handlers=[])
    try:
        answer = await webhook.send_dict(
            {**message.to_dict(), "response_type": "ephemeral", "replace_original": replaces}
        )
    except Exception as error:
        raise Transient(Cause.SLACK_AWAY, type(error).__name__) from error
    if answer.status_code != 200:
        raise Rejected(Cause.REFUSED_BY_SLACK, f"response_url: http {answer.status_code}")
