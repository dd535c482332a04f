"""Briefs in the database: all of one or nothing, once; and who says what is to be said of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest
import sqlalchemy as sa

from bot.credits.estimates import GUIDE_PRICES
from bot.errors import Cause, NewerVersion, Rejected, Transient
from bot.generations.approval import Approval
from bot.generations.brief import TAKEN_FOR, Brief
from bot.generations.record import FORGOTTEN, InDoubt, Part, State, name_part
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.terms import OverBudget, Terms
from bot.store.approvals import ApprovalStore
from bot.store.briefs import BriefStore
from bot.store.channels import ChannelStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.personal_data import PersonalDataStore, UnderWay
from bot.store.spending import SpendingStore
from bot.store.tables import briefs, generations
from tests.support.briefs import asked_brief
from tests.support.budget_rows import NOW, asked, budget, ceilings

_T = TypeVar("_T")
# Of a part, before anything was charged.
PRICE = GUIDE_PRICES[Model.IDEOGRAM_3]


class LossyDatabase(Database):
    """Loses the answer to what is written next, so many times."""

    loses = 0

    async def write(self, do: Callable[[sa.Connection], _T]) -> _T:
        done = await super().write(do)
        if self.loses:
            self.loses -= 1
            raise Transient(Cause.STORAGE, "OperationalError")
        return done


async def read(database: Database, brief_id: str = "b1") -> Brief:
    brief = await BriefStore(database, "local").read(brief_id)
    assert brief is not None
    return brief


async def count_rows(database: Database) -> tuple[int, int]:
    """Briefs and generations."""

    def count(on: sa.Connection) -> tuple[int, int]:
        tables = briefs, generations
        one, other = (on.scalar(sa.select(sa.func.count()).select_from(each)) for each in tables)
        return int(one or 0), int(other or 0)

    return await database.read(count)


async def held(database: Database, credits_: float = 100.0) -> float:
    """What is held of the workspace's budget."""
    (use,) = await SpendingStore(database).usage("T1", ceilings(budget(credits_)))
    return use.used


async def tell(database: Database, brief_id: str = "b1") -> None:
    """All of it has ended, and was told."""
    store = BriefStore(database, "local")
    done = sa.update(generations).where(generations.c.brief_id == brief_id)
    delivered = done.values(state=State.DELIVERED.value, told_at=NOW)
    await database.write(lambda on: on.execute(delivered))
    await store.note(brief_id, told_at=NOW)


async def test_a_brief_is_read_back_with_its_parts_in_order(any_database: Database) -> None:
    new = asked_brief("b1", parts=12)
    assert await GenerationStore(any_database).accept(new)

    brief = await read(any_database)

    assert brief.new == replace(new, terms=None)
    assert [part.part for part in brief.parts] == list(range(1, 13))
    assert [part.id for part in brief.parts] == [name_part("b1", n) for n in range(1, 13)]
    assert [part.request for part in brief.parts] == [part.request for part in new.parts]
    assert {part.state for part in brief.parts} == {State.ACCEPTED}
    assert {part.owner for part in brief.parts} == {"local"}


