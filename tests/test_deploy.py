"""A deploy as platforms that read a Procfile do it: into an empty Python goes what requirements.txt
says and no more, and each line of the Procfile is started from the checkout.

Part of what installs: `pytest -m pythons`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

import pytest
import sqlalchemy as sa

from tests.support.postgres import drop_database, make_database
from tests.support.process import BotProcess, follow_bot, write_environment
from tests.support.root import ROOT
from tests.support.stage import Stage, images_of, open_stage

pytestmark = [pytest.mark.pythons, pytest.mark.timeout(450)]


def read_procfile() -> dict[str, str]:
    """Process type -> command (devcenter.heroku.com/articles/procfile)."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    pairs = [line.split(":", 1) for line in lines if line.strip()]
    return {name.strip(): command.strip() for name, command in pairs}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with the `python` that a buildpack leaves. It installs with pip, which insists
    on hashes where there are any; here it is also told to."""
    directory = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)  # noqa: S603
    install = [str(directory / "bin/pip"), "install", "-q", "--no-compile", "--require-hashes"]
    subprocess.run([*install, "-r", str(ROOT / "requirements.txt")], check=True)  # noqa: S603
    return directory / "bin"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bot has of this repository there: it is not installed."""
    directory = tmp_path_factory.mktemp("app")
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "bot", directory / "bot", ignore=unwanted)
    shutil.copy(ROOT / "manifest.yml", directory)
    return directory


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """An empty database, and its address as Heroku writes it."""
    url = make_database(postgres_server)
    yield url.replace("postgresql+psycopg://", "postgres://")
    drop_database(url)


async def start_line(
    command: str, programs: Path, checkout: Path, environment: dict[str, str], output: IO[bytes]
) -> asyncio.subprocess.Process:
    """In a shell, as a platform does."""
    path = f"{programs}:/usr/bin:/bin"
    return await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", f"exec {command}"),
        env=environment | {"PATH": path},
        cwd=checkout,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )


@contextlib.asynccontextmanager
async def deploy(
    stage: Stage, programs: Path, checkout: Path, database_url: str, **config: str
) -> AsyncIterator[dict[str, BotProcess]]:
    """Every line of the Procfile as a process, by its type, all at once and ready."""
    # A free port for each: without PORT both would take 3000.
    environment = write_environment(stage.settings) | config
    environment |= {"DATABASE_URL": database_url, "PORT": "0"}
    del environment["PYTHONPATH"]
    async with contextlib.AsyncExitStack() as stack:
        bots = {
            name: await stack.enter_async_context(
                follow_bot(
                    functools.partial(start_line, command, programs, checkout, environment),
                )
            )
            for name, command in read_procfile().items()
        }
        for bot in bots.values():
            await bot.until_page("/readyz", 200)
        yield bots


@pytest.mark.parametrize("config", [{}, {"BOT_ROLE": "web"}], ids=["all in one", "apart"])
async def test_each_line_of_the_procfile_is_ready_and_a_command_brings_its_picture(
    tmp_path: Path, programs: Path, checkout: Path, database_url: str, config: dict[str, str]
) -> None:
    assert sa.make_url(database_url).drivername == "postgres"
    async with (
        open_stage(tmp_path, runs_bot=False) as stage,
        deploy(stage, programs, checkout, database_url, **config) as bots,
    ):
        assert set(bots) == {"web", "worker"}
        stage.delivery.bot_url = bots["web"].url

        assert (await stage.ada.run_command("C0DESIGN", "/imagine", "a lighthouse")).ok

        (reply,) = await stage.until_told()
        assert len(images_of(reply)) == 1
        assert [await bot.stop() for bot in bots.values()] == [0, 0]
