"""Look again: what became of a request whose outcome nobody knows. Nothing here can pay.

PowerPost can be asked about a generation by its id, and for the balance, and has no list of
generations (powerpost-images-api.txt): without an id only the balance can tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.credits.audit import Gap
from bot.credits.auditor import Audited
from bot.errors import Cause, ImagineError, Rejected
from bot.generations.ports import PollResult
from bot.generations.record import Generation, State
from bot.slack.results import texts

LOOK_SECONDS: Final = 45.0
# Balances of before it, to measure from.
_BEFORE: Final = timedelta(days=2)
_OLDEST: Final = timedelta(days=90)

log = structlog.get_logger()


class Upstream(Protocol):
    """What costs nothing at PowerPost (bot/powerpost/upstream.py)."""

    def for_workspace(self, workspace_id: str | None) -> Upstream: ...
    async def poll(self, image_generation_id: str) -> PollResult: ...


class Auditing(Protocol):
    """Who holds the ledger against the balance (bot/credits/auditor.py)."""

    async def run(self, since: datetime | None) -> Audited: ...


class OutcomeLook:
    """One for the process."""

    def __init__(
        self,
        upstream: Upstream,
        auditor: Auditing,
        go_on: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`go_on` has a generation that PowerPost knows the end of worked on again; False where
        somebody else has it."""
        self._upstream = upstream
        self._auditor = auditor
        self._go_on = go_on
        self._looking: set[str] = set()

    async def look(self, generation: Generation) -> str:
        """One look, and what it found: a sentence. mrkdwn. Never raises for PowerPost's sake."""
        if generation.state is not State.UNKNOWN:
            return texts.OUTCOME_KNOWN
        if generation.id in self._looking:
            return texts.LOOKING_ALREADY
        self._looking.add(generation.id)
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                if generation.image_generation_id is not None:
                    return await self._ask(generation, generation.image_generation_id)
                return await self._compare(generation, datetime.now(UTC))
        except (TimeoutError, ImagineError) as error:
            log.info("outcome.look_failed", error=type(error).__name__)
            return texts.LOOK_FAILED
        finally:
            self._looking.discard(generation.id)

    async def _ask(self, generation: Generation, image_generation_id: str) -> str:
        try:
            upstream = self._upstream.for_workspace(generation.powerpost_workspace)
            poll = await upstream.poll(image_generation_id)
        except Rejected as error:
            if error.cause is not Cause.NOT_FOUND:
                raise
            return texts.still_not_known(image_generation_id)
        if not poll.is_ended:
            return texts.STILL_BEING_MADE
        is_mine = await self._go_on(generation.id)
        log.info("outcome.found", is_failed=poll.is_failed, pictures=len(poll.pictures))
        if not is_mine:
            return texts.OUTCOME_KNOWN
        return texts.found_pictures(len(poll.pictures)) if poll.pictures else texts.FOUND_FAILED

    async def _compare(self, generation: Generation, now: datetime) -> str:
        sent_at = generation.intended_at
        if sent_at is None or now - sent_at > _OLDEST:
            return texts.CANNOT_COMPARE
        found = (await self._auditor.run(sent_at - _BEFORE)).found
        if found is None:
            return texts.CANNOT_COMPARE
        gap = next((gap for gap in found.gaps if _may_be(gap, generation)), None)
        if gap is None or gap.credits >= 0:
            return texts.probably_not_charged(found.now.balance)
        return texts.probably_charged(-gap.credits, len(gap.unknown) - 1, generation.request_id)


def _may_be(gap: Gap, generation: Generation) -> bool:
    return any(each.generation_id == generation.id for each in gap.unknown)
