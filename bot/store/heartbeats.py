"""The last sign of life with PowerPost's balance, and what a restored backup would pay again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from bot.credits.ledger import CAPTIONS
from bot.credits.restore import LastSeen, find_last_seen
from bot.errors import Cause
from bot.generations.record import State
from bot.store.balances import read_balances
from bot.store.database import Database
from bot.store.tables import generations, heartbeats, posts

_NAME: Final = "imagine"
# More than PowerPost answers within `restore.TOGETHER`.
_AT_ONCE: Final = 100
_IS_UNPAID: Final = generations.c.told_at.is_(None) & (generations.c.state == State.ACCEPTED.value)
_IS_OUT: Final = generations.c.state.in_([State.SUBMITTING.value, State.UNKNOWN.value]) | (
    generations.c.image_generation_id.is_not(None) & generations.c.balance_after.is_(None)
)


# The same of drafts' texts (bot/posts/record.py).
_IS_TEXT_UNPAID: Final = (
    posts.c.told_at.is_(None) & (posts.c.state == "accepted") & posts.c.estimate.is_not(None)
)
_IS_TEXT_OUT: Final = posts.c.state.in_(["ordering", "text_unknown"]) | (
    posts.c.caption_id.is_not(None) & posts.c.balance_after.is_(None)
)


class HeartbeatStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, balance: float, now: datetime) -> None:
        """Somebody works here, and PowerPost has just told this balance."""
        row = {"seen_at": now, "balance": balance}
        beat = (
            self._database.insert(heartbeats)
            .values(name=_NAME, **row)
            .on_conflict_do_update(index_elements=["name"], set_=row)
        )
        await self._database.write(lambda on: on.execute(beat))

    async def count_unpaid(self) -> int:
        """How many generations and texts are accepted and not sent to PowerPost."""
        unpaid = sa.select(sa.func.count()).select_from(generations).where(_IS_UNPAID)
        texts = sa.select(sa.func.count()).select_from(posts).where(_IS_TEXT_UNPAID)
        both = sa.select(unpaid.scalar_subquery() + texts.scalar_subquery())
        return await self._database.read(lambda on: int(on.execute(both).scalar_one()))

    async def last_seen(self) -> LastSeen | None:
        """The newest balance on record (`find_last_seen`); None if there is none."""
        beat = sa.select(heartbeats.c.balance, heartbeats.c.seen_at)

        def find(on: sa.Connection) -> LastSeen | None:
            row = on.execute(beat.where(heartbeats.c.name == _NAME)).one_or_none()
            seen = [LastSeen(*told) for told in read_balances(on, _AT_ONCE)]
            seen += [] if row is None else [LastSeen(row.balance, row.seen_at)]
            return find_last_seen(seen)

        return await self._database.read(find)

    async def list_out(self, since: datetime) -> list[tuple[str, int]]:
        """Model and quantity of what was sent `since` and had no answer that told a balance: it
        may have been charged."""
        asked = generations.c.request
        out = (
            sa.select(asked["model"].as_string(), asked["quantity"].as_integer())
            .where(_IS_OUT)
            .where(generations.c.intended_at >= since)
        )
        texts = sa.select(sa.literal(CAPTIONS), sa.literal(1))
        texts = texts.where(_IS_TEXT_OUT).where(posts.c.intended_at >= since)

        def read(on: sa.Connection) -> list[tuple[str, int]]:
            found = [*on.execute(out), *on.execute(texts)]
            return [(model, quantity or 1) for model, quantity in found]

        return await self._database.read(read)

    async def settle_restored(self, balance: float | None, now: datetime) -> int:
        """What this database has as accepted may have been paid for after the backup that it was
        restored from: its outcome is unknown. How many these are; each is yet to be told."""
        change = (
            sa.update(generations)
            .where(_IS_UNPAID)
            .values(
                state=State.UNKNOWN.value,
                cause=Cause.STORAGE.value,
                balance_at_end=balance,
                finished_at=now,
            )
        )
        # The same of drafts: one may have been made, and its text paid for.
        known = {"cause": Cause.STORAGE.value, "finished_at": now}
        texts = (
            sa.update(posts)
            .where(_IS_TEXT_UNPAID | (posts.c.told_at.is_(None) & (posts.c.state == "ordering")))
            .values(state="text_unknown", balance_at_end=balance, **known)
        )
        drafts = (
            sa.update(posts)
            .where(posts.c.told_at.is_(None))
            .where(posts.c.state.in_(["accepted", "writing", "ready", "drafting"]))
            .values(state="unknown", **known)
        )

        def settle(on: sa.Connection) -> int:
            return sum(int(on.execute(each).rowcount) for each in (change, texts, drafts))

        return await self._database.write(settle)
