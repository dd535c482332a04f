"""What is being shared: kept until it was posted and the sharer was told; a day later it is gone.

Who keeps one has it for `CLAIM_LIFETIME`, and posts it; where that process dies, whoever comes next
goes on with it.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.generations.share import Share
from bot.store.database import Database
from bot.store.tables import shares

# Longer than a post may take with its pauses: it is claimed anew before each try.
CLAIM_LIFETIME: Final = timedelta(minutes=2)
ENDED_LIFETIME: Final = timedelta(days=1)
_AT_ONCE: Final = 20


class ShareStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, share: Share) -> bool:
        """Keep it, for the caller to post. False where it was kept before."""
        row = asdict(share) | {"positions": list(share.positions)}
        row["taken_until"] = share.shared_at + CLAIM_LIFETIME
        keep = self._database.insert(shares).values(row).on_conflict_do_nothing()
        added = keep.returning(shares.c.id)
        return await self._database.write(lambda on: on.execute(added).first() is not None)

    async def claim(self, now: datetime, *, orphaned_at: datetime | None = None) -> list[Share]:
        """Take those that nobody is posting, the oldest first: also those from before
        `orphaned_at`, whose process has ended, if it had claimed them."""
        is_free = shares.c.taken_until <= now
        if orphaned_at is not None:
            is_free = sa.or_(is_free, shares.c.shared_at < orphaned_at)
        pending = sa.select(shares.c.id).where(shares.c.ended_at.is_(None))
        free = pending.where(is_free).order_by(shares.c.shared_at).limit(_AT_ONCE)
        if await self._database.read(lambda on: on.execute(free).first()) is None:
            return []
        locked = free.with_for_update(skip_locked=True).scalar_subquery()
        take = (
            sa.update(shares)
            .where(shares.c.id.in_(locked))
            .values(taken_until=now + CLAIM_LIFETIME)
            .returning(shares)
        )
        rows = await self._database.write(lambda on: on.execute(take).all())
        return sorted(map(_read, rows), key=lambda share: share.shared_at)

    async def intend(self, share_id: str, now: datetime) -> None:
        """It is posted now: from here on it may be there."""
        since = sa.func.coalesce(shares.c.intended_at, sa.literal(now, shares.c.intended_at.type))
        await self._note(share_id, intended_at=since, taken_until=now + CLAIM_LIFETIME)

    async def note_posted(self, share_id: str, ts: str) -> None:
        """It is there."""
        await self._note(share_id, posted_ts=ts)

    async def postpone(self, share_id: str, until: datetime) -> None:
        """Whoever comes first after `until` goes on with it."""
        await self._note(share_id, taken_until=until)

    async def end(self, share_id: str, now: datetime) -> None:
        """The sharer was told what became of it; their words are not kept."""
        await self._note(share_id, ended_at=now, note="")

    async def _note(self, share_id: str, **changes: Any) -> None:
        note = sa.update(shares).where(shares.c.id == share_id).values(**changes)
        await self._database.write(lambda on: on.execute(note))


def _read(row: sa.Row[Any]) -> Share:
    values = dict(row._mapping)
    for name in ("taken_until", "ended_at"):
        values.pop(name)
    return Share(**values | {"positions": tuple(values["positions"])})
