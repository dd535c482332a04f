"""A COMMIT whose answer is lost: nobody is told "not started" of what is made and paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest
import sqlalchemy as sa

from bot.errors import Cause, Transient
from bot.generations.queue import GenerationQueue
from bot.generations.record import InDoubt, NewGeneration, Place
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import COMMIT_SECONDS, GenerationStore, row_of
from bot.store.tables import generations

_T = TypeVar("_T")


class LossyDatabase(Database):
    """Loses what it is told to, of what is written next."""

    loses_answers = 0  # carried out, and the answer is lost
    loses_commits = 0  # everything went well up to the COMMIT, which never arrived
    is_away = False
    answers = asyncio.Event()  # it is carried out, and the answer comes with this

    async def write(self, do: Callable[[sa.Connection], _T]) -> _T:
        def lose_commit(on: sa.Connection) -> _T:
            do(on)
            raise sa.exc.OperationalError("COMMIT", {}, OSError("gone"))

        if self.is_away:
            raise Transient(Cause.STORAGE, "away")
        if self.loses_commits:
            self.loses_commits -= 1
            return await super().write(lose_commit)
        done = await super().write(do)
        if self.loses_answers:
            self.loses_answers -= 1
            raise Transient(Cause.STORAGE, "OperationalError")
        await self.answers.wait()
        return done


@pytest.fixture
async def database(any_database: Database, any_database_url: str) -> AsyncIterator[LossyDatabase]:
    opened = LossyDatabase(any_database_url)
    opened.answers = asyncio.Event()
    opened.answers.set()
    yield opened
    await opened.close()


def new_generation(id_: str = "g1", origin: str = "command:1") -> NewGeneration:
    return NewGeneration(
        id_, origin, Place("T1", "C1", "U1"), ImageRequest(prompt="fog"), datetime.now(UTC)
    )


async def test_what_is_on_disk_is_accepted_though_the_answer_was_lost(
    database: LossyDatabase,
) -> None:
    store = GenerationStore(database)
    database.loses_answers = 1

    assert await store.accept(new_generation())
    assert await store.list_pending() == ["g1"]


async def test_what_was_on_disk_before_is_not_new_though_the_answer_was_lost(
    database: LossyDatabase,
) -> None:
    store = GenerationStore(database)
    await store.accept(new_generation("g1"))
    database.loses_answers = 1

    assert not await store.accept(new_generation("g2"))
    assert await store.list_pending() == ["g1"]


async def test_what_is_not_on_disk_is_said_not_to_be(database: LossyDatabase) -> None:
    store = GenerationStore(database)
    database.loses_commits = 1

    with pytest.raises(Transient) as caught:
        await store.accept(new_generation())

    assert not isinstance(caught.value, InDoubt)
    assert await store.list_pending() == []
    assert await store.accept(new_generation())  # nothing of the look is left


async def test_of_those_that_share_a_commit_each_is_told_the_truth(
    database: LossyDatabase,
) -> None:
    store = GenerationStore(database)
    database.loses_answers = 1

    answers = await asyncio.gather(
        *(store.accept(new_generation(f"g{n}", f"command:{n // 2}")) for n in range(4))
    )

    assert sorted(answers) == [False, False, True, True]
    assert len(await store.list_pending()) == 2


class Settled:
    """What people were told of what had been in doubt."""

    def __init__(self) -> None:
        self.told: dict[str, bool] = {}
        self.is_told = asyncio.Event()

    async def tell(self, new: NewGeneration, is_kept: bool) -> None:
        self.told[new.id] = is_kept
        self.is_told.set()


@pytest.mark.parametrize("is_kept", [True, False])
async def test_what_cannot_be_looked_up_is_in_doubt_until_it_can_and_then_told(
    database: LossyDatabase, is_kept: bool
) -> None:
    store, settled = GenerationStore(database), Settled()
    queue = GenerationQueue(store, None, settled.tell)
    if is_kept:
        database.loses_answers = 1 + 1  # that of the look, too
    else:
        database.loses_commits = 1 + 1

    with pytest.raises(InDoubt) as caught:
        await queue.accept(new_generation())
    await settled.is_told.wait()

    assert caught.value.new.id == "g1"
    assert settled.told == {"g1": is_kept}
    assert await store.list_pending() == (["g1"] if is_kept else [])
    await queue.close()


async def test_a_commit_that_takes_too_long_for_slack_is_in_doubt_and_then_told(
    database: LossyDatabase,
) -> None:
    store, settled = GenerationStore(database), Settled()
    queue = GenerationQueue(store, None, settled.tell)
    database.answers.clear()
    began = asyncio.get_running_loop().time()

    with pytest.raises(InDoubt):
        await queue.accept(new_generation())
    waited = asyncio.get_running_loop().time() - began
    database.answers.set()
    await settled.is_told.wait()

    assert waited >= COMMIT_SECONDS - 0.1
    assert settled.told == {"g1": True}
    await queue.close()


async def test_a_look_waits_for_a_transaction_that_has_not_ended(
    database: LossyDatabase, same_database: Database
) -> None:
    """On PostgreSQL the server may still be about to commit what its client has given up."""
    if database.dialect == "sqlite":
        pytest.skip("one process has a SQLite file, and one transaction at a time writes to it")
    store, has_inserted, may_commit = GenerationStore(database), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    row = row_of(new_generation(), None, None)

    def insert_slowly(on: sa.Connection) -> None:
        on.execute(sa.insert(generations).values(row))
        loop.call_soon_threadsafe(has_inserted.set)
        asyncio.run_coroutine_threadsafe(may_commit.wait(), loop).result()

    writing = asyncio.create_task(same_database.write(insert_slowly))
    await has_inserted.wait()
    looking = asyncio.create_task(store.find_kept([new_generation()]))
    await asyncio.wait([looking], timeout=0.3)
    assert not looking.done()
    may_commit.set()

    assert await looking == {"command:1": "g1"}
    await writing
