"""Saying something to one person where they are: nobody else sees it."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, Rejected, Transient
from bot.slack.calling import call_slack
from bot.slack.views.message import Message

_DOMAINS: Final = (".slack.com", ".slack-gov.com")
# A browser and a library may each see another host in anything else.
_HOST: Final = re.compile(r"[a-z0-9.:-]+")


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
    """Answer privately through a `response_url` (5 uses in 30 minutes): one of Slack's, and not
    where a redirect of it leads.

    Raises Transient or Rejected where Slack did not take it, or is not who would be told.
    """
    if not is_slacks(url, client.base_url):
        raise Rejected(Cause.REFUSED_BY_SLACK, "response_url: not Slack's")
    said = {**message.to_dict(), "response_type": "ephemeral", "replace_original": replaces}
    session: Any = client.session
    try:
        async with asyncio.timeout(client.timeout):
            async with session.post(url, json=said, allow_redirects=False) as answer:
                status = answer.status
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        raise Transient(Cause.SLACK_AWAY, type(error).__name__) from error
    if status != 200:
        raise Rejected(Cause.REFUSED_BY_SLACK, f"response_url: http {status}")


def is_slacks(url: str, api_url: str) -> bool:
    """Whether `url` is an address of Slack's, or of the API's own origin, where that is another's
    (SLACK_API_URL). Pure."""
    try:
        asked, api = urlsplit(url), urlsplit(api_url)
        origin, host = (asked.scheme, asked.hostname, asked.port), asked.hostname or ""
        is_configured = origin == (api.scheme, api.hostname, api.port)
    except ValueError:
        return False
    if "@" in asked.netloc or not _HOST.fullmatch(host):
        return False
    is_domain = origin[0] == "https" and origin[2] in (None, 443) and f".{host}".endswith(_DOMAINS)
    return is_configured or is_domain
