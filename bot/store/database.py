"""Opening the database: transactions, SQLite's settings, and the lock on its file."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa
from filelock import FileLock, Timeout

from bot.errors import Cause, Transient

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_T = TypeVar("_T")
# Of each kind: those that write, and those that read. SQLite has one writer.
_THREADS: Final = {"sqlite": (1, 2), "postgresql": (4, 4)}
# PostgreSQL ends a transaction in which nothing happens for this long, and lets go of its locks.
_IDLE_SECONDS: Final = 5
# And a statement that takes longer than this, waiting for locks included.
_STATEMENT_SECONDS: Final = 30
# A server that has vanished (no answer, not even a refusal) holds a thread no longer than some
# 15 s. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
LIBPQ_PATIENCE: Final[dict[str, Any]] = {
    "connect_timeout": 5,  # seconds
    "keepalives": 1,
    "keepalives_idle": 5,  # seconds
    "keepalives_interval": 3,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}

_OWNER_ALONE: Final = 0o600
# A file, and what SQLite and we put beside it.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")


class DatabaseInUseError(Exception):
    """Another process has this SQLite file open: two would run each other's jobs."""


class DatabaseUnusableError(Exception):
    """The database cannot be opened or brought up to date; the sentence says why."""


class Database:
    """The database of our tables. One for the process, used on one event loop.

    A transaction is a function that is run as a whole in a thread: one change of threads each,
    where an asynchronous driver has one for every statement. See `.readme/threads.md`.
    """

    def __init__(self, database_url: str, threads: tuple[int, int] | None = None) -> None:
        """`database_url` is as in the settings; what it says of `LIBPQ_PATIENCE` goes before.
        `threads`: so many to write and so many to read, so that slow reads keep no write waiting,
        each with a connection, both made when they are needed; what is usual for the kind of
        database if it isn't said."""
        url = sa.make_url(database_url)
        self.dialect = url.get_backend_name()
        writing, reading = threads or _THREADS[self.dialect]
        self._writers = ThreadPoolExecutor(writing, thread_name_prefix="database")
        self._readers = ThreadPoolExecutor(reading, thread_name_prefix="database-reads")
        self._turn: AbstractAsyncContextManager[Any] = nullcontext()
        self._engine = sa.create_engine(
            url,
            pool_size=writing + reading,
            pool_pre_ping=True,
            hide_parameters=True,  # prompts: an error is logged with its cause
            connect_args={} if self.dialect == "sqlite" else add_patience(url),
        )
        if self.dialect == "sqlite":
            # SQLite has one writer. Those of this process wait here, in order: in SQLite they
            # would sleep and try again, up to 0.1 s longer than they have to.
            self._turn = asyncio.Lock()
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
            sa.event.listen(self._engine, "begin", _begin_immediate)
        else:
            sa.event.listen(self._engine, "connect", _set_up_postgres)
        self._reading_engine = self._engine.execution_options(writes=False)

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that can say what is to be done on conflict: both dialects know it."""
        # Here, because only one of them is in use, and is loaded then.
        if self.dialect == "postgresql":
            from sqlalchemy.dialects import postgresql

            return postgresql.insert(table)
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)

    async def read(self, do: Callable[[sa.Connection], _T]) -> _T:
        """What `do` returns, run as a transaction that only reads. Raises Transient where the
        database fails."""
        return await self._run(self._readers, self._reading_engine, do)

    async def write(self, do: Callable[[sa.Connection], _T]) -> _T:
        """What `do` returns, run as a transaction: it is on disk when this returns. Raises
        Transient where the database fails; then nothing of it is kept."""
        async with self._turn:
            return await self._run(self._writers, self._engine, do)

    async def close(self) -> None:
        """Let what runs end, and close the connections."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writers, self._engine.dispose)
        self._writers.shutdown()
        self._readers.shutdown()

    async def _run(
        self, threads: ThreadPoolExecutor, engine: sa.Engine, do: Callable[[sa.Connection], _T]
    ) -> _T:
        def run() -> _T:
            with _as_ours(), engine.begin() as connection:
                return do(connection)

        return await asyncio.get_running_loop().run_in_executor(threads, run)


def give_back_space(on: sa.Connection, pages: int) -> int:
    """Give at most so many empty pages of a SQLite file back to the disk; how many are left. None
    are left of what gives none back: PostgreSQL sees to it itself."""
    if on.dialect.name != "sqlite" or not on.exec_driver_sql("PRAGMA auto_vacuum").scalar_one():
        return 0
    empty = int(on.exec_driver_sql("PRAGMA freelist_count").scalar_one())
    for _ in range(min(pages, empty)):
        on.exec_driver_sql("PRAGMA incremental_vacuum(1)")  # the driver takes one step of it only
    return int(on.exec_driver_sql("PRAGMA freelist_count").scalar_one())


def add_patience(url: sa.URL) -> dict[str, Any]:
    """What a connection to `url` is to be opened with, besides what `url` says itself."""
    return {name: value for name, value in LIBPQ_PATIENCE.items() if name not in url.query}


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # synchronous=FULL: "on disk" survives a power cut, also in WAL mode. Nothing is analysed:
    # SQLite takes our indexes without it (tests/store/test_query_plans.py); by a sample it may not.
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # we say BEGIN ourselves, below


def _set_up_postgres(connection: Any, _record: object) -> None:
    # A process that is frozen in the middle of a transaction must not keep its rows from the one
    # that takes its work over.
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'")
        cursor.execute(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
    connection.commit()


def _begin_immediate(connection: sa.Connection) -> None:
    """Take the write lock at once where a transaction will write: a lock that is upgraded halfway
    fails with "database is locked" whatever the time-out."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError) as error:
        # The statement and its values (prompts) stay out of what is logged.
        cause = getattr(error, "orig", None) or error
        raise Transient(Cause.STORAGE, f"{type(cause).__name__}") from error


def make_private(path: Path) -> bool:
    """Let nobody but its owner read or write `path`, a SQLite file, and what stands beside it; it
    is made where it is not there. SQLite gives its -wal and -shm the same mode. False where the
    file is somebody else's, who may change that."""
    files = [path.with_name(path.name + suffix) for suffix in _BESIDE]
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _OWNER_ALONE))
        for file in files:
            with contextlib.suppress(FileNotFoundError):
                file.chmod(_OWNER_ALONE)  # an older umask, or an older version of the bot
    except OSError:
        return False
    return True


def lock_sqlite_file(path: Path) -> FileLock:
    """Hold `path` for this process until the lock is released or the process ends.

    Raises DatabaseInUseError where another process holds it, DatabaseUnusableError where the file
    cannot be made.
    """
    lock = FileLock(path.with_name(path.name + ".lock"), mode=_OWNER_ALONE)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise DatabaseInUseError(
            f"{path} is in use by another running bot. Stop that one, or set DATABASE_URL."
        ) from None
    except OSError as error:
        raise DatabaseUnusableError(
            f"{path} cannot be opened ({error.strerror}). Set DATABASE_URL to a file in a "
            "directory that this process may write to."
        ) from None
    return lock
