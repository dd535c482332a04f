"""Bringing the schema to this version: forward only, under a lock, at every start. An empty
database gets the tables as they are now, an older one Alembic's migrations; one that is newer than
this version is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
import structlog

from bot.store.database import DatabaseUnusableError, add_patience
from bot.store.revisions import may_work_on, sort_revisions
from bot.store.tables import metadata

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
# Any constant that no other user of the same PostgreSQL is likely to lock.
_LOCK_KEY: Final = 7_462_834_417
_INCREMENTAL: Final = 2  # https://www.sqlite.org/pragma.html#pragma_auto_vacuum
# Written anew within a second or so; nobody is answered meanwhile.
VACUUM_MAX_BYTES: Final = 64 * 1024 * 1024

log = structlog.get_logger()


def migrate(database_url: str) -> None:
    """Apply what is missing. Blocks; safe to call from several processes at once.

    Raises DatabaseUnusableError where that cannot be done, or where a newer version has left a
    schema that this one cannot work with; the password is not in its sentence.
    """
    url = sa.make_url(database_url)
    where = url.render_as_string(hide_password=True)
    try:
        _upgrade(url)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        first_line = str(cause).strip().partition("\n")[0]
        raise DatabaseUnusableError(
            f"{where} cannot be used ({type(cause).__name__}: {first_line}). Check DATABASE_URL."
        ) from None


def _upgrade(url: sa.URL) -> None:
    is_sqlite = url.get_backend_name() == "sqlite"
    patience = {} if is_sqlite else add_patience(url)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=patience)
    if is_sqlite:
        sa.event.listen(engine, "connect", _say_begin_ourselves)
    with engine.connect() as connection:
        if is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        _upgrade_unless_there(connection)
        if is_sqlite:
            _forget_statistics(connection)
        connection.commit()
        if is_sqlite:
            _let_it_shrink(connection)
    engine.dispose()


def _forget_statistics(connection: sa.Connection) -> None:
    """What somebody's ANALYZE or PRAGMA optimize has left. SQLite takes our indexes without it;
    by what a sample tells (one workspace has all rows) it may read a table as a whole."""
    found = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'sqlite_stat[0-9]'"
    for name in connection.exec_driver_sql(found).scalars().all():
        connection.exec_driver_sql(f"DELETE FROM {name}")  # noqa: S608 - a table's own name


def _let_it_shrink(connection: sa.Connection) -> None:
    """A file of before 0014 gives no space back until it was written anew once: a small one is,
    now, while nobody works on it."""
    if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar_one() == _INCREMENTAL:
        return
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    size = int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
    if size > VACUUM_MAX_BYTES:
        log.warning("database.cannot_shrink", bytes=size)
        return
    connection.exec_driver_sql(f"PRAGMA auto_vacuum={_INCREMENTAL}")
    connection.exec_driver_sql("VACUUM")


def _upgrade_unless_there(connection: sa.Connection) -> None:
    known = sort_revisions(path.stem for path in _MIGRATIONS.glob("versions/*.py"))
    if not sa.inspect(connection).get_table_names():
        _create_tables(connection, known[-1])
        return
    found = _read_revision(connection)
    if found == known[-1]:
        return
    if found is not None and found not in known and may_work_on(found, known[-1]):
        log.warning("database.is_newer", revision=found)
        return
    _run_migrations(connection)


def _create_tables(connection: sa.Connection, revision: str) -> None:
    """The tables of `tables.py`, noted as Alembic does it: its way for an empty database
    (https://alembic.sqlalchemy.org/en/latest/cookbook.html, "Building an Up to Date Database from
    Scratch"), and without the 0.2 s and 8 MB that it takes."""
    if connection.dialect.name == "postgresql":
        for table in metadata.tables.values():
            for index in table.indexes:  # see `_index` in tables.py
                where = index.dialect_options["sqlite"]["where"]
                index.dialect_options["postgresql"]["where"] = where
    metadata.create_all(connection)
    noted = sa.Table(
        "alembic_version",
        sa.MetaData(),
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
    )
    noted.create(connection)
    connection.execute(noted.insert().values(version_num=revision))


def _read_revision(connection: sa.Connection) -> str | None:
    """What Alembic has noted; None where that is not one revision, and Alembic has to see to it."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
    return str(found[0]) if len(found) == 1 else None


def _run_migrations(connection: sa.Connection) -> None:
    # Here, because most starts find nothing to do.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:  # it does not know what it has found
        where = connection.engine.url.render_as_string(hide_password=True)
        raise DatabaseUnusableError(
            f"{where} was written by a newer version of this bot: run that one."
        ) from None


def _say_begin_ourselves(connection: object, _record: object) -> None:
    # pysqlite would end our transaction before each CREATE TABLE.
    connection.isolation_level = None  # type: ignore[attr-defined]  # a DBAPI connection
    # Of a new file; an older one keeps what it has until VACUUM.
    connection.execute(f"PRAGMA auto_vacuum={_INCREMENTAL}")  # type: ignore[attr-defined]
    connection.execute("PRAGMA busy_timeout=15000")  # type: ignore[attr-defined]
