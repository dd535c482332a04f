"""The engine: keeps the generations of this process under way, a task each.

What has been done stands in a generation's own row, and nowhere else (record.py): each step reads
the row first and passes on what is done. So to go on after a crash is to start again, and nothing
has to be replayed. Who works on what when several processes share a database is in leases.py.

Why this is no library for durable execution: see `.readme/engine.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import NewerVersion, NotOurs
from bot.generations.ports import Workflow

log = structlog.get_logger()


class Engine:
    """One for the process, on one event loop. Never two runs of the same generation at once."""

    def __init__(self, workflow: Workflow, let_go: Callable[[str], Awaitable[None]]) -> None:
        """`let_go` leaves a generation to whoever can go on with it."""
        self._workflow = workflow
        self._let_go = let_go
        self._runs: dict[str, asyncio.Task[None]] = {}
        self.left_alone: set[str] = set()
        """Those that only a newer version of this bot can go on with."""
        self._is_closing = False

    @property
    def running(self) -> int:
        """How many generations are under way here."""
        return len(self._runs)

    def is_running(self, generation_id: str) -> bool:
        """Whether `generation_id` is under way here."""
        return generation_id in self._runs

    def start(self, generation_id: str) -> None:
        """See to it that `generation_id` is under way; harmless if it is. To be called again and
        again while it is pending: a run that failed begins anew that way."""
        if self._is_closing or self.is_running(generation_id) or generation_id in self.left_alone:
            return
        run = asyncio.create_task(self._run(generation_id))
        self._runs[generation_id] = run
        run.add_done_callback(lambda _: self._runs.pop(generation_id, None))

    async def close(self) -> None:
        """Stop what runs: the next process goes on from the rows."""
        self._is_closing = True
        runs = list(self._runs.values())
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)

    async def _run(self, generation_id: str) -> None:
        try:
            await self._workflow(generation_id)
        except NotOurs:
            log.warning("generation.let_go", generation=generation_id)
        except NewerVersion:
            log.error("generation.left_alone", generation=generation_id)
            self.left_alone.add(generation_id)
            await self._let_go(generation_id)
        except Exception:
            # The next sweep begins it anew.
            log.exception("generation.run_failed", generation=generation_id)
