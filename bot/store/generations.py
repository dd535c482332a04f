"""The rows of generations and pictures: the promise that a job is kept.

Every statement that changes a state names the state it comes from, so of two that race one wins
and the other is told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import Cause, Transient
from bot.generations.record import (
    MAY_BECOME,
    Generation,
    NewGeneration,
    Picture,
    PictureState,
    Place,
    State,
)
from bot.images.request import ImageRequest
from bot.store.database import reading, writing
from bot.store.tables import generations, pictures


class GenerationStore:
    """Reads and writes generations. Raises Transient (Cause.STORAGE) where the database is gone,
    locked for long, or full; nothing of a failed call is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[tuple[NewGeneration, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def accept(self, new: NewGeneration) -> bool:
        """Put `new` on disk. False where its `origin` is there already (delivered twice).

        Requests that come together share one commit, so that the disk's latency is paid once
        for all of them; each returns only when its own row is on disk.
        """
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((new, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await done

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                fresh = await self._insert([new for new, _ in batch])
            except Transient as error:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            for new, done in batch:
                if not done.done():
                    done.set_result(new.id in fresh)

    async def _insert(self, batch: Sequence[NewGeneration]) -> set[str]:
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        insert = (
            dialect.insert(generations)
            .values([_row_of(new) for new in batch])
            .on_conflict_do_nothing(index_elements=["origin"])
            .returning(generations.c.id)
        )
        async with writing(self._engine) as connection:
            return set((await connection.execute(insert)).scalars())

    async def read(self, generation_id: str) -> Generation:
        """The generation with its pictures in order. KeyError where there is none."""
        async with reading(self._engine) as connection:
            row = (
                await connection.execute(
                    sa.select(generations).where(generations.c.id == generation_id)
                )
            ).one_or_none()
            if row is None:
                raise KeyError(generation_id)
            found = await connection.execute(
                sa.select(pictures)
                .where(pictures.c.generation_id == generation_id)
                .order_by(pictures.c.position)
            )
            return replace(_generation_of(row), pictures=tuple(map(_picture_of, found)))

    async def advance(
        self, generation_id: str, before: State, after: State, **changes: Any
    ) -> bool:
        """Move from `before` to `after` and note `changes`. False where another was first."""
        if after not in MAY_BECOME[before]:
            raise ValueError(f"{before} may not become {after}")
        return await self._update(generation_id, before, state=after.value, **changes)

    async def note(self, generation_id: str, **changes: Any) -> None:
        """Note `changes` (columns by name) whatever the state."""
        await self._update(generation_id, None, **changes)

    async def finish(self, generation_id: str, found: Iterable[Picture], **changes: Any) -> bool:
        """processing -> finished, together with the pictures that PowerPost made."""
        rows = [_picture_row(generation_id, picture) for picture in found]
        async with writing(self._engine) as connection:
            result = await connection.execute(
                sa.update(generations)
                .where(generations.c.id == generation_id)
                .where(generations.c.state == State.PROCESSING.value)
                .values(state=State.FINISHED.value, **changes)
            )
            if result.rowcount != 1:
                return False
            await connection.execute(sa.insert(pictures), rows)
            return True

    async def note_picture(self, generation_id: str, position: int, **changes: Any) -> None:
        """Note what became of one picture."""
        async with writing(self._engine) as connection:
            await connection.execute(
                sa.update(pictures)
                .where(pictures.c.generation_id == generation_id)
                .where(pictures.c.position == position)
                .values(**changes)
            )

    async def list_owed(self) -> list[str]:
        """The ids of all generations whose outcome was not told yet, oldest first."""
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                sa.select(generations.c.id)
                .where(generations.c.told_at.is_(None))
                .order_by(generations.c.accepted_at)
            )
            return list(rows.scalars())

    async def has_other_spending(self, generation_id: str, since: datetime) -> bool:
        """Whether another generation of ours may have changed the balance after `since`: it was
        sent, or it ended, or it is still out. Then a change cannot be laid at this one's door."""
        async with reading(self._engine) as connection:
            found = await connection.execute(
                sa.select(sa.literal(1))
                .where(generations.c.id != generation_id)
                .where(generations.c.intended_at.is_not(None))
                .where(
                    (generations.c.intended_at >= since)
                    | (generations.c.finished_at >= since)
                    | generations.c.state.in_([State.SUBMITTING.value, State.PROCESSING.value])
                )
                .limit(1)
            )
            return found.first() is not None

    async def ping(self) -> None:
        """Raise where the database does not answer."""
        async with reading(self._engine) as connection:
            await connection.execute(sa.select(sa.literal(1)))

    async def _update(self, generation_id: str, before: State | None, **changes: Any) -> bool:
        statement = sa.update(generations).where(generations.c.id == generation_id)
        if before is not None:
            statement = statement.where(generations.c.state == before.value)
        async with writing(self._engine) as connection:
            return (await connection.execute(statement.values(**changes))).rowcount == 1


def _row_of(new: NewGeneration) -> dict[str, Any]:
    return {
        "id": new.id,
        "origin": new.origin,
        "team_id": new.place.team_id,
        "channel_id": new.place.channel_id,
        "user_id": new.place.user_id,
        "response_url": new.place.response_url,
        "request": new.request.model_dump(mode="json"),
        "state": State.ACCEPTED.value,
        "accepted_at": new.accepted_at,
    }


def _generation_of(row: sa.Row[Any]) -> Generation:
    values = dict(row._mapping)
    place = Place(*(values.pop(k) for k in ("team_id", "channel_id", "user_id", "response_url")))
    values["request"] = ImageRequest.model_validate(values["request"])
    values["state"] = State(values["state"])
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    return Generation(place=place, **values)


def _picture_row(generation_id: str, picture: Picture) -> dict[str, Any]:
    return {
        "generation_id": generation_id,
        "position": picture.position,
        "media_id": picture.media_id,
        "url": picture.url,
        "width": picture.width,
        "height": picture.height,
        "state": picture.state.value,
        "slack_file_id": picture.slack_file_id,
        "cause": picture.cause,
        "expires_at": picture.expires_at,
    }


def _picture_of(row: sa.Row[Any]) -> Picture:
    values = dict(row._mapping)
    del values["generation_id"]
    values["state"] = PictureState(values["state"])
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    return Picture(**values)
