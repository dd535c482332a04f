"""Votes on both databases: none is lost, none counts twice, none comes after the close."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.generations.pick import Candidate, Note, NoteKind, Round, Vote, Voted
from bot.store.channels import ChannelStore
from bot.store.database import Database
from bot.store.personal_data import PersonalDataStore
from bot.store.picks import CLAIM_LIFETIME, PickStore
from bot.store.tables import generations, pictures
from bot.store.versions import VersionStore
from tests.store.examples import NOON, generation_row, insert, picture_row, read_rows

SECOND = timedelta(seconds=1)
CANDIDATES = (Candidate(1, "g1", 1, "1"), Candidate(2, "g1", 2, "2"))
ROUND = Round("r1", "T1", "g1", None, "C1", "1.0", "UADA", NOON, CANDIDATES)


@pytest.fixture
def store(any_database: Database) -> PickStore:
    return PickStore(any_database)


async def read(store: PickStore, round_id: str = "r1") -> Round:
    found = await store.read(round_id)
    assert found is not None
    return found


async def make_result(database: Database) -> None:
    await insert(database, generations, generation_row("g1"))
    for position in (1, 2):
        await insert(database, pictures, picture_row("g1", NOON, position))


async def find_chosen(database: Database) -> list[int]:
    rows = await read_rows(database, pictures)
    return sorted(row["position"] for row in rows if row["chosen_at"] is not None)


async def test_a_round_is_read_as_it_was_opened(store: PickStore) -> None:
    assert await store.open(ROUND) == (ROUND, True)
    assert await read(store) == ROUND


async def test_one_round_is_open_at_a_time(store: PickStore, same_database: Database) -> None:
    other = PickStore(same_database)
    opened = await asyncio.gather(
        store.open(ROUND), other.open(replace(ROUND, id="r2")), store.open(replace(ROUND, id="r3"))
    )

    assert sum(is_new for _, is_new in opened) == 1
    assert len({found.id for found, _ in opened}) == 1


async def test_the_next_round_is_opened_once_that_is_closed(store: PickStore) -> None:
    await store.open(ROUND)
    await store.close("r1", "UADA", lambda _: (), NOON)

    opened, is_new = await store.open(replace(ROUND, id="r2"))

    assert (opened.id, opened.number, is_new) == ("r2", 2, True)


async def test_a_vote_moves_and_is_taken_back_and_there_is_one_a_person(store: PickStore) -> None:
    await store.open(ROUND)

    assert await store.vote("r1", "UADA", 1, NOON) is Voted.PLACED
    assert await store.vote("r1", "UBEN", 1, NOON + SECOND) is Voted.PLACED
    assert await store.vote("r1", "UADA", 2, NOON + 2 * SECOND) is Voted.MOVED
    assert (await read(store)).votes == (Vote("UBEN", 1), Vote("UADA", 2))
    assert await store.vote("r1", "UADA", 2, NOON + 3 * SECOND) is Voted.TAKEN_BACK
    assert (await read(store)).votes == (Vote("UBEN", 1),)


async def test_of_many_at_once_no_vote_is_lost(store: PickStore, same_database: Database) -> None:
    await store.open(ROUND)
    stores = (store, PickStore(same_database))

    await asyncio.gather(
        *(stores[n % 2].vote("r1", f"U{n:02}", 1 + n % 2, NOON) for n in range(40))
    )

    found = await read(store)
    assert {vote.user_id: vote.key for vote in found.votes} == {
        f"U{n:02}": 1 + n % 2 for n in range(40)
    }
    assert found.changes == 41


async def test_two_presses_of_one_person_at_once_leave_one_vote(
    store: PickStore, same_database: Database
) -> None:
    await store.open(ROUND)
    other = PickStore(same_database)

    await asyncio.gather(store.vote("r1", "UADA", 1, NOON), other.vote("r1", "UADA", 2, NOON))

    assert len((await read(store)).votes) == 1


async def test_what_comes_after_the_close_does_not_count(store: PickStore) -> None:
    await store.open(ROUND)
    await store.vote("r1", "UADA", 1, NOON)
    await store.close("r1", "UADA", lambda _: (1,), NOON)
    note = Note("V1", "UBEN", NoteKind.CHANGES, "darker", NOON)

    assert await store.vote("r1", "UBEN", 2, NOON) is Voted.CLOSED
    assert not await store.want_changes("r1", note)
    found = await read(store)
    assert (found.votes, found.counts) == ((Vote("UADA", 1),), {1: 1, 2: 0})
    assert [each.kind for each in found.notes] == [NoteKind.CLOSED]


async def test_a_vote_and_a_close_at_once_agree(store: PickStore, same_database: Database) -> None:
    await store.open(ROUND)
    seen: list[tuple[Vote, ...]] = []

    def decide(votes: tuple[Vote, ...]) -> tuple[int, ...]:
        seen.append(votes)
        return tuple({vote.key for vote in votes})

    voted, _ = await asyncio.gather(
        store.vote("r1", "UBEN", 2, NOON),
        PickStore(same_database).close("r1", "UADA", decide, NOON),
    )

    found = await read(store)
    assert found.votes == seen[0]
    assert (voted is Voted.PLACED) == (found.winners == (2,))


async def test_the_winner_is_chosen_and_only_the_first_close_counts(
    any_database: Database, store: PickStore
) -> None:
    await make_result(any_database)
    await store.open(ROUND)
    await store.vote("r1", "UBEN", 2, NOON)

    closed, is_first = await store.close("r1", "UADA", lambda _: (2,), NOON)
    again = await store.close("r1", "UBEN", lambda _: (1,), NOON)

    assert is_first
    assert again == (closed, False)
    assert closed is not None
    assert (closed.winners, closed.closed_by) == ((2,), "UADA")
    assert await find_chosen(any_database) == [2]


async def test_the_next_rounds_winner_takes_the_place_of_the_one_before(
    any_database: Database, store: PickStore
) -> None:
    await make_result(any_database)
    await store.open(ROUND)
    await store.close("r1", "UADA", lambda _: (2,), NOON)
    await store.open(replace(ROUND, id="r2"))
    await store.close("r2", "UADA", lambda _: (1,), NOON)

    assert await find_chosen(any_database) == [1]


async def test_the_library_finds_what_was_chosen_until_nothing_is(
    any_database: Database, store: PickStore
) -> None:
    await make_result(any_database)
    await VersionStore(any_database).keep_opinion("g1", "UBEN", "good", NOON)

    async def read_marks() -> str | None:
        (row,) = await read_rows(any_database, generations)
        marks: str | None = row["marks"]
        return marks

    await store.open(ROUND)
    await store.close("r1", "UADA", lambda _: (2,), NOON)
    assert await read_marks() == "chosen good"
    await store.open(replace(ROUND, id="r2"))
    await store.close("r2", "UADA", lambda _: (), NOON)
    assert await read_marks() == "good"
    assert await find_chosen(any_database) == []


async def test_a_tie_is_not_closed(store: PickStore) -> None:
    await store.open(ROUND)

    found, is_closed = await store.close("r1", "UADA", lambda _: None, NOON)

    assert found is not None
    assert (found.is_open, is_closed) == (True, False)


async def test_what_is_due_is_shown_by_one_and_what_came_meanwhile_again(
    store: PickStore, same_database: Database
) -> None:
    await store.open(ROUND)
    other = PickStore(same_database)

    assert await store.list_due(NOON) == ["r1"]
    assert await store.claim("r1", NOON)
    assert not await other.claim("r1", NOON + SECOND)
    assert await store.list_due(NOON) == []
    await store.vote("r1", "UADA", 1, NOON)
    await store.note_shown("r1", 1)
    assert await other.claim("r1", NOON + SECOND)
    await other.note_shown("r1", 2)
    assert await store.list_due(NOON + SECOND) == []


async def test_what_a_process_left_is_due_again(store: PickStore) -> None:
    await store.open(ROUND)
    await store.claim("r1", NOON)

    assert await store.list_due(NOON + CLAIM_LIFETIME) == ["r1"]
    await store.postpone("r1", NOON + 2 * CLAIM_LIFETIME)
    assert not await store.claim("r1", NOON + CLAIM_LIFETIME + SECOND)


async def test_a_lost_message_is_said_once_unless_somebody_looks_for_it(store: PickStore) -> None:
    await store.open(ROUND)
    await store.note("r1", message_ts="5.0")
    await store.note_lost(await read(store), NOON)
    lost = await read(store)

    await store.want_shown("r1")
    await store.note("r1", message_ts="6.0")
    await store.note_lost(await read(store), NOON)
    wanted = await read(store)

    assert (lost.message_ts, lost.lost_at) == (None, NOON)
    assert [each.kind for each in lost.notes] == [NoteKind.LOST]
    assert (wanted.message_ts, wanted.lost_at) == (None, None)
    assert wanted.notes == lost.notes


async def test_a_deletion_is_to_be_shown(any_database: Database, store: PickStore) -> None:
    await make_result(any_database)
    await store.open(ROUND)
    await store.note_shown("r1", 1)

    await VersionStore(any_database).mark_deleted("g1", "UADA", NOON)

    assert await store.list_due(NOON) == ["r1"]


async def test_it_moves_with_its_channel(any_database: Database, store: PickStore) -> None:
    await store.open(ROUND)
    await ChannelStore(any_database).move("T1", "C1", "C2", NOON)

    assert (await read(store)).channel_id == "C2"


async def test_who_is_forgotten_leaves_open_votes_and_the_counts_of_closed_ones(
    any_database: Database, store: PickStore
) -> None:
    await store.open(ROUND)
    await store.open(replace(ROUND, id="r2", generation_id="g2"))
    for round_id in ("r1", "r2"):
        await store.vote(round_id, "UBEN", 1, NOON)
        await store.note_shown(round_id, 9)
    await store.close("r2", "UADA", lambda _: (1,), NOON)

    await PersonalDataStore(any_database).forget("UBEN", NOON)

    still_open, closed = await read(store), await read(store, "r2")
    assert (still_open.votes, closed.votes) == ((), ())
    assert closed.counts == {1: 1, 2: 0}
    assert still_open.changes > 2  # its message is to say so


async def test_a_person_is_given_their_votes(any_database: Database, store: PickStore) -> None:
    await store.open(ROUND)
    await store.vote("r1", "UBEN", 2, NOON)
    await store.want_changes("r1", Note("V1", "UBEN", NoteKind.CHANGES, "darker", NOON))

    given = await PersonalDataStore(any_database).export("UBEN")

    assert [row["choice"] for row in given["votes"]] == [2]
    assert [row["text"] for row in given["said_of_votes"]] == ["darker"]
