"""Budgets in the database: what is held, what is spent, and that nobody takes the last credit
twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.credits.estimates import GUIDE_PRICES
from bot.credits.ledger import EntryKind
from bot.errors import Cause
from bot.generations.record import Generation, State
from bot.images.catalogue import Model
from bot.policy.budgets import Ceiling, Period, Scope
from bot.policy.policy import Policy
from bot.policy.terms import OverBudget, StalePolicy, Terms
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.migrate import migrate
from bot.store.policies import PolicyStore
from bot.store.spending import SpendingStore
from tests.support.budget_rows import NOW, asked, budget, ceilings, enter


async def charge(
    database: Database, store: GenerationStore, id_: str, credits_: float | None
) -> None:
    """PowerPost has answered the paid request."""
    receipt = {"submitted_at": NOW, "credits_used": credits_}
    await store.advance(id_, State.SUBMITTING, State.PROCESSING, **receipt)
    await enter(database, id_, credits_)


async def see_price(database: Database) -> None:
    """A picture has taken one credit, long ago."""
    await enter(database, "g0", 1.0, counts_at=NOW - timedelta(days=40))


async def used(database: Database, held: Sequence[Ceiling]) -> list[float]:
    return [use.used for use in await SpendingStore(database).usage("T1", held)]


async def test_of_two_at_once_on_the_last_credit_one_wins(
    any_database: Database, same_database: Database
) -> None:
    await enter(any_database, "g0", 4.0)
    stores = (GenerationStore(any_database, "a"), GenerationStore(same_database, "b"))

    answers = await asyncio.gather(
        *(store.accept(asked(f"g{n}", budget(8.0))) for n, store in enumerate(stores, 1)),
        return_exceptions=True,
    )

    assert sorted(map(str, answers)) == ["True", "over_budget"]
    assert await used(any_database, ceilings(budget(8.0))) == [8.0]


async def test_many_at_once_never_take_more_than_there_is(
    any_database: Database, same_database: Database
) -> None:
    await enter(any_database, "g0", 1.0)
    stores = (GenerationStore(any_database, "a"), GenerationStore(same_database, "b"))

    answers = await asyncio.gather(
        *(stores[n % 2].accept(asked(f"g{n}", budget(8.0), user=f"U{n}")) for n in range(1, 31)),
        return_exceptions=True,
    )

    assert [answer is True for answer in answers].count(True) == 7
    assert await used(any_database, ceilings(budget(8.0))) == [8.0]


async def test_requests_of_one_commit_count_each_other(any_database: Database) -> None:
    store = GenerationStore(any_database)
    await enter(any_database, "g0", 3.0, user_id="U9", channel_id="C9")
    mine = budget(7.0, Scope.PERSON)

    answers = await asyncio.gather(
        *(store.accept(asked(f"g{n}", mine)) for n in range(1, 4)), return_exceptions=True
    )

    assert [answer is True for answer in answers] == [True, True, False]


async def test_who_is_refused_is_told_what_is_left_of_which_budget(any_database: Database) -> None:
    await enter(any_database, "g0", 4.0)
    held = (budget(10.0, Scope.PERSON), budget(5.0, Scope.CHANNEL), budget(100.0))

    with pytest.raises(OverBudget) as refused:
        await GenerationStore(any_database).accept(asked("g1", *held))

    (short,) = refused.value.shortfalls
    assert (short.ceiling.budget.scope, short.ceiling.subject) == (Scope.CHANNEL, "C1")
    assert (short.left, short.estimate, short.is_guess) == (1.0, 4.0, False)
    assert short.ceiling.window.until == datetime(2026, 12, 1, tzinfo=UTC)


async def test_what_was_held_is_settled_when_it_is_charged(any_database: Database) -> None:
    store = GenerationStore(any_database)
    await enter(any_database, "g0", 4.0, counts_at=NOW - timedelta(days=2))
    await store.accept(asked("g1", budget(20.0)))
    assert await used(any_database, ceilings(budget(20.0))) == [4.0]

    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)
    assert await used(any_database, ceilings(budget(20.0))) == [4.0]
    await charge(any_database, store, "g1", 5.0)

    assert await used(any_database, ceilings(budget(20.0))) == [5.0]


@contextlib.contextmanager
def after_first_count(do: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Once a statement that counts credits has been run, `do` happens before anything else."""
    loop, has_begun = asyncio.get_running_loop(), False

    def on_executed(_on: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal has_begun
        if "sum(" in statement and not has_begun:
            has_begun = True
            asyncio.run_coroutine_threadsafe(do(), loop).result(20)

    sa.event.listen(sa.Engine, "after_cursor_execute", on_executed)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", on_executed)
    assert has_begun


async def test_a_charge_in_the_moment_of_counting_is_held_or_spent_never_neither(
    any_database: Database, same_database: Database
) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(20.0), quantity=4))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)

    with after_first_count(lambda: charge(any_database, store, "g1", 5.0)):
        counted = await used(same_database, ceilings(budget(20.0)))

    assert counted == [4.0]
    assert await used(same_database, ceilings(budget(20.0))) == [5.0]


