"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres import make_database, serve_postgres
from tests.stage import Stage, open_stage

# The same examples each time: what passes here passes wherever it decides whether work lands.
settings.register_profile("imagine", derandomize=True, deadline=None)
settings.load_profile("imagine")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The whole bot between fresh stand-ins."""
    async with open_stage(tmp_path) as opened:
        yield opened


@pytest.fixture
async def stage_without_bot(tmp_path: Path) -> AsyncIterator[Stage]:
    """Fresh stand-ins; the test runs the bot itself."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL for the whole session."""
    with serve_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database of its own."""
    return make_database(postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the test runs on each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path}/imagine.sqlite3"
