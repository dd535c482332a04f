"""Databases of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.store.database import Database
from bot.store.migrate import migrate


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