async def test_no_request_slips_in_while_another_is_charged(postgres_url: str) -> None:
    await asyncio.to_thread(migrate, postgres_url)
    database, other = Database(postgres_url), Database(postgres_url)
    await see_price(database)
    store = GenerationStore(database)
    await store.accept(asked("g1", budget(7.0), quantity=4))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)

    with (
        after_first_count(lambda: charge(database, store, "g1", 4.0)),
        pytest.raises(OverBudget),
    ):
        await GenerationStore(other).accept(asked("g2", budget(7.0), quantity=4))

    await other.close()
    await database.close()


async def test_what_was_refused_or_cancelled_holds_nothing(any_database: Database) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(2.0)))
    await store.accept(asked("g2", budget(2.0)))
    assert await used(any_database, ceilings(budget(2.0))) == [2.0]

    await store.cancel("g1", NOW)
    await store.advance("g2", State.ACCEPTED, State.REFUSED, cause=Cause.NOT_IN_CHANNEL)

    assert await used(any_database, ceilings(budget(2.0))) == [0.0]
    assert await store.accept(asked("g3", budget(2.0), quantity=2))


async def test_an_unknown_outcome_counts_until_a_charge_says_what_it_was(
    any_database: Database,
) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(9.0), quantity=3))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)
    await store.advance("g1", State.SUBMITTING, State.UNKNOWN)
    tomorrow = ceilings(budget(9.0), now=NOW + timedelta(days=1))
    assert await used(any_database, ceilings(budget(9.0))) == [3.0]
    assert await used(any_database, tomorrow) == [0.0]

    await store.revive("g1", submitted_at=NOW, credits_used=7.0)
    await enter(any_database, "g1", 7.0)

    assert await used(any_database, ceilings(budget(9.0))) == [7.0]


async def test_a_charge_that_powerpost_did_not_name_counts_as_the_estimate(
    any_database: Database,
) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(9.0), quantity=3))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)
    await charge(any_database, store, "g1", None)

    assert await used(any_database, ceilings(budget(9.0))) == [3.0]


async def test_what_waits_over_midnight_is_held_in_the_new_day(any_database: Database) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(1.0)))
    morning = NOW + timedelta(hours=13)

    with pytest.raises(OverBudget):
        await store.accept(asked("g2", budget(1.0), now=morning))


async def test_a_refund_after_the_month_gives_back_to_the_month_of_the_charge(
    any_database: Database,
) -> None:
    store = GenerationStore(any_database)
    month = budget(8.0, period=Period.MONTH)
    december = NOW + timedelta(days=2)
    await enter(any_database, "g0", 8.0)
    refund = {"counts_at": NOW, "entered_at": december}
    await enter(
        any_database, "g0", 0.0, kind=EntryKind.REFUND_EXPECTED.value, expected=-8.0, **refund
    )

    assert await used(any_database, ceilings(month)) == [0.0]
    assert await used(any_database, ceilings(month, now=december)) == [0.0]
    await enter(
        any_database, "g0", -8.0, kind=EntryKind.REFUND_CONFIRMED.value, expected=8.0, **refund
    )

    assert await used(any_database, ceilings(month)) == [0.0]
    assert await used(any_database, ceilings(month, now=december)) == [0.0]
    with pytest.raises(OverBudget):
        await store.accept(asked("g1", month, quantity=2, now=december))


async def test_each_budget_counts_its_own(any_database: Database) -> None:
    await enter(any_database, "g1", 1.0)
    await enter(any_database, "g2", 2.0, user_id="U2")
    await enter(any_database, "g3", 4.0, channel_id="C2")
    await enter(any_database, "g4", 8.0, team_id="T2")
    await enter(any_database, "g5", 16.0, counts_at=NOW - timedelta(days=1))
    day = [budget(1.0, scope) for scope in Scope]
    month = [budget(1.0, scope, Period.MONTH) for scope in Scope]

    held = ceilings(*day, *month)

    assert [(each.budget.scope, each.budget.period) for each in held] == [
        (Scope.PERSON, Period.DAY),
        (Scope.PERSON, Period.MONTH),
        (Scope.CHANNEL, Period.DAY),
        (Scope.CHANNEL, Period.MONTH),
        (Scope.WORKSPACE, Period.DAY),
        (Scope.WORKSPACE, Period.MONTH),
    ]
    assert await used(any_database, held) == [5.0, 21.0, 3.0, 19.0, 7.0, 23.0]


