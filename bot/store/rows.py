"""Rows of generations and pictures as records.

During a deploy, and after one that was taken back, a newer version's rows are read here, too. What
this version does not know in a request might change what is asked for, so it is neither paid for
nor made again: NewerVersion. What is paid for already is delivered all the same.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields, replace
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from bot.errors import Cause, NewerVersion
from bot.generations.approval import load_over_budget
from bot.generations.record import (
    PAID,
    Generation,
    Picture,
    PictureState,
    Place,
    RefusedFile,
    Sources,
    State,
)
from bot.images.chain import Chain
from bot.images.request import ImageRequest
from bot.images.showing import Show
from bot.store.tables import generations, pictures


def read_generation(
    on: sa.Connection, generation_id: str, *, for_work: bool = False
) -> Generation | None:
    """The generation with its pictures in order; None where there is none. See `generation_of`."""
    one = sa.select(generations).where(generations.c.id == generation_id)
    row = on.execute(one).one_or_none()
    if row is None:
        return None
    its_pictures = on.execute(
        sa.select(pictures)
        .where(pictures.c.generation_id == generation_id)
        .order_by(pictures.c.position)
    )
    return generation_of(row, tuple(map(picture_of, its_pictures)), for_work=for_work)


def generations_of(
    on: sa.Connection, statement: sa.Select[Any], *, for_work: bool = False
) -> list[Generation]:
    """What `statement` selects of the table of generations, with their pictures."""
    found = [generation_of(row, for_work=for_work) for row in on.execute(statement)]
    its_pictures = (
        sa.select(pictures)
        .where(pictures.c.generation_id.in_([generation.id for generation in found]))
        .order_by(pictures.c.generation_id, pictures.c.position)
    )
    by_generation: dict[str, list[Picture]] = defaultdict(list)
    for row in on.execute(its_pictures):
        by_generation[row.generation_id].append(picture_of(row))
    return [replace(each, pictures=tuple(by_generation[each.id])) for each in found]


def generation_of(
    row: sa.Row[Any], pictures: tuple[Picture, ...] = (), *, for_work: bool = False
) -> Generation:
    """The row as a record, with these pictures. Raises NewerVersion. `for_work`: to go on with it,
    for which nobody has to know the whole of a request that is paid for."""
    values = dict(row._mapping)
    # Only the concern of slots.py, and of the index of the library.
    for name in ("place_wanted_at", "placed_at", "unplaced_at", "number"):
        values.pop(name, None)
    place = Place(**{field.name: values.pop(field.name) for field in fields(Place)})
    try:
        state = values["state"] = State(values["state"])
        extra: Any = "ignore" if for_work and state in PAID else "forbid"
        values["sources"] = Sources.model_validate(values["sources"] or {}, extra=extra)
        values["request"] = ImageRequest.model_validate(values["request"], extra=extra)
    except (ValidationError, ValueError):
        raise NewerVersion(values["id"]) from None  # its text would quote the prompt
    show = values["show"]  # a newer version's is its thread's here
    values["show"] = Show(show) if show in set(Show) else Show.THREAD
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    if values["over_budget"] is not None:
        values["over_budget"] = load_over_budget(values["over_budget"])
    values["chain"] = _chain_of(values["chain"])
    values["refused_files"] = _files_of(values["refused_files"])
    return Generation(place=place, pictures=pictures, **values)


def _chain_of(kept: Any) -> Chain | None:
    """What cannot be read of it is one line."""
    try:
        return None if kept is None else Chain.model_validate(kept)
    except ValidationError:
        return None


def _files_of(kept: Any) -> tuple[RefusedFile, ...]:
    """What cannot be read of them is told as the cause of the whole."""
    try:
        return tuple(RefusedFile.model_validate(each) for each in kept or ())
    except ValidationError:
        return ()


def picture_of(row: sa.Row[Any]) -> Picture:
    """The row as a record. Raises NewerVersion."""
    values = dict(row._mapping)
    generation_id = values.pop("generation_id")
    try:
        values["state"] = PictureState(values["state"])
    except ValueError:
        raise NewerVersion(generation_id) from None
    values["cause"] = Cause(values["cause"]) if values["cause"] else None
    return Picture(**values)
