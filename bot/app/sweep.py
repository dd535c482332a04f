"""The nightly sweep: what is not needed any more goes, in small portions, once for all processes.

It is due from 03:00 UTC on; a night that was missed is made up for. Drafts go to the minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.store.drafts import DRAFT_LIFETIME
from bot.store.retention import SWEPT, Kept, RetentionStore

NIGHT_HOUR_UTC: Final = 3
# Rows of one transaction: some milliseconds, in which others wait for a SQLite file.
PORTION: Final = 200
_PAGES: Final = 500  # of 4 kB
_PAUSE_SECONDS: Final = 0.2
# A start has other things to do.
FIRST_LOOK_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 600.0
_DRAFTS: Final = next(kept for kept in SWEPT if kept.name == "drafts")

log = structlog.get_logger()


class SweepCounts(Protocol):
    """Where it is counted (bot/telemetry/metrics.py)."""

    def note_swept(self, kind: str, rows: int) -> None: ...
    def note_sweep_ended(self, at: datetime) -> None: ...


def find_night(now: datetime) -> datetime:
    """The last night's beginning."""
    tonight = now.astimezone(UTC).replace(hour=NIGHT_HOUR_UTC, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


class NightlySweep:
    """One for a working process. What is left when it stops is swept by another process, or after
    the next start."""

    def __init__(
        self,
        store: RetentionStore,
        counts: SweepCounts,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._counts = counts
        self._clock = clock
        self._sleep = sleep

    async def look(self) -> float:
        """Do what is due; in how many seconds something may be due again. Raises Transient."""
        now = self._clock()
        await self._sweep(_DRAFTS, now)
        night, state = find_night(now), await self._store.read_state()
        if state.ended_at is not None:
            self._counts.note_sweep_ended(state.ended_at)
        if state.is_due(night, now) and await self._store.claim(night, now):
            await self._sweep_all(night)
        return await self._find_pause()

    async def _sweep_all(self, night: datetime) -> None:
        removed = {}
        for kept in SWEPT:
            removed[kept.name] = await self._sweep(kept, self._clock())
        await self._give_back_space()
        ended_at = self._clock()
        await self._store.end(night, ended_at)
        self._counts.note_sweep_ended(ended_at)
        log.info("sweep.ended", **{name: rows for name, rows in removed.items() if rows})

    async def _sweep(self, kept: Kept, now: datetime) -> int:
        total = 0
        while True:
            rows = await self._store.sweep(kept, now, PORTION)
            self._counts.note_swept(kept.name, rows)
            total += rows
            if rows < PORTION:
                return total
            await self._sleep(_PAUSE_SECONDS)

    async def _give_back_space(self) -> None:
        left = await self._store.give_back_space(_PAGES)
        while left:
            await self._sleep(_PAUSE_SECONDS)
            before, left = left, await self._store.give_back_space(_PAGES)
            if left >= before:
                return  # others empty pages meanwhile: the next night goes on

    async def _find_pause(self) -> float:
        now, oldest = self._clock(), await self._store.find_oldest_draft()
        moments = [find_night(now) + timedelta(days=1)]
        if oldest is not None:
            moments.append(oldest + DRAFT_LIFETIME)
        soonest = (min(moments) - now).total_seconds()
        return min(LOOK_SECONDS, max(1.0, soonest))
