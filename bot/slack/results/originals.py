"""The files as PowerPost gave them, untouched: their links, as long as PowerPost hands them out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from bot.errors import ImagineError
from bot.generations.ports import PollResult
from bot.generations.record import Generation, Picture
from bot.slack.results import texts

_PATIENCE_SECONDS: Final = 20.0

log = structlog.get_logger()


class Upstream(Protocol):
    """What costs nothing at PowerPost (bot/powerpost/upstream.py)."""

    def for_workspace(self, workspace_id: str | None) -> Upstream: ...
    async def poll(self, image_generation_id: str) -> PollResult: ...


class Originals:
    """Finds them. One for the process."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def tell(self, generation: Generation) -> str:
        """Where they are, and for how long. mrkdwn. Never raises for PowerPost's sake."""
        now = datetime.now(UTC)
        if all(_is_alive(picture, now) for picture in generation.pictures):
            return texts.originals(generation.pictures)
        fresh = await self._ask(generation)
        if fresh is None:
            return texts.ORIGINALS_UNKNOWN
        return texts.originals(
            [
                # Nothing says how long a link lives that is handed out now: it is not promised.
                picture.with_url(fresh.get(picture.media_id, ""))
                for picture in generation.pictures
            ],
            is_renewed=True,
        )

    async def _ask(self, generation: Generation) -> dict[str, str] | None:
        """The links that PowerPost hands out now, by media id; None where it does not say."""
        if generation.image_generation_id is None:
            return {}
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                upstream = self._upstream.for_workspace(generation.powerpost_workspace)
                poll = await upstream.poll(generation.image_generation_id)
        except (ImagineError, TimeoutError) as error:
            log.info("originals.unknown", error=type(error).__name__)
            return None
        return {made.media_id: made.url for made in poll.pictures}


def _is_alive(picture: Picture, now: datetime) -> bool:
    return bool(picture.url) and picture.expires_at > now
