"""What is being shared: one process has it, and it is kept once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.generations.share import Share
from bot.store.channels import ChannelStore
from bot.store.database import Database
from bot.store.shares import CLAIM_LIFETIME, ShareStore
from tests.store.examples import NOON

SHARE = Share("V1", "T1", "U1", "g1", (1, 3), "C2", NOON, thread_ts="1.0", note="Which one?")
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(any_database: Database) -> ShareStore:
    return ShareStore(any_database)


async def test_a_modal_that_is_sent_twice_is_kept_once(store: ShareStore) -> None:
    assert await store.keep(SHARE)
    assert not await store.keep(replace(SHARE, note="Again"))


async def test_nobody_takes_it_while_it_is_being_posted(store: ShareStore) -> None:
    await store.keep(SHARE)

    assert await store.claim(NOON + SECOND) == []
    assert await store.claim(NOON + CLAIM_LIFETIME) == [SHARE]
    assert await store.claim(NOON + CLAIM_LIFETIME) == []


async def test_what_a_process_left_that_has_ended_is_taken_at_once(store: ShareStore) -> None:
    await store.keep(SHARE)
    await store.keep(replace(SHARE, id="V2", shared_at=NOON + 2 * SECOND))

    assert await store.claim(NOON + 2 * SECOND, orphaned_at=NOON + SECOND) == [SHARE]


async def test_each_try_has_it_anew_and_the_first_is_remembered(store: ShareStore) -> None:
    await store.keep(SHARE)
    await store.intend("V1", NOON + SECOND)
    await store.intend("V1", NOON + CLAIM_LIFETIME)
    await store.note_posted("V1", "5.0")

    assert await store.claim(NOON + CLAIM_LIFETIME) == []
    (found,) = await store.claim(NOON + 2 * CLAIM_LIFETIME)
    assert found == replace(SHARE, intended_at=NOON + SECOND, posted_ts="5.0")


async def test_what_is_put_off_is_due_then(store: ShareStore) -> None:
    await store.keep(SHARE)
    await store.postpone("V1", NOON + SECOND)

    assert await store.claim(NOON) == []
    assert await store.claim(NOON + SECOND) == [SHARE]


async def test_what_was_told_is_over_and_still_kept_once(store: ShareStore) -> None:
    await store.keep(SHARE)
    await store.end("V1", NOON)

    assert await store.claim(NOON + CLAIM_LIFETIME) == []
    assert not await store.keep(SHARE)


async def test_it_moves_with_its_channel(any_database: Database, store: ShareStore) -> None:
    await store.keep(SHARE)
    await ChannelStore(any_database).move("T1", "C2", "C3", NOON)

    (found,) = await store.claim(NOON + CLAIM_LIFETIME)
    assert found.channel_id == "C3"
