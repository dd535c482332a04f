"""Databases of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the test runs on each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/imagine.sqlite3"


@pytest.fixture
async def any_database(any_database_url: str) -> AsyncIterator[Database]:
    """An empty database with our tables."""
    await asyncio.to_thread(migrate, any_database_url)
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
