"""What was asked back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.generations.record import NewGeneration, Place
from bot.images.request import ImageRequest
from bot.policy.choices import Choice
from bot.store.database import Database
from bot.store.questions import QUESTION_LIFETIME, QuestionStore
from tests.support.schema import make_migrated_file

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = timedelta(minutes=5)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[QuestionStore]:
    database = Database(make_migrated_file(tmp_path / "imagine.sqlite3"))
    yield QuestionStore(database)
    await database.close()


def question(id_: str, at: datetime = NOW) -> NewGeneration:
    return NewGeneration(
        id=id_,
        origin=f"asked:{id_}",
        place=Place("T1", "C1", "U1", thread_ts="1.0"),
        request=ImageRequest(prompt="a fox"),
        accepted_at=at,
        choice=Choice(frozenset({"size"}), "brand", has_defaults=True),
    )


async def test_a_question_comes_back_as_it_was_asked(store: QuestionStore) -> None:
    await store.keep(question("q1"))
    await store.keep(question("q1"))

    assert await store.read("q1", "T1", "U1", NOW + LATER) == question("q1")


@pytest.mark.parametrize(
    ("id_", "team_id", "user_id"), [("q2", "T1", "U1"), ("q1", "T2", "U1"), ("q1", "T1", "U2")]
)
async def test_it_is_nobody_elses(
    store: QuestionStore, id_: str, team_id: str, user_id: str
) -> None:
    await store.keep(question("q1"))

    assert await store.read(id_, team_id, user_id, NOW) is None


async def test_one_that_is_too_old_is_forgotten(store: QuestionStore) -> None:
    await store.keep(question("q1"))
    after = NOW + QUESTION_LIFETIME + LATER
    assert await store.read("q1", "T1", "U1", after) is None

    await store.keep(question("q2", after))
    assert await store.read("q1", "T1", "U1", NOW) is None
