"""Where the app is installed. Slack says when it was removed, perhaps long after it was installed
again (https://github.com/slackapi/bolt-js/issues/1558): what is older than the installation is not
about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import installations

# Slack says in whole seconds when it was removed: it was so up to a second later.
_SECOND: Final = timedelta(seconds=1)


class InstallationStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note_working(self, team_id: str, at: datetime) -> None:
        """The bot's token worked there, at `at` or after: it is installed, since then if it was
        not before."""
        begin = {"installed_at": at, "ended_at": None}
        insert = self._database.insert(installations).values(team_id=team_id, **begin)
        again = insert.on_conflict_do_update(
            index_elements=["team_id"], set_=begin, where=installations.c.ended_at <= at - _SECOND
        )
        await self._database.write(lambda on: on.execute(again))

    async def end(self, team_id: str, at: datetime) -> bool:
        """It was removed there, says an event of `at`, which Slack gives in whole seconds. False
        where it was installed after that, or is noted as removed already."""
        insert = self._database.insert(installations).values(team_id=team_id, ended_at=at)
        end = insert.on_conflict_do_nothing().returning(installations.c.team_id)
        found = sa.select(installations).where(installations.c.team_id == team_id)

        def write(on: sa.Connection) -> bool:
            if on.execute(end).first() is not None:
                return True
            row = on.execute(found.with_for_update()).one()
            began = row.installed_at
            is_late = began is not None and at < began.replace(microsecond=0)
            if is_late or row.ended_at is not None:
                return False
            one = sa.update(installations).where(installations.c.team_id == team_id)
            on.execute(one.values(ended_at=at))
            return True

        return await self._database.write(write)

    async def is_removed(self, team_id: str) -> bool:
        """Whether nothing can be brought there any more."""
        found = sa.select(installations.c.ended_at).where(installations.c.team_id == team_id)
        return await self._database.read(
            lambda on: on.execute(found).scalar_one_or_none() is not None
        )
