"""How much a database does for a call: a count, the same on every machine and under any load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

# SQLite calls back once in so many instructions of its virtual machine.
_INSTRUCTIONS: Final = 100
# An index that is enough by itself is not counted, but in tables that were never vacuumed it isn't.
_READ_ROWS: Final = (
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0) "
    "FROM pg_stat_xact_user_tables"
)


@dataclass
class Work:
    """Of SQLite the instructions of its virtual machine, of PostgreSQL the rows that were read,
    those of triggers included; and the statements of either."""

    amount: int = 0
    statements: int = 0


@contextmanager
def count_work() -> Iterator[Work]:
    """What all databases of this process do meanwhile in transactions that are committed."""
    work, is_over = Work(), False

    def add() -> None:  # a connection goes on calling it
        if not is_over:
            work.amount += _INSTRUCTIONS

    def begin(on: sa.Connection) -> None:
        driver: Any = on.connection.dbapi_connection
        if on.dialect.name == "sqlite":
            driver.set_progress_handler(add, _INSTRUCTIONS)
        else:
            work.amount -= _count_rows(driver)  # of transactions before, not reported yet

    def commit(on: sa.Connection) -> None:
        if on.dialect.name == "postgresql":
            work.amount += _count_rows(on.connection.dbapi_connection)

    def execute(*_: object) -> None:
        work.statements += 1

    heard: dict[str, Callable[..., None]] = {
        "begin": begin,
        "commit": commit,
        "before_cursor_execute": execute,
    }
    for name, listen in heard.items():
        sa.event.listen(sa.Engine, name, listen)
    try:
        yield work
    finally:
        is_over = True
        for name, listen in heard.items():
            sa.event.remove(sa.Engine, name, listen)


def _count_rows(driver: Any) -> int:
    return int(driver.execute(_READ_ROWS).fetchone()[0])
