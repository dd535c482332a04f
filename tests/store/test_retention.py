"""What is over goes, what is not stays, on both databases; and README says the same."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.generations.record import FORGOTTEN, State
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.retention import KEPT, LEASE, SWEPT, RetentionStore
from bot.store.tables import (
    QUARTER_SECONDS,
    alerts,
    approval_messages,
    approvals,
    briefs,
    drafts,
    feedback,
    generations,
    installations,
    ledger_sums,
    media,
    metadata,
    paces,
    people,
    pick_rounds,
    pictures,
    policy_changes,
    posts,
    processes,
    questions,
    shares,
    taken_up,
    welcomes,
)
from bot.store.versions import VersionStore
from tests.store.examples import (
    MARK,
    NOON,
    approval_row,
    generation_row,
    insert,
    picture_row,
    post_row,
    read_rows,
    round_row,
    share_row,
)
from tests.support.root import ROOT

RETENTION = timedelta(days=365)
SECOND = timedelta(seconds=1)
README = ROOT / "README.md"
BY_NAME = {kept.name: kept for kept in SWEPT}

# One example that was last touched at `at`; how many rows, or filled fields, there are of its kind.
Make = Callable[[Database, datetime], Awaitable[None]]
Count = Callable[[Database], Awaitable[int]]


def one_row(table: sa.Table, make: Callable[[datetime], dict[str, Any]]) -> tuple[Make, Count]:
    async def write(database: Database, at: datetime) -> None:
        await insert(database, table, make(at))

    async def count(database: Database) -> int:
        return len(await read_rows(database, table))

    return write, count


async def make_told(database: Database, at: datetime) -> None:
    await insert(database, generations, generation_row("g1", at))


async def count_response_urls(database: Database) -> int:
    return sum(row["response_url"] is not None for row in await read_rows(database, generations))


async def make_picture(database: Database, at: datetime) -> None:
    await insert(database, generations, generation_row("g1", at))
    await insert(database, pictures, picture_row("g1", at))


async def count_links(database: Database) -> int:
    return sum(row["url"] != "" for row in await read_rows(database, pictures))


async def make_approval(database: Database, at: datetime) -> None:
    await insert(database, approvals, approval_row("a1", "denied", at))
    card = {"approval_id": "a1", "address": "U9", "channel_id": "D9", "ts": "1.1"}
    await insert(database, approval_messages, card)


async def count_approvals(database: Database) -> int:
    tables = (approvals, approval_messages)
    return max([len(await read_rows(database, table)) for table in tables])


async def make_superseded(database: Database, at: datetime) -> None:
    key = {"team_id": "T1", "user_id": "U1", "channel_id": "C1", "thread_ts": "g1.1"}
    await insert(database, taken_up, {**key, "generation_id": "g1", "taken_at": at})
    newer = {"thread_ts": "g1.1", "accepted_at": at + SECOND, "root_ts": None}
    await insert(database, generations, generation_row("g1", at), generation_row("g2", at, **newer))


async def make_click(database: Database, at: datetime) -> None:
    who = {"pseudonym": "p", "team_id": "T1", "user_id": "U1", "forgotten_at": at}
    await insert(database, people, who)
    row = generation_row("g1", at, user_id=FORGOTTEN, accepted_at=at, origin="command:1")
    await insert(database, generations, row)


async def count_clicks(database: Database) -> int:
    rows = await read_rows(database, generations)
    return sum(not row["origin"].startswith("forgotten:") for row in rows)


async def count_prompts(database: Database) -> int:
    rows = await read_rows(database, generations)
    return sum(MARK in str(row) for row in rows)


async def make_post(database: Database, at: datetime) -> None:
    await insert(database, posts, post_row("p1", at))


async def count_posts(database: Database) -> int:
    return sum(MARK in str(row) for row in await read_rows(database, posts))


async def make_removed(database: Database, at: datetime) -> None:
    await insert(database, installations, {"team_id": "T1", "ended_at": at})
    await insert(database, generations, generation_row("g1", None, owner=None))
    await insert(database, pictures, picture_row("g1", at))
    await insert(database, welcomes, {"team_id": "T1", "user_id": "U1"})
    await insert(database, welcomes, {"team_id": "T2", "user_id": "U1"})


async def count_ids(database: Database) -> int:
    rows = str([await read_rows(database, each) for each in (generations, pictures)])
    return int(any(each in rows for each in ("U1", "C1", "Fg1", MARK)))


EXAMPLES: dict[str, tuple[Make, Count]] = {
    "briefs": one_row(
        briefs,
        lambda at: {
            "id": "b1",
            "origin": "command:1",
            "team_id": "T1",
            "channel_id": "C1",
            "user_id": "U1",
            "request": {},
            "accepted_at": at,
            "told_at": at,
        },
    ),
    "drafts": one_row(
        drafts, lambda at: {"team_id": "T1", "user_id": "U1", "form": {}, "saved_at": at}
    ),
    "questions": one_row(
        questions,
        lambda at: {"id": "q", "team_id": "T1", "user_id": "U1", "request": {}, "asked_at": at},
    ),
    "shares": one_row(shares, lambda at: share_row("s", at) | {"ended_at": at}),
    "picks": one_row(pick_rounds, lambda at: round_row("r", at)),
    "posts": (make_post, count_posts),
    "response_urls": (make_told, count_response_urls),
    "picture_links": (make_picture, count_links),
    "uninstalled": (make_removed, count_ids),
    "prompts": (make_told, count_prompts),
    "approvals": (make_approval, count_approvals),
    "taken_up": (make_superseded, one_row(taken_up, lambda _at: {})[1]),
    "alerts": one_row(
        alerts,
        lambda at: {
            "team_id": "T1",
            "key": "budget:1",
            "document": {},
            "told_to": [],
            "raised_at": at,
            "told_at": at,
        },
    ),
    "people": one_row(
        people,
        lambda at: {"pseudonym": "p", "team_id": "T1", "user_id": "U1", "forgotten_at": at},
    ),
    "clicks": (make_click, count_clicks),
    "ledger_sums": one_row(
        ledger_sums,
        lambda at: {
            "team_id": "T1",
            "subject": "U1",
            "quarter": int(at.timestamp()) // QUARTER_SECONDS - 1,
            "credits": 1.0,
        },
    ),
    "media": one_row(
        media,
        lambda at: {"workspace_id": "w", "content_hash": "h", "media_id": "m", "uploaded_at": at},
    ),
    "rate_limits": one_row(paces, lambda at: {"name": "p", "state": {}, "changed_at": at}),
    "processes": one_row(processes, lambda at: {"id": "p", "seen_at": at}),
    "defaults_changes": one_row(
        policy_changes,
        lambda at: {
            "team_id": "T1",
            "version": 1,
            "what": "defaults",
            "changed_by": "U1",
            "changed_at": at,
        },
    ),
}


@pytest.fixture
def store(any_database: Database) -> RetentionStore:
    return RetentionStore(any_database, RETENTION)


@pytest.mark.parametrize("name", [kept.name for kept in SWEPT])
async def test_what_is_over_goes_and_not_a_second_before(
    any_database: Database, store: RetentionStore, name: str
) -> None:
    kept, (make, count) = BY_NAME[name], EXAMPLES[name]
    end = NOON + (kept.lifetime if kept.lifetime is not None else RETENTION)
    await make(any_database, NOON)

    assert await store.sweep(kept, end - SECOND, 10) == 0
    assert await count(any_database) == 1
    assert await store.sweep(kept, end + SECOND, 10) == 1
    assert await count(any_database) == 0
    assert await store.sweep(kept, end + SECOND, 10) == 0


async def test_what_is_still_to_be_told_is_never_touched(
    any_database: Database, store: RetentionStore
) -> None:
    await insert(any_database, generations, generation_row("g1", None))
    await insert(any_database, pictures, picture_row("g1", NOON))
    await insert(any_database, approvals, approval_row("a1", "denied", NOON))
    await insert(any_database, approvals, approval_row("a2", "asked", None))
    due = {"approval_id": "a1", "address": "", "due_at": NOON}
    await insert(any_database, approval_messages, due)
    alert = {"team_id": "T1", "key": "k", "document": {}, "told_to": [], "raised_at": NOON}
    await insert(any_database, alerts, alert)
    tables = (generations, pictures, approvals, approval_messages, alerts)
    before = [await read_rows(any_database, table) for table in tables]

    for kept in SWEPT:
        assert await store.sweep(kept, NOON + timedelta(days=4000), 10) == 0, kept.name
    assert [await read_rows(any_database, table) for table in tables] == before


async def test_what_was_blanked_keeps_what_reports_are_made_of_and_can_be_read(
    any_database: Database, store: RetentionStore
) -> None:
    later = NOON + RETENTION
    await insert(any_database, generations, generation_row("g1"))
    await insert(any_database, pictures, picture_row("g1", NOON))
    judged = {"generation_id": "g1", "user_id": "U2", "opinion": "good", "given_at": NOON}
    await insert(any_database, feedback, judged)

    await store.sweep(BY_NAME["prompts"], later, 10)

    said = [await read_rows(any_database, each) for each in (generations, pictures, feedback)]
    assert MARK not in str(said)
    assert said[2] == []
    found = await GenerationStore(any_database).read("g1")
    request = ImageRequest(
        model=Model.IDEOGRAM_3, size=Size.FEED, quantity=2, enhance_prompt=True, prompt=None
    )
    assert (found.request, found.state, found.credits_used) == (request, State.DELIVERED, 12.0)
    assert found.blanked_at is not None
    assert len(found.pictures) == 1
    (in_history,), *_ = await VersionStore(any_database).history("T1", "U1", None, 9)
    assert in_history == found
    assert await GenerationStore(any_database).recent_durations(Model.IDEOGRAM_3, 2, 9) == []


async def test_what_is_set_in_a_workspace_goes_with_the_app_and_others_stay(
    any_database: Database, store: RetentionStore
) -> None:
    await make_removed(any_database, NOON)
    later = NOON + timedelta(days=31)

    assert [await store.sweep(BY_NAME["uninstalled"], later, 10) for _ in range(2)] == [1, 0]

    left = await read_rows(any_database, welcomes)
    assert [row["team_id"] for row in left] == ["T2"]
    assert await GenerationStore(any_database).list_pending() == []


async def test_nothing_is_blanked_if_all_is_to_be_kept(any_database: Database) -> None:
    await insert(any_database, generations, generation_row("g1"))
    store = RetentionStore(any_database, None)

    assert await store.sweep(BY_NAME["prompts"], NOON + timedelta(days=9999), 10) == 0


async def test_it_is_done_in_portions(any_database: Database, store: RetentionStore) -> None:
    rows = [{"name": f"p{n}", "state": {}, "changed_at": NOON} for n in range(5)]
    await insert(any_database, paces, *rows)
    later = NOON + timedelta(days=2)

    done = [await store.sweep(BY_NAME["rate_limits"], later, 2) for _ in range(4)]

    assert done == [2, 2, 1, 0]


async def test_a_version_that_a_thread_has_nothing_newer_than_stays_taken_up(
    any_database: Database, store: RetentionStore
) -> None:
    await make_superseded(any_database, NOON)
    await any_database.write(
        lambda on: on.execute(sa.delete(generations).where(generations.c.id == "g2"))
    )

    assert await store.sweep(BY_NAME["taken_up"], NOON + timedelta(days=900), 10) == 0


async def test_a_night_is_one_processs_and_anothers_if_that_dies(
    any_database: Database, same_database: Database
) -> None:
    one, other = (RetentionStore(each, RETENTION) for each in (any_database, same_database))
    night = NOON - timedelta(hours=9)

    assert await one.claim(night, NOON) is True
    assert await other.claim(night, NOON + LEASE - SECOND) is False
    assert await other.claim(night, NOON + LEASE) is True
    await other.end(night, NOON + LEASE)
    assert await one.claim(night, NOON + 2 * LEASE) is False
    assert (await one.read_state()).ended_at == NOON + LEASE
    assert await one.claim(night + timedelta(days=1), NOON + timedelta(days=1)) is True


async def test_who_goes_on_sweeping_keeps_the_night(
    any_database: Database, store: RetentionStore
) -> None:
    night = NOON - timedelta(hours=9)
    await store.claim(night, NOON)
    almost = NOON + LEASE - SECOND
    await store.sweep(BY_NAME["media"], almost, 10)

    assert await store.claim(night, almost + LEASE - SECOND) is False


async def test_what_the_engine_noted_for_itself_goes_with_the_address(
    any_database: Database, store: RetentionStore
) -> None:
    times = dict.fromkeys(("root_intended_at", "result_intended_at", "placed_at", "tried_at"), NOON)
    told = generation_row("g1", NOON, intent="nonce", **times)
    under_way = generation_row("g2", None, intent="nonce", **times)
    await insert(any_database, generations, told, under_way)

    assert await store.sweep(BY_NAME["response_urls"], NOON + timedelta(days=1), 10) == 1

    rows = {row["id"]: row for row in await read_rows(any_database, generations)}
    assert {name: rows["g1"][name] for name in times} == dict.fromkeys(times)
    assert {name: rows["g2"][name] for name in times} == times
    assert [rows[id_]["intent"] for id_ in ("g1", "g2")] == [None, "nonce"]


@pytest.mark.parametrize("is_ended", [True, False])
async def test_a_clock_that_was_years_ahead_holds_up_no_night(
    any_database: Database, store: RetentionStore, *, is_ended: bool
) -> None:
    ahead = NOON + timedelta(days=2000)
    assert await store.claim(ahead, ahead)
    if is_ended:
        await store.end(ahead, ahead)
    night = NOON - timedelta(hours=9)

    assert (await store.read_state()).is_due(night, NOON)
    assert await store.claim(night, NOON)
    await store.end(night, NOON)
    assert not (await store.read_state()).is_due(night, NOON)
    assert await store.claim(night, NOON) is False


@pytest.mark.parametrize("name", ["response_urls", "picture_links"])
async def test_what_is_over_is_found_by_an_index(any_database: Database, name: str) -> None:
    plans: list[str] = []
    is_sqlite = any_database.dialect == "sqlite"

    def explain(on: sa.Connection) -> None:
        explains = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        if not is_sqlite:  # with no rows it would rather read them all
            on.execute(sa.text("SET LOCAL enable_seqscan = off"))

        @sa.event.listens_for(on, "before_cursor_execute", retval=True)
        def _explain(
            _on: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool
        ) -> tuple[str, Any]:
            return explains + statement, values

        sweep = BY_NAME[name].sweep
        assert sweep is not None

        @sa.event.listens_for(on, "after_cursor_execute")
        def _keep(
            _on: Any, cursor: Any, _statement: str, _values: Any, _context: Any, _many: bool
        ) -> None:
            plans.extend(str(row) for row in cursor.fetchall())

        sweep(on, NOON, 10)

    await any_database.write(explain)

    indexes = {
        "response_urls": "ix_generations_told_at_response_url",
        "picture_links": "ix_pictures_expires_at",
    }
    assert indexes[name] in "\n".join(plans)


def read_table() -> list[list[str]]:
    """README's table of what is kept, without its head."""
    text = README.read_text("utf-8")
    _, _, rest = text.partition("| Kept | Why | How long |\n| --- | --- | --- |\n")
    lines = rest.partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_readme_says_what_is_kept_why_and_how_long() -> None:
    assert read_table() == [[kept.what, kept.why, kept.how_long] for kept in KEPT]


def test_every_table_is_among_what_is_kept() -> None:
    named = {table.name for kept in KEPT for table in kept.tables}

    assert named == set(metadata.tables)
