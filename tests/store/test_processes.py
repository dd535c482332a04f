"""Several processes on one PostgreSQL: who works on what, and who may write."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.errors import Cause, NotOurs, Transient
from bot.generations.record import State
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.processes import ProcessStore
from bot.store.tables import generations
from tests.support.rows import NOW, new_generation


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def accept(database: Database, owner: str | None, number: int = 1) -> None:
    store = GenerationStore(database, owner)
    await asyncio.gather(
        *(store.accept(new_generation(f"g{n}", f"command:{n}")) for n in range(number))
    )


async def take_over(database: Database, name: str) -> list[str]:
    """Everything from everybody."""
    store = ProcessStore(database, name)
    await store.bury(await store.list_signs())
    return await store.claim_orphans(100)


async def test_what_nobody_works_on_is_claimed_once(database: Database) -> None:
    await accept(database, None, 30)

    living = [ProcessStore(database, name) for name in ("a", "b", "c")]
    await asyncio.gather(*(each.show_life() for each in living))

    claimed = await asyncio.gather(*(each.claim_orphans(20) for each in living))

    ids = [generation_id for part in claimed for generation_id in part]
    assert sorted(ids) == sorted(f"g{n}" for n in range(30))


async def test_of_two_that_notice_a_death_one_buries_and_each_job_has_one_heir(
    database: Database,
) -> None:
    await accept(database, "dead", 3)
    await ProcessStore(database, "dead").show_life()
    heirs = [ProcessStore(database, name) for name in ("a", "b")]
    signs = await heirs[0].list_signs()
    await asyncio.gather(*(heir.show_life() for heir in heirs))

    buried = await asyncio.gather(*(heir.bury(signs) for heir in heirs))
    claimed = await asyncio.gather(*(heir.claim_orphans(100) for heir in heirs))

    assert sorted(buried) == [[], ["dead"]]
    assert sorted(id_ for part in claimed for id_ in part) == ["g0", "g1", "g2"]


async def test_a_process_that_shows_life_at_the_last_moment_keeps_its_work(
    database: Database,
) -> None:
    await accept(database, "alive")
    alive, other = ProcessStore(database, "alive"), ProcessStore(database, "other")
    await alive.show_life()
    signs = await other.list_signs()
    await alive.show_life()

    assert await other.bury(signs) == []
    assert await other.claim_orphans(100) == []
    assert list(await other.list_signs()) == ["alive"]


OWNERS = {"mine": "mine", "another's": "another", "none": None, "gone": "gone for good"}


async def test_whatever_is_pending_is_in_somebodys_sweep_and_in_nobody_elses(
    any_database: Database,
) -> None:
    database, is_shared = any_database, any_database.dialect == "postgresql"
    for owner in OWNERS.values():
        for state in State:
            id_ = f"{state} of {owner}"
            await GenerationStore(database, owner).accept(new_generation(id_, id_))
            is_in = sa.update(generations).where(generations.c.id == id_).values(state=state.value)
            await database.write(lambda on, is_in=is_in: on.execute(is_in))  # type: ignore[misc]
    mine, another = ProcessStore(database, "mine"), ProcessStore(database, "another")

    if is_shared:
        await mine.show_life()
        await another.show_life()
        await mine.claim_orphans(10)
        await another.claim_orphans(100)
    else:
        await mine.adopt_all()
    swept = [await GenerationStore(database, owner).list_pending() for owner in ("mine", "another")]

    ids = [id_ for part in swept for id_ in part]
    assert sorted(ids) == sorted(
        f"{state} of {owner}" for owner in OWNERS.values() for state in State
    )
    assert {f"{state} of another" for state in State} <= set(swept[1 if is_shared else 0])


async def test_what_a_late_answer_revives_after_its_owner_has_left_is_claimed(
    database: Database,
) -> None:
    await accept(database, "leaving")
    leaving = GenerationStore(database, "leaving")
    await leaving.advance("g0", State.ACCEPTED, State.SUBMITTING, intent="nonce")
    await leaving.advance("g0", State.SUBMITTING, State.UNKNOWN, cause=Cause.INTERRUPTED)
    await leaving.note("g0", told_at=NOW)
    await ProcessStore(database, "leaving").leave()

    assert await leaving.revive("g0", image_generation_id="i1", submitted_at=NOW)

    assert await ProcessStore(database, "heir").claim_orphans(10) == ["g0"]
    assert (await GenerationStore(database, "heir").read_own("g0")).state is State.PROCESSING


async def test_nobody_watches_itself(database: Database) -> None:
    await ProcessStore(database, "a").show_life()

    assert await ProcessStore(database, "a").list_signs() == {}


async def test_who_was_thought_dead_can_write_nothing_any_more(database: Database) -> None:
    await accept(database, "frozen")
    await ProcessStore(database, "frozen").show_life()
    await take_over(database, "heir")
    frozen, heir = GenerationStore(database, "frozen"), GenerationStore(database, "heir")

    with pytest.raises(NotOurs):
        await frozen.advance("g0", State.ACCEPTED, State.SUBMITTING, intent="nonce")
    with pytest.raises(NotOurs):
        await frozen.note("g0", result_ts="1.0")
    with pytest.raises(NotOurs):
        await frozen.read_own("g0")
    assert await heir.advance("g0", State.ACCEPTED, State.SUBMITTING, intent="nonce")


async def test_a_process_frozen_in_the_middle_of_writing_lets_go_of_the_row(
    postgres_url: str, database: Database
) -> None:
    await accept(database, "frozen")
    frozen, heir = Database(postgres_url), GenerationStore(database, "heir")
    has_row, wakes_up = threading.Event(), threading.Event()

    def write_and_freeze(on: sa.Connection) -> None:
        on.execute(sa.update(generations).values(root_ts="1.0"))
        has_row.set()
        wakes_up.wait(60)
        on.execute(sa.select(1))

    writing = asyncio.create_task(frozen.write(write_and_freeze))
    await asyncio.to_thread(has_row.wait, 10)
    async with asyncio.timeout(20):
        await database.write(lambda on: on.execute(sa.update(generations).values(owner="heir")))
    wakes_up.set()

    with pytest.raises(Transient):
        await writing
    assert (await heir.read_own("g0")).root_ts is None
    await frozen.close()


async def test_an_answer_that_comes_late_brings_what_was_paid_for(database: Database) -> None:
    await accept(database, "heir")
    heir = GenerationStore(database, "heir")
    await heir.advance("g0", State.ACCEPTED, State.SUBMITTING, intent="of the frozen one")
    await heir.advance("g0", State.SUBMITTING, State.UNKNOWN, cause=Cause.INTERRUPTED)
    await heir.note("g0", told_at=NOW, result_ts="1.0")
    assert await heir.list_pending() == []

    frozen = GenerationStore(database, "frozen")
    assert await frozen.revive("g0", image_generation_id="i1", submitted_at=NOW)

    revived = await heir.read_own("g0")
    assert (revived.state, revived.image_generation_id) == (State.PROCESSING, "i1")
    assert (revived.told_at, revived.result_ts, revived.cause) == (None, None, None)
    assert await heir.list_pending() == ["g0"]


async def test_what_was_revived_while_it_was_told_is_owed_again(database: Database) -> None:
    await accept(database, "heir")
    heir, frozen = GenerationStore(database, "heir"), GenerationStore(database, "frozen")
    await heir.advance("g0", State.ACCEPTED, State.SUBMITTING, intent="of the frozen one")
    await heir.advance("g0", State.SUBMITTING, State.UNKNOWN, cause=Cause.INTERRUPTED)
    await frozen.revive("g0", image_generation_id="i1", submitted_at=NOW)

    assert not await heir.note("g0", while_state=State.UNKNOWN, told_at=NOW, result_ts="1.0")
    assert await heir.list_pending() == ["g0"]
    assert (await heir.read_own("g0")).result_ts is None


async def test_who_leaves_in_order_leaves_its_work_to_whoever_comes(database: Database) -> None:
    await accept(database, "leaving", 2)
    await ProcessStore(database, "leaving").leave()

    assert len(await ProcessStore(database, "next").claim_orphans(10)) == 2


async def test_the_only_process_of_a_file_adopts_everything(database: Database) -> None:
    await accept(database, "older version", 2)
    await ProcessStore(database, "local").adopt_all()

    assert len(await GenerationStore(database, "local").list_pending()) == 2


async def test_nobody_lets_go_of_what_is_anothers_or_told(database: Database) -> None:
    mine = GenerationStore(database, "mine")
    await accept(database, "mine")
    (pending,) = await mine.list_pending()

    await GenerationStore(database, "another").let_go(pending)
    assert await mine.list_pending() == [pending]
    await mine.let_go(pending)
    assert await mine.list_pending() == []
