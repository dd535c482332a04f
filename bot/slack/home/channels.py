"""Whether the bot may write in a channel, and who can join it, as far as Slack tells."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.slack.calling import call_slack

# A form has to be answered within 3 seconds, and a tab is shown without it rather than late.
_SECONDS: Final = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """What Slack tells of a channel; None is what it does not tell."""

    may_write: bool | None = None  # whether the bot's messages come through
    is_private: bool | None = None  # whether people only come in by invitation


class ChannelAccess:
    """One for the process."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def look(self, channel_id: str) -> ChannelLook:
        """Whether messages of the bot come through there: it is in it, or the channel is public
        (`chat:write.public`); and whether anybody can join. Slack tells neither without
        `channels:read`.

        https://docs.slack.dev/reference/methods/conversations.info
        """
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await call_slack(self._client.conversations_info, channel=channel_id)
        except Rejected as error:
            if error.detail == "channel_not_found":  # private, and without us
                return ChannelLook(may_write=False, is_private=True)
            log.info("channel_unknown", detail=error.detail)
            return ChannelLook()
        except (ImagineError, TimeoutError) as error:
            log.info("channel_unknown", detail=getattr(error, "detail", "timeout"))
            return ChannelLook()
        channel: dict[str, Any] = answer.get("channel") or {}
        is_private = bool(channel.get("is_private"))
        is_open = bool(channel.get("is_member")) or not is_private
        return ChannelLook(is_open and not channel.get("is_archived"), is_private)
