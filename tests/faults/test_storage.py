"""The disk is full, or the database is locked by somebody else, in the middle of paying: what was
accepted is kept, what was paid for arrives, and nothing is begun that could not be written down.

The trials take as long as the patience of SQLite, so they run side by side.
"""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest

from bot.sandbox.powerpost.faults import SubmitFault
from tests.support.crash_points import SUBMIT, End
from tests.support.gates import When
from tests.support.killing import check_what_became
from tests.support.parallel import run_abreast
from tests.support.process_environment import House, open_house
from tests.support.stage import status_of

# Longer than SQLite waits for a lock (store/database.py) before it gives up: 15 seconds.
LOCKED_SECONDS = 17.0
PROMPT = "paid for meanwhile"

Fault = Callable[[House], Awaitable[None]]


@asynccontextmanager
async def full_disk(house: House) -> AsyncIterator[None]:
    """No file of the bot's can be written to, whatever is on the machine's disk."""
    assert house.process is not None
    before = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, before)


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def fill_the_disk(house: House) -> None:
    async with full_disk(house):
        await check_that_nothing_is_begun(house)
        await asyncio.sleep(4.0)


async def lock_the_jobs(house: House) -> None:
    async with locked(house.directory / "imagine.sqlite3"):
        await check_that_nothing_is_begun(house)
        await asyncio.sleep(LOCKED_SECONDS)


async def check_that_nothing_is_begun(house: House) -> None:
    """What cannot be written down is said so, and nothing else becomes of it."""
    shown = await house.ask("not to be begun")
    assert shown.message is not None
    assert "I haven't started it" in shown.message.text


async def pay_during(fault: Fault, directory: Path) -> None:
    """The fault begins when the paid POST has arrived, before its answer can be written down."""
    async with open_house(directory) as house:
        await house.start()
        house.powerpost.faults.next_submit(SubmitFault.SLOW)
        house.powerpost.faults.slow_seconds = 1.0
        under_way: list[asyncio.Task[None]] = []

        async def begin() -> None:
            under_way.append(asyncio.ensure_future(fault(house)))
            await asyncio.sleep(0.1)

        house.set_trap("powerpost", When.GOES_ON, SUBMIT.matches, begin)
        assert (await house.ask(PROMPT)).message is None
        await house.until(lambda: under_way, "the paid POST")
        await under_way[0]
        await house.until_all_told()

        check_what_became(house, PROMPT, (End.PICTURES,))
        assert house.submits(PROMPT) == 1
        assert house.submits("not to be begun") == 0
        (root,) = house.said(PROMPT, "root")
        assert "*Done*" in status_of(root)
        # And it goes on as ever, without a start.
        await house.ask("afterwards")
        await house.until_all_told()
        check_what_became(house, "afterwards", (End.PICTURES,))


FAULTS: dict[str, Fault] = {
    "the disk is full": fill_the_disk,
    "the jobs are locked": lock_the_jobs,
}


@pytest.fixture(scope="module")
async def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BaseException | None]:
    """What each trial complains of."""
    trials = {
        name: partial(pay_during, fault, tmp_path_factory.mktemp("house"))
        for name, fault in FAULTS.items()
    }
    return await run_abreast(trials, at_once=len(trials))


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_paid_for_while_nothing_can_be_written_arrives_once_it_can(
    complaints: dict[str, BaseException | None], fault: str
) -> None:
    complaint = complaints[fault]
    if complaint is not None:
        raise complaint