async def test_a_window_has_its_first_instant_and_not_the_one_that_it_ends_at(
    any_database: Database,
) -> None:
    day, instant = budget(9.0), timedelta(microseconds=1)
    (ceiling,) = ceilings(day)
    since, until = ceiling.window.since, ceiling.window.until
    await enter(any_database, "before", 1.0, counts_at=since - instant)
    await enter(any_database, "first", 2.0, counts_at=since)
    await enter(any_database, "last", 4.0, counts_at=until - instant)
    await enter(any_database, "after", 8.0, counts_at=until)

    assert await used(any_database, [ceiling]) == [6.0]
    assert await used(any_database, ceilings(day, now=until)) == [8.0]


@pytest.mark.parametrize(("day", "held"), [(-1, 0.0), (0, 1.0), (1, 0.0)])
async def test_an_unknown_outcome_counts_in_the_day_it_was_asked_for_in_from_its_first_instant(
    any_database: Database, day: int, held: float
) -> None:
    await see_price(any_database)
    (ceiling,) = ceilings(budget(9.0))
    midnight = ceiling.window.since
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(9.0), now=midnight))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)
    await store.advance("g1", State.SUBMITTING, State.UNKNOWN)

    that_day = ceilings(budget(9.0), now=midnight + timedelta(days=day))
    assert await used(any_database, that_day) == [held]


async def test_the_same_request_delivered_twice_is_not_over_its_own_budget(
    any_database: Database,
) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)

    assert await store.accept(asked("g1", budget(1.0)))
    assert not await store.accept(asked("g1", budget(1.0)))
    assert await used(any_database, ceilings(budget(1.0))) == [1.0]


async def test_what_is_approved_goes_past_the_budget_and_counts(any_database: Database) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(1.0)))

    assert await store.accept(asked("g2", budget(1.0), approved_by="U9"))
    assert await used(any_database, ceilings(budget(1.0))) == [2.0]


@pytest.mark.parametrize("quantity", [1, 4])
@pytest.mark.parametrize(("model", "guide"), GUIDE_PRICES.items())
async def test_as_long_as_no_price_was_seen_the_guide_price_is_held(
    any_database: Database, model: Model, guide: int, quantity: int
) -> None:
    new = asked("g1", budget(99.0), quantity=quantity, model=model)
    await GenerationStore(any_database).accept(new)

    assert await used(any_database, ceilings(budget(99.0))) == [guide * quantity]


async def test_a_budget_below_the_guide_price_is_not_passed_before_a_price_was_seen(
    any_database: Database,
) -> None:
    with pytest.raises(OverBudget) as refused:
        await GenerationStore(any_database).accept(asked("g1", budget(4.0)))

    (short,) = refused.value.shortfalls
    assert (short.estimate, short.is_guess) == (6.0, True)


async def test_a_price_of_another_model_leaves_the_guide_price_alone(
    any_database: Database,
) -> None:
    await enter(any_database, "g0", 6.0, quantity=2, counts_at=NOW - timedelta(days=9))
    await enter(
        any_database, "g9", 2.0, model=Model.NANO_BANANA_2.value, counts_at=NOW - timedelta(days=9)
    )

    with pytest.raises(OverBudget) as refused:
        await GenerationStore(any_database).accept(
            asked("g1", budget(5.0), quantity=2, model=Model.FLUX2_FLEX)
        )

    (short,) = refused.value.shortfalls
    assert (short.estimate, short.is_guess) == (10.0, True)


async def test_a_budget_that_was_changed_meanwhile_is_looked_at_again(
    any_database: Database,
) -> None:
    await PolicyStore(any_database).change(
        "T1",
        lambda policy: policy.model_copy(update={"budgets": (budget(0.0),)}),
        user_id="U9",
        what="budget",
        now=NOW,
    )

    with pytest.raises(StalePolicy):
        await GenerationStore(any_database).accept(asked("g1", budget(5.0)))


async def test_a_smaller_budget_at_the_same_moment_is_before_or_after_never_between(
    any_database: Database, same_database: Database
) -> None:
    await see_price(any_database)
    store = GenerationStore(same_database)

    def shrink(policy: Policy) -> Policy:
        return policy.model_copy(update={"budgets": (budget(0.0),)})

    answers = await asyncio.gather(
        PolicyStore(any_database).change("T1", shrink, user_id="U9", what="budget", now=NOW),
        *(store.accept(asked(f"g{n}", budget(5.0))) for n in range(3)),
        return_exceptions=True,
    )

    accepted = [answer for answer in answers[1:] if answer is True]
    assert all(answer is True or isinstance(answer, StalePolicy) for answer in answers[1:])
    assert await used(any_database, ceilings(budget(5.0))) == [float(len(accepted))]


