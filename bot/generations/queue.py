"""The queue: a request is promised (on disk) here, and its work begins apart from that.

Slack's answers go before everything else: while commands are coming in, work is begun slowly
enough that their answers never wait for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import structlog

from bot.errors import ImagineError
from bot.generations.engine import Engine
from bot.generations.ports import Store
from bot.generations.record import InDoubt, NewGeneration
from bot.generations.retry import retry_forever
from bot.periodic import PeriodicTask
from bot.telemetry.instrumentation import Observer

SWEEP_SECONDS: Final = 10.0
# Slack is not waiting when no answer was under way for this long: commands that come one upon
# the other leave shorter gaps.
_QUIET_SECONDS: Final = 0.03
# While Slack waits, a job is begun at most this often (its life costs some 0.1 s of CPU).
_PAUSE_WHILE_ANSWERING_SECONDS: Final = 2.0
# So many inherited jobs are begun at once, and the next after that long.
_PORTION: Final = 25
_PORTION_SECONDS: Final = 0.1

log = structlog.get_logger()


class GenerationQueue:
    """Accepts requests and begins their workflows. One for the process."""

    def __init__(
        self,
        store: Store,
        engine: Engine | None,
        tell_settled: Callable[[NewGeneration, bool], Awaitable[None]] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Without an engine it only accepts: other processes do the work. `tell_settled` tells
        the person whether what was in doubt is kept; without it nobody is."""
        self._store = store
        self._tell_settled = tell_settled
        self._doubts: dict[str, asyncio.Task[None]] = {}  # by origin
        self._engine = engine
        self._accepted: deque[NewGeneration] = deque()
        self._has_work = asyncio.Event()
        self._answering = 0
        self._answered_at = float("-inf")  # loop time
        self._beginning: asyncio.Task[None] | None = None
        self._sweeping = PeriodicTask("sweep", SWEEP_SECONDS, self._sweep, observer)

    @property
    def queued(self) -> int:
        """How many were accepted here and are not begun."""
        return len(self._accepted)

    async def accept(self, new: NewGeneration) -> bool:
        """Promise `new`: when this returns it is on disk, and it will be worked on.

        False where it was promised before. Raises Transient where it could not be written: then
        nothing is kept and nothing will be spent. InDoubt where nobody knows: then it is settled
        here, and the person told.
        """
        try:
            is_new = await self._store.accept(new)
        except InDoubt:
            self._begin_settling(new)
            raise
        if is_new:
            self.take_up(new)
        return is_new

    def take_up(self, new: NewGeneration) -> None:
        """Begin `new`, which was put on disk just now, when Slack waits for nothing."""
        if self._engine is not None:
            self._accepted.append(new)
            self._has_work.set()

    def _begin_settling(self, new: NewGeneration) -> None:
        if new.origin not in self._doubts:
            task = self._doubts[new.origin] = asyncio.create_task(self._settle(new))
            task.add_done_callback(lambda _: self._doubts.pop(new.origin, None))

    async def _settle(self, new: NewGeneration) -> None:
        log.error("request.in_doubt", generation=new.id)
        kept = await retry_forever(lambda: self._store.find_kept([new]))
        log.info("request.settled", generation=new.id, is_kept=new.origin in kept)
        if kept.get(new.origin) == new.id:
            self.take_up(new)
        try:
            if self._tell_settled is not None:
                await self._tell_settled(new, new.origin in kept)
        except ImagineError as error:
            log.error("request.notice_failed", cause=error.cause, detail=error.detail)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Held while Slack waits for an answer."""
        self._answering += 1
        try:
            yield
        finally:
            self._answering -= 1
            self._answered_at = asyncio.get_running_loop().time()

    def open(self) -> None:
        """Begin to begin. What an earlier process accepted and never began is begun too."""
        if self._engine is None:
            return
        self._beginning = asyncio.create_task(self._begin_accepted())
        self._sweeping.start()

    async def close(self) -> None:
        """Begin nothing more; what is on disk waits for the next process."""
        await self._sweeping.stop()
        tasks = [*([self._beginning] if self._beginning else []), *self._doubts.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin_accepted(self) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            while self._accepted:
                await self._wait_for_quiet()
                new = self._accepted.popleft()
                _log_accepted(new)  # not before the answer: it takes an eighth of an answer's time
                await self.begin_all([each.id for each in new.split()])

    async def _wait_for_quiet(self) -> None:
        """Until Slack waits for nothing; but no longer than a job may be put off."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PAUSE_WHILE_ANSWERING_SECONDS
        while (now := loop.time()) < deadline:
            still = _QUIET_SECONDS - (0.0 if self._answering else now - self._answered_at)
            if still <= 0:
                return
            await asyncio.sleep(still)

    async def _sweep(self) -> None:
        """Whatever is pending and not under way is begun: nothing depends on one message in
        memory."""
        await self.begin_all(await self._store.list_pending())

    async def begin_all(self, generation_ids: Sequence[str]) -> None:
        """See to it that generations of ours are worked on; in portions, so that a thousand that
        were inherited keep neither Slack nor signs of life waiting."""
        if self._engine is None:
            return
        resting = (id_ for id_ in generation_ids if not self._engine.is_running(id_))
        for number, generation_id in enumerate(resting, 1):
            self._engine.start(generation_id)
            if number % _PORTION == 0:
                await asyncio.sleep(_PORTION_SECONDS)


def _log_accepted(new: NewGeneration) -> None:
    log.info(
        "generation.accepted",
        generation=new.id,
        accepted_at=new.accepted_at.isoformat(),
        model=new.request.model,
        size=new.request.size,
        quantity=new.request.quantity,
    )
