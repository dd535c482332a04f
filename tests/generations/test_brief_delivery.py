"""What is said of a brief, when, and once: on a clock that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.brief_delivery import EDIT_SECONDS, LOOK_SECONDS
from bot.generations.ports import Posted
from bot.generations.record import State
from tests.support.examples import NOON
from tests.support.leaping import run_leaping
from tests.support.memory_briefs import BriefDesk, make_brief

AWAY = Transient(Cause.SLACK_AWAY, "away")


def run(desk: BriefDesk, *work: Callable[[], Awaitable[object]]) -> list[object]:
    """Do `work` at once, with the sweep beside it, until all of the brief was told."""

    async def main() -> list[object]:
        desk.delivery.open()
        done = await asyncio.gather(*(each() for each in work))
        await desk.until_told()
        await desk.delivery.close()
        return done

    return run_leaping(main())


def test_what_ends_within_a_minute_is_shown_together() -> None:
    desk = BriefDesk(make_brief(3))
    places = run(
        desk,
        lambda: desk.end_part(2, 1.0),
        lambda: desk.end_part(1, 5.0),
        lambda: desk.end_part(3, 20.0),
    )

    assert desk.channel.parts() == [(1, 2, 3)]
    assert desk.channel.times("parts")[0] < 21.0
    assert len(set(map(str, places))) == 1  # each of them knows where it stands
    (summary,), (end,) = desk.channel.times("summary"), desk.channel.times("end")
    assert desk.channel.times("parts")[0] < summary < end < 20.0 + 2 * LOOK_SECONDS


def test_what_has_waited_for_a_minute_is_shown_without_the_others() -> None:
    desk = BriefDesk(make_brief(3))
    run(
        desk,
        lambda: desk.end_part(1, 1.0),
        lambda: desk.end_part(3, 30.0),
        lambda: desk.end_part(2, 300.0),
    )

    assert desk.channel.parts() == [(1, 3), (2,)]
    first, second = desk.channel.times("parts")
    assert 61.0 <= first < 61.0 + 2 * LOOK_SECONDS
    assert 300.0 <= second < 301.0
    assert desk.channel.times("summary")[0] > second


def test_of_many_each_message_has_ten_and_comes_when_it_is_whole() -> None:
    desk = BriefDesk(make_brief(12))
    late = [lambda n=n: desk.end_part(n, 9.0) for n in range(1, 11)]
    soon = [lambda n=n: desk.end_part(n, 1.0) for n in (11, 12)]
    run(desk, *late, *soon)

    assert desk.channel.parts() == [(11, 12), tuple(range(1, 11))]


def test_the_first_message_is_posted_once_for_all_that_begin() -> None:
    desk = BriefDesk(make_brief(6, root_ts=None))

    async def begin() -> set[Posted]:
        return {*await asyncio.gather(*(desk.delivery.post_root("b1") for _ in range(6)))}

    assert len(run_leaping(begin())) == 1
    assert len(desk.channel.times("root")) == 1


def test_a_first_message_that_slack_did_not_take_is_noted_as_one_that_may_stand() -> None:
    desk = BriefDesk(make_brief(2, root_ts=None))
    desk.channel.trouble["root"] = [AWAY]

    async def begin() -> None:
        with pytest.raises(Transient):
            await desk.delivery.post_root("b1")
        assert desk.rows.kept["b1"].root_intended_at is not None  # so it is looked for
        await desk.delivery.post_root("b1")

    run_leaping(begin())
    assert len(desk.channel.times("root")) == 1


def test_the_first_message_is_edited_seldom_and_for_good_at_the_end() -> None:
    desk = BriefDesk(make_brief(10))
    run(desk, *[lambda n=n: desk.end_part(n, 0.5 * n) for n in range(1, 11)])

    edits = desk.channel.times("edit")
    assert edits
    assert all(after - before >= EDIT_SECONDS for before, after in pairwise(edits))
    assert [kind for kind, _, _ in desk.channel.said[-2:]] == ["summary", "end"]


def test_what_another_process_says_is_not_said_here_until_its_time_is_over() -> None:
    desk = BriefDesk(make_brief(2))
    desk.rows.taken_by_other_until = NOON + timedelta(seconds=50)
    run(desk, lambda: desk.end_part(1, 1.0), lambda: desk.end_part(2, 1.0))

    assert min(at for _, at, _ in desk.channel.said) >= 50.0
    assert desk.channel.parts() == [(1, 2)]


def test_what_an_earlier_try_may_have_posted_is_looked_for_before_it_is_posted_again() -> None:
    desk = BriefDesk(make_brief(3))
    for part in desk.brief.parts[:2]:
        desk.rows.change(part.id, state=State.FINISHED, finished_at=NOON, result_intended_at=NOON)
    desk.channel.unheard = {1: Posted("C1", "9.9"), 2: Posted("C1", "9.9")}
    places = run(
        desk,
        lambda: desk.end_part(1, 1.0),
        lambda: desk.end_part(2, 1.0),
        lambda: desk.end_part(3, 1.0),
    )

    assert desk.channel.parts() == [(3,)]
    assert places[:2] == [Posted("C1", "9.9")] * 2


def test_while_slack_is_away_it_is_tried_again_and_said_once() -> None:
    desk = BriefDesk(make_brief(2))
    desk.channel.trouble = {"parts": [AWAY] * 5, "summary": [AWAY] * 3, "end": [AWAY] * 2}
    run(desk, lambda: desk.end_part(1, 1.0), lambda: desk.end_part(2, 1.0))

    assert desk.channel.parts() == [(1, 2)]
    assert len(desk.channel.times("summary")) == len(desk.channel.times("end")) == 1
    assert desk.channel.shown_sheets == ["F1"] * 4  # drawn once, and noted before it is shown


@pytest.mark.parametrize(
    "refusal", [Rejected(Cause.THREAD_GONE, "x"), Misconfigured(Cause.APP_NOT_ALLOWED, "x")]
)
def test_a_last_line_that_slack_refuses_for_good_ends_the_brief_all_the_same(
    refusal: ImagineError,
) -> None:
    desk = BriefDesk(make_brief(1))
    desk.channel.trouble = {"summary": [refusal], "end": [refusal]}
    run(desk, lambda: desk.end_part(1, 1.0))

    assert desk.channel.times("summary") == []
    assert desk.rows.kept["b1"].told_at is not None


def test_what_was_cancelled_is_neither_waited_for_nor_shown() -> None:
    desk = BriefDesk(make_brief(3))
    run(
        desk,
        lambda: desk.end_part(1, 1.0),
        lambda: desk.end_part(2, 2.0, State.REFUSED, Cause.CANCELLED),
        lambda: desk.end_part(3, 3.0, State.FAILED),
    )

    assert desk.channel.parts() == [(1, 3)]
    assert desk.channel.times("parts")[0] < 4.0


def test_without_a_first_message_its_person_is_told_once_and_nothing_else_is_said() -> None:
    desk = BriefDesk(make_brief(3, root_ts=None))
    places = run(
        desk,
        *[
            lambda n=n: desk.end_part(n, 1.0 * n, State.REFUSED, Cause.NOT_IN_CHANNEL)
            for n in (1, 2, 3)
        ],
    )

    assert [kind for kind, _, _ in desk.channel.said] == ["private"]
    assert places == [None, None, None]


def test_a_brief_that_only_a_newer_version_can_read_holds_up_no_other() -> None:
    desk = BriefDesk(make_brief(1))
    desk.rows.unreadable.add("b0")
    run(desk, lambda: desk.end_part(1, 1.0))

    assert desk.channel.parts() == [(1,)]
