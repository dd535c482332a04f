"""Several processes on one database: signs of life, and taking over from the dead.

Each process has a row with its last sign of life. Whoever sees that one has been silent for too
long deletes that row. What is pending and has no owner, or one without such a row, is anybody's:
the others claim it, some at a time. So nothing is ever nobody's, however its owner came to be gone.

If a process was only frozen and wakes up, it can write to nothing that it had (NotOurs), and lets
go. A process is dead if another has seen no sign of it for some seconds of its own steady clock
while it could have: so neither a clock that is set nor a database that was away makes anybody look
dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import structlog

from bot.errors import Transient
from bot.periodic import PeriodicTask
from bot.telemetry.instrumentation import Observer

CLAIM_SECONDS: Final = 0.5
LIFE_SIGN_SECONDS: Final = 2.0
DEAD_AFTER_SECONDS: Final = 10.0
# Who has not looked for this long (the database was away, or the process frozen) begins anew: the
# others could not show that they were alive, or it could not see it.
_BLIND_AFTER_SECONDS: Final = 5.0
_CLAIM_AT_ONCE: Final = 50

log = structlog.get_logger()


class Processes(Protocol):
    """Who works on what (bot/store/processes.py)."""

    async def show_life(self) -> None: ...
    async def list_signs(self) -> dict[str, datetime]: ...
    async def bury(self, silent: Mapping[str, datetime]) -> list[str]: ...
    async def claim_orphans(self, limit: int, but: Collection[str]) -> list[str]: ...
    async def leave(self) -> None: ...


class Watch:
    """Who has been silent while this process watched. Pure: `clock` is a steady clock's seconds."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")
        self._since: dict[str, tuple[datetime, float]] = {}  # each one's last sign, first seen when

    def find_silent(self, signs: Mapping[str, datetime], clock: float) -> dict[str, datetime]:
        """Those of `signs` that have not changed for DEAD_AFTER_SECONDS."""
        if clock - self._looked_at > _BLIND_AFTER_SECONDS:
            self._since.clear()
        self._looked_at = clock
        before = self._since
        self._since = {
            process_id: before[process_id]
            if process_id in before and before[process_id][0] == sign
            else (sign, clock)
            for process_id, sign in signs.items()
        }
        return {
            process_id: sign
            for process_id, (sign, since) in self._since.items()
            if clock - since >= DEAD_AFTER_SECONDS
        }


class Lease:
    """Keeps this process alive in the others' eyes, and its hands full. One for the process.

    Showing life is a task of its own, with a connection of its own (bot/store/processes.py):
    nothing that this process works on holds it up.
    """

    def __init__(
        self,
        processes: Processes,
        begin: Callable[[Sequence[str]], Awaitable[None]],
        left_alone: Collection[str] = (),
        observer: Observer | None = None,
    ) -> None:
        """What is `left_alone` is not claimed: this process cannot go on with it."""
        self._left_alone = left_alone
        self._processes = processes
        self._begin = begin
        self._watch = Watch()
        self._life = PeriodicTask("life", LIFE_SIGN_SECONDS, processes.show_life, observer)
        self._takers = [
            PeriodicTask("bury", LIFE_SIGN_SECONDS, self._bury, observer),
            PeriodicTask("claim", CLAIM_SECONDS, self._claim, observer),
        ]

    async def open(self) -> None:
        """Show life for the first time, and go on with it."""
        await self._processes.show_life()
        for task in (self._life, *self._takers):
            task.start()

    async def stop(self) -> None:
        """Take nothing more; the others still see this process alive until `leave`."""
        for task in self._takers:
            await task.stop()

    async def leave(self) -> None:
        """Let the others go on at once with what is under way here."""
        for task in (*self._takers, self._life):
            await task.stop()
        try:
            await self._processes.leave()
        except Transient as error:
            # They take over when it is overdue.
            log.warning("lease.leave_failed", detail=error.detail)

    async def _bury(self) -> None:
        signs = await self._processes.list_signs()
        silent = self._watch.find_silent(signs, asyncio.get_running_loop().time())
        if silent:
            for process_id in await self._processes.bury(silent):
                log.warning("process.died", process=process_id)

    async def _claim(self) -> None:
        if claimed := await self._processes.claim_orphans(_CLAIM_AT_ONCE, self._left_alone):
            log.info("generations.claimed", generations=len(claimed))
            await self._begin(claimed)


async def is_alone(processes: Processes) -> bool:
    """Whether no other process shows life, as far as one that looks for so long can see."""
    before = await processes.list_signs()
    if not before:
        return True
    await asyncio.sleep(LIFE_SIGN_SECONDS + CLAIM_SECONDS)
    return not (await processes.list_signs()).items() - before.items()
