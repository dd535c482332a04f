"""The names of campaigns: one spelling of each, the first one, and when it was used last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from bot.images.campaigns import campaign_key
from bot.store.database import Database
from bot.store.tables import campaigns

# Of more, the ones that were used last are offered and compared with.
RECENT_MAX: Final = 90


class CampaignStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_recent(self, team_id: str, limit: int = RECENT_MAX) -> tuple[str, ...]:
        """A workspace's campaigns, the ones used last first."""
        recent = (
            sa.select(campaigns.c.name)
            .where(campaigns.c.team_id == team_id)
            .order_by(campaigns.c.used_at.desc(), campaigns.c.key)
            .limit(limit)
        )
        return await self._database.read(lambda on: tuple(on.execute(recent).scalars()))


def name_campaigns(on: sa.Connection, database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Give the campaign of each of `rows`, which are to be generations, the spelling that it was
    first used in, and note that it was used."""
    used: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if row["campaign"]:
            used.setdefault((row["team_id"], campaign_key(row["campaign"])), row)
    names: dict[tuple[str, str], str] = {}
    for (team_id, key), row in sorted(used.items(), key=lambda one: one[0]):  # or two would wait
        use = database.insert(campaigns).values(
            team_id=team_id, key=key, name=row["campaign"], used_at=row["accepted_at"]
        )
        noted = {"used_at": use.excluded.used_at}
        use = use.on_conflict_do_update(index_elements=["team_id", "key"], set_=noted)
        names[team_id, key] = on.execute(use.returning(campaigns.c.name)).scalar_one()
    for row in rows:
        if row["campaign"]:
            row["campaign"] = names[row["team_id"], campaign_key(row["campaign"])]


def read_names(on: sa.Connection, team_id: str, keys: Iterable[str]) -> dict[str, str]:
    """The spelling of those of `keys` that were used."""
    known = (
        sa.select(campaigns.c.key, campaigns.c.name)
        .where(campaigns.c.team_id == team_id)
        .where(campaigns.c.key.in_(sorted(keys)))
    )
    return {row.key: row.name for row in on.execute(known)}