async def wait_without_budget(database: Database, number: int, **changes: Any) -> list[Generation]:
    """Requests that were accepted when there was no budget; each has taken 9 credits so far."""
    await enter(database, "g0", 9.0, counts_at=NOW - timedelta(days=40))
    store = GenerationStore(database)
    await asyncio.gather(
        *(store.accept(asked(f"w{n}", user=f"U{n}", **changes)) for n in range(number))
    )
    return [await store.read(f"w{n}") for n in range(number)]


async def test_what_was_accepted_before_there_was_a_budget_is_held_once_there_is_one(
    any_database: Database,
) -> None:
    await wait_without_budget(any_database, 13)
    store = GenerationStore(any_database)
    assert await used(any_database, ceilings(budget(9.0))) == [13 * 9.0]
    assert await used(any_database, ceilings(budget(9.0, Scope.PERSON), user="U3")) == [9.0]

    with pytest.raises(OverBudget):
        await store.accept(asked("late", budget(100.0)))

    await store.cancel("w1", NOW)
    assert await used(any_database, ceilings(budget(9.0))) == [12 * 9.0]


async def intend(database: Database, generation: Generation, terms: Terms | None) -> Any:
    """Whether it may be paid for; or what it is refused with."""
    try:
        return await GenerationStore(database).intend(generation, terms, intended_at=NOW)
    except (OverBudget, StalePolicy) as error:
        return type(error)


async def test_a_budget_also_holds_for_what_waits_already(
    any_database: Database, same_database: Database
) -> None:
    waiting = await wait_without_budget(any_database, 13)
    terms = Terms(0, ceilings(budget(9.0)))
    databases = (any_database, same_database)

    answers = await asyncio.gather(
        *(intend(databases[n % 2], each, terms) for n, each in enumerate(waiting))
    )

    assert sorted(map(str, answers)) == sorted(["True", *[str(OverBudget)] * 12])
    (sent,) = [each for each, won in zip(waiting, answers, strict=True) if won is True]
    await charge(any_database, GenerationStore(any_database), sent.id, 9.0)
    for each in waiting:
        if each is not sent:
            assert await intend(any_database, each, terms) is OverBudget
            assert (await GenerationStore(any_database).read(each.id)).state is State.ACCEPTED


async def test_who_was_within_a_budget_that_was_lowered_is_asked_again_unless_approved(
    any_database: Database,
) -> None:
    await see_price(any_database)
    store = GenerationStore(any_database)
    await store.accept(asked("g1", budget(5.0), quantity=2))
    await store.accept(asked("g2", budget(5.0), quantity=2, approved_by="U9"))
    first, approved = await store.read("g1"), await store.read("g2")
    lowered = Terms(0, ceilings(budget(1.0)))

    assert await intend(any_database, first, lowered) is OverBudget
    assert await intend(any_database, approved, lowered) is True
    assert await intend(any_database, first, Terms(0, ceilings(budget(3.0)))) is OverBudget
    assert await intend(any_database, first, Terms(0, ceilings(budget(4.0)))) is True


async def test_a_policy_that_was_changed_before_the_payment_is_looked_at_again(
    any_database: Database,
) -> None:
    (waiting,) = await wait_without_budget(any_database, 1)

    assert await intend(any_database, waiting, Terms(1)) is StalePolicy

    assert (await GenerationStore(any_database).read("w0")).state is State.ACCEPTED


async def test_what_is_paid_for_without_a_budget_is_held_where_its_outcome_is_not_known(
    any_database: Database,
) -> None:
    (waiting,) = await wait_without_budget(any_database, 1)
    assert await intend(any_database, waiting, Terms(0)) is True
    store = GenerationStore(any_database)

    await store.advance("w0", State.SUBMITTING, State.UNKNOWN, told_at=NOW)

    assert await used(any_database, ceilings(budget(9.0))) == [9.0]


async def test_where_there_is_no_budget_accepting_looks_at_no_credits(
    any_database: Database,
) -> None:
    statements = list[str]()

    def note(_on: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement.split(None, 1)[0])

    sa.event.listen(sa.Engine, "after_cursor_execute", note)
    try:
        await GenerationStore(any_database, pending_per_person=13).accept(asked("g1"))
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", note)

    # The version of the policy, how many are waiting, and the row.
    assert [each for each in statements if each in ("SELECT", "INSERT")] == [
        "SELECT",
        "SELECT",
        "INSERT",
    ]


def test_a_direct_message_is_no_channel_and_has_no_channels_budget() -> None:
    channel, mine = budget(5.0, Scope.CHANNEL), budget(9.0, Scope.PERSON)

    assert [each.budget for each in ceilings(channel, mine, channel="D1")] == [mine]