async def test_of_a_transaction_that_fails_neither_the_brief_nor_a_part_is_kept(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    spoilt = asked_brief("b1").split()[2]
    await store.accept(replace(spoilt, origin="command:other", brief_id=None, part=None))

    with pytest.raises(Transient):  # its third part has an id that is there
        await store.accept(asked_brief("b1"))

    assert await count_rows(any_database) == (0, 1)


async def test_the_same_brief_delivered_twice_is_one(
    any_database: Database, same_database: Database
) -> None:
    stores = [GenerationStore(any_database, "a"), GenerationStore(same_database, "b")]
    twice = [replace(asked_brief(f"b{n}"), origin="command:1") for n in range(4)]

    answers = await asyncio.gather(*(stores[n % 2].accept(new) for n, new in enumerate(twice)))

    assert sorted(answers) == [False, False, False, True]
    assert await count_rows(any_database) == (1, 3)


async def test_of_two_briefs_for_the_last_credits_one_gets_them_and_of_the_other_nothing_is_held(
    any_database: Database, same_database: Database
) -> None:
    """Each of them alone fits, and so would two parts of the second beside the first."""
    stores = [GenerationStore(any_database, "a"), GenerationStore(same_database, "b")]
    budgeted = budget(PRICE * 5)

    answers = await asyncio.gather(
        *(store.accept(asked_brief(f"b{n}", budgeted)) for n, store in enumerate(stores)),
        return_exceptions=True,
    )

    assert sorted(map(str, answers)) == ["True", "over_budget"]
    assert await count_rows(any_database) == (1, 3)
    assert await held(any_database) == PRICE * 3


async def test_a_brief_and_a_single_one_of_one_commit_count_each_other(
    any_database: Database,
) -> None:
    store, budgeted = GenerationStore(any_database), budget(PRICE * 3)

    answers = await asyncio.gather(
        store.accept(asked_brief("b1", budgeted)),
        store.accept(asked("g1", budgeted)),
        return_exceptions=True,
    )

    assert str(answers[1]) == "over_budget"
    assert answers[0] is True
    assert await held(any_database) == PRICE * 3


async def test_a_second_delivery_over_the_budget_is_what_was_promised_before(
    any_database: Database,
) -> None:
    store, budgeted = GenerationStore(any_database), budget(PRICE * 3)
    assert await store.accept(asked_brief("b1", budgeted))

    assert not await store.accept(replace(asked_brief("b2", budgeted), origin="command:b1"))
    assert await held(any_database) == PRICE * 3


async def test_each_part_holds_its_own_price(any_database: Database) -> None:
    parts = [
        Part(ImageRequest(prompt="a kite", model=Model.IDEOGRAM_3, quantity=n), str(n))
        for n in (1, 2, 4)
    ]
    await GenerationStore(any_database).accept(asked_brief("b1", budget(100.0), parts=parts))

    kept = (await read(any_database)).parts
    assert [part.estimate for part in kept] == [PRICE, PRICE * 2, PRICE * 4]


@pytest.mark.parametrize("is_answered_later", [True, False])
async def test_a_brief_whose_commit_was_not_answered_is_looked_for(
    any_database: Database, any_database_url: str, is_answered_later: bool
) -> None:
    lossy = LossyDatabase(any_database_url)
    store, new = GenerationStore(lossy), asked_brief("b1")
    lossy.loses = 1 if is_answered_later else 2  # that of the look, too
    try:
        if is_answered_later:
            assert await store.accept(new)
        else:
            with pytest.raises(InDoubt) as caught:
                await store.accept(new)
            assert caught.value.new.id == "b1"
            assert await store.find_kept([new]) == {"command:b1": "b1"}
    finally:
        await lossy.close()
    assert await count_rows(any_database) == (1, 3)


async def test_to_look_for_a_brief_that_is_not_there_leaves_nothing(any_database: Database) -> None:
    store = GenerationStore(any_database)

    assert await store.find_kept([asked_brief("b1"), asked("g1")]) == {}
    assert await count_rows(any_database) == (0, 0)
    assert await store.accept(asked_brief("b1"))


async def test_who_has_a_brief_waiting_has_one_request_waiting(any_database: Database) -> None:
    store = GenerationStore(any_database, pending_per_person=2)
    assert await store.accept(asked_brief("b1", parts=6))
    assert await store.accept(asked("g1"))

    for more in (asked("g2"), asked_brief("b2")):
        with pytest.raises(Rejected) as refused:
            await store.accept(more)
        assert refused.value.cause is Cause.TOO_MANY_WAITING
    assert await store.accept(asked_brief("b3", user="U2"))
    await tell(any_database)
    assert await store.accept(asked_brief("b2"))


async def test_a_brief_over_budget_that_is_approved_by_two_at_once_is_promised_once(
    any_database: Database, same_database: Database
) -> None:
    budgeted = budget(PRICE)
    new = asked_brief("b1", budgeted)
    with pytest.raises(OverBudget) as refused:
        await GenerationStore(any_database).accept(new)
    (short,) = refused.value.shortfalls
    assert short.estimate == PRICE * 3

    stores = [ApprovalStore(any_database, "a"), ApprovalStore(same_database, "b")]
    waits = Approval("a1", replace(new, terms=None), refused.value.shortfalls, NOW + timedelta(1))
    assert await stores[0].offer(waits)
    await stores[0].ask(waits, ("C9",), NOW)
    kept = await stores[0].read("a1")
    assert kept is not None
    assert kept.new == waits.new
    terms = Terms(0, ceilings(budgeted))

    async def approve(store: ApprovalStore, by: str) -> str | None:
        return await store.approve("a1", kept.approved_generation(by, NOW), terms, NOW)

    promised = await asyncio.gather(*(approve(each, f"U{n}") for n, each in enumerate(stores)))

    brief = await read(any_database)
    assert sorted(map(str, promised)) == ["None", "b1"]
    assert await count_rows(any_database) == (1, 3)
    assert {part.approved_by for part in brief.parts} == {brief.new.approved_by}
    assert await held(any_database) == PRICE * 3


async def test_what_was_promised_before_is_not_promised_again_by_an_approval(
    any_database: Database,
) -> None:
    new = asked_brief("b1")
    assert await GenerationStore(any_database).accept(new)
    store = ApprovalStore(any_database, "local")
    again = replace(asked_brief("b2"), origin=new.origin)
    waits = Approval("a1", replace(again, terms=None), (), NOW + timedelta(1))
    await store.offer(waits)
    await store.ask(waits, ("C9",), NOW)

    approved = waits.approved_generation("U2", NOW)
    assert await store.approve("a1", approved, Terms(0, ()), NOW) == "b1"
    assert await count_rows(any_database) == (1, 3)


async def test_cancel_refuses_only_what_was_not_sent(any_database: Database) -> None:
    store, rows = GenerationStore(any_database), BriefStore(any_database, "local")
    await store.accept(asked_brief("b1", budget(100.0), parts=4))
    await store.accept(asked_brief("b2"))
    first, second, *others = (part.id for part in (await read(any_database)).parts)
    await store.advance(first, State.ACCEPTED, State.SUBMITTING, intent="n")
    await store.advance(second, State.ACCEPTED, State.SUBMITTING, intent="n")
    await store.advance(second, State.SUBMITTING, State.PROCESSING, image_generation_id="i")

    cancelled = await rows.cancel("b1", NOW, Cause.CANCELLED.value)

    states = [part.state for part in (await read(any_database)).parts]
    assert sorted(cancelled) == sorted(others)
    assert states == [State.SUBMITTING, State.PROCESSING, State.REFUSED, State.REFUSED]
    assert await rows.cancel("b1", NOW, Cause.CANCELLED.value) == []
    assert {part.state for part in (await read(any_database, "b2")).parts} == {State.ACCEPTED}
    assert not await store.advance(others[0], State.ACCEPTED, State.SUBMITTING, intent="n")


async def test_one_process_at_a_time_says_what_is_due(
    any_database: Database, same_database: Database
) -> None:
    await GenerationStore(any_database).accept(asked_brief("b1"))
    mine, other = BriefStore(any_database, "a"), BriefStore(same_database, "b")

    won = await asyncio.gather(mine.take("b1", NOW), other.take("b1", NOW))
    assert sorted(won) == [False, True]
    if not won[0]:
        mine, other = other, mine
    later = NOW + TAKEN_FOR / 2
    assert await mine.take("b1", later)  # it goes on
    assert not await other.take("b1", NOW + TAKEN_FOR)
    assert await other.take("b1", later + TAKEN_FOR)  # whoever had it is gone
    assert not await mine.take("b1", later + TAKEN_FOR)
    assert not await mine.take("b9", NOW)


async def test_what_a_process_lets_go_of_the_next_one_says_at_once(
    any_database: Database, same_database: Database
) -> None:
    store = GenerationStore(any_database)
    for n in (1, 2):
        await store.accept(asked_brief(f"b{n}"))
    mine, other = BriefStore(any_database, "a"), BriefStore(same_database, "b")
    assert await mine.take("b1", NOW)
    assert await other.take("b2", NOW)

    await mine.let_go()

    assert await other.take("b1", NOW)
    assert not await mine.take("b2", NOW)  # it let go of its own alone


async def test_a_message_shows_a_part_once(any_database: Database) -> None:
    await GenerationStore(any_database).accept(asked_brief("b1"))
    rows = BriefStore(any_database, "local")
    one, two, three = (part.id for part in (await read(any_database)).parts)

    await rows.note_showing([one, two], NOW)
    await rows.note_shown([one, two], "C1", "1.1")
    await rows.note_showing([two, three], NOW + TAKEN_FOR)
    await rows.note_shown([two, three], "D1", "1.2")

    parts = (await read(any_database)).parts
    stands = [(part.result_channel_id, part.result_ts) for part in parts]
    assert stands == [("C1", "1.1"), ("C1", "1.1"), ("D1", "1.2")]
    assert [part.result_intended_at for part in parts] == [NOW, NOW, NOW + TAKEN_FOR]


async def test_what_is_told_is_not_looked_at_again(any_database: Database) -> None:
    store = GenerationStore(any_database)
    later = replace(asked_brief("b2"), accepted_at=NOW + timedelta(minutes=1))
    await store.accept(later)
    await store.accept(asked_brief("b1"))
    rows = BriefStore(any_database, "local")

    assert await rows.list_untold() == ["b1", "b2"]
    await tell(any_database)
    assert await rows.list_untold() == ["b2"]


async def test_a_brief_moves_with_its_channel(any_database: Database) -> None:
    store = GenerationStore(any_database)
    await store.accept(asked_brief("b1", channel="G1"))

    assert await ChannelStore(any_database).move("T1", "G1", "C2", NOW)

    brief = await read(any_database)
    assert (brief.channel_id, brief.place.channel_id) == ("C2", "C2")
    assert {part.place.channel_id for part in brief.parts} == {"C2"}
    await store.accept(asked_brief("b2", channel="G1"))  # a click that comes late
    late = await read(any_database, "b2")
    assert late.channel_id == "C2"


async def test_nobody_is_forgotten_in_the_middle_of_a_brief(any_database: Database) -> None:
    await GenerationStore(any_database).accept(asked_brief("b1"))
    done = sa.update(generations).values(state=State.DELIVERED.value, told_at=NOW)
    await any_database.write(lambda on: on.execute(done))  # the last line is still to come

    with pytest.raises(UnderWay):
        await PersonalDataStore(any_database).forget("U1", NOW, "T1")
    assert await BriefStore(any_database, "local").read("b1") is not None


async def test_a_person_is_given_their_briefs_and_then_they_are_gone(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    await store.accept(asked_brief("b1"))
    await store.accept(asked_brief("b2", user="U2"))
    await tell(any_database)
    personal = PersonalDataStore(any_database)

    exported = json.dumps(await personal.export("U1", "T1"))
    assert all(f"a {colour} kite" in exported for colour in ("red", "blue", "brass"))
    await personal.forget("U1", NOW, "T1")

    assert await BriefStore(any_database, "local").read("b1") is None
    assert "kite" not in json.dumps(await personal.export("U1", "T1"))
    assert await any_database.read(_people) == {("U2", 3), (FORGOTTEN, 3)}
    assert [part.request.prompt for part in (await read(any_database, "b2")).parts] == [
        "a red kite",
        "a blue kite",
        "a brass kite",
    ]


def _people(on: sa.Connection) -> set[tuple[str, int]]:
    of_person = sa.select(generations.c.user_id, sa.func.count()).group_by(generations.c.user_id)
    return {(row[0], row[1]) for row in on.execute(of_person)}


async def test_a_brief_of_a_newer_version_is_left_to_it(any_database: Database) -> None:
    await GenerationStore(any_database).accept(asked_brief("b1"))
    row = await any_database.read(lambda on: on.execute(sa.select(briefs.c.request)).scalar_one())
    change = sa.update(briefs).values(request={**row, "mood": "dark"})
    await any_database.write(lambda on: on.execute(change))

    with pytest.raises(NewerVersion):
        await BriefStore(any_database, "local").read("b1")


@pytest.mark.parametrize("brief_first", [True, False])
async def test_of_two_buttons_of_one_question_one_makes_something(
    any_database: Database, brief_first: bool
) -> None:
    store, origin = GenerationStore(any_database), "asked:command:T1:1"
    brief = replace(asked_brief("b1"), origin=origin)
    single = replace(asked("g1"), origin=origin)
    first, second = (brief, single) if brief_first else (single, brief)

    assert await store.accept(first) is True
    assert await store.accept(second) is False
    assert await count_rows(any_database) == ((1, len(brief.parts)) if brief_first else (0, 1))
