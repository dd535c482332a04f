"""What the store knows of how long things take, and of what is owed; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.generations.record import NewGeneration, Pending, Picture, Place, State
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import GenerationStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MODEL = Model.FLUX2_FLEX


@pytest.fixture
def store(any_database: Database) -> GenerationStore:
    return GenerationStore(any_database)


async def accept(store: GenerationStore, number: int, model: Model, quantity: int) -> str:
    id_ = f"g{number}"
    request = ImageRequest(prompt="fog", model=model, quantity=quantity)
    accepted_at = NOON + timedelta(minutes=number)
    place = Place("T1", "C1", f"U{number}")
    await store.accept(NewGeneration(id_, f"test:{id_}", place, request, accepted_at))
    return id_


async def finish(
    store: GenerationStore,
    number: int,
    seconds: float,
    *,
    model: Model = MODEL,
    quantity: int = 1,
    ends: State = State.DELIVERED,
) -> None:
    """The `number`-th generation has taken so long."""
    id_ = await accept(store, number, model, quantity)
    submitted_at = NOON + timedelta(minutes=number)
    finished_at = submitted_at + timedelta(seconds=seconds)
    await store.advance(id_, State.ACCEPTED, State.SUBMITTING)
    await store.advance(id_, State.SUBMITTING, State.PROCESSING, submitted_at=submitted_at)
    if ends in (State.FAILED, State.UNKNOWN):
        await store.advance(id_, State.PROCESSING, ends, finished_at=finished_at)
        return
    url = "https://p.example/1.webp"
    picture = Picture(1, "m1", url, 1024, 1024, finished_at + timedelta(days=7))
    await store.finish(id_, [picture], finished_at=finished_at)
    if ends is State.DELIVERED:
        await store.advance(id_, State.FINISHED, State.DELIVERED, told_at=finished_at)


async def test_durations_are_of_the_same_model_and_quantity_and_the_newest_first(
    store: GenerationStore,
) -> None:
    await finish(store, 1, 8.0)
    await finish(store, 2, 9.5)
    await finish(store, 3, 3.0, model=Model.NANO_BANANA_2)
    await finish(store, 4, 30.0, quantity=4)
    await finish(store, 5, 7.25, ends=State.FINISHED)

    # On PostgreSQL the times are by its own clock.
    newest = pytest.approx([7.25, 9.5, 8.0], abs=0.7)
    assert await store.recent_durations(MODEL, 1, limit=30) == newest
    assert len(await store.recent_durations(MODEL, 1, limit=2)) == 2
    assert await store.recent_durations(MODEL, 4, limit=30) == pytest.approx([30.0], abs=0.7)
    assert await store.recent_durations(MODEL, 3, limit=30) == []


async def test_what_made_no_pictures_says_nothing_of_how_long_they_take(
    store: GenerationStore,
) -> None:
    await finish(store, 1, 1.0, ends=State.FAILED)
    await finish(store, 2, 86_400.0, ends=State.UNKNOWN)
    await accept(store, 3, MODEL, 1)

    assert await store.recent_durations(MODEL, 1, limit=30) == []


async def test_what_is_owed_is_counted_by_state_with_its_oldest(store: GenerationStore) -> None:
    assert await store.count_pending() == []
    await finish(store, 1, 8.0)
    await finish(store, 2, 8.0, ends=State.FINISHED)
    await accept(store, 3, MODEL, 1)
    await accept(store, 4, MODEL, 1)

    assert sorted(await store.count_pending(), key=lambda pending: pending.state) == [
        Pending(State.ACCEPTED, 2, NOON + timedelta(minutes=3)),
        Pending(State.FINISHED, 1, NOON + timedelta(minutes=2)),
    ]
