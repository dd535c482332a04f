"""Several processes on one database: signs of life, and taking over from the dead.

Where a process dies, the first that notices has its generations; where it was only frozen and
wakes up, it can write nothing any more (NotOurs) and lets go. Source of the numbers: house.md,
"Taking over from a dead process".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot.errors import Transient

CLAIM_SECONDS: Final = 0.5
LIFE_SIGN_SECONDS: Final = 2.0
DEAD_AFTER: Final = timedelta(seconds=10)
_CLAIM_AT_ONCE: Final = 50

log = structlog.get_logger()


class Processes(Protocol):
    """Who works on what (bot/store/processes.py)."""

    async def show_life(self) -> None: ...
    async def claim_unowned(self, limit: int) -> list[str]: ...
    async def take_over(self, silent_for: timedelta) -> list[str]: ...
    async def leave(self) -> None: ...


class Lease:
    """Keeps this process alive in the others' eyes, and its hands full. One for the process."""

    def __init__(self, processes: Processes, begin: Callable[[str], Awaitable[None]]) -> None:
        self._processes = processes
        self._begin = begin
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Show life for the first time, and go on with it."""
        await self._processes.show_life()
        self._tasks = [
            asyncio.create_task(self._keep(LIFE_SIGN_SECONDS, self._live)),
            asyncio.create_task(self._keep(CLAIM_SECONDS, self._claim)),
        ]

    async def stop(self) -> None:
        """Take nothing more; the others still see this process alive until `leave`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def leave(self) -> None:
        """Let the others go on at once with what is under way here."""
        try:
            await self._processes.leave()
        except Transient as error:
            log.warning("not_left", detail=error.detail)  # they take over when it is overdue

    async def _live(self) -> None:
        await self._processes.show_life()
        for generation_id in await self._processes.take_over(DEAD_AFTER):
            log.warning("taken_over", generation=generation_id)
            await self._begin(generation_id)

    async def _claim(self) -> None:
        for generation_id in await self._processes.claim_unowned(_CLAIM_AT_ONCE):
            await self._begin(generation_id)

    async def _keep(self, pause_seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except Transient as error:
                log.warning("lease_failed", detail=error.detail)
            except Exception:
                log.exception("lease_failed")
            await asyncio.sleep(pause_seconds)
