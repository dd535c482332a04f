"""Who works on what: signs of life, and taking over from the dead. A sign is a time of the
database's that differs from the one before; nobody's clock is believed (generations/leases.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import generations, processes


class ProcessStore:
    """The work of one process, `owner`. Raises Transient where the database does not answer."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner

    async def show_life(self) -> None:
        """This process is alive."""
        alive = (
            self._database.insert(processes)
            .values(id=self._owner, seen_at=sa.func.now())
            .on_conflict_do_update(index_elements=["id"], set_={"seen_at": sa.func.now()})
        )
        await self._database.write(lambda on: on.execute(alive))

    async def claim_unowned(self, limit: int) -> list[str]:
        """Take generations that nobody works on, oldest first; their ids."""
        free = (
            sa.select(generations.c.id)
            .where(generations.c.owner.is_(None))
            .where(generations.c.told_at.is_(None))
            .order_by(generations.c.accepted_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        take = self._taking(generations.c.id.in_(free.scalar_subquery()))
        return await self._database.write(lambda on: list(on.execute(take).scalars()))

    async def list_signs(self) -> dict[str, datetime]:
        """The last sign of life of each other process."""
        others = sa.select(processes.c.id, processes.c.seen_at).where(processes.c.id != self._owner)

        def find(on: sa.Connection) -> dict[str, datetime]:
            return {row.id: row.seen_at for row in on.execute(others)}

        return await self._database.read(find)

    async def take_over(self, silent: Mapping[str, datetime]) -> list[str]:
        """Take what belongs to these processes, each with its last sign of life: one that has given
        another since is left alone. The ids of the generations.

        Of several that try, the one that deletes the dead one's row has its generations.
        """
        last_signs = [
            (processes.c.id == process_id) & (processes.c.seen_at == sign)
            for process_id, sign in silent.items()
        ]
        overdue = sa.delete(processes).where(sa.or_(*last_signs)).returning(processes.c.id)

        def take(on: sa.Connection) -> list[str]:
            dead = list(on.execute(overdue).scalars())
            if not dead:
                return []
            return list(on.execute(self._taking(generations.c.owner.in_(dead))).scalars())

        return await self._database.write(take)

    async def adopt_all(self) -> None:
        """Take everything that is owed: this is the only process (a SQLite file has one)."""
        owed = (
            sa.update(generations)
            .where(generations.c.told_at.is_(None))
            .where(sa.func.coalesce(generations.c.owner, "") != self._owner)
            .values(owner=self._owner)
        )
        await self._database.write(lambda on: on.execute(owed))

    async def leave(self) -> None:
        """This process ends in order: whoever comes first may go on with what it had."""
        free = (
            sa.update(generations)
            .where(generations.c.owner == self._owner)
            .where(generations.c.told_at.is_(None))
            .values(owner=None)
        )
        gone = sa.delete(processes).where(processes.c.id == self._owner)

        def note(on: sa.Connection) -> None:
            on.execute(free)
            on.execute(gone)

        await self._database.write(note)

    def _taking(self, which: sa.ColumnElement[bool]) -> sa.sql.dml.ReturningUpdate[str]:
        return (
            sa.update(generations)
            .where(which)
            .where(generations.c.told_at.is_(None))
            .values(owner=self._owner)
            .returning(generations.c.id)
        )
