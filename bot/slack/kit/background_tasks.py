"""Errands: what is done after the answer, and may be lost with the process. Nothing is promised."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.errors import ImagineError

log = structlog.get_logger()


class BackgroundTasks:
    """Runs them, and drops them when the process ends."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin `work` and forget it; what it raises is logged."""
        task = asyncio.create_task(_carefully(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def close(self) -> None:
        """Drop what is still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _carefully(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except ImagineError as error:
        log.warning("background_task.failed", cause=error.cause, detail=error.detail)
    except Exception:
        log.exception("background_task.failed")
