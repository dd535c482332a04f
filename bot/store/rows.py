"""Rows of generations and pictures as records."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from bot.errors import Cause
from bot.generations.record import Generation, Picture, PictureState, Place, Sources, State
from bot.images.request import ImageRequest


def generation_of(row: sa.Row[Any], pictures: tuple[Picture, ...] = ()) -> Generation:
    """The row as a record, with these pictures."""
    values = dict(row._mapping)
    for limits in ("place_wanted_at", "placed_at"):  # of no concern to anyone but places.py
        values.pop(limits, None)
    place = Place(**{field.name: values.pop(field.name) for field in fields(Place)})
    values["sources"] = Sources.model_validate(values["sources"] or {})
    values["request"] = ImageRequest.model_validate(values["request"])
    values["state"] = State(values["state"])
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    return Generation(place=place, pictures=pictures, **values)


def picture_of(row: sa.Row[Any]) -> Picture:
    """The row as a record."""
    values = dict(row._mapping)
    del values["generation_id"]
    values["state"] = PictureState(values["state"])
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    return Picture(**values)
