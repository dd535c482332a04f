"""Which version a generation is, and from which it was made: for the line under its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from bot.errors import ImagineError
from bot.generations.record import NOTHING_MADE, Generation
from bot.images.showing import Show
from bot.slack.kit.links import generation_link, reply_link
from bot.slack.kit.ports import Generations
from bot.slack.results.result_views import Lineage, ReplyHint

log = structlog.get_logger()


class Counter(Protocol):
    """How they hang together (bot/store/versions.py)."""

    async def version_of(self, generation_id: str) -> int: ...
    async def is_first_in_thread(self, generation: Generation) -> bool: ...


class Versions:
    """Looks lineage up. A failure costs a line of small print, and is only logged."""

    def __init__(
        self, rows: Generations, counter: Counter, workspace_url: Callable[[], str | None]
    ) -> None:
        self._rows = rows
        self._counter = counter
        self._workspace_url = workspace_url

    @property
    def workspace_url(self) -> str | None:
        """`url` of `auth.test`, as soon as that is known."""
        return self._workspace_url()

    async def lineage_of(self, generation: Generation) -> Lineage | None:
        """None for what was made from nothing."""
        if generation.parent_id is None:
            return None
        try:
            version = await self._counter.version_of(generation.id)
            parent = await self._rows.read(generation.parent_id)
            while parent.state in NOTHING_MADE and parent.parent_id is not None:
                parent = await self._rows.read(parent.parent_id)
        except (KeyError, ImagineError) as error:
            log.warning("versions.read_failed", error=type(error).__name__)
            return None
        if version < 2:  # nothing that it comes from was made
            return None
        url = self._workspace_url()
        if parent.show is Show.ME and not generation.place.is_direct:
            return Lineage(version, None)  # nobody else can follow a link to there
        return Lineage(version, generation_link(url, parent), reply_link(url, generation))

    async def hint_of(self, generation: Generation, channel_id: str) -> ReplyHint | None:
        """None where its person has seen it in that thread already, or there is nothing to
        change."""
        if not generation.pictures:
            return None
        try:
            if not await self._counter.is_first_in_thread(generation):
                return None
        except ImagineError as error:
            log.warning("hint.unknown", cause=error.cause)
            return None
        return ReplyHint(is_direct=channel_id.startswith(("D", "U", "W")))
