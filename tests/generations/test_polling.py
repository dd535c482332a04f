"""When PowerPost is looked at, hour by hour, on a clock that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations.payment import Payment
from bot.generations.polling import (
    NOTIFICATION_LIFE_SECONDS,
    NOTIFICATIONS_MAX,
    EarlyNotifications,
    Polling,
)
from bot.generations.ports import MadePicture, Phase, PollResult
from bot.generations.record import Generation, State
from bot.generations.timing import PollSchedule
from tests.support.leaping import run_leaping
from tests.support.memory import STILL, MemoryAudience, MemoryPowerPost, MemoryStore, begin

MADE = PollResult(is_ended=True, pictures=(MadePicture("m1", "https://p.example/1.webp", 9, 9),))
FAILED = PollResult(is_ended=True, is_failed=True, message="no")
AWAY = Transient(Cause.SERVER_ERROR)
UNKNOWN_THERE = Rejected(Cause.NOT_FOUND)
HOUR, DAY = 3600.0, 24 * 3600.0


@dataclass
class Vigil:
    """What a generation was waited for with, and what came of it."""

    waiting: Polling
    store: MemoryStore
    powerpost: MemoryPowerPost
    publisher: MemoryAudience
    given_back_at: list[float]


def watch(
    *looks: PollResult | ImagineError,
    generation: Generation | None = None,
    hints: Sequence[float] = (),
    durations: Sequence[float] = (),
    schedule: PollSchedule | None = None,
) -> Vigil:
    """Wait for a generation whose looks are answered so, with hints at these seconds."""
    kept = generation or begin(State.PROCESSING, image_generation_id="i1")
    store = MemoryStore(kept, durations)
    powerpost, publisher = MemoryPowerPost([*looks]), MemoryAudience()
    payment = Payment(store, powerpost, publisher)
    given_back_at = list[float]()

    async def give_back(_generation: Generation) -> None:
        given_back_at.append(asyncio.get_running_loop().time())

    waiting = Polling(store, powerpost, publisher, payment, schedule or PollSchedule(), give_back)

    async def wait() -> None:
        for seconds in hints:
            asyncio.get_running_loop().call_at(seconds, waiting.wake, "i1")
        await waiting.wait("g1")

    run_leaping(wait())
    return Vigil(waiting, store, powerpost, publisher, given_back_at)


async def keep_place(_generation: Generation) -> None:
    """Nothing hangs here."""


def around(seconds: float) -> Callable[[float], bool]:
    """Within the tenth that is left to chance."""
    return lambda found: 0.89 * seconds <= found <= 1.11 * seconds


def assert_pauses(found: Sequence[float], expected: Sequence[float]) -> None:
    assert len(found) == len(expected), found
    assert all(around(each)(pause) for pause, each in zip(found, expected, strict=True)), found


def test_looks_begin_after_two_seconds_and_go_on_every_two_and_a_half() -> None:
    vigil = watch(STILL, STILL, STILL, MADE)

    assert_pauses(vigil.powerpost.pauses, [2.0, 2.5, 2.5, 2.5])
    assert vigil.store.kept.state is State.FINISHED


def test_looks_that_fail_back_off_and_one_that_tells_something_ends_that() -> None:
    vigil = watch(*[AWAY] * 5, STILL, AWAY, AWAY, MADE)

    assert_pauses(vigil.powerpost.pauses, [2.0, 2.5, 2.5, 4.0, 8.0, 16.0, 2.5, 2.5, 2.5])


def test_what_powerpost_does_not_know_is_a_look_that_failed() -> None:
    vigil = watch(*[UNKNOWN_THERE] * 4, MADE)

    assert_pauses(vigil.powerpost.pauses, [2.0, 2.5, 2.5, 4.0, 8.0])


@pytest.mark.parametrize(("asked", "pause"), [(40.0, 40.0), (1.0, 2.5), (None, 2.5)])
def test_retry_after_makes_the_next_look_later_and_never_sooner(
    asked: float | None, pause: float
) -> None:
    limited = Transient(Cause.RATE_LIMITED, retry_after_seconds=asked)

    vigil = watch(limited, STILL, MADE)

    assert_pauses(vigil.powerpost.pauses, [2.0, pause, 2.5])


def test_one_hint_is_one_look() -> None:
    vigil = watch(STILL, STILL, MADE, hints=[0.5, 0.5, 0.5])

    assert_pauses(vigil.powerpost.pauses, [0.5, 1.5, 2.5])


def test_a_hint_after_a_look_is_another_look() -> None:
    # The first hint came too early; for a second after that look hints wait.
    vigil = watch(STILL, MADE, hints=[0.5, 1.6], schedule=PollSchedule(30.0, 30.0))

    assert vigil.powerpost.looked_at == pytest.approx([0.5, 1.6], abs=0.01)


def test_hints_in_vain_are_heeded_after_ever_longer_times() -> None:
    flood = [0.5 + number / 10 for number in range(400)]

    vigil = watch(*[STILL] * 6, MADE, hints=flood, schedule=PollSchedule(60.0, 60.0))

    # Nobody can make it look more often than this: 1, 2, 4, 8 … seconds after the last look.
    assert [round(pause, 1) for pause in vigil.powerpost.pauses[:5]] == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_hint_hurries_nothing_while_powerpost_does_not_answer() -> None:
    flood = [2.5 + number / 10 for number in range(600)]

    vigil = watch(AWAY, AWAY, AWAY, AWAY, MADE, hints=flood)

    # Each look comes at its time, and the hints that came before it count for it.
    assert_pauses(vigil.powerpost.pauses, [2.0, 2.5, 2.5, 4.0, 8.0])


def test_a_hint_that_came_before_the_answer_to_the_submit_is_remembered() -> None:
    async def wait() -> list[float]:
        store = MemoryStore(begin(State.PROCESSING, image_generation_id="i1"))
        powerpost, publisher = MemoryPowerPost([MADE]), MemoryAudience()
        payment = Payment(store, powerpost, publisher)
        waiting = Polling(
            store, powerpost, publisher, payment, PollSchedule(30.0, 30.0), keep_place
        )
        waiting.wake("another")
        waiting.wake("i1")
        await asyncio.sleep(5)
        await waiting.wait("g1")
        return powerpost.looked_at

    assert run_leaping(wait()) == pytest.approx([5.0], abs=0.01)


@pytest.mark.parametrize(
    ("durations", "seconds"), [([], 180.0), ([20.0] * 9, 180.0), ([20.0] * 9 + [400.0], 400.0)]
)
def test_what_takes_longer_than_its_model_ever_needed_gives_its_place_back_once(
    durations: list[float], seconds: float
) -> None:
    vigil = watch(*[STILL] * 200, AWAY, AWAY, MADE, durations=durations)

    (given_back_at,) = vigil.given_back_at
    assert seconds <= given_back_at < seconds + 35
    assert vigil.store.unplaced_at is not None
    assert vigil.store.kept.state is State.FINISHED


def test_what_ends_in_time_keeps_its_place_until_then() -> None:
    vigil = watch(STILL, STILL, MADE)

    assert vigil.given_back_at == []
    assert vigil.store.unplaced_at is None


def test_what_powerpost_does_not_know_is_given_up_after_an_hour() -> None:
    vigil = watch(UNKNOWN_THERE)

    assert (vigil.store.kept.state, vigil.store.kept.cause) == (State.UNKNOWN, Cause.NOT_FOUND)
    assert HOUR <= vigil.powerpost.looked_at[-1] < HOUR + 70


def test_what_powerpost_does_not_know_is_said_to_be_so_and_keeps_nobody_waiting() -> None:
    vigil = watch(STILL, UNKNOWN_THERE)

    (given_back_at,) = vigil.given_back_at
    assert given_back_at < 60
    phases = [progress.phase for _, progress in vigil.publisher.shown]
    assert phases[0] is Phase.GENERATING
    assert set(phases[phases.index(Phase.MISSING) :]) == {Phase.MISSING}


def test_what_powerpost_knows_again_is_as_if_it_had_never_been_missing() -> None:
    vigil = watch(*[UNKNOWN_THERE] * 5, STILL, STILL, MADE)
    phases = [progress.phase for _, progress in vigil.publisher.shown]

    assert Phase.MISSING in phases
    assert phases[-1] is Phase.GENERATING
    assert (vigil.store.kept.state, vigil.store.kept.cause) == (State.FINISHED, None)


def test_a_process_that_takes_over_goes_on_with_what_is_missing() -> None:
    kept = begin(State.PROCESSING, image_generation_id="i1", cause=Cause.NOT_FOUND)
    vigil = watch(UNKNOWN_THERE, MADE, generation=kept)

    assert vigil.publisher.shown[0][1].phase is Phase.MISSING
    assert vigil.store.kept.cause is None


def test_what_powerpost_does_not_know_for_a_moment_only_is_not_given_up() -> None:
    now_and_then: list[PollResult | ImagineError] = [UNKNOWN_THERE, UNKNOWN_THERE, STILL]

    vigil = watch(*[STILL] * 250, *now_and_then * 20, MADE)

    assert vigil.powerpost.looked_at[-1] > HOUR
    assert vigil.store.kept.state is State.FINISHED


def test_it_is_given_up_after_a_day_of_answers() -> None:
    vigil = watch(STILL)

    assert vigil.store.kept.state is State.UNKNOWN
    assert vigil.store.kept.cause is Cause.NO_ANSWER
    assert DAY <= vigil.powerpost.looked_at[-1] < DAY + 700


def test_it_is_given_up_after_a_week_of_silence() -> None:
    vigil = watch(AWAY)

    assert vigil.store.kept.state is State.UNKNOWN
    assert 7 * DAY <= vigil.powerpost.looked_at[-1] < 7 * DAY + 700


def test_looks_are_seldom_after_three_minutes_and_rare_after_an_hour() -> None:
    looked_at = watch(STILL).powerpost.looked_at

    for begun, ended, seconds in ((5, 180, 2.5), (190, HOUR, 30.0), (HOUR + 40, DAY, 600.0)):
        within = [moment for moment in looked_at if begun <= moment < ended]
        pauses = [after - before for before, after in pairwise(within)]
        assert pauses
        assert all(map(around(seconds), pauses))


def test_after_a_restart_the_first_look_comes_soon_and_gives_up_only_after_it() -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    generation = begin(State.PROCESSING, image_generation_id="i1")
    late = replace(generation, submitted_at=long_ago)

    found = watch(MADE, generation=late)
    lost = watch(STILL, generation=late)

    assert found.store.kept.state is State.FINISHED
    assert lost.store.kept.state is State.UNKNOWN
    for vigil in (found, lost):
        (looked_at,) = vigil.powerpost.looked_at
        assert looked_at <= 2.5


def test_the_status_line_is_kept_fresh_and_says_when_it_is_late() -> None:
    shown = watch(*[STILL] * 90, MADE).publisher.shown

    times = [moment for moment, _ in shown]
    early = [after - before for before, after in pairwise(times) if after < 60]
    middle = [after - before for before, after in pairwise(times) if 76 < after < 180]
    assert times[0] < 0.01
    assert all(4.0 <= pause <= 4.01 for pause in early)
    assert all(15.0 <= pause <= 15.01 for pause in middle)
    assert [progress.elapsed_seconds for _, progress in shown] == pytest.approx(times, abs=0.1)
    assert {p.phase for at, p in shown if at < 180} == {Phase.GENERATING}
    assert {p.phase for at, p in shown if at > 181} == {Phase.LATE}


def test_what_a_model_took_lately_times_the_first_look_and_is_learned_from() -> None:
    vigil = watch(STILL, MADE, durations=[20.0] * 5)

    # 20 s less 1.3 times the least spread of a tenth, and up to a tenth sooner; and from there on
    # looks are closer together.
    assert 15.6 <= vigil.powerpost.looked_at[0] <= 17.5
    assert 0.7 <= vigil.powerpost.pauses[1] <= 1.7


def test_while_the_first_look_is_far_off_the_status_line_is_kept_fresh() -> None:
    vigil = watch(MADE, durations=[50.0] * 5)

    (looked_at,) = vigil.powerpost.looked_at
    assert looked_at > 38
    shown = [moment for moment, _ in vigil.publisher.shown if moment < 38]
    assert shown == pytest.approx(range(0, 38, 4), abs=0.1)


def test_without_pictures_it_has_failed_with_powerposts_words_and_the_balance() -> None:
    kept = watch(FAILED).store.kept

    assert (kept.state, kept.upstream_message, kept.balance_at_end) == (State.FAILED, "no", 100.0)
    assert kept.finished_at is not None


def test_links_last_seven_days_from_the_submit() -> None:
    generation = begin(State.PROCESSING, image_generation_id="i1")

    kept = watch(MADE, generation=generation).store.kept

    assert generation.submitted_at is not None
    (picture,) = kept.pictures
    assert picture.expires_at == generation.submitted_at + timedelta(days=7)
    assert (picture.position, picture.media_id, picture.width) == (1, "m1", 9)
    assert kept.balance_at_end is None  # it was complete: nothing comes back
    assert kept.upstream_message is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [("a fox\n in  snow", None), ("a red fox", "a red fox"), (" ", None), (None, None)],
)
def test_a_prompt_that_powerpost_made_is_kept_beside_the_one_that_was_sent(
    said: str | None, kept: str | None
) -> None:
    request = begin(State.PROCESSING).request.model_copy(update={"prompt": "a fox in snow"})
    generation = begin(State.PROCESSING, image_generation_id="i1", request=request)

    seen = watch(replace(MADE, prompt=said), generation=generation).store.kept

    assert seen.upstream_prompt == kept


def test_fewer_pictures_than_were_asked_for_are_a_partial_end_with_the_balance() -> None:
    request = begin(State.PROCESSING).request.model_copy(update={"quantity": 2})
    partial = PollResult(
        is_ended=True, pictures=MADE.pictures, message="one failed", request_id="req_9"
    )

    kept = watch(
        partial, generation=begin(State.PROCESSING, image_generation_id="i1", request=request)
    ).store.kept

    assert (kept.state, len(kept.pictures)) == (State.FINISHED, 1)
    assert (kept.upstream_message, kept.balance_at_end) == ("one failed", 100.0)
    assert kept.request_id == "req_9"


@pytest.mark.parametrize("state", [State.ACCEPTED, State.UNKNOWN, State.FINISHED])
def test_what_is_not_under_way_is_not_looked_at(state: State) -> None:
    vigil = watch(MADE, generation=begin(state, image_generation_id="i1"))

    assert vigil.powerpost.looked_at == []
    assert vigil.store.kept.state is state


@pytest.mark.parametrize(
    ("taken_at", "is_heeded"),
    [
        (10.0, True),
        (10.0 + NOTIFICATION_LIFE_SECONDS, True),
        (10.1 + NOTIFICATION_LIFE_SECONDS, False),
    ],
)
def test_a_notification_is_remembered_for_a_while(taken_at: float, *, is_heeded: bool) -> None:
    notifications = EarlyNotifications()
    notifications.keep("i1", 10.0)

    assert notifications.take("i1", taken_at) is is_heeded


def test_a_notification_is_heeded_once_and_only_for_what_it_names() -> None:
    notifications = EarlyNotifications()
    notifications.keep("i1", 10.0)

    assert not notifications.take("i2", 10.0)
    assert notifications.take("i1", 10.0)
    assert not notifications.take("i1", 10.0)


def test_a_flood_of_notifications_takes_no_more_memory_than_it_may() -> None:
    notifications = EarlyNotifications()
    for number in range(NOTIFICATIONS_MAX):
        notifications.keep(f"i{number}", 10.0)
    notifications.keep("i0", 11.0)  # named again: the youngest now
    notifications.keep("one more", 11.0)

    assert notifications.take("i0", 11.0)
    assert not notifications.take("i1", 11.0)
    assert notifications.take("one more", 11.0)
