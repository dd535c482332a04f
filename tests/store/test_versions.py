"""How generations hang together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.credits.ledger import Bill
from bot.errors import Cause
from bot.generations.record import NewGeneration, Picture, PictureState, Place, State
from bot.images.request import ImageRequest
from bot.slack.kit.lineage import version_parent
from bot.slack.results.result_views import Lineage
from bot.slack.results.versions import Versions
from bot.store.channels import ChannelStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.versions import VersionStore
from tests.support.ledger_entries import enter, entry, refund_confirmed, refund_expected
from tests.support.schema import make_migrated_file

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Family:
    """Generations and how they hang together."""

    generations: GenerationStore
    lineage: VersionStore
    database: Database

    async def add(
        self, id_: str, minute: int = 0, *, parent: str | None = None, **notes: Any
    ) -> None:
        """One that was accepted `minute` minutes after noon by U1 in C1, if not said otherwise."""
        place = Place(
            notes.pop("team_id", "T1"),
            notes.pop("channel_id", "C1"),
            notes.pop("user_id", "U1"),
            thread_ts=notes.pop("thread_ts", None),
        )
        origin = notes.pop("origin", f"command:{id_}")
        at = NOW + timedelta(minutes=minute)
        request = ImageRequest(prompt="fog")
        new = NewGeneration(id_, origin, place, request, at, parent_id=parent)
        await self.generations.accept(new)
        if notes:
            await self.generations.note(id_, **notes)


@pytest.fixture
async def family(tmp_path: Path) -> AsyncIterator[Family]:
    url = make_migrated_file(tmp_path / "imagine.sqlite3")
    database = Database(url)
    yield Family(GenerationStore(database), VersionStore(database), database)
    await database.close()


async def test_the_newest_of_a_thread_hangs_under_a_root_or_was_posted_into_it(
    family: Family,
) -> None:
    await family.add("root", 0, root_ts="1.0")
    newest = await family.lineage.newest_in_thread("T1", "C1", "1.0")
    assert newest is not None
    assert newest.id == "root"

    await family.add("reply", 1, thread_ts="1.0", root_ts="1.5")
    await family.add("elsewhere", 2, channel_id="C2", thread_ts="1.0")
    await family.add("theirs", 3, team_id="T2", thread_ts="1.0")
    newest = await family.lineage.newest_in_thread("T1", "C1", "1.0")
    assert newest is not None
    assert newest.id == "reply"
    assert await family.lineage.newest_in_thread("T1", "C1", "9.0") is None


async def test_a_result_that_had_to_move_heads_a_thread_of_its_own(family: Family) -> None:
    await family.add("moved", 0, root_ts="1.0", result_ts="5.0", result_channel_id="D1")
    newest = await family.lineage.newest_in_thread("T1", "D1", "5.0")

    assert newest is not None
    assert newest.id == "moved"
    assert await family.lineage.newest_in_thread("T2", "D1", "5.0") is None


async def test_presses_are_counted_by_their_button_and_apart_from_replies(family: Family) -> None:
    await family.add("p", 0)
    await family.add("again", 1, parent="p", origin="again:p:0")
    await family.add("missing", 2, parent="p", origin="missing:p:0")
    await family.add("reply", 3, parent="p", origin="message:T1:C1:7.0")

    def count(kind: str, minute: int) -> Any:
        return family.lineage.count_presses("p", kind, NOW + timedelta(minutes=minute))

    assert await count("again", 9) == 1
    assert await count("missing", 9) == 1
    assert await count("again", 1) == 0
    assert await count("%", 9) == 0


@pytest.mark.parametrize(
    ("reply", "above"),
    [
        ({"state": State.ACCEPTED.value}, "reply"),
        ({"state": State.FAILED.value}, "reply"),  # "again" is about that one
        ({"state": State.REFUSED.value, "cause": Cause.CANCELLED.value}, "root"),
        ({"state": State.REFUSED.value, "cause": Cause.INSUFFICIENT_CREDITS.value}, "root"),
    ],
)
async def test_a_reply_changes_the_newest_that_was_or_may_be_made(
    family: Family, reply: dict[str, str], above: str
) -> None:
    await family.add("root", 0, root_ts="1.0", state=State.DELIVERED.value)
    await family.add("reply", 1, thread_ts="1.0", **reply)

    newest = await family.lineage.newest_in_thread("T1", "C1", "1.0")

    assert newest is not None
    assert newest.id == above


async def test_where_nothing_was_made_a_reply_changes_what_was_not_cancelled(
    family: Family,
) -> None:
    refused, cancelled = Cause.INVALID_REQUEST.value, Cause.CANCELLED.value
    await family.add("root", 0, root_ts="1.0", state=State.REFUSED.value, cause=refused)
    await family.add("reply", 1, thread_ts="1.0", state=State.REFUSED.value, cause=cancelled)

    newest = await family.lineage.newest_in_thread("T1", "C1", "1.0")

    assert newest is not None
    assert newest.id == "root"


async def test_what_was_not_made_is_no_version_and_nobodys_parent(family: Family) -> None:
    await family.add("a", state=State.DELIVERED.value)
    await family.add("failed", parent="a", state=State.FAILED.value)
    await family.add("b", parent="failed", state=State.DELIVERED.value)
    await family.add("alone", state=State.FAILED.value)
    await family.add("c", parent="alone")

    lineage = [await family.lineage.version_of(i) for i in ("a", "failed", "b", "alone", "c")]
    assert lineage == [1, 2, 2, 1, 1]
    versions = Versions(family.generations, family.lineage, lambda: None)
    assert await versions.lineage_of(await family.generations.read("b")) == Lineage(2, None)
    assert await versions.lineage_of(await family.generations.read("c")) is None
    failed = await family.generations.read("failed")
    assert version_parent(failed) == "a"


async def test_presses_that_came_to_nothing_are_counted(family: Family) -> None:
    await family.add("p")
    for number, state in enumerate(State):
        origin = f"missing:p:{number}"
        await family.add(f"g{number}", parent="p", origin=origin, state=state.value)

    assert await family.lineage.count_vain("p", "missing") == 3  # refused, failed, unknown
    assert await family.lineage.count_vain("p", "again") == 0


async def test_versions_are_counted_along_the_parents(family: Family) -> None:
    await family.add("a")
    await family.add("b", parent="a")
    await family.add("c", parent="b")
    await family.add("orphan", parent="gone")

    assert [await family.lineage.version_of(i) for i in ("a", "b", "c")] == [1, 2, 3]
    assert await family.lineage.version_of("orphan") == 1
    assert await family.lineage.version_of("nobody") == 1


async def test_a_history_is_a_persons_own_page_by_page(family: Family) -> None:
    for n in range(25):
        await family.add(f"g{n}", n)
    await family.add("theirs", 30, user_id="U2")
    await family.add("other team", 31, team_id="T2")

    first, *_ = await family.lineage.history("T1", "U1", None, 21)
    page = first[:20]
    rest, *_ = await family.lineage.history("T1", "U1", page[-1].accepted_at, 21)

    assert [each.id for each in first] == [f"g{n}" for n in range(24, 3, -1)]
    assert [each.id for each in rest] == [f"g{n}" for n in range(4, -1, -1)]
    assert await family.lineage.history("T1", "U9", None, 21) == ([], {}, {})


async def test_taken_away_is_noted_once_and_only_where_it_was_delivered(family: Family) -> None:
    await family.add("done", state=State.DELIVERED.value)
    await family.add("running", state=State.PROCESSING.value)

    assert await family.lineage.mark_deleted("done", "U1", NOW)
    assert not await family.lineage.mark_deleted("done", "U2", NOW)
    assert not await family.lineage.mark_deleted("running", "U1", NOW)
    assert (await family.generations.read("done")).deleted_by == "U1"


async def test_the_last_opinion_of_each_person_counts(family: Family) -> None:
    await family.add("g")
    for user, opinion in (("U1", "good"), ("U2", "bad"), ("U1", "bad"), ("U1", "bad")):
        await family.lineage.keep_opinion("g", user, opinion, NOW)

    assert await family.lineage.opinions("g") == {"U1": "bad", "U2": "bad"}


async def test_bills_are_what_was_taken_and_came_back_or_will(
    any_database: Database, any_database_url: str
) -> None:
    await enter(
        any_database_url,
        entry("whole", 9.0),
        entry("back", 12.0),
        refund_expected("back", 4.0),
        refund_confirmed("back", 4.0),
        entry("due", 12.0),
        refund_expected("due", 6.0),
        entry("unpriced", None),
        entry("another's", 5.0),
    )

    lineage = VersionStore(any_database)

    assert await lineage.bills(["whole", "back", "due", "unpriced", "nothing"]) == {
        "whole": Bill(9.0),
        "back": Bill(12.0, 4.0),
        "due": Bill(12.0, 0.0, 6.0),
    }


async def test_the_versions_lead_from_the_first_one_to_the_one_that_is_asked_for(
    family: Family,
) -> None:
    await family.add("a", 0)
    await family.add("b", 1, parent="a")
    await family.add("failed", 2, parent="b", state=State.FAILED)
    await family.add("c", 3, parent="failed")
    await family.add("other", 4, parent="a")

    assert [each.id for each in await family.lineage.versions("c")] == ["a", "b", "c"]
    assert [each.id for each in await family.lineage.versions("other")] == ["a", "other"]
    assert [each.id for each in await family.lineage.versions("a")] == ["a"]


async def test_what_a_person_went_back_to_counts_for_them_until_something_newer_is_there(
    family: Family,
) -> None:
    await family.add("a", 0)
    await family.add("b", 1, parent="a")
    first = await family.generations.read("a")
    at = NOW + timedelta(minutes=5)
    await family.lineage.take_up(first, "U1", "1.0", "C1", at)

    async def find(user_id: str, thread_ts: str, minute: int) -> str | None:
        since = NOW + timedelta(minutes=minute)
        found = await family.lineage.find_taken_up("T1", user_id, "C1", thread_ts, since)
        return None if found is None else found.id

    assert await find("U1", "1.0", 1) == "a"
    assert await find("U1", "1.0", 5) is None
    assert await find("U2", "1.0", 1) is None
    assert await find("U1", "2.0", 1) is None


async def test_what_was_gone_back_to_moves_along_with_its_channel(family: Family) -> None:
    await family.add("a", 0)
    first = await family.generations.read("a")
    at = NOW + timedelta(minutes=5)
    await family.lineage.take_up(first, "U1", "1.0", "C1", at)

    assert await ChannelStore(family.database).move("T1", "C1", "C2", at)

    moved = await family.lineage.find_taken_up("T1", "U1", "C2", "1.0", NOW)
    assert moved is not None
    assert moved.id == "a"


async def test_a_message_is_found_by_where_it_stands_or_by_what_it_shows(family: Family) -> None:
    await family.add("a", root_ts="1.0", result_ts="2.0", state=State.FINISHED)
    await family.add("b", 1, thread_ts="1.0", root_ts="3.0", result_ts="4.0")
    await family.add("c", 2, root_ts="5.0", state=State.PROCESSING)
    picture = Picture(1, "m1", "https://x.example/1", 8, 8, NOW)
    await family.generations.finish("c", [picture])
    await family.generations.note_picture("c", 1, slack_file_id="F1", state=PictureState.UPLOADED)

    async def find(ts: str, thread_ts: str | None = None, *files: str, team: str = "T1") -> Any:
        found = await family.lineage.find_shown(team, "C1", ts, thread_ts, files)
        return found and found.id

    assert await find("1.0") == "a"
    assert await find("2.0", "1.0") == "a"
    assert await find("4.0", "1.0") == "b"
    assert await find("9.0", None, "F0", "F1") == "c"  # shared
    assert await find("9.0", "1.0") is None
    assert await find("9.0", None, "F1", team="T2") is None
    assert await find("1.0", team="T2") is None
