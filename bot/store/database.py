"""Opening the database: engines, SQLite's settings, and the lock on its file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import Cause, Transient


class DatabaseInUseError(Exception):
    """Another process has this SQLite file open: two would run each other's jobs."""


def open_engine(database_url: str) -> AsyncEngine:
    """The engine for our tables; `database_url` as in the settings."""
    url = sa.make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=8, max_overflow=4, pool_pre_ping=True)
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), pool_size=4)
    sa.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # synchronous=FULL: "on disk" survives a power cut, also in WAL mode.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # we say BEGIN ourselves, below


def _begin_immediate(connection: sa.Connection) -> None:
    """Take the write lock at once where a transaction will write: a lock that is upgraded halfway
    fails with "database is locked" whatever the time-out."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for a transaction that only reads. Raises Transient where that fails."""
    with _as_ours():
        async with engine.connect() as connection:
            await connection.execution_options(writes=False)
            yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that is on disk when the block has ended. Raises Transient where it is not."""
    with _as_ours():
        async with engine.begin() as connection:
            yield connection


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError) as error:
        # The statement and its values (prompts) stay out of what is logged.
        cause = getattr(error, "orig", None) or error
        raise Transient(Cause.STORAGE, f"{type(cause).__name__}") from error


def lock_sqlite_file(path: Path) -> FileLock:
    """Hold `path` for this process until the lock is released or the process ends.

    Raises DatabaseInUseError where another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DatabaseInUseError(
            f"{path} is in use by another running bot. Stop that one, or set DATABASE_URL."
        ) from None
    return lock
