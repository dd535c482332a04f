"""Whether the bot may write in a channel, as far as Slack tells."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.slack.calling import call_slack

# A form has to be answered within 3 seconds, and a tab is shown without it rather than late.
_SECONDS: Final = 1.0

log = structlog.get_logger()


class ChannelAccess:
    """One for the process."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def may_write(self, channel_id: str) -> bool | None:
        """Whether messages of the bot come through there: it is in it, or the channel is public
        (`chat:write.public`). None where Slack does not tell, as without `channels:read`.

        https://docs.slack.dev/reference/methods/conversations.info
        """
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await call_slack(self._client.conversations_info, channel=channel_id)
        except Rejected as error:
            if error.detail == "channel_not_found":  # private, and without us
                return False
            log.info("channel_unknown", detail=error.detail)
            return None
        except (ImagineError, TimeoutError) as error:
            log.info("channel_unknown", detail=getattr(error, "detail", "timeout"))
            return None
        channel: dict[str, Any] = answer.get("channel") or {}
        is_open = bool(channel.get("is_member")) or not channel.get("is_private")
        return is_open and not channel.get("is_archived")
