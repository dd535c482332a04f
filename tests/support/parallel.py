"""Trials that mostly wait, run side by side: each test then says how its own went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.support.postgres import make_database

Trial = Callable[[], Awaitable[None]]
# One that is given a directory and the address of an empty PostgreSQL database.
DatabaseTrial = Callable[[Path, str], Awaitable[None]]


async def run_abreast(trials: Mapping[str, Trial], at_once: int) -> dict[str, BaseException | None]:
    """What each of them complains of, by name."""
    slots = asyncio.Semaphore(at_once)

    async def run(trial: Trial) -> None:
        async with slots:
            await trial()

    found = await asyncio.gather(*map(run, trials.values()), return_exceptions=True)
    return dict(zip(trials, found, strict=True))


async def run_asked(
    request: pytest.FixtureRequest,
    trials: Mapping[str, DatabaseTrial],
    postgres_server: str,
    at_once: int,
) -> dict[str, BaseException | None]:
    """The same, of those of `trials` that this session's tests name as their parameter `trial`."""
    directories: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [spec.params["trial"] for spec in callspecs if spec and "trial" in spec.params]
    chosen = {
        name: partial(trials[name], directories.mktemp("trial"), make_database(postgres_server))
        for name in asked
        if name in trials
    }
    return await run_abreast(chosen, at_once)
