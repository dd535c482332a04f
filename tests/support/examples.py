"""Generations to look at, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.generations.record import Generation, Picture, Place, State
from bot.images.request import ImageRequest

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def make_picture(position: int = 1) -> Picture:
    """A picture that PowerPost has made."""
    url = f"https://powerpost.example/{position}.webp?expires=1&signature=a"
    return Picture(position, f"media-{position}", url, 1024, 1024, NOON + timedelta(days=7))


def make_generation(
    state: State = State.PROCESSING, *, prompt: str = "fog", quantity: int = 1, pictures: int = 0
) -> Generation:
    """A generation of noon, with `pictures` pictures made."""
    return Generation(
        id="g1",
        origin="command:1",
        place=Place("T1", "C1", "U1"),
        request=ImageRequest(prompt=prompt, quantity=quantity),
        accepted_at=NOON,
        state=state,
        root_ts="1.000001",
        submitted_at=NOON,
        finished_at=NOON + timedelta(seconds=12),
        pictures=tuple(make_picture(position) for position in range(1, pictures + 1)),
    )
