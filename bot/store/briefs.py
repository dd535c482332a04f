"""The rows of briefs: one promise of several generations, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count, takewhile
from typing import Any

import sqlalchemy as sa

from bot.errors import NewerVersion
from bot.generations.approval import dump_request, load_request
from bot.generations.brief import TAKEN_FOR, Brief
from bot.generations.record import Generation, NewGeneration, State
from bot.store.channels import find_current
from bot.store.database import Database
from bot.store.rows import generations_of
from bot.store.tables import briefs, generations


class BriefStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database, owner: str | None) -> None:
        """`owner` is the name that this process works under."""
        self._database = database
        self._owner = owner or "local"

    async def read(self, brief_id: str) -> Brief | None:
        """With its parts. None where there is none (any more). Raises NewerVersion."""

        def find(on: sa.Connection) -> Brief | None:
            row = on.execute(sa.select(briefs).where(briefs.c.id == brief_id)).one_or_none()
            return None if row is None else _brief_of(on, row)

        return await self._database.read(find)

    async def list_untold(self) -> list[str]:
        """Those of which something is still to be said, the oldest first."""
        untold = (
            sa.select(briefs.c.id).where(briefs.c.told_at.is_(None)).order_by(briefs.c.accepted_at)
        )
        return await self._database.read(lambda on: list(on.execute(untold).scalars()))

    async def list_tries(self, prefix: str) -> list[tuple[Generation, ...]]:
        """What a button has promised, by press: a brief's parts, or the one generation. Their
        origins are `prefix` and the number of the press, from 0."""

        def find(on: sa.Connection) -> list[tuple[Generation, ...]]:
            numbered = (_made_by(on, f"{prefix}{number}") for number in count())
            return list(takewhile(bool, numbered))

        return await self._database.read(find)

    async def take(self, brief_id: str, now: datetime) -> bool:
        """Whether it is this process that says what is to be said, for `TAKEN_FOR` from now on."""
        is_free = (
            briefs.c.taken_by.is_(None)
            | (briefs.c.taken_by == self._owner)
            | (briefs.c.taken_until <= now)
        )
        take = (
            sa.update(briefs)
            .where(briefs.c.id == brief_id)
            .where(is_free)
            .values(taken_by=self._owner, taken_until=now + TAKEN_FOR)
        )
        return await self._database.write(lambda on: bool(on.execute(take).rowcount == 1))

    async def let_go(self) -> None:
        """Another process may say what is to be said, at once: this one ends."""
        own = sa.update(briefs).where(briefs.c.taken_by == self._owner)
        untold = own.where(briefs.c.told_at.is_(None)).values(taken_by=None, taken_until=None)
        await self._database.write(lambda on: on.execute(untold))

    async def note(self, brief_id: str, **changes: Any) -> None:
        """Note `changes` (columns by name)."""
        change = sa.update(briefs).where(briefs.c.id == brief_id).values(**changes)
        await self._database.write(lambda on: on.execute(change))

    async def note_shown(
        self, generation_ids: Sequence[str], channel_id: str, ts: str | None
    ) -> None:
        """These parts stand in the message `ts`. Together: a message shows all or none of them."""
        change = (
            sa.update(generations)
            .where(generations.c.id.in_(generation_ids))
            .where(generations.c.result_ts.is_(None))
            .values(result_ts=ts, result_channel_id=channel_id)
        )
        await self._database.write(lambda on: on.execute(change))

    async def note_showing(self, generation_ids: Sequence[str], now: datetime) -> None:
        """A message with these parts may be in Slack from now on."""
        change = (
            sa.update(generations)
            .where(generations.c.id.in_(generation_ids))
            .where(generations.c.result_intended_at.is_(None))
            .values(result_intended_at=now)
        )
        await self._database.write(lambda on: on.execute(change))

    async def cancel(self, brief_id: str, now: datetime, cause: str) -> list[str]:
        """Refuse those of its parts that nothing was sent for yet: which."""
        change = (
            sa.update(generations)
            .where(generations.c.brief_id == brief_id)
            .where(generations.c.state == State.ACCEPTED.value)
            .values(state=State.REFUSED.value, cause=cause, finished_at=now)
            .returning(generations.c.id)
        )
        return await self._database.write(lambda on: list(on.execute(change).scalars()))


def insert_briefs(on: sa.Connection, database: Database, news: Iterable[NewGeneration]) -> set[str]:
    """Put briefs on disk, without their parts: the ids of those that were not there before. Of two
    buttons of one question, one may make a brief and the other a single picture: only one does."""
    rows = [brief_row_of(new) for new in news]
    if not rows:
        return set()
    origins = [row["origin"] for row in rows]
    singles = sa.select(generations.c.origin).where(generations.c.origin.in_(origins))
    made = set(on.execute(singles).scalars())
    rows = [row for row in rows if row["origin"] not in made]
    if not rows:
        return set()
    insert = (
        database.insert(briefs)
        .on_conflict_do_nothing(index_elements=["origin"])
        .returning(briefs.c.id)
    )
    return set(on.execute(insert, rows).scalars())


def brief_row_of(new: NewGeneration) -> dict[str, Any]:
    """The row of a brief that is promised."""
    return {
        "id": new.id,
        "origin": new.origin,
        "team_id": new.place.team_id,
        "channel_id": new.place.channel_id,
        "user_id": new.place.user_id,
        "request": dump_request(new),
        "accepted_at": new.accepted_at,
    }


def find_brief(on: sa.Connection, origin: str) -> str | None:
    """The id of the brief that a click has made, if it has made one."""
    found = sa.select(briefs.c.id).where(briefs.c.origin == origin)
    return on.execute(found).scalar_one_or_none()


def _made_by(on: sa.Connection, origin: str) -> tuple[Generation, ...]:
    brief_id = find_brief(on, origin)
    is_it = generations.c.origin == origin
    if brief_id is not None:
        is_it = generations.c.brief_id == brief_id
    return tuple(generations_of(on, sa.select(generations).where(is_it), for_work=True))


def _brief_of(on: sa.Connection, row: sa.Row[Any]) -> Brief:
    values = dict(row._mapping)
    try:
        new = load_request(values["request"])
    except NewerVersion:
        raise NewerVersion(values["id"]) from None
    parts = generations_of(
        on, sa.select(generations).where(generations.c.brief_id == row.id), for_work=True
    )
    return Brief(
        id=row.id,
        new=new,
        # What was asked for late is under an id that its channel does not have any more.
        channel_id=find_current(on, row.team_id, row.channel_id),
        parts=tuple(sorted(parts, key=lambda part: part.part or 0)),
        root_ts=row.root_ts,
        root_intended_at=row.root_intended_at,
        summary_ts=row.summary_ts,
        summary_intended_at=row.summary_intended_at,
        sheet_file_id=row.sheet_file_id,
        told_at=row.told_at,
    )
