"""What all processes keep to together: a small state under a name, changed by one at a time.

What a state means and how it changes is its owner's business; times in it are the database's own
(Unix seconds), so that machines whose clocks differ agree.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog

from bot.errors import Cause, Transient
from bot.limits import Change, State
from bot.store.database import Database
from bot.store.tables import paces

_T = TypeVar("_T")

# Whoever asks has a call to make, and a memory of its own to go by meanwhile.
_PATIENCE_SECONDS: Final = 1.0
# A database that did not answer is not asked again before this.
_AWAY_SECONDS: Final = 5.0

log = structlog.get_logger()


class RateLimitStore:
    """The shared states. One for the process, on one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._away_until = float("-inf")  # loop time

    async def change(self, name: str, do: Change[_T]) -> _T:
        """See `SharedState`."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            raise Transient(Cause.STORAGE, "away a moment ago")
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._database.write(lambda on: self._change(on, name, do))
        except (TimeoutError, Transient) as error:
            self._away_until = loop.time() + _AWAY_SECONDS
            log.warning("rate_limit.unavailable", error=type(error).__name__)
            raise Transient(Cause.STORAGE, "the shared rate limits are out of reach") from error

    def _change(self, on: sa.Connection, name: str, do: Change[_T]) -> _T:
        state, now = self._lock(on, name)
        after, result = do(state or None, now)
        if after is not None:
            moment = datetime.fromtimestamp(now, UTC)
            values = {"state": after, "changed_at": moment}
            on.execute(sa.update(paces).where(paces.c.name == name).values(**values))
        return result

    def _lock(self, on: sa.Connection, name: str) -> tuple[State, float]:
        """The state and the time, the row being ours until the transaction ends."""
        columns: list[sa.ColumnElement[Any]] = [paces.c.state]
        if is_postgresql := self._database.dialect == "postgresql":
            columns.append(sa.extract("epoch", sa.func.clock_timestamp()))
        one = sa.select(*columns).where(paces.c.name == name).with_for_update()
        row = on.execute(one).one_or_none()
        if row is None:
            values = {"name": name, "state": {}, "changed_at": datetime.now(UTC)}
            on.execute(self._database.insert(paces).values(**values).on_conflict_do_nothing())
            row = on.execute(one).one()
        return row[0], float(row[1]) if is_postgresql else time.time()
