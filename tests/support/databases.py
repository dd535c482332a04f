"""The database of a running bot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.stage import (
    Stage,
)


def database_of(stage: Stage) -> Path:
    path = stage.settings.sqlite_path
    assert path is not None
    return path


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Inserts fail, as on a disk that is full."""
    fail = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON generations {fail}")
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER full")
