"""Slack's user groups, to choose from."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.slack.kit.calls import call_slack

# A form must open within the 3 seconds of its trigger.
_SECONDS: Final = 1.2

log = structlog.get_logger()


async def list_groups(client: AsyncWebClient) -> list[tuple[str, str]] | None:
    """Every user group (id, name); None where Slack does not tell them (in time, or without the
    scope usergroups:read). https://docs.slack.dev/reference/methods/usergroups.list"""
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await call_slack(client.usergroups_list)
    except (TimeoutError, ImagineError) as error:
        log.info("groups.unknown", error=str(error))
        return None
    groups = [group for group in answer.get("usergroups") or [] if isinstance(group, dict)]
    named = [(str(g.get("id") or ""), str(g.get("name") or g.get("handle") or "")) for g in groups]
    return sorted((pair for pair in named if all(pair)), key=lambda pair: pair[1].casefold())
