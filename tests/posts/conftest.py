"""Databases of both kinds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store.database import Database
from tests.support.postgres import drop_database, make_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, of each kind."""
    if request.param == "postgresql":
        url = make_database(request.getfixturevalue("postgres_server"))
        yield url
        drop_database(url)
    else:
        yield f"sqlite:///{tmp_path}/imagine.sqlite3"


@pytest.fixture
async def any_database(any_database_url: str) -> AsyncIterator[Database]:
    """A database of each kind, with our tables and nothing in them."""
    opened = Database(any_database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def same_database(any_database: Database, any_database_url: str) -> AsyncIterator[Database]:
    """The same as another process has it; of a SQLite file there is one process only."""
    if any_database.dialect == "sqlite":
        yield any_database
        return
    opened = Database(any_database_url)
    yield opened
    await opened.close()
