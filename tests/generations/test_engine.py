"""The engine: one run of each generation, begun anew after a fault, and what it leaves alone."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import NewerVersion, NotOurs
from bot.generations.engine import Engine


class Lives:
    """A workflow whose runs are counted, and end when they are told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.let_go: list[str] = []
        self.ends: dict[str, Exception | None] = {}
        self.may_end = asyncio.Event()
        self.engine = Engine(self.live, self.note_let_go)

    async def live(self, generation_id: str) -> None:
        """A workflow."""
        self.begun.append(generation_id)
        await self.may_end.wait()
        if (error := self.ends.get(generation_id)) is not None:
            raise error

    async def note_let_go(self, generation_id: str) -> None:
        """What the engine does with those that it cannot go on with."""
        self.let_go.append(generation_id)

    async def end(self) -> None:
        """Let all of them end."""
        self.may_end.set()
        for _ in range(10):
            await asyncio.sleep(0)
        assert self.engine.running == 0


async def test_what_runs_is_not_begun_a_second_time() -> None:
    lives = Lives()

    for _ in range(3):
        lives.engine.start("g1")
        await asyncio.sleep(0)

    assert lives.begun == ["g1"]
    assert lives.engine.running == 1


@pytest.mark.parametrize("error", [RuntimeError("a fault of ours"), NotOurs("g1")], ids=repr)
async def test_a_run_that_failed_or_was_taken_over_may_be_begun_anew(error: Exception) -> None:
    lives = Lives()
    lives.ends["g1"] = error
    lives.engine.start("g1")
    await lives.end()

    lives.engine.start("g1")
    await asyncio.sleep(0)

    assert lives.begun == ["g1", "g1"]
    assert lives.let_go == []


async def test_what_only_a_newer_version_can_go_on_with_is_left_to_it() -> None:
    lives = Lives()
    lives.ends["g1"] = NewerVersion("g1")
    lives.engine.start("g1")
    await lives.end()

    lives.engine.start("g1")
    await asyncio.sleep(0)

    assert lives.begun == ["g1"]
    assert lives.let_go == ["g1"]
    assert list(lives.engine.left_alone) == ["g1"]


async def test_after_the_close_nothing_runs_and_nothing_is_begun() -> None:
    lives = Lives()
    lives.engine.start("g1")
    await asyncio.sleep(0)

    await lives.engine.close()
    lives.engine.start("g2")
    await asyncio.sleep(0)

    assert lives.begun == ["g1"]
    assert lives.engine.running == 0
