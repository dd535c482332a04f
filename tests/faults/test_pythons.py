"""README's first command, and a kill, on every other Python that README names and that is here.

Not part of the usual run, since each installs what the bot needs: `pytest -m pythons`. Pythons are
looked for on the PATH, and where pyenv keeps them.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

import httpx
import pytest

from bot.generations.ports import Step
from tests.support.crash_points import DOWNLOAD, EITHER, SUBMIT, Moment
from tests.support.gates import When
from tests.support.killing import die_and_live_on
from tests.support.logs import find_faults
from tests.support.process_environment import open_house
from tests.support.root import ROOT

pytestmark = pytest.mark.pythons
OLDEST = (3, 11)


@cache
def find_pythons() -> dict[str, Path]:
    """Version -> path of every other Python that is new enough, by their names: to ask each takes
    a second, in every process that only wants to know which tests there are."""
    kept = Path.home().glob(".pyenv/versions/*/bin/python3.*")
    named = (shutil.which(f"python3.{minor}") for minor in range(OLDEST[1], 30))
    found: dict[str, Path] = {}
    for path in [*sorted(kept), *map(Path, filter(None, named))]:
        minor = path.name.removeprefix("python3.")
        if minor.isdigit() and int(minor) >= OLDEST[1] and int(minor) != sys.version_info.minor:
            found.setdefault(f"3.{minor}", path)
    return found


@pytest.fixture(scope="module", params=find_pythons())
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """One of them, with the bot installed as README says."""
    directory = tmp_path_factory.mktemp(request.param)
    made = subprocess.run([find_pythons()[request.param], "-m", "venv", directory], check=False)  # noqa: S603
    if made.returncode != 0:
        pytest.skip(f"Python {request.param} is here without venv")
    install = [str(directory / "bin/pip"), "install", "-q", "--no-compile", "-e", str(ROOT)]
    subprocess.run(install, check=True)  # noqa: S603 - our own words
    return str(directory / "bin/python")


async def test_the_sandbox_starts_and_stops(python: str, tmp_path: Path) -> None:
    sandbox = await asyncio.create_subprocess_exec(
        *(python, "-m", "bot", "sandbox", "--port", "0", "--no-open"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert sandbox.stdout is not None
    said = (await sandbox.stdout.readuntil(b"Ctrl-C stops it.")).decode()
    url = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert url, said
    async with httpx.AsyncClient(base_url=url[0], follow_redirects=True) as http:
        assert "The bot is running" in (await http.get("/part/status?as=U0ADA")).text
    sandbox.send_signal(signal.SIGINT)
    assert await sandbox.wait() == 0


@pytest.mark.parametrize(
    "moment",
    [
        Moment(Step.SUBMIT, SUBMIT, When.IS_ANSWERED, EITHER),
        Moment(Step.FETCH, DOWNLOAD, When.ARRIVES),
    ],
    ids=str,
)
async def test_a_kill_loses_nothing(python: str, tmp_path: Path, moment: Moment) -> None:
    async with open_house(tmp_path) as house:
        house.python = python
        await house.start()
        await die_and_live_on(moment, house)
        assert find_faults(house.log.read_text("utf-8").splitlines()) == []
