"""Which reference pictures PowerPost has already, by the hash of their bytes and workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import media


class MediaStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        """`workspace_id` is PowerPost's default one, which None stands for."""
        self._database = database
        self._default_id = workspace_id

    async def find(self, content_hash: str, workspace_id: str | None = None) -> str | None:
        """The `media_id` of the same bytes, if they were uploaded there before."""
        same = (
            sa.select(media.c.media_id)
            .where(media.c.workspace_id == (workspace_id or self._default_id))
            .where(media.c.content_hash == content_hash)
        )
        return await self._database.read(lambda on: on.execute(same).scalar_one_or_none())

    async def keep(
        self, content_hash: str, media_id: str, now: datetime, workspace_id: str | None = None
    ) -> None:
        """Remember an upload."""
        row = {"media_id": media_id, "uploaded_at": now}
        key = {"workspace_id": workspace_id or self._default_id, "content_hash": content_hash}
        statement = (
            self._database.insert(media)
            .values(**key, **row)
            .on_conflict_do_update(index_elements=["workspace_id", "content_hash"], set_=row)
        )
        await self._database.write(lambda on: on.execute(statement))

    async def forget(self, media_ids: Sequence[str], workspace_id: str | None = None) -> None:
        """PowerPost does not know one of these any more: upload them afresh next time."""
        unknown = (
            sa.delete(media)
            .where(media.c.workspace_id == (workspace_id or self._default_id))
            .where(media.c.media_id.in_(media_ids))
        )
        await self._database.write(lambda on: on.execute(unknown))
