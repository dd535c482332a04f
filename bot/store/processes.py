"""Who works on what: signs of life, and taking over from the dead. A sign is a time of the
database's that differs from the one before; nobody's clock is believed (generations/leases.py)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import generations, processes


class ProcessStore:
    """The work of one process, `owner`. Raises Transient where the database does not answer."""

    def __init__(self, database: Database, owner: str) -> None:
        """`database` is for nothing else: a sign of life waits for nobody's statements."""
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

    async def list_signs(self) -> dict[str, datetime]:
        """The last sign of life of each other process."""
        others = sa.select(processes.c.id, processes.c.seen_at).where(processes.c.id != self._owner)

        def find(on: sa.Connection) -> dict[str, datetime]:
            return {row.id: row.seen_at for row in on.execute(others)}

        return await self._database.read(find)

    async def bury(self, silent: Mapping[str, datetime]) -> list[str]:
        """These processes are dead, each with its last sign of life: one that has given another
        since is left alone. The ids of those that were there; what they had is anybody's now."""
        last_signs = [
            (processes.c.id == process_id) & (processes.c.seen_at == sign)
            for process_id, sign in silent.items()
        ]
        overdue = sa.delete(processes).where(sa.or_(*last_signs)).returning(processes.c.id)

        def note(on: sa.Connection) -> list[str]:
            dead = list(on.execute(overdue).scalars())
            if dead:
                on.execute(_freeing(dead))
            return dead

        return await self._database.write(note)

    async def claim_orphans(self, limit: int, but: Collection[str] = ()) -> list[str]:
        """Take up to `limit` of the generations that are pending and whose owner is no living
        process, oldest first, none of `but`; their ids. Of several that ask at once, each gets
        others."""
        is_somebodys = generations.c.owner.in_(sa.select(processes.c.id))
        orphans = (
            sa.select(generations.c.id)
            .where(generations.c.told_at.is_(None))
            .where(sa.or_(generations.c.owner.is_(None), ~is_somebodys))
            .where(generations.c.id.not_in(but))
            .order_by(generations.c.accepted_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        take = (
            sa.update(generations)
            .where(generations.c.id.in_(orphans.scalar_subquery()))
            .values(owner=self._owner)
            .returning(generations.c.id)
        )
        return await self._database.write(lambda on: list(on.execute(take).scalars()))

    async def adopt_all(self) -> None:
        """Take everything that is pending: this is the only process (a SQLite file has one)."""
        pending = (
            sa.update(generations)
            .where(generations.c.told_at.is_(None))
            .where(sa.func.coalesce(generations.c.owner, "") != self._owner)
            .values(owner=self._owner)
        )
        await self._database.write(lambda on: on.execute(pending))

    async def leave(self) -> None:
        """This process ends in order: whoever comes first may go on with what it had."""
        gone = sa.delete(processes).where(processes.c.id == self._owner)

        def note(on: sa.Connection) -> None:
            on.execute(_freeing([self._owner]))
            on.execute(gone)

        await self._database.write(note)


def _freeing(owners: list[str]) -> sa.Update:
    """Nobody has what these had and what is pending: from now on they can write nothing to it."""
    return (
        sa.update(generations)
        .where(generations.c.owner.in_(owners))
        .where(generations.c.told_at.is_(None))
        .values(owner=None)
    )
