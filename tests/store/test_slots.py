"""Places: no more than may run, in all processes together, and nobody's burst holds others up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.errors import Cause, NotOurs, Rejected
from bot.generations.record import Generation, Place, State
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.processes import ProcessStore
from bot.store.slots import Asker, SlotStore, choose_next
from bot.store.tables import generations
from tests.support.rows import NOW, new_generation


def askers(*people: str) -> list[Asker]:
    """One of each person's, in the order in which they asked: a0, b1, …"""
    return [
        Asker(f"{person}{number}", person, NOW + timedelta(seconds=number))
        for number, person in enumerate(people)
    ]


@pytest.mark.parametrize(
    ("running", "people", "per_workspace", "chosen"),
    [
        pytest.param("", "a", None, "a0", id="nobody runs"),
        pytest.param("", "aaaaa", None, "a0 a1 a2", id="three of a person's, the first to ask"),
        pytest.param("aa", "aaa", None, "a0", id="two run"),
        pytest.param("aaa", "aaab", None, "b3", id="another does not wait for a burst"),
        pytest.param("aaaa", "a", None, "", id="more run than may: none"),
        pytest.param("", "ab", 1, "a0", id="the workspace has one place: the first to ask"),
        pytest.param("aa", "aab", 3, "b2", id="who has fewest comes first"),
        pytest.param("aab", "aab", 4, "b2", id="even if they asked last"),
        pytest.param("", "aaabbb", 4, "a0 a1 b3 b4", id="people take turns"),
        pytest.param("abc", "d", 3, "", id="the workspace is full"),
        pytest.param("aaa", "a", 9, "", id="the workspace has room, the person has not"),
    ],
)
def test_who_comes_next(running: str, people: str, per_workspace: int | None, chosen: str) -> None:
    got = choose_next(Counter(running), askers(*people), 3, per_workspace)

    assert got == set(chosen.split())


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def accept(
    database: Database, id_: str, owner: str, *, person: str = "U1", second: int = 0
) -> Generation:
    store = GenerationStore(database, owner)
    new = new_generation(id_, f"command:{id_}")
    at = NOW + timedelta(seconds=second)
    await store.accept(replace(new, place=Place("T1", "C1", person), accepted_at=at))
    return await store.read(id_)


def book(database: Database, owner: str, per_workspace: int | None = None) -> SlotStore:
    return SlotStore(database, owner, per_person=3, per_workspace=per_workspace)


async def test_of_two_processes_that_ask_at_once_three_of_a_persons_get_a_place(
    database: Database,
) -> None:
    of_one = [await accept(database, f"a{n}", "one") for n in range(6)]
    of_other = [await accept(database, f"b{n}", "other") for n in range(6)]
    single = await accept(database, "ben", "other", person="U2")

    got = await asyncio.gather(
        *(book(database, "one").claim(generation) for generation in of_one),
        *(book(database, "other").claim(generation) for generation in of_other),
    )

    assert sum(got) == 3
    assert await book(database, "other").claim(single)


async def test_the_limit_of_a_workspace_holds_for_two_processes_that_ask_at_once(
    database: Database,
) -> None:
    asked = [
        await accept(database, f"g{n}", ("one", "other")[n % 2], person=f"U{n}") for n in range(12)
    ]

    got = await asyncio.gather(
        *(book(database, str(each.owner), per_workspace=4).claim(each) for each in asked)
    )

    assert sum(got) == 4


async def test_a_place_is_free_when_powerpost_has_ended_and_who_asked_first_gets_it(
    database: Database,
) -> None:
    store = GenerationStore(database, "one")
    running = [await accept(database, f"r{n}", "one") for n in range(3)]
    first = await accept(database, "first", "other")
    second = await accept(database, "second", "one")
    for generation in running:
        assert await book(database, "one").claim(generation)
    assert not await book(database, "other").claim(first)
    assert not await book(database, "one").claim(second)

    await store.advance("r0", State.ACCEPTED, State.REFUSED, cause=Cause.INSUFFICIENT_CREDITS)

    assert not await book(database, "one").claim(second)
    assert await book(database, "other").claim(first)
    assert not await book(database, "one").claim(second)


async def test_a_place_goes_over_with_the_generation_to_who_takes_it_over(
    database: Database,
) -> None:
    held = [await accept(database, f"g{n}", "dead") for n in range(3)]
    for generation in held:
        assert await book(database, "dead").claim(generation)
    waiting = await accept(database, "waiting", "heir")
    await ProcessStore(database, "dead").show_life()
    heir = ProcessStore(database, "heir")
    await heir.show_life()
    assert await heir.bury(await heir.list_signs()) == ["dead"]
    assert len(await heir.claim_orphans(100)) == 3

    with pytest.raises(NotOurs):
        await book(database, "dead").claim(held[0])
    assert not await book(database, "heir").claim(waiting)
    assert all([await book(database, "heir").claim(generation) for generation in held])


async def test_what_an_older_version_of_the_bot_runs_counts_too(database: Database) -> None:
    for number in range(3):
        await accept(database, f"old{number}", "old")
        started = (
            sa.update(generations)
            .where(generations.c.id == f"old{number}")
            .values(state=State.PROCESSING.value)
        )
        await database.write(lambda on, started=started: on.execute(started))  # type: ignore[misc]

    assert not await book(database, "new").claim(await accept(database, "new", "new"))


async def test_what_hangs_has_no_place_in_any_process_and_is_not_counted_as_waiting(
    database: Database,
) -> None:
    store = GenerationStore(database, "one")
    for number in range(3):
        generation = await accept(database, f"g{number}", "one")
        assert await book(database, "one").claim(generation)
        await store.advance(generation.id, State.ACCEPTED, State.SUBMITTING)
        await store.advance(generation.id, State.SUBMITTING, State.PROCESSING)
    fourth = await accept(database, "fourth", "other")
    assert not await book(database, "other").claim(fourth)

    await store.note("g0", unplaced_at=NOW)

    assert await book(database, "other").claim(fourth)
    limited = GenerationStore(database, "one", pending_per_person=4)
    assert await limited.accept(new_generation("fifth", "command:fifth"))
    with pytest.raises(Rejected):
        await limited.accept(new_generation("sixth", "command:sixth"))


async def test_what_was_cancelled_need_not_wait(database: Database) -> None:
    asked = [await accept(database, f"g{n}", "one") for n in range(4)]
    got = [await book(database, "one").claim(generation) for generation in asked]
    assert got == [True, True, True, False]

    assert await GenerationStore(database, "web").cancel("g3", NOW)

    assert await book(database, "one").claim(asked[3])


async def test_the_line_is_that_of_all_processes(database: Database) -> None:
    asked = [await accept(database, f"g{n}", ("one", "other")[n % 2], second=n) for n in range(6)]
    await accept(database, "bens", "one", person="U2")
    for generation in asked[:3]:
        assert await book(database, str(generation.owner)).claim(generation)

    before = [await book(database, "one").count_before(each) for each in asked[3:]]

    assert before == [0, 1, 2]
