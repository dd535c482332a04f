"""Drafts: what a form held when it was last seen, one per person, for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import approvals, drafts, generations

DRAFT_LIFETIME: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A form's content as JSON. `sent_state` is the state of the generation that it was sent as;
    where it was over budget, that of its approval until there is a generation. None where it was
    not sent. `refused_files` are the ids of its files that could not be used."""

    form: dict[str, Any]
    sent_state: str | None
    refused_files: frozenset[str] = frozenset()


class DraftStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self,
        team_id: str,
        user_id: str,
        form: dict[str, Any],
        now: datetime,
        *,
        generation_id: str | None = None,
    ) -> None:
        """Keep `form` as the person's draft, in place of the one before. `generation_id` is what
        it was sent as, or would be made as if it is approved."""
        row = {"form": form, "generation_id": generation_id, "saved_at": now}
        statement = (
            self._database.insert(drafts)
            .values(team_id=team_id, user_id=user_id, **row)
            .on_conflict_do_update(index_elements=["team_id", "user_id"], set_=row)
        )
        await self._database.write(lambda on: on.execute(statement))

    async def find(self, team_id: str, user_id: str, now: datetime) -> Draft | None:
        """The person's draft, if it is not older than a day."""
        own = (
            sa.select(
                drafts.c.form,
                drafts.c.generation_id,
                generations.c.state,
                generations.c.refused_files,
            )
            .select_from(drafts.outerjoin(generations, drafts.c.generation_id == generations.c.id))
            .where(drafts.c.team_id == team_id)
            .where(drafts.c.user_id == user_id)
            .where(drafts.c.saved_at > now - DRAFT_LIFETIME)
        )

        def read(on: sa.Connection) -> Draft | None:
            row = on.execute(own).one_or_none()
            if row is None:
                return None
            if row.state is None and row.generation_id is not None:
                return Draft(row.form, _find_approval(on, team_id, row.generation_id))
            refused = {str(file.get("file_id")) for file in row.refused_files or ()}
            return Draft(row.form, row.state, frozenset(refused))

        return await self._database.read(read)

    async def forget(self, team_id: str, user_id: str) -> None:
        """The person wants to begin afresh."""
        own = (
            sa.delete(drafts).where(drafts.c.team_id == team_id).where(drafts.c.user_id == user_id)
        )
        await self._database.write(lambda on: on.execute(own))


def _find_approval(on: sa.Connection, team_id: str, generation_id: str) -> str | None:
    """The state of what was offered for approval and would be made as `generation_id`; None where
    it is forgotten."""
    state = (
        sa.select(approvals.c.state)
        .where(approvals.c.team_id == team_id)
        .where(approvals.c.request["id"].as_string() == generation_id)
    )
    return on.execute(state).scalar_one_or_none()
