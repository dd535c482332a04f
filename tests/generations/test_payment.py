"""The paid POST: when it is sent again, and that nothing but a fresh intent of this process sends
it. On a clock that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    NotOurs,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.generations.payment import PAYING_AT_ONCE, PAYING_PER_PERSON, Payment
from bot.generations.ports import Phase, Receipt
from bot.generations.record import Generation, Place, State
from bot.policy.terms import OverBudget, StalePolicy, Terms
from tests.support.leaping import run_leaping
from tests.support.memory import RECEIPT, MemoryAudience, MemoryPowerPost, MemoryStore, begin

AWAY = Transient(Cause.UNREACHABLE)


def limited(seconds: float) -> Transient:
    return Transient(Cause.RATE_LIMITED, retry_after_seconds=seconds)


@dataclass
class Rules:
    """Answers in turn, the last one for ever; None lets through (ports.py, Permission)."""

    answers: list[ImagineError | None]
    seconds: float = 0.0
    asked: list[bool] = field(default_factory=list)

    async def offer(self, generation: Generation, error: OverBudget) -> OverBudget:
        return OverBudget(error.shortfalls, approval_id="a1")

    async def check(self, generation: Generation, *, is_last: bool) -> Terms:
        assert generation.state is State.ACCEPTED
        self.asked.append(is_last)
        await asyncio.sleep(self.seconds)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is not None:
            raise answer
        return Terms(0)


@dataclass
class Till:
    """A payment and what is around it."""

    store: MemoryStore
    powerpost: MemoryPowerPost
    publisher: MemoryAudience
    payment: Payment

    async def pay(self) -> State:
        """As the workflow does: intend and submit in turn, until it is no more at the start."""
        while True:
            async with self.payment.turn(self.store.kept):
                if await self.payment.intend("g1") is State.SUBMITTING:
                    await self.payment.submit("g1")
            if self.store.kept.state is not State.ACCEPTED:
                return self.store.kept.state


def make_till(
    *answers: Receipt | ImagineError, rules: Rules | None = None, state: State = State.ACCEPTED
) -> Till:
    store, publisher = MemoryStore(begin(state)), MemoryAudience()
    powerpost = MemoryPowerPost(receipts=[*answers] or [RECEIPT])
    return Till(store, powerpost, publisher, Payment(store, powerpost, publisher, rules))


def assert_pauses(moments: Sequence[float], expected: Sequence[float]) -> None:
    pauses = [after - before for before, after in pairwise(moments)]
    assert len(pauses) == len(expected), pauses
    for pause, seconds in zip(pauses, expected, strict=True):
        assert 0.89 * seconds <= pause <= 1.11 * seconds + 0.01, pauses


def test_what_is_paid_is_noted_with_all_that_powerpost_said() -> None:
    till = make_till()

    assert run_leaping(till.pay()) is State.PROCESSING

    kept = till.store.kept
    assert (kept.image_generation_id, kept.request_id) == ("i1", "req_1")
    assert (kept.credits_used, kept.balance_before, kept.balance_after) == (3.0, 100.0, 97.0)
    assert kept.intended_at is not None
    assert kept.submitted_at is not None
    assert kept.intended_at <= kept.submitted_at


def test_a_request_that_hangs_says_that_it_was_asked_and_then_what_came_of_it() -> None:
    till = make_till(limited(7.0), RECEIPT)
    till.powerpost.submit_seconds = 30.0

    assert run_leaping(till.pay()) is State.PROCESSING

    phases = [progress.phase for _, progress in till.publisher.shown]
    assert phases == [Phase.ASKED, Phase.HELD_UP, Phase.ASKED]


def test_a_request_that_is_answered_at_once_says_nothing_of_it() -> None:
    till = make_till()
    till.powerpost.submit_seconds = 1.0

    assert run_leaping(till.pay()) is State.PROCESSING
    assert till.publisher.shown == []


def test_what_powerpost_would_not_take_is_sent_again_when_it_says() -> None:
    till = make_till(limited(7.0), limited(50.0), RECEIPT)

    assert run_leaping(till.pay()) is State.PROCESSING

    assert_pauses(till.powerpost.submitted_at, [7.0, 50.0])
    assert [progress.phase for _, progress in till.publisher.shown] == [Phase.HELD_UP] * 2
    assert [progress.elapsed_seconds for _, progress in till.publisher.shown] == pytest.approx(
        [0.0, 7.0], abs=0.2
    )


def test_what_did_not_reach_powerpost_is_sent_again_after_ever_longer_pauses() -> None:
    till = make_till(*[AWAY] * 4, RECEIPT)

    assert run_leaping(till.pay()) is State.PROCESSING

    assert_pauses(till.powerpost.submitted_at, [1.0, 2.0, 4.0, 8.0])


def test_a_pause_is_one_generations_own() -> None:
    till = make_till(limited(60.0), RECEIPT)

    async def pay_both() -> float:
        async with till.payment.turn(till.store.kept):
            await till.payment.intend("g1")
            assert await till.payment.submit("g1") is State.ACCEPTED
        other = begin(State.ACCEPTED, id="g2")
        async with till.payment.turn(other):
            return asyncio.get_running_loop().time()

    assert run_leaping(pay_both()) < 0.1


def test_what_powerpost_takes_for_half_an_hour_is_refused_with_the_last_reason() -> None:
    till = make_till(limited(100.0))

    assert run_leaping(till.pay()) is State.REFUSED

    assert till.store.kept.cause is Cause.RATE_LIMITED
    assert till.store.kept.upstream_message is None
    assert 1800 < till.powerpost.submitted_at[-1] < 1910


def test_times_in_a_row_are_counted_anew_once_it_was_taken() -> None:
    till = make_till(AWAY, AWAY, AWAY, RECEIPT, AWAY, RECEIPT)

    async def pay_twice() -> None:
        await till.pay()
        till.store.kept = begin(State.ACCEPTED)
        await till.pay()

    run_leaping(pay_twice())

    assert_pauses(till.powerpost.submitted_at, [1.0, 2.0, 4.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Rejected(Cause.INVALID_REQUEST, "no such size", request_id="req_7"), "no such size"),
        (Misconfigured(Cause.INVALID_KEY, "a key", request_id="req_7"), None),
    ],
)
def test_what_is_refused_has_ended_and_says_why(error: ImagineError, message: str | None) -> None:
    till = make_till(error)

    assert run_leaping(till.pay()) is State.REFUSED

    kept = till.store.kept
    assert (kept.cause, kept.upstream_message, kept.request_id) == (error.cause, message, "req_7")
    assert kept.finished_at is not None


@pytest.mark.parametrize(
    "error", [OutcomeUnknown(Cause.NO_ANSWER, request_id="req_7"), RuntimeError("ours")]
)
def test_an_outcome_that_nobody_knows_is_never_sent_again(error: Exception) -> None:
    till = make_till(error)  # type: ignore[arg-type]
    till.powerpost.balances = [100.0, 91.0]

    assert run_leaping(till.pay()) is State.UNKNOWN

    kept = till.store.kept
    assert len(till.powerpost.submitted_at) == 1
    assert (kept.balance_before, kept.balance_at_end) == (100.0, 91.0)
    is_ours = isinstance(error, RuntimeError)
    assert kept.cause is (Cause.BROKEN_ANSWER if is_ours else Cause.NO_ANSWER)
    assert kept.finished_at is not None


def test_an_intent_of_another_process_is_never_sent() -> None:
    till = make_till(state=State.SUBMITTING)
    till.store.kept = begin(State.SUBMITTING, intent="another's")

    assert run_leaping(till.payment.submit("g1")) is State.UNKNOWN

    assert till.powerpost.submitted_at == []
    assert till.store.kept.cause is Cause.INTERRUPTED


def test_an_intent_that_was_replaced_meanwhile_is_never_sent() -> None:
    till = make_till()

    async def lose_it() -> State:
        await till.payment.intend("g1")
        await till.store.note("g1", intent="another's")
        return await till.payment.submit("g1")

    assert run_leaping(lose_it()) is State.UNKNOWN
    assert till.powerpost.submitted_at == []


def test_one_intent_is_sent_once() -> None:
    till = make_till()

    async def submit_twice() -> list[State]:
        await till.payment.intend("g1")
        return [await till.payment.submit("g1"), await till.payment.submit("g1")]

    assert run_leaping(submit_twice()) == [State.PROCESSING, State.PROCESSING]
    assert len(till.powerpost.submitted_at) == 1


@pytest.mark.parametrize("state", [State.REFUSED, State.PROCESSING, State.UNKNOWN])
def test_what_is_past_the_start_is_not_intended(state: State) -> None:
    till = make_till(state=state)

    assert run_leaping(till.payment.intend("g1")) is state
    assert run_leaping(till.payment.submit("g1")) is state
    assert till.store.kept.intent is None
    assert till.powerpost.submitted_at == []


def test_what_the_rules_forbid_by_now_is_refused_and_never_sent() -> None:
    rules = Rules([Rejected(Cause.NOT_ALLOWED, "words")])
    till = make_till(rules=rules)

    assert run_leaping(till.pay()) is State.REFUSED

    assert till.powerpost.submitted_at == []
    assert rules.asked == [True]
    assert (till.store.kept.cause, till.store.kept.upstream_message) == (Cause.NOT_ALLOWED, "words")


def test_what_is_over_budget_by_now_is_refused_with_the_way_to_approval() -> None:
    till = make_till(rules=Rules([None]))
    till.store.refusals = [OverBudget([])]

    assert run_leaping(till.pay()) is State.REFUSED

    assert till.powerpost.submitted_at == []
    assert till.store.kept.cause is Cause.OVER_BUDGET
    noted: Any = till.store.kept.over_budget  # as JSON: this store keeps what it is given
    assert noted == {"approval_id": "a1", "shortfalls": []}
    assert run_leaping(till.payment.submit("g1")) is State.REFUSED


def test_a_policy_that_changes_at_the_last_moment_is_looked_at_again() -> None:
    rules = Rules([None])
    till = make_till(rules=rules)
    till.store.refusals = [StalePolicy(), StalePolicy()]

    assert run_leaping(till.pay()) is State.PROCESSING

    assert rules.asked == [True] * 3
    assert len(till.powerpost.submitted_at) == 1


def test_patience_counts_from_the_first_try_across_processes() -> None:
    till = make_till(limited(100.0))
    now = datetime.now(UTC)
    till.store.kept = begin(State.ACCEPTED, tried_at=now - timedelta(seconds=1650))

    assert run_leaping(till.pay()) is State.REFUSED

    assert len(till.powerpost.submitted_at) == 3  # at 1650, 1750 and 1850 seconds


def test_rules_that_nobody_can_say_now_are_asked_again_later_without_a_word() -> None:
    unknown = Transient(Cause.GROUPS_UNKNOWN)
    till = make_till(rules=Rules([unknown, unknown, None]))

    assert run_leaping(till.pay()) is State.PROCESSING

    (sent,) = till.powerpost.submitted_at
    assert 0.9 + 1.8 <= sent <= 1.1 + 2.2 + 0.1
    assert till.publisher.shown == []


def test_rules_that_nobody_can_say_for_half_an_hour_end_it() -> None:
    till = make_till(rules=Rules([None], seconds=3600.0))

    assert run_leaping(till.pay()) is State.REFUSED

    assert till.store.kept.cause is Cause.GROUPS_UNKNOWN
    assert till.powerpost.submitted_at == []


def test_rules_are_not_waited_for_while_others_wait_to_pay() -> None:
    till = make_till(rules=Rules([None], seconds=3600.0))

    async def intend() -> tuple[State, float]:
        return await till.payment.intend("g1"), asyncio.get_running_loop().time()

    state, took = run_leaping(intend())
    assert state is State.ACCEPTED
    assert took == pytest.approx(5.0, abs=0.1)
    assert till.powerpost.submitted_at == []


@pytest.mark.parametrize("error", [AWAY, Misconfigured(Cause.FORBIDDEN)])
def test_a_balance_that_cannot_be_had_holds_nothing_up(error: ImagineError) -> None:
    till = make_till()
    till.powerpost.balances = [error]

    assert run_leaping(till.pay()) is State.PROCESSING
    assert till.store.kept.balance_before is None


def test_a_balance_is_waited_for_ten_seconds() -> None:
    till = make_till()
    till.powerpost.balance_seconds = 3600.0

    assert run_leaping(till.pay()) is State.PROCESSING
    assert till.powerpost.submitted_at == pytest.approx([10.0], abs=0.1)


def test_what_was_cancelled_as_it_was_intended_is_not_sent() -> None:
    till = make_till(rules=Rules([None], seconds=1.0))

    async def cancel_meanwhile() -> State:
        intend = asyncio.create_task(till.payment.intend("g1"))
        await asyncio.sleep(0.5)
        till.store.kept = begin(State.REFUSED, cause=Cause.CANCELLED)
        return await intend

    assert run_leaping(cancel_meanwhile()) is State.REFUSED
    assert run_leaping(till.payment.submit("g1")) is State.REFUSED
    assert till.powerpost.submitted_at == []


def test_an_answer_that_comes_after_a_take_over_is_kept_and_whoever_has_it_goes_on() -> None:
    till = make_till()

    async def be_taken_over() -> None:
        await till.payment.intend("g1")
        till.store.kept = begin(State.SUBMITTING, intent=till.store.kept.intent)
        submit = asyncio.create_task(till.payment.submit("g1"))
        await asyncio.sleep(0)
        till.store.is_taken_over = True
        await submit

    with pytest.raises(NotOurs):
        run_leaping(be_taken_over())
    assert till.store.kept.state is State.PROCESSING
    assert till.store.kept.image_generation_id == "i1"


def test_a_process_that_ends_hands_back_what_it_has_not_sent() -> None:
    till = make_till()

    async def close_before_it_is_sent() -> bool:
        await till.payment.intend("g1")
        await till.payment.close(1.0)
        submit = asyncio.create_task(till.payment.submit("g1"))
        await asyncio.sleep(5)
        is_waiting = not submit.done()
        submit.cancel()
        await till.payment.hand_back()
        return is_waiting

    assert run_leaping(close_before_it_is_sent())
    assert till.store.kept.state is State.ACCEPTED
    assert till.powerpost.submitted_at == []


@pytest.mark.parametrize("answer", [RECEIPT, OutcomeUnknown(Cause.NO_ANSWER), limited(60.0)])
def test_what_was_sent_is_never_handed_back(answer: Receipt | ImagineError) -> None:
    till = make_till(answer)

    async def close_after_it_was_sent() -> State:
        await till.payment.intend("g1")
        state = await till.payment.submit("g1")
        till.store.kept = replace(till.store.kept, state=State.SUBMITTING)  # by another since
        await till.payment.close(1.0)
        await till.payment.hand_back()
        return state

    run_leaping(close_after_it_was_sent())
    assert till.store.kept.state is State.SUBMITTING
    assert len(till.powerpost.submitted_at) == 1


def test_what_was_taken_over_is_not_handed_back() -> None:
    till = make_till()

    async def be_taken_over() -> None:
        await till.payment.intend("g1")
        till.store.is_taken_over = True
        await till.payment.hand_back()

    run_leaping(be_taken_over())
    assert till.store.kept.state is State.SUBMITTING


def test_a_process_that_ends_intends_nothing_more() -> None:
    till = make_till()

    async def close_first() -> bool:
        await till.payment.close(1.0)
        intend = asyncio.create_task(till.payment.intend("g1"))
        await asyncio.sleep(5)
        is_waiting = not intend.done()
        intend.cancel()
        return is_waiting

    assert run_leaping(close_first())
    assert till.store.kept.state is State.ACCEPTED
    assert till.store.kept.intent is None


@pytest.mark.parametrize(
    ("answer_seconds", "took", "state"),
    [
        pytest.param(3.0, 3.0, State.PROCESSING, id="answered meanwhile"),
        # The next process finds it so, and says that nobody knows.
        pytest.param(20.0, 8.0, State.SUBMITTING, id="not answered"),
    ],
)
def test_a_process_that_ends_waits_for_answers_as_long_as_it_may(
    answer_seconds: float, took: float, state: State
) -> None:
    till = make_till()
    till.powerpost.submit_seconds = answer_seconds

    async def close_meanwhile() -> float:
        await till.payment.intend("g1")
        submit = asyncio.create_task(till.payment.submit("g1"))
        await asyncio.sleep(0.001)
        await till.payment.close(8.0)
        closed_at = asyncio.get_running_loop().time()
        await asyncio.gather(submit, return_exceptions=True)
        await asyncio.sleep(60.0)
        return closed_at

    assert run_leaping(close_meanwhile()) == pytest.approx(took, abs=0.1)
    assert till.store.kept.state is state
    assert len(till.powerpost.submitted_at) == 1


def test_a_job_that_is_given_up_after_it_was_sent_still_notes_the_answer() -> None:
    till = make_till()
    till.powerpost.submit_seconds = 3.0

    async def give_up() -> None:
        await till.payment.intend("g1")
        submit = asyncio.create_task(till.payment.submit("g1"))
        await asyncio.sleep(1)
        submit.cancel()
        await asyncio.sleep(5)

    run_leaping(give_up())
    assert till.store.kept.state is State.PROCESSING


def test_so_many_pay_at_once_and_so_many_of_one_person() -> None:
    till = make_till()
    inside = dict.fromkeys(("U1", "U2", "U3"), 0)
    most = dict(inside)

    async def hold(id_: str, person: str) -> int:
        generation = begin(State.ACCEPTED, id=id_, place=Place("T1", "C1", person))
        async with till.payment.turn(generation):
            inside[person] += 1
            most[person] = max(most[person], inside[person])
            together = sum(inside.values())
            await asyncio.sleep(1)
            inside[person] -= 1
        return together

    async def all_at_once() -> list[int]:
        return await asyncio.gather(
            *(hold(f"{person}-{number}", person) for number in range(4) for person in inside)
        )

    # A crash makes at most these unknown.
    assert max(run_leaping(all_at_once())) == PAYING_AT_ONCE == 4
    assert max(most.values()) == PAYING_PER_PERSON == 2
