"""What is done again and again, in the background."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import ImagineError
from bot.telemetry.instrumentation import NullObserver, Observer, Operation

log = structlog.get_logger()


class PeriodicTask:
    """Calls `do`, pauses, and calls it again, until it is stopped. What it raises is logged as
    `task.failed` and counted in the metrics, and the next round tries again. One event loop."""

    def __init__(
        self,
        name: str,
        pause_seconds: float,
        do: Callable[[], Awaitable[float | None]],
        observer: Observer | None = None,
        *,
        jitter: float = 0.0,
        first_pause_seconds: float = 0.0,
    ) -> None:
        """What `do` returns is the next pause, if it is another than `pause_seconds`. `jitter`: a
        pause is longer by up to this share, so that processes that began together do not stay
        together."""
        self._name = name
        self._pause_seconds = pause_seconds
        self._do = do
        self._observer = observer or NullObserver()
        self._jitter = jitter
        self._first_pause_seconds = first_pause_seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, with a round at once, or after the first pause."""
        self._task = asyncio.create_task(self._repeat(), name=self._name)

    async def stop(self) -> None:
        """End, in the middle of a round too. May be repeated, and come before the start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _repeat(self) -> None:
        await asyncio.sleep(self._first_pause_seconds)
        while True:
            pause = await self._try()
            more = self._jitter * random.random()  # noqa: S311 - no secret
            await asyncio.sleep((self._pause_seconds if pause is None else pause) * (1 + more))

    async def _try(self) -> float | None:
        try:
            with self._observer.watch(Operation.TASK, self._name):
                return await self._do()
        except ImagineError as error:
            log.warning("task.failed", task=self._name, cause=error.cause, detail=error.detail)
        except TimeoutError:
            log.warning("task.failed", task=self._name, cause="timeout")
        except Exception:
            log.exception("task.failed", task=self._name)
        return None
