"""Bringing the schema to this version: forward only, under a lock, at every start (Alembic)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
# Any constant that no other user of the same PostgreSQL is likely to lock.
_LOCK_KEY: Final = 7_462_834_417


def migrate(database_url: str) -> None:
    """Apply what is missing. Blocks; safe to call from several processes at once."""
    url = sa.make_url(database_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    if url.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _say_begin_ourselves)
    with engine.connect() as connection:
        if url.get_backend_name() == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def _say_begin_ourselves(connection: object, _record: object) -> None:
    # pysqlite would end our transaction before each CREATE TABLE.
    connection.isolation_level = None  # type: ignore[attr-defined]  # a DBAPI connection
    connection.execute("PRAGMA busy_timeout=15000")  # type: ignore[attr-defined]
