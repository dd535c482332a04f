"""What can be chosen, who leads, and what is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.generations.pick import (
    Candidate,
    Round,
    Vote,
    count_votes,
    find_leaders,
    find_left,
    list_candidates,
    may_close,
    tally_of,
)
from bot.generations.record import Generation, Picture, Place, State
from bot.images.request import ImageRequest

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ONE, TWO, THREE = (Candidate(key, "g", key, str(key)) for key in (1, 2, 3))


def make(
    id_: str, quantity: int, *, part: int | None = None, made: int | None = None
) -> Generation:
    """A result with pictures."""
    pictures = tuple(
        Picture(position, f"m{position}", "https://x.example/1", 8, 8, NOON)
        for position in range(1, (quantity if made is None else made) + 1)
    )
    request = ImageRequest(prompt="a fox", quantity=quantity)
    place = Place("T1", "C1", "U1")
    return Generation(id_, id_, place, request, NOON, State.DELIVERED, part=part, pictures=pictures)


def names(*made: Generation) -> list[str]:
    return [each.name for each in list_candidates(made)]


def test_a_results_pictures_are_called_by_their_position() -> None:
    assert names(make("g", 3)) == ["1", "2", "3"]


def test_a_briefs_pictures_are_called_by_their_part_and_what_was_not_made_is_left_out() -> None:
    assert names(make("a", 1, part=1), make("b", 1, part=2, made=0), make("c", 1, part=3)) == [
        *("1", "3")
    ]


def test_where_a_part_has_several_both_numbers_are_said() -> None:
    assert names(make("a", 2, part=1), make("b", 1, part=2)) == ["1.1", "1.2", "2.1"]


def test_keys_count_on_whatever_the_names_are() -> None:
    candidates = list_candidates([make("a", 2, part=1), make("b", 1, part=4)])

    assert [each.key for each in candidates] == [1, 2, 3]


def test_deleted_pictures_leave_the_vote() -> None:
    kept, deleted = make("a", 1, part=1), make("b", 1, part=2)
    candidates = list_candidates([kept, deleted])

    left = find_left(candidates, [kept, replace(deleted, deleted_at=NOON)])

    assert [each.generation_id for each in left] == ["a"]


@pytest.mark.parametrize(
    ("keys", "counts", "leaders"),
    [
        ([], [0, 0, 0], []),
        ([2], [0, 1, 0], [2]),
        ([2, 3], [0, 1, 1], [2, 3]),
        ([1, 2, 2, 3], [1, 2, 1], [2]),
        ([1, 2, 3], [1, 1, 1], [1, 2, 3]),
        ([9, 9, 1], [1, 0, 0], [1]),  # for a picture that is gone
    ],
)
def test_the_most_votes_lead_and_without_a_vote_nobody_does(
    keys: list[int], counts: list[int], leaders: list[int]
) -> None:
    votes = [Vote(f"U{number}", key) for number, key in enumerate(keys)]

    tallies = count_votes((ONE, TWO, THREE), votes)

    assert [each.count for each in tallies] == counts
    assert [each.key for each in find_leaders(tallies)] == leaders


def test_a_closed_round_keeps_its_count_when_a_voter_is_forgotten() -> None:
    votes = (Vote("UBEN", 2),)
    round_ = Round("r", "T1", "g", None, "C1", "1.0", "UADA", NOON, (ONE, TWO), votes=votes)
    closed = replace(round_, closed_at=NOON, counts={1: 0, 2: 2})

    assert [each.count for each in tally_of(round_, (ONE, TWO))] == [0, 1]
    assert [each.count for each in tally_of(closed, (ONE, TWO))] == [0, 2]
    assert tally_of(closed, (ONE, TWO))[1].voters == ("UBEN",)


@pytest.mark.parametrize(("user_id", "may"), [("UADA", True), ("UBOSS", True), ("UBEN", False)])
def test_who_asked_and_who_approves_may_close(user_id: str, may: bool) -> None:
    assert may_close("UADA", ("UBOSS",), user_id) is may
