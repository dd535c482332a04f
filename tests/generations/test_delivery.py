"""Which links may still be replaced by their pictures, and how often that is tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Cause
from bot.generations.delivery import find_late
from bot.generations.record import Generation, PictureState, State
from bot.generations.timing import Patience
from tests.support.examples import NOON, make_generation


def linked(cause: Cause = Cause.UPLOAD_FAILED, **changes: object) -> Generation:
    """A result of noon, with one picture shown and one linked."""
    generation = make_generation(State.DELIVERED, pictures=2)
    shown, other = generation.pictures
    pictures = (
        replace(shown, state=PictureState.UPLOADED),
        replace(other, state=PictureState.LINKED, cause=cause),
    )
    whole = replace(generation, finished_at=NOON, result_ts="2.0", pictures=pictures)
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("generation", "minutes", "positions"),
    [
        pytest.param(linked(), 1, [2], id="the way to Slack's files was broken"),
        pytest.param(linked(), 60, [2], id="until an hour"),
        pytest.param(linked(), 61, [], id="after an hour"),
        pytest.param(linked(Cause.UPLOAD_REFUSED), 1, [], id="refused: final"),
        pytest.param(linked(Cause.LINK_EXPIRED), 1, [], id="not PowerPost's fault"),
        pytest.param(linked(deleted_at=NOON), 1, [], id="deleted"),
        pytest.param(linked(result_ts=None), 1, [], id="Slack took no message"),
        pytest.param(linked(finished_at=None), 1, [], id="never finished"),
        pytest.param(make_generation(State.FAILED), 1, [], id="no picture"),
    ],
)
def test_a_link_is_replaced_within_the_hour_where_only_the_upload_failed(
    generation: Generation, minutes: int, positions: list[int]
) -> None:
    late = find_late(generation, Patience(), NOON + timedelta(minutes=minutes))

    assert [picture.position for picture in late] == positions


@pytest.mark.parametrize(
    ("tries", "seconds"), [(0, 30), (1, 60), (2, 120), (3, 240), (4, 300), (10**9, 300)]
)
def test_late_tries_come_seldom(tries: int, seconds: float) -> None:
    assert Patience().pause_seconds(tries) == seconds
