"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

from bot.sandbox.process import without_proxy
from bot.store.database import Database
from tests.support.postgres import (
    drop_database,
    make_database,
    make_migrated_database,
    remove_postgres,
    start_postgres,
)
from tests.support.run_directory import (
    choose_directory,
    make_shared_directory,
    shared_directory,
    shared_owner,
)
from tests.support.schema import make_migrated_file
from tests.support.stage import Stage, open_stage

# A developer's proxy would not find the stand-ins.
os.environ.update(without_proxy(os.environ))

# What is compiled once is there for the other workers, and for the bots that tests start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Every 700 objects somebody would look for cycles among all that pytest keeps.
gc.set_threshold(50_000, 20, 50)

# The same examples each time: what passes here passes wherever it decides whether work lands.
settings.register_profile("imagine", derandomize=True, deadline=None)
settings.load_profile("imagine")

_POSTGRES = "postgres"
# What starts processes, a browser, tools, or the whole bot for each test. It begins first, so that
# nothing waits for it in the end, and can be left out while writing: -m "not slow".
_SLOW = (
    "tests/test_style.py",
    "tests/browser/",
    "tests/faults/",
    "tests/benchmarks/",
    "tests/sandbox/test_run.py",
    "tests/sandbox/test_standalone.py",
    "tests/app/test_memory.py",
    "tests/app/test_server.py",
    "tests/cli/test_command_line.py",
    "tests/telemetry/test_logs.py",
    "tests/test_socket_mode.py",
    "tests/test_slack_cli.py",
    "tests/app/test_start.py",
    "tests/test_architecture.py",
    "tests/scenario/",
    "tests/hostile/",
    "tests/sandbox/",
)
_BROWSER = "tests/browser/"
_PYTHONS = "tests/faults/test_pythons.py"
# Each half takes about as long; what is in none of them is a third.
_SHARE_A_BROWSER = (
    ("test_accessibility", "test_command", "test_drawer", "test_people"),
    ("test_form", "test_home", "test_thread", "test_weather"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is slow is marked, and comes first, in the order above."""
    for item in items:
        if item.nodeid.startswith(_SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_rank)


def pytest_collection_finish() -> None:
    """What was imported and collected is no garbage: nobody looks for any in it again."""
    gc.collect()
    gc.freeze()


def _rank(item: pytest.Item) -> int:
    found = (rank for rank, path in enumerate(_SLOW) if item.nodeid.startswith(path))
    return next(found, len(_SLOW))


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]  # for the same reason
    """A worker takes a file at a time, whose tests may share things; and of those that look at the
    sandbox's page a half, because they share one, and a browser; and of those that install
    the bot for a Python those of one Python."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        if scope.startswith(_PYTHONS):
            return scope + nodeid.partition("[")[2].strip("]").partition("-")[0]
        if not scope.startswith(_BROWSER):
            return scope
        together = (each for each in _SHARE_A_BROWSER if scope.startswith(each, len(_BROWSER)))
        return f"{_BROWSER} {next(together, None)}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Whatever `--dist` says."""
    return _Scheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """The process that the run begins with makes what its workers share, and takes it away."""
    choose_directory()
    if not hasattr(config, "workerinput"):
        directory = make_shared_directory()

        def remove() -> None:
            remove_postgres(directory / _POSTGRES)
            shutil.rmtree(directory, ignore_errors=True)

        config.add_cleanup(remove)


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
def postgres_server() -> str:
    """A PostgreSQL for the whole run, whichever worker needs it first."""
    return start_postgres(shared_directory() / _POSTGRES, shared_owner())


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own, with our tables and nothing in them."""
    url = make_migrated_database(postgres_server)
    yield url
    drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with our tables and nothing in them: the test runs on each kind."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return make_migrated_file(tmp_path / "imagine.sqlite3")


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
