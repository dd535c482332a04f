"""Whether the bot may write in a channel, and who can join it, as far as Slack tells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.slack.kit.calls import call_slack

# A form has to be answered within 3 seconds, and a tab is shown without it rather than late.
_SECONDS: Final = 1.0
# Who invites the bot is believed within this; a burst of results asks once.
_KEPT_SECONDS: Final = 60.0
_KEPT: Final = 1000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChannelLook:
    """What Slack tells of a channel; None is what it does not tell."""

    may_write: bool | None = None  # whether the bot's messages come through
    is_private: bool | None = None  # whether people only come in by invitation
    is_member: bool | None = None  # whether the bot is in it, and so hears of mentions there


class ChannelAccess:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        may: Callable[[str], bool] = lambda _scope: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`may` says whether the bot has a scope."""
        self._client = client
        self._may = may
        self._kept: TTLCache[str, bool] = TTLCache(_KEPT, _KEPT_SECONDS, clock)

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
                return ChannelLook(may_write=False, is_private=True, is_member=False)
            log.info("channel.unknown", detail=error.detail)
            return ChannelLook()
        except (ImagineError, TimeoutError) as error:
            log.info("channel.unknown", detail=getattr(error, "detail", "timeout"))
            return ChannelLook()
        channel: dict[str, Any] = answer.get("channel") or {}
        is_private, is_member = bool(channel.get("is_private")), bool(channel.get("is_member"))
        is_open = is_member or (not is_private and self._may("chat:write.public"))
        return ChannelLook(is_open and not channel.get("is_archived"), is_private, is_member)

    async def is_unheard(self, channel_id: str) -> bool:
        """Whether the bot can write in a public channel without being in it: commands and buttons
        work there, and mentions are never heard. False where Slack does not say."""
        if not channel_id.startswith("C") or not self._may("channels:read"):
            return False
        if (known := self._kept.get(channel_id)) is not None:
            return known
        look = await self.look(channel_id)
        is_unheard = self._kept[channel_id] = look.is_member is False and look.is_private is False
        return is_unheard
