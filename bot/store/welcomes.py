"""Who was welcomed in their direct message with the bot, each once."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import generations, welcomes


class WelcomeStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, team_id: str, user_id: str) -> bool:
        """Whether this person is new here: was not welcomed yet, and never asked for anything. From
        now on they are not. Of two that claim at once, in whichever process, one does."""
        note = (
            self._database.insert(welcomes)
            .values(team_id=team_id, user_id=user_id)
            .on_conflict_do_nothing()
            .returning(welcomes.c.user_id)
        )
        known = (
            sa.select(welcomes.c.user_id)
            .where(welcomes.c.team_id == team_id)
            .where(welcomes.c.user_id == user_id)
        )
        asked = (
            sa.select(generations.c.id)
            .where(generations.c.team_id == team_id)
            .where(generations.c.user_id == user_id)
            .limit(1)
        )

        def claim(on: sa.Connection) -> bool:
            return on.execute(note).first() is not None and on.execute(asked).first() is None

        # Slack tells each opening of the tab: nearly always nothing is to be written.
        if await self._database.read(lambda on: on.execute(known).first()):
            return False
        return await self._database.write(claim)

    async def give_back(self, team_id: str, user_id: str) -> None:
        """They were not welcomed after all."""
        forget = (
            sa.delete(welcomes)
            .where(welcomes.c.team_id == team_id)
            .where(welcomes.c.user_id == user_id)
        )
        await self._database.write(lambda on: on.execute(forget))
