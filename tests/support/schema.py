"""A database as this version of the bot, or an older one, has left it."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import bot.store.migrate
from bot.store.migrate import migrate

MIGRATIONS = Path(bot.store.migrate.__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def list_revisions() -> list[str]:
    """All revisions, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


@contextmanager
def connect(database_url: str) -> Iterator[sa.Connection]:
    """One transaction, committed at the end."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def migrate_to(database_url: str, revision: str) -> None:
    """What the bot whose last migration this was would have made of an empty or older database."""
    config = _config()
    with connect(database_url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def make_migrated_file(path: Path) -> str:
    """The address of a new SQLite database at `path`, with our tables and nothing in them."""
    path.write_bytes(_read_migrated_file())
    return f"sqlite:///{path}"


@functools.cache
def _read_migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "template.sqlite3"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()
