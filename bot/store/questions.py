"""What was asked back or refused, as it would be made, until a button is pressed or it is old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bot.generations.approval import dump_request, load_request
from bot.generations.record import NewGeneration
from bot.store.database import Database
from bot.store.tables import questions

QUESTION_LIFETIME: Final = timedelta(days=30)


class QuestionStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, new: NewGeneration) -> None:
        """Keep what a question is about, under `new.id`; those that are too old are forgotten."""
        row = {
            "id": new.id,
            "team_id": new.place.team_id,
            "user_id": new.place.user_id,
            "request": dump_request(new),
            "asked_at": new.accepted_at,
        }
        keep = self._database.insert(questions).values(row).on_conflict_do_nothing()
        old = sa.delete(questions).where(questions.c.asked_at < new.accepted_at - QUESTION_LIFETIME)

        def write(on: sa.Connection) -> None:
            on.execute(old)
            on.execute(keep)

        await self._database.write(write)

    async def read(
        self, question_id: str, team_id: str, user_id: str, now: datetime
    ) -> NewGeneration | None:
        """What a question to this person is about; None where there is none, or it is too old.
        Raises NewerVersion where another version asked."""
        own = (
            sa.select(questions.c.request)
            .where(questions.c.id == question_id)
            .where(questions.c.team_id == team_id)
            .where(questions.c.user_id == user_id)
            .where(questions.c.asked_at >= now - QUESTION_LIFETIME)
        )
        document = await self._database.read(lambda on: on.execute(own).scalar_one_or_none())
        return None if document is None else load_request(document)
