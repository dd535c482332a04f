"""Drafts: one per person, for a day; what was made does not come back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.generations.record import NewGeneration, Place, State
from bot.images.request import ImageRequest
from bot.slack.image_form.drafts import Drafts
from bot.slack.image_form.values import Destination, FormValues
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.generations import GenerationStore
from tests.support.schema import make_migrated_file

FOG, RAIN = FormValues(prompt="fog"), FormValues(prompt="rain")


@dataclass
class Shelf:
    """Drafts on a database of their own."""

    path: Path
    database: Database
    store: DraftStore
    drafts: Drafts


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    path = tmp_path / "imagine.sqlite3"
    make_migrated_file(path)
    database, background = Database(f"sqlite:///{path}"), BackgroundTasks()
    store = DraftStore(database)
    yield Shelf(path, database, store, Drafts(store, background))
    await background.close()
    await database.close()


async def accept(shelf: Shelf, id_: str, state: State) -> None:
    """A generation in `state`."""
    generations = GenerationStore(shelf.database)
    place = Place("T1", "C1", "U1")
    request = ImageRequest(prompt="fog")
    await generations.accept(NewGeneration(id_, id_, place, request, datetime.now(UTC)))
    await generations.note(id_, state=state.value)


async def test_what_is_noted_is_found_at_once_and_after_it_was_written(shelf: Shelf) -> None:
    shelf.drafts.note("T1", "U1", FOG)
    assert await shelf.drafts.find("T1", "U1") == FOG
    await shelf.drafts.flush()

    assert await Drafts(shelf.store, BackgroundTasks()).find("T1", "U1") == FOG


async def test_a_draft_is_its_persons_in_their_workspace(shelf: Shelf) -> None:
    shelf.drafts.note("T1", "U1", FOG)
    shelf.drafts.note("T2", "U1", RAIN)
    await shelf.drafts.flush()

    assert await shelf.drafts.find("T1", "U1") == FOG
    assert await shelf.drafts.find("T2", "U1") == RAIN
    assert await shelf.drafts.find("T1", "U2") is None


@pytest.mark.parametrize(
    ("age", "is_there"),
    [(timedelta(hours=23, minutes=59), True), (timedelta(days=1, seconds=1), False)],
)
async def test_a_draft_is_kept_for_a_day(shelf: Shelf, age: timedelta, is_there: bool) -> None:
    saved_at = datetime.now(UTC) - age
    await shelf.store.save("T1", "U1", FOG.model_dump(mode="json"), saved_at)

    assert (await shelf.drafts.find("T1", "U1") == FOG) is is_there


@pytest.mark.parametrize(
    "form", ['{"model": "dall-e"}', '{"prompt": 7}', "[]", "not json", '{"kept": [1]}', "null"]
)
async def test_a_draft_of_another_version_is_as_none(shelf: Shelf, form: str) -> None:
    await shelf.store.save("T1", "U1", FOG.model_dump(mode="json"), datetime.now(UTC))
    with closing(sqlite3.connect(shelf.path, isolation_level=None)) as connection:
        connection.execute("UPDATE drafts SET form = ?", (form,))

    assert await shelf.drafts.find("T1", "U1") is None


@pytest.mark.parametrize(
    ("state", "comes_back"),
    [
        (State.REFUSED, True),
        (State.ACCEPTED, False),
        (State.PROCESSING, False),
        (State.DELIVERED, False),
        (State.FAILED, False),
        (State.UNKNOWN, False),
    ],
)
async def test_what_was_sent_comes_back_only_where_it_was_refused(
    shelf: Shelf, state: State, comes_back: bool
) -> None:
    await accept(shelf, "g1", state)
    await shelf.drafts.mark_sent("T1", "U1", FOG, "g1")

    assert (await shelf.drafts.find("T1", "U1") == FOG) is comes_back


async def test_what_is_being_sent_is_not_offered_again_meanwhile(shelf: Shelf) -> None:
    await accept(shelf, "g1", State.DELIVERED)
    shelf.drafts.note("T1", "U1", FOG)
    await shelf.drafts.flush()

    _, found = await asyncio.gather(
        shelf.drafts.mark_sent("T1", "U1", FOG, "g1"), shelf.drafts.find("T1", "U1")
    )

    assert found is None


async def test_what_is_on_its_way_to_the_disk_is_there_for_who_opens_the_form(
    shelf: Shelf,
) -> None:
    await accept(shelf, "g1", State.REFUSED)
    shelf.drafts.note("T1", "U1", FOG)

    _, found = await asyncio.gather(
        shelf.drafts.mark_sent("T1", "U1", FOG, "g1"), shelf.drafts.find("T1", "U1")
    )

    assert found == FOG


async def test_letters_that_wait_for_the_disk_do_not_undo_the_sending(shelf: Shelf) -> None:
    await accept(shelf, "g1", State.DELIVERED)
    for n in range(20):
        shelf.drafts.note("T1", f"U0{n}", RAIN)
    shelf.drafts.note("T1", "U1", FOG)
    await asyncio.gather(shelf.drafts.flush(), shelf.drafts.mark_sent("T1", "U1", FOG, "g1"))

    assert await shelf.drafts.find("T1", "U1") is None
    assert await shelf.drafts.find("T1", "U019") == RAIN


async def test_a_form_that_was_emptied_is_no_draft(shelf: Shelf) -> None:
    shelf.drafts.note("T1", "U1", FOG)
    await shelf.drafts.flush()
    shelf.drafts.note("T1", "U1", FormValues(destination=Destination.ME))
    assert await shelf.drafts.find("T1", "U1") is None
    await shelf.drafts.flush()

    assert await Drafts(shelf.store, BackgroundTasks()).find("T1", "U1") is None


async def test_what_is_forgotten_is_gone(shelf: Shelf) -> None:
    shelf.drafts.note("T1", "U1", FOG)
    await asyncio.gather(shelf.drafts.flush(), shelf.drafts.forget("T1", "U1"))

    assert await shelf.drafts.find("T1", "U1") is None


async def test_a_full_disk_costs_a_draft_and_nothing_else(
    shelf: Shelf,
) -> None:
    fail = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with closing(sqlite3.connect(shelf.path, isolation_level=None)) as connection:
        connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON drafts {fail}")
        await shelf.drafts.mark_sent("T1", "U1", FOG, "g1")  # raises nothing

    assert await shelf.drafts.find("T1", "U1") is None
