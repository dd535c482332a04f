"""The steps between the stand-ins: silence, second processes, steps that run twice."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.errors import Cause, NewerVersion
from bot.generations import timing
from bot.generations.ports import Step
from bot.generations.record import State
from bot.generations.timing import PollSchedule
from bot.sandbox.powerpost.faults import PollFault, SubmitFault
from bot.sandbox.powerpost.generation import ImageGeneration
from tests.support.workflow import Desk


async def test_the_steps_come_in_their_order_and_the_pictures_at_the_end(desk: Desk) -> None:
    await desk.accept(quantity=2)

    ended = await desk.run(desk.make_workflow())

    assert desk.steps == list(Step)
    assert ended.state is State.DELIVERED
    assert ended.told_at is not None
    assert all(picture.slack_file_id and picture.media_id for picture in ended.pictures)
    assert len(ended.pictures) == 2


async def test_silence_after_the_paid_post_is_an_unknown_outcome(desk: Desk) -> None:
    desk.powerpost.faults.next_submit(SubmitFault.HANG)
    await desk.accept()

    ended = await desk.run(desk.make_workflow())

    assert (ended.state, ended.cause) == (State.UNKNOWN, Cause.NO_ANSWER)
    assert (ended.balance_before, ended.balance_at_end) == (100, desk.powerpost.balance)
    assert any("did not answer" in text and "was 100 before" in text for text in desk.said())
    assert desk.submits() == 1


async def test_a_look_that_is_never_answered_is_made_again(desk: Desk) -> None:
    desk.powerpost.faults.next_poll(PollFault.HANG)
    await desk.accept()

    ended = await desk.run(desk.make_workflow())

    assert ended.state is State.DELIVERED
    assert desk.submits() == 1


async def test_every_step_run_twice_does_its_work_once(desk: Desk) -> None:
    await desk.accept()
    workflow = desk.make_workflow()

    for do in (workflow.post_root, workflow.payment.intend, workflow.payment.submit):
        assert await do("g1") is await do("g1")
    for do in (workflow.waiting.wait, workflow.fetch):
        assert await do("g1") is await do("g1") is State.FINISHED
    assert [await workflow.tell("g1") for _ in range(3)] == [True, True, True]

    assert (await desk.store.read("g1")).state is State.DELIVERED
    assert desk.submits() == 1
    assert len(desk.said()) == 2
    assert len(desk.workspace.files) == 1


async def test_a_whole_life_that_is_lived_again_changes_nothing(desk: Desk) -> None:
    await desk.accept()
    first = await desk.run(desk.make_workflow())

    again = await desk.run(desk.make_workflow())

    assert again == first
    assert desk.submits() == 1
    assert len(desk.said()) == 2


async def test_only_the_process_that_intended_may_send(desk: Desk) -> None:
    await desk.accept()
    gone, here = desk.make_workflow(), desk.make_workflow()
    await gone.post_root("g1")
    assert await gone.payment.intend("g1") is State.SUBMITTING

    ended = await desk.run(here)

    assert (ended.state, ended.cause) == (State.UNKNOWN, Cause.INTERRUPTED)
    assert desk.submits() == 0
    assert await gone.payment.submit("g1") is State.UNKNOWN
    assert desk.submits() == 0


async def test_of_two_processes_that_begin_at_once_one_pays(desk: Desk) -> None:
    await desk.accept()
    workflows = [desk.make_workflow() for _ in range(4)]

    await asyncio.gather(*(workflow.post_root("g1") for workflow in workflows))
    states = await asyncio.gather(*(workflow.payment.intend("g1") for workflow in workflows))
    await asyncio.gather(*(workflow.payment.submit("g1") for workflow in workflows))

    assert set(states) == {State.SUBMITTING}
    assert desk.submits() <= 1


async def test_a_life_begun_anew_in_the_middle_of_paying_never_says_that_nothing_was_spent(
    desk: Desk,
) -> None:
    await desk.accept()
    gone = desk.make_workflow()
    await gone.post_root("g1")
    await gone.payment.intend("g1")

    await desk.run(desk.make_workflow())

    assert not any("Nothing was spent" in text for text in desk.said())


async def test_a_process_that_is_closing_hands_back_what_it_has_not_sent(desk: Desk) -> None:
    await desk.accept()
    workflow = desk.make_workflow()
    await workflow.post_root("g1")
    await workflow.payment.intend("g1")

    await workflow.payment.close(0.1)
    sending = asyncio.create_task(workflow.payment.submit("g1"))
    await workflow.payment.hand_back()

    assert await desk.state() is State.ACCEPTED
    sending.cancel()  # as the engine does when it closes
    ended = await desk.run(desk.make_workflow())

    assert ended.state is State.DELIVERED
    assert desk.submits() == 1


async def test_a_request_that_powerpost_would_not_take_for_half_an_hour_is_refused(
    desk: Desk,
) -> None:
    desk.powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)
    await desk.accept()
    # As a process that is gone has noted it.
    await desk.store.note("g1", tried_at=datetime.now(UTC) - timedelta(minutes=31))

    ended = await desk.run(desk.make_workflow())

    assert (ended.state, ended.cause) == (State.REFUSED, Cause.RATE_LIMITED)
    assert any("busy or away for half an hour" in text for text in desk.said())
    assert desk.powerpost.paid_posts == 0


async def test_what_stood_in_line_for_long_is_tried_as_long_as_any_other(desk: Desk) -> None:
    desk.powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)
    await desk.accept()
    await desk.store.note("g1", accepted_at=datetime.now(UTC) - timedelta(hours=5))
    begun = datetime.now(UTC)

    ended = await desk.run(desk.make_workflow())

    assert ended.state is State.DELIVERED
    assert desk.powerpost.paid_posts == 1
    assert ended.tried_at is not None
    assert begun <= ended.tried_at <= datetime.now(UTC)


async def test_a_job_that_powerpost_does_not_end_within_a_day_is_said_to_be_paid(
    desk: Desk,
) -> None:
    desk.powerpost.seconds_per_generation = 1e6
    await desk.accept()
    workflow = desk.make_workflow()
    for do in (workflow.post_root, workflow.payment.intend, workflow.payment.submit):
        await do("g1")
    await desk.store.note("g1", submitted_at=datetime.now(UTC) - timedelta(hours=25))

    ended = await desk.run(workflow)

    assert ended.state is State.UNKNOWN
    assert any("has not finished after a day" in text for text in desk.said())
    assert not any("try again" in text.lower() for text in desk.said())


async def pay_for_what_hangs(desk: Desk, *ids: str) -> list[ImageGeneration]:
    """Generations that PowerPost took ten minutes ago and does not end."""
    usual, desk.powerpost.seconds_per_generation = desk.powerpost.seconds_per_generation, 1e6
    workflow = desk.make_workflow()
    for id_ in ids:
        await desk.accept(id_)
        for do in (workflow.post_root, workflow.payment.intend, workflow.payment.submit):
            await do(id_)
        submitted_at = datetime.now(UTC) - timedelta(minutes=10)
        await desk.store.note(id_, submitted_at=submitted_at)
    desk.powerpost.seconds_per_generation = usual
    return list(desk.powerpost.generations.values())


async def test_what_hangs_at_powerpost_keeps_nobody_waiting_and_is_delivered_when_it_ends(
    desk: Desk,
) -> None:
    names = ["h1", "h2", "h3"]
    hanging = await pay_for_what_hangs(desk, *names)
    workflow = desk.make_workflow()
    lives = [asyncio.create_task(desk.run(workflow, name)) for name in names]

    await desk.accept("g1")
    async with asyncio.timeout(30):
        assert (await desk.run(workflow, "g1")).state is State.DELIVERED
    assert not any(life.done() for life in lives)

    for each in hanging:
        each.ends_at = time.time()
        workflow.waiting.wake(each.image_generation_id)
    async with asyncio.timeout(30):
        ended = await asyncio.gather(*lives)
    assert [each.state for each in ended] == [State.DELIVERED] * 3
    assert desk.submits() == 4


async def test_what_powerpost_does_not_know_any_more_ends_as_unknown_after_an_hour(
    desk: Desk,
) -> None:
    await pay_for_what_hangs(desk, "g1")
    await desk.store.note("g1", submitted_at=datetime.now(UTC) - timedelta(minutes=61))
    desk.powerpost.generations.clear()

    async with asyncio.timeout(30):
        ended = await desk.run(desk.make_workflow())

    assert (ended.state, ended.cause) == (State.UNKNOWN, Cause.NOT_FOUND)
    assert await desk.looks() == timing.MISSING_POLLS
    (told,) = [text for text in desk.said() if "does not know it" in text]
    assert "It took 3 credits for this" in told
    assert "after a day" not in told


async def test_what_powerpost_does_not_know_for_a_moment_is_not_given_up(desk: Desk) -> None:
    (hanging,) = await pay_for_what_hangs(desk, "g1")
    await desk.store.note("g1", submitted_at=datetime.now(UTC) - timedelta(hours=3))
    hanging.ends_at = time.time()
    for _ in range(timing.MISSING_POLLS - 1):
        desk.powerpost.faults.next_poll(PollFault.NOT_FOUND)

    async with asyncio.timeout(30):
        assert (await desk.run(desk.make_workflow())).state is State.DELIVERED


async def test_a_hint_that_powerpost_has_finished_makes_it_look_at_once(desk: Desk) -> None:
    desk.powerpost.seconds_per_generation = 1e6
    await desk.accept()
    workflow = desk.make_workflow()
    state = await workflow.post_root("g1")
    while state is not State.PROCESSING:
        assert await workflow.payment.intend("g1") is State.SUBMITTING
        state = await workflow.payment.submit("g1")
    image_generation_id = (await desk.store.read("g1")).image_generation_id
    assert image_generation_id is not None
    # Far enough in that it looks only every 30 seconds.
    await desk.store.note("g1", submitted_at=datetime.now(UTC) - timedelta(seconds=600))
    waiting = asyncio.create_task(workflow.waiting.wait("g1"))

    async def has_looked() -> bool:
        return await desk.looks() > 0

    await desk.until(has_looked)
    desk.powerpost.end_all()
    began = time.monotonic()
    workflow.waiting.wake(image_generation_id)

    assert await waiting is State.FINISHED
    assert time.monotonic() - began < 25
    workflow.waiting.wake("nobody waits for this")


async def test_a_hint_that_overtakes_the_answer_to_the_paid_post_is_not_forgotten(
    desk: Desk,
) -> None:
    await desk.accept()
    workflow = desk.make_workflow(PollSchedule(first_poll_seconds=30.0, poll_seconds=30.0))
    for do in (workflow.post_root, workflow.payment.intend, workflow.payment.submit):
        await do("g1")
    image_generation_id = (await desk.store.read("g1")).image_generation_id
    assert image_generation_id is not None
    desk.powerpost.end_all()

    workflow.waiting.wake(image_generation_id)
    async with asyncio.timeout(25):
        assert await workflow.waiting.wait("g1") is State.FINISHED


async def test_a_newer_versions_request_is_neither_paid_for_nor_told_about(desk: Desk) -> None:
    await desk.accept()
    await desk.store.note("g1", request={"prompt": "fog", "mood": "dark"})

    with pytest.raises(NewerVersion):
        await desk.run(desk.make_workflow())

    assert desk.submits() == 0
    assert desk.said() == []


async def test_what_a_late_answer_revives_while_it_is_told_goes_on_to_the_pictures(
    desk: Desk,
) -> None:
    await desk.accept()
    gone, heir = desk.make_workflow(), desk.make_workflow()
    await gone.post_root("g1")
    await gone.payment.intend("g1")
    paid = await desk.pay()

    # Its answer is read while the heir settles it as unknown.
    desk.while_balance = partial(desk.store.revive, "g1", **paid)
    ended = await desk.run(heir)

    assert ended.state is State.DELIVERED
    assert not any("Nothing was spent" in text for text in desk.said())
    assert not any("I will not send it again" in text for text in desk.said())
    assert sum("Here is your picture" in text for text in desk.said()) == 1


async def test_what_is_revived_when_it_was_told_already_comes_after_all(desk: Desk) -> None:
    await desk.accept()
    gone = desk.make_workflow()
    await gone.post_root("g1")
    await gone.payment.intend("g1")
    paid = await desk.pay()
    told = await desk.run(desk.make_workflow())
    assert (told.state, told.told_at is not None) == (State.UNKNOWN, True)

    assert await desk.store.revive("g1", **paid)
    assert not await desk.store.revive("g1", **paid)
    ended = await desk.run(desk.make_workflow())

    assert ended.state is State.DELIVERED
    assert any("Here is your picture" in text for text in desk.said())


async def test_a_stop_hands_back_no_intent_but_its_own(desk: Desk) -> None:
    await desk.accept()
    stale, other = desk.make_workflow(), desk.make_workflow()
    await stale.payment.intend("g1")
    await desk.store.advance("g1", State.SUBMITTING, State.ACCEPTED)
    await other.payment.intend("g1")  # it may have been sent, and paid for

    await stale.payment.close(0.1)
    await stale.payment.hand_back()

    assert await desk.state() is State.SUBMITTING
