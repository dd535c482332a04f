"""How many generations run at a time, of a person and of a workspace, in all processes together.

A slot belongs to the generation and not to the process that works on it: it is a column of its
row, it goes over with the row to whoever takes it over, and it is free when the row says that
PowerPost has ended, or that it hangs there. So no slot is ever lost with a process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import NotOurs
from bot.generations.record import Generation, State
from bot.store.database import Database
from bot.store.tables import generations, unindexed

_STARTED = (State.SUBMITTING.value, State.PROCESSING.value)


@dataclass(frozen=True, slots=True)
class Asker:
    """A generation that wants a slot, since `since`."""

    id: str
    person: str
    since: datetime


def choose_next(
    running: Counter[str],
    askers: Iterable[Asker],
    per_person: int,
    per_workspace: int | None,
) -> set[str]:
    """The ids of those that may have a slot now, `running` being who has how many. Pure.

    Who has fewest comes first, then who has waited longest; so nobody's burst holds others up.
    """
    running = running.copy()
    waiting = sorted(askers, key=lambda asker: (asker.since, asker.id))
    chosen = set[str]()
    while per_workspace is None or running.total() < per_workspace:
        may = [asker for asker in waiting if running[asker.person] < per_person]
        if not may:
            break
        first = min(may, key=lambda asker: running[asker.person])
        waiting.remove(first)
        running[first.person] += 1
        chosen.add(first.id)
    return chosen


class SlotStore:
    """Gives out slots. Raises Transient where the database does not answer."""

    def __init__(
        self, database: Database, owner: str, *, per_person: int, per_workspace: int | None
    ) -> None:
        self._database = database
        self._owner = owner
        self._per_person = per_person
        self._per_workspace = per_workspace

    async def claim(self, generation: Generation) -> bool:
        """Whether `generation` need not wait: it has a slot now, or it is over (cancelled, say).

        NotOurs where another process has taken it over.
        """
        return await self._database.write(lambda on: self._claim(on, generation))

    async def count_before(self, generation: Generation) -> int:
        """How many of the same person's were accepted earlier and wait too, in all processes."""
        before = (
            sa.select(sa.func.count())
            # Among what is owed, and not among all that the person has ever made.
            .where(unindexed(generations.c.team_id) == generation.place.team_id)
            .where(unindexed(generations.c.user_id) == generation.place.user_id)
            .where(generations.c.told_at.is_(None))
            .where(generations.c.state == State.ACCEPTED.value)
            .where(generations.c.placed_at.is_(None))
            .where(generations.c.accepted_at < generation.accepted_at)
        )
        return await self._database.read(lambda on: int(on.execute(before).scalar_one()))

    def _claim(self, on: sa.Connection, generation: Generation) -> bool:
        self._lock(on, generation)
        mine = on.execute(self._rows().where(generations.c.id == generation.id)).one()
        if mine.owner != self._owner:
            raise NotOurs(generation.id)
        if mine.state != State.ACCEPTED.value or mine.placed_at is not None:
            return True
        now = on.execute(sa.select(sa.func.now(type_=generations.c.placed_at.type))).scalar_one()
        since = mine.place_wanted_at or now
        others = on.execute(self._others(generation)).all()
        is_chosen = generation.id in self._choose(
            others, Asker(generation.id, generation.place.user_id, since)
        )
        changes = {"placed_at": now} if is_chosen else {"place_wanted_at": since}
        if is_chosen or mine.place_wanted_at is None:
            change = sa.update(generations).where(generations.c.id == generation.id)
            on.execute(change.values(**changes))
        return is_chosen

    def _choose(self, others: Iterable[sa.Row[Any]], asker: Asker) -> set[str]:
        running, askers = Counter[str](), [asker]
        for row in others:
            if row.placed_at is not None or row.state in _STARTED:
                running[row.user_id] += 1
            else:
                askers.append(Asker(row.id, row.user_id, row.place_wanted_at))
        return choose_next(running, askers, self._per_person, self._per_workspace)

    def _lock(self, on: sa.Connection, generation: Generation) -> None:
        """Nobody else counts the same slots until this transaction ends. (Where SQLite is, the
        transaction itself has the only lock.)"""
        if self._database.dialect != "postgresql":
            return
        place = generation.place
        names = [f"imagine:{place.team_id}:{place.user_id}"]
        if self._per_workspace is not None:
            names.insert(0, f"imagine:{place.team_id}")
        for name in names:
            key = sa.func.hashtextextended(name, 0)
            on.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def _rows(self) -> sa.Select[Any]:
        return sa.select(
            generations.c.id,
            generations.c.user_id,
            generations.c.state,
            generations.c.owner,
            generations.c.place_wanted_at,
            generations.c.placed_at,
        )

    def _others(self, generation: Generation) -> sa.Select[Any]:
        """Those that have a slot or want one: the person's, or all of the workspace's where that
        has a limit of its own."""
        place = generation.place
        is_started = generations.c.state.in_(_STARTED)
        is_asking = (generations.c.state == State.ACCEPTED.value) & (
            generations.c.place_wanted_at.is_not(None) | generations.c.placed_at.is_not(None)
        )
        others = (
            self._rows()
            .where(generations.c.id != generation.id)
            .where(unindexed(generations.c.team_id) == place.team_id)
            .where(generations.c.told_at.is_(None))
            .where(generations.c.unplaced_at.is_(None))
            .where(is_started | is_asking)
        )
        if self._per_workspace is None:
            others = others.where(generations.c.user_id == place.user_id)
        return others
