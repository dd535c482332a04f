"""A database as an older version of the bot has left it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

import bot.store.migrate

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
