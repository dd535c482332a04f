"""Where the app is installed; events about that come late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.database import Database
from bot.store.installations import InstallationStore
from tests.store.examples import NOON

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(any_database: Database) -> InstallationStore:
    return InstallationStore(any_database)


async def test_a_removal_ends_it_once(store: InstallationStore) -> None:
    await store.note_working("T1", NOON)

    assert [await store.end("T1", NOON + SECOND) for _ in range(2)] == [True, False]
    assert await store.is_removed("T1")
    assert not await store.is_removed("T2")


async def test_a_removal_of_before_the_installation_is_not_about_it(
    store: InstallationStore,
) -> None:
    await store.note_working("T1", NOON + SECOND / 2)

    assert await store.end("T1", NOON - SECOND) is False
    assert not await store.is_removed("T1")
    assert await store.end("T1", NOON) is True  # the same second: Slack names no fraction


async def test_who_installs_it_again_has_it_again(store: InstallationStore) -> None:
    await store.note_working("T1", NOON)
    await store.end("T1", NOON + SECOND)
    await store.note_working("T1", NOON + 2 * SECOND)

    assert not await store.is_removed("T1")
    assert await store.end("T1", NOON + SECOND) is False  # delivered again
    assert not await store.is_removed("T1")


async def test_a_restart_is_no_new_installation(store: InstallationStore) -> None:
    await store.note_working("T1", NOON)
    await store.note_working("T1", NOON + timedelta(days=1))

    assert await store.end("T1", NOON + timedelta(hours=1)) is True


async def test_what_was_removed_while_nobody_listened_is_noted(store: InstallationStore) -> None:
    assert await store.end("T1", NOON) is True
    assert await store.is_removed("T1")


@pytest.mark.parametrize("is_noted_first", [True, False])
async def test_a_removal_in_the_second_of_a_start_holds_in_whichever_order_they_are_noted(
    store: InstallationStore, is_noted_first: bool
) -> None:
    asked_at = NOON + SECOND / 3  # and then Slack said that the token works; removed after that
    if is_noted_first:
        await store.note_working("T1", asked_at)
    await store.end("T1", NOON)
    await store.note_working("T1", asked_at)

    assert await store.is_removed("T1")
