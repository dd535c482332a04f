"""Signs of life while hands are full: what was inherited never makes its heir look dead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.generations.engine import Engine
from bot.generations.leases import Lease
from bot.generations.queue import GenerationQueue
from bot.generations.record import State
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.processes import ProcessStore
from tests.support.rows import NOW, new_generation

JOBS = 300


async def test_an_heir_of_many_jobs_shows_life_while_none_of_them_ends(postgres_url: str) -> None:
    database = Database(postgres_url, threads=(1, 1))
    life = Database(postgres_url, threads=(2, 1))
    accepting = GenerationStore(database, "dead")
    for first in range(0, JOBS, 20):  # no more at once than are on disk within its patience
        some = range(first, first + 20)
        await asyncio.gather(*(accepting.accept(new_generation(f"g{n}", f"c{n}")) for n in some))
    heir, watcher = ProcessStore(life, "heir"), ProcessStore(life, "watcher")
    stuck = asyncio.Event()

    async def never_end(generation_id: str) -> None:
        await store.read_own(generation_id)
        # A statement that holds the only connection of the jobs until the test is over.
        await stuck.wait()

    store = GenerationStore(database, "heir")
    engine = Engine(never_end, store.let_go)
    queue = GenerationQueue(store, engine)
    begun: list[int] = []

    async def begin(claimed: Sequence[str]) -> None:
        begun.append(len(claimed))
        await queue.begin_all(claimed)

    lease = Lease(heir, begin, engine.left_alone)
    await lease.open()
    signs = [(await watcher.list_signs())["heir"]]
    async with asyncio.timeout(60):
        while engine.running < JOBS or len(set(signs)) < 3:
            await asyncio.sleep(0.2)
            signs.append((await watcher.list_signs())["heir"])

    assert sum(begun) == JOBS
    assert max(begun) <= 50
    await lease.stop()
    stuck.set()
    await engine.close()
    await lease.leave()
    assert await watcher.claim_orphans(JOBS + 1) != []
    await database.close()
    await life.close()


async def test_a_row_that_is_told_is_nobodys_business_any_more(postgres_url: str) -> None:
    database = Database(postgres_url)
    store = GenerationStore(database, "gone")
    await store.accept(new_generation())
    await store.advance("g1", State.ACCEPTED, State.REFUSED)
    await store.note("g1", told_at=NOW)

    assert await ProcessStore(database, "heir").claim_orphans(10) == []
    await database.close()
