"""The rows: what is accepted is kept once, and of two racing changes one wins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.errors import Cause, NotOurs, Transient
from bot.generations.record import (
    MAY_BECOME,
    Picture,
    PictureState,
    Place,
    State,
)
from bot.store.database import Database, DatabaseInUseError, lock_sqlite_file
from bot.store.generations import GenerationStore
from bot.store.migrate import migrate
from bot.store.tables import metadata
from tests.support.rows import NOW, REQUEST, new_generation
from tests.support.schema import make_migrated_file


def picture(position: int = 1) -> Picture:
    url = f"https://p.example/{position}.webp"
    return Picture(position, f"m{position}", url, 1280, 1600, NOW + timedelta(days=7))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(make_migrated_file(tmp_path / "imagine.sqlite3"))
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> GenerationStore:
    return GenerationStore(database)


async def test_what_was_accepted_is_read_back_to_the_letter(store: GenerationStore) -> None:
    assert await store.accept(new_generation())

    kept = await store.read("g1")

    assert (kept.request, kept.state, kept.accepted_at) == (REQUEST, State.ACCEPTED, NOW)
    assert kept.place == Place("T1", "C1", "U1", "https://hooks.example/1")
    assert await store.list_pending() == ["g1"]


async def test_the_same_command_delivered_twice_is_one_generation(store: GenerationStore) -> None:
    first, second = await asyncio.gather(
        store.accept(new_generation("g1")), store.accept(new_generation("g2"))
    )

    assert sorted([first, second]) == [False, True]
    assert len(await store.list_pending()) == 1


async def test_two_hundred_at_once_are_all_kept(store: GenerationStore) -> None:
    answers = await asyncio.gather(
        *(store.accept(new_generation(f"g{n}", f"command:{n}")) for n in range(200))
    )

    assert all(answers)
    assert len(await store.list_pending()) == 200


async def test_of_two_that_intend_to_pay_one_wins(store: GenerationStore) -> None:
    await store.accept(new_generation())

    won = await asyncio.gather(
        *(
            store.advance("g1", State.ACCEPTED, State.SUBMITTING, intent=nonce)
            for nonce in ("a", "b")
        )
    )

    assert sorted(won) == [False, True]
    assert (await store.read("g1")).intent == ("a" if won[0] else "b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.SUBMITTING, State.SUBMITTING),
        (State.UNKNOWN, State.ACCEPTED),
        (State.DELIVERED, State.ACCEPTED),
        (State.PROCESSING, State.ACCEPTED),
        (State.PROCESSING, State.SUBMITTING),
        (State.FAILED, State.SUBMITTING),
    ],
)
async def test_no_way_leads_back_to_paying_once_it_may_have_been_paid(
    store: GenerationStore, before: State, after: State
) -> None:
    assert after not in MAY_BECOME[before]
    with pytest.raises(ValueError, match="may not become"):
        await store.advance("g1", before, after)


async def test_pictures_come_with_the_state_that_says_they_exist(store: GenerationStore) -> None:
    await store.accept(new_generation())
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING, intent="n")
    await store.advance("g1", State.SUBMITTING, State.PROCESSING, image_generation_id="i1")

    assert await store.finish("g1", [picture(1), picture(2)], finished_at=NOW)
    assert not await store.finish("g1", [picture(1)], finished_at=NOW)
    await store.note_picture("g1", 2, state=PictureState.LINKED, cause=Cause.NOT_A_PICTURE)

    kept = await store.read("g1")
    assert kept.state is State.FINISHED
    assert [p.state for p in kept.pictures] == [PictureState.FOUND, PictureState.LINKED]
    assert kept.pictures[1].cause is Cause.NOT_A_PICTURE
    assert kept.pictures[0] == picture(1)


async def test_who_was_taken_over_finishes_nothing_and_learns_of_it(
    store: GenerationStore, database: Database
) -> None:
    """Its pictures may be others than those that the one who has it now has found."""
    await store.accept(new_generation())
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING, intent="n")
    await store.advance("g1", State.SUBMITTING, State.PROCESSING, image_generation_id="i1")
    taken_over = GenerationStore(database, "another")

    with pytest.raises(NotOurs):
        await taken_over.finish("g1", [picture(1)], finished_at=NOW)

    kept = await store.read("g1")
    assert (kept.state, kept.pictures) == (State.PROCESSING, ())
    assert await store.finish("g1", [picture(1)], finished_at=NOW)
    with pytest.raises(NotOurs):
        await taken_over.advance("g1", State.FINISHED, State.DELIVERED)
    with pytest.raises(NotOurs):
        await taken_over.note("g1", told_at=NOW)
    assert (await store.read("g1")).told_at is None


async def test_what_nothing_was_sent_for_is_cancelled_once_by_whoever_works_on_it(
    store: GenerationStore, database: Database
) -> None:
    await store.accept(new_generation())

    answers = [await GenerationStore(database, owner).cancel("g1", NOW) for owner in ("a", "b")]

    kept = await store.read("g1")
    assert answers == [True, False]
    assert (kept.state, kept.cause, kept.finished_at) == (State.REFUSED, Cause.CANCELLED, NOW)


async def test_what_may_have_been_sent_is_not_cancelled(store: GenerationStore) -> None:
    await store.accept(new_generation())
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING, intent="n")

    assert not await store.cancel("g1", NOW)
    assert (await store.read("g1")).state is State.SUBMITTING


async def test_what_was_told_is_owed_no_more(store: GenerationStore) -> None:
    await store.accept(new_generation())
    await store.advance("g1", State.ACCEPTED, State.REFUSED, cause=Cause.NOT_IN_CHANNEL)
    assert await store.list_pending() == ["g1"]

    await store.note("g1", told_at=NOW)

    assert await store.list_pending() == []


async def test_a_missing_generation_is_a_key_error(store: GenerationStore) -> None:
    with pytest.raises(KeyError):
        await store.read("nobody")


async def test_an_unwritable_database_is_said_to_each_who_asked(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.sqlite3")
    store = GenerationStore(database)

    answers = await asyncio.gather(
        store.accept(new_generation("g1", "1")),
        store.accept(new_generation("g2", "2")),
        return_exceptions=True,
    )

    assert all(isinstance(answer, Transient) for answer in answers)
    await database.close()


def test_the_migrations_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    migrate(url)
    migrate(url)

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        # The index of the library and its parts are FTS5's (bot/store/library_sql.py).
        options = {"include_name": lambda name, _kind, _of: not str(name).startswith("library")}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_second_process_is_refused_the_same_file(tmp_path: Path) -> None:
    held = lock_sqlite_file(tmp_path / "imagine.sqlite3")

    with pytest.raises(DatabaseInUseError, match="in use by another"):
        lock_sqlite_file(tmp_path / "imagine.sqlite3")

    held.release()
    lock_sqlite_file(tmp_path / "imagine.sqlite3").release()


async def test_what_only_waits_for_late_pictures_holds_up_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    store = GenerationStore(database, pending_per_person=1)
    await store.accept(new_generation("g1", "command:1"))
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING)
    await store.advance("g1", State.SUBMITTING, State.PROCESSING)
    await store.finish("g1", [picture()])
    await store.advance("g1", State.FINISHED, State.DELIVERED)  # and not told

    assert await store.accept(new_generation("g2", "command:2"))
    assert await store.list_pending() == ["g1", "g2"]
    await database.close()
