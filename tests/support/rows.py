"""Rows as they are written."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.generations.record import (
    NewGeneration,
    Place,
)
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
REQUEST = ImageRequest(
    prompt="fog <!channel> 🦊 منارة", model=Model.IDEOGRAM_3, size=Size.FEED, quantity=2
)


def new_generation(id_: str = "g1", origin: str = "command:1") -> NewGeneration:
    place = Place("T1", "C1", "U1", "https://hooks.example/1")
    return NewGeneration(id_, origin, place, REQUEST, NOW)
