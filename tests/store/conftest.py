"""Databases of both kinds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database
from bot.store.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with our tables: the test runs on each kind."""
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    await asyncio.to_thread(migrate, url)
    opened = Database(url)
    yield opened
    await opened.close()
