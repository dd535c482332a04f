"""The database waits for no other threads than its own."""

from __future__ import annotations

import asyncio
import threading

from bot.store.database import Database
from bot.store.generations import GenerationStore
from tests.support.rows import new_generation


async def test_name_lookups_that_hang_hold_up_no_row(any_database: Database) -> None:
    store, answered = GenerationStore(any_database), threading.Event()
    loop = asyncio.get_running_loop()
    # More than the loop has threads for: names are looked up in these.
    hanging = [loop.run_in_executor(None, answered.wait) for _ in range(40)]
    try:
        async with asyncio.timeout(30):
            assert await store.accept(new_generation())
            assert (await store.read_own("g1")).id == "g1"
    finally:
        answered.set()
        await asyncio.gather(*hanging)
