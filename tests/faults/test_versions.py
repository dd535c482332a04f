"""The landed version before this one and this one, side by side on one database: what either has
promised the other keeps, and neither trips over the other's rows.

The older one is taken from the repository's history and runs as it was: the real command.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import subprocess
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.powerpost.faults import Outcome
from tests.support.logs import find_faults
from tests.support.process import BotProcess, start_bot
from tests.support.root import ROOT
from tests.support.stage import (
    DESIGN,
    GENERAL,
    Stage,
    hold,
    images_of,
    is_settled,
    open_stage,
)
from tests.support.told_briefs import count_pictures, summaries

# The commit on main that landed last before this version. To be moved on with each version.
PREVIOUS = "568cf82"
# What a process has left is taken over seconds later.
PATIENCE_SECONDS = 110.0


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the version before this one."""
    command = ["git", "archive", "--format=tar", PREVIOUS, "bot", "manifest.yml"]
    taken = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - ours
    if taken.returncode != 0:
        pytest.skip(f"{PREVIOUS} is not in this clone's history")
    directory = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(taken.stdout)) as archive:
        archive.extractall(directory, filter="data")
    return directory


@contextlib.asynccontextmanager
async def open_both(
    directory: Path, previous: Path, database_url: str
) -> AsyncIterator[tuple[Stage, BotProcess, BotProcess]]:
    """Stand-ins, the newer process and the older one, which comes second: in a deploy that is
    taken back, say."""
    async with (
        open_stage(directory, runs_bot=False, port=0, database_url=database_url) as stage,
        start_bot(stage.settings, directory) as newer,
    ):
        stage.workspace.limiter.is_on = False
        await newer.until_page("/readyz", 200)
        async with start_bot(stage.settings, directory, code=previous) as older:
            await older.until_page("/readyz", 200)
            yield stage, newer, older


async def ask(stage: Stage, bot: BotProcess, text: str, channel: str = DESIGN) -> None:
    stage.delivery.bot_url = bot.url
    assert (await stage.ada.run_command(channel, "/imagine", text)).ok


def take_long(stage: Stage) -> None:
    stage.powerpost.seconds_per_generation = 1.0
    stage.powerpost.faults.next_outcome(Outcome.SLOW)


async def until_settled(stage: Stage, number: int) -> None:
    channels = (DESIGN, GENERAL)
    await stage.until(
        lambda: sum(is_settled(r) for c in channels for r in stage.roots(c)) == number,
        seconds=PATIENCE_SECONDS,
        what=f"{number} told",
    )


async def test_both_work_on_one_database_and_each_goes_on_with_what_the_other_leaves(
    tmp_path: Path, previous: Path, postgres_url: str
) -> None:
    async with open_both(tmp_path, previous, postgres_url) as (stage, newer, older):
        await ask(stage, older, "a lighthouse")
        await ask(stage, newer, "a harbour", GENERAL)
        await until_settled(stage, 2)

        # Deployed: the older one leaves in order, in the middle of one of its own.
        take_long(stage)
        await ask(stage, older, "of the older one")
        await stage.until(lambda: stage.submits() == 3)
        await asyncio.gather(older.stop(), until_settled(stage, 3))

        # Taken back: the newer one leaves, in the middle of one of its own.
        async with start_bot(stage.settings, tmp_path, code=previous) as again:
            await again.until_page("/readyz", 200)
            take_long(stage)
            await ask(stage, newer, "of the newer one", GENERAL)
            await stage.until(lambda: stage.submits() == 4)
            await asyncio.gather(newer.stop(), until_settled(stage, 4))
            await ask(stage, again, "history")
            await stage.until(lambda: any("of the newer one" in m.text for m in stage.private()))
            assert_untroubled(again)

    replies = [reply for channel in (DESIGN, GENERAL) for reply in stage.replies(channel)]
    assert [len(images_of(reply)) for reply in replies] == [1, 1, 1, 1]
    assert stage.submits() == stage.powerpost.paid_posts == 4
    assert find_faults(newer.lines) == []


def assert_untroubled(older: BotProcess) -> None:
    """Of what the older one says nothing is about rows that it cannot read."""
    assert "ValidationError" not in older.output
    assert "ValueError" not in older.output
    assert "KeyError" not in older.output


async def test_the_older_one_goes_on_with_the_parts_of_a_brief_and_the_newer_one_sums_it_up(
    tmp_path: Path, previous: Path, postgres_url: str
) -> None:
    """The older one knows no briefs: to it a part is a generation like any other."""
    async with open_both(tmp_path, previous, postgres_url) as (stage, newer, older):
        with hold(stage.powerpost):
            await ask(stage, newer, "a {red|blue} kite")
            await stage.until(lambda: stage.submits() == 2, what="paid for")
            await newer.stop()
        await stage.until(
            lambda: count_pictures(stage.replies()) == 2,
            seconds=PATIENCE_SECONDS,
            what="brought by the older one",
        )
        async with start_bot(stage.settings, tmp_path) as again:
            await again.until_page("/readyz", 200)
            await stage.until(
                lambda: summaries(stage.replies()) and "Used" in stage.roots()[0].text,
                seconds=PATIENCE_SECONDS,
                what="summed up",
            )
            assert find_faults(again.lines) == []
        assert_untroubled(older)

    assert stage.submits() == stage.powerpost.paid_posts == 2
    assert count_pictures(stage.replies()) == 2
    assert len(stage.roots()) == len(summaries(stage.replies())) == 1
