"""Turns: people alternate, nobody has more than their share, and a place is never lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.generations.fair_queue import FairQueue, QueuePosition


async def enter(
    gate: FairQueue, person: str, name: str, order: list[str], seconds: float = 0.001
) -> None:
    async with gate.turn(person, name):
        order.append(name)
        await asyncio.sleep(seconds)


async def test_a_burst_delays_anothers_single_request_by_no_more_than_two_of_it() -> None:
    gate, order = FairQueue(capacity=4, per_person=2), list[str]()
    burst = [asyncio.create_task(enter(gate, "ada", f"a{n}", order)) for n in range(50)]
    await asyncio.sleep(0)
    single = asyncio.create_task(enter(gate, "ben", "b", order))
    await asyncio.gather(*burst, single)

    assert order.index("b") <= 2
    assert [name for name in order if name != "b"] == [f"a{n}" for n in range(50)]


async def until_inside(order: list[str], names: str = "a") -> None:
    """Until these came inside, in this order, and the others wait."""
    for _ in range(100):
        await asyncio.sleep(0)
    assert order == list(names)


@pytest.mark.parametrize(("capacity", "per_person"), [(1, 1), (4, 2), (None, 3)])
async def test_nobody_has_more_than_their_share_and_all_get_their_turn(
    capacity: int | None, per_person: int
) -> None:
    gate, inside = FairQueue(capacity=capacity, per_person=per_person), list[str]()
    most = 0

    async def visit(person: str, number: int) -> None:
        nonlocal most
        async with gate.turn(person, f"{person}{number}"):
            inside.append(person)
            assert inside.count(person) <= per_person
            most = max(most, len(inside))
            await asyncio.sleep(0)
            inside.remove(person)

    await asyncio.gather(*(visit(person, n) for person in "abc" for n in range(20)))

    assert most <= (capacity or 9)
    assert inside == []


async def test_a_turn_that_was_given_back_is_given_out_once_and_nothing_is_learned_from_it() -> (
    None
):
    gate, order = FairQueue(capacity=None, per_person=1), list[str]()
    async with gate.turn("ada", "hangs") as stay:
        waiting = [asyncio.create_task(enter(gate, "ada", f"a{n}", order)) for n in range(3)]
        await asyncio.sleep(0)
        assert order == []

        gate.give_back("ada", stay)
        gate.give_back("ada", stay)
        await asyncio.sleep(0)

        assert order == ["a0"]
        await asyncio.gather(*waiting)
        guessed = gate.guess(0)

    assert order == ["a0", "a1", "a2"]
    assert gate.guess(0) == guessed


async def test_three_people_take_turns() -> None:
    gate, order = FairQueue(capacity=1, per_person=1), list[str]()
    await asyncio.gather(
        *(enter(gate, person, f"{person}{n}", order) for person in "abc" for n in range(3))
    )

    assert order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


async def test_who_has_to_wait_is_told_their_place_and_a_guess_once_one_is_known() -> None:
    gate, lines, order = FairQueue(capacity=None, per_person=1), list[QueuePosition](), list[str]()

    async def note(line: QueuePosition) -> None:
        lines.append(line)

    async def visit(name: str) -> None:
        async with gate.turn("ada", name, note):
            order.append(name)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(visit(name) for name in "abc"))
    assert [line.before for line in lines] == [0, 1]
    assert lines[0].seconds is None

    await asyncio.gather(*(visit(name) for name in "de"))
    assert lines[-1].seconds is not None
    assert 0 < lines[-1].seconds < 1


async def test_who_gives_up_waiting_or_leaves_early_gives_the_place_back() -> None:
    gate, order = FairQueue(capacity=1, per_person=1), list[str]()
    seconds = {"a": 60.0, "b": 60.0, "c": 0.0}
    tasks = [asyncio.create_task(enter(gate, "ada", name, order, seconds[name])) for name in "abc"]
    await until_inside(order)
    tasks[0].cancel()
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert order == ["a", "c"]
    await asyncio.wait_for(enter(gate, "ben", "d", order), 30)


async def test_a_cancelled_request_is_let_through_out_of_turn() -> None:
    gate, order = FairQueue(capacity=1, per_person=1), list[str]()
    tasks = [asyncio.create_task(enter(gate, "ada", name, order, 60.0)) for name in "abc"]
    await until_inside(order)
    gate.skip("c")
    await until_inside(order, "ac")
    tasks[0].cancel()
    tasks[2].cancel()
    await until_inside(order, "acb")
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
