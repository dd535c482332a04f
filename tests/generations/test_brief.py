"""What of a brief is shown together, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Cause
from bot.generations.brief import (
    GROUP_PATIENCE,
    PICTURES_A_MESSAGE,
    Brief,
    find_due,
    group_parts,
)
from bot.generations.record import Generation, Part, PictureState, State
from bot.images.request import ImageRequest
from tests.support.examples import NOON, make_generation, make_picture
from tests.support.rows import new_generation


def make_brief(*parts: Generation, prompts: tuple[str, ...] = ()) -> Brief:
    planned = tuple(Part(ImageRequest(prompt=prompt), prompt) for prompt in prompts)
    new = replace(new_generation(), parts=planned or (Part(ImageRequest(prompt="a"), "a"),))
    return Brief(new.id, new, "C1", parts, root_ts="1.1")


def make_part(number: int, state: State, finished_at: datetime = NOON) -> Generation:
    brought = replace(make_picture(1), state=PictureState.UPLOADED, slack_file_id="F1")
    pictures = (brought,) if state is State.FINISHED else ()
    return replace(
        make_generation(state),
        id=f"p{number}",
        part=number,
        brief_id="b",
        finished_at=finished_at,
        pictures=pictures,
        told_at=None,
        result_ts=None,
    )


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=60))
def test_every_part_is_in_one_message_and_none_has_too_many(kinds: list[tuple[str, int]]) -> None:
    groups = group_parts(kinds)

    assert [number for group in groups for number in group] == [*range(1, len(kinds) + 1)]
    for group in groups:
        assert sum(kinds[number - 1][1] for number in group) <= PICTURES_A_MESSAGE


def test_a_prompt_is_not_torn_apart_if_a_message_has_room_for_it() -> None:
    kinds = [("red", 1)] * 6 + [("blue", 1)] * 6

    assert group_parts(kinds) == ((1, 2, 3, 4, 5, 6), (7, 8, 9, 10, 11, 12))


def test_several_prompts_share_a_message() -> None:
    assert group_parts([(str(n), 1) for n in range(12)]) == (tuple(range(1, 11)), (11, 12))


def test_nothing_is_due_before_the_group_is_complete_or_has_waited() -> None:
    made, runs = make_part(1, State.FINISHED), make_part(2, State.PROCESSING)
    brief = make_brief(made, runs, prompts=("a", "a"))

    assert find_due(brief, NOON) == ()
    assert find_due(brief, NOON + GROUP_PATIENCE - timedelta(seconds=1)) == ()
    assert find_due(brief, NOON + GROUP_PATIENCE) == (made,)
    ended = replace(runs, state=State.FAILED)
    assert find_due(replace(brief, parts=(made, ended)), NOON) == (made, ended)


def test_what_was_cancelled_is_waited_for_by_nobody_and_shown_nowhere() -> None:
    made = make_part(1, State.FINISHED)
    cancelled = replace(make_part(2, State.REFUSED), cause=Cause.CANCELLED)

    assert find_due(make_brief(made, cancelled, prompts=("a", "a")), NOON) == (made,)
    assert find_due(make_brief(cancelled, prompts=("a",)), NOON) == ()


def test_what_is_shown_is_not_due_again() -> None:
    shown = replace(make_part(1, State.FINISHED), result_ts="2.2")

    assert find_due(make_brief(shown, prompts=("a",)), NOON + GROUP_PATIENCE) == ()
