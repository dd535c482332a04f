"""Rows that a newer version of this bot has written, as this one reads them in a deploy."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import Cause, NewerVersion
from bot.generations.record import State
from bot.store.alerts import AlertStore
from bot.store.approvals import ApprovalStore
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.tables import alerts, approvals, generations, ledger
from bot.store.versions import VersionStore
from tests.support.rows import NOW, new_generation

NEWER_REQUESTS: dict[str, dict[str, Any]] = {
    "a field": {"request": {"prompt": "fog", "mood": "dark"}},
    "a model": {"request": {"prompt": "fog", "model": "flux-3"}},
    "a source": {"sources": {"video": "m1"}},
    "a field of a preset": {
        "sources": {"preset": {"name": "brand", "prefix": "flat", "negative": "text"}}
    },
}


async def keep(database: Database, **changes: Any) -> GenerationStore:
    """A generation, and what a newer version has made of it."""
    store = GenerationStore(database)
    assert await store.accept(new_generation())
    if changes:
        change = sa.update(generations).values(**changes)
        await database.write(lambda on: on.execute(change))
    return store


@pytest.mark.parametrize("newer", NEWER_REQUESTS.values(), ids=NEWER_REQUESTS)
@pytest.mark.parametrize("state", [State.ACCEPTED, State.SUBMITTING])
async def test_what_this_version_does_not_know_all_of_it_does_not_pay_for(
    any_database: Database, newer: dict[str, Any], state: State
) -> None:
    store = await keep(any_database, state=state.value, **newer)

    with pytest.raises(NewerVersion):
        await store.read_own("g1")


@pytest.mark.parametrize("name", ["a field", "a source", "a field of a preset"])
@pytest.mark.parametrize("state", [State.PROCESSING, State.FINISHED])
async def test_what_is_paid_for_is_delivered_all_the_same(
    any_database: Database, name: str, state: State
) -> None:
    store = await keep(any_database, state=state.value, **NEWER_REQUESTS[name])

    assert (await store.read_own("g1")).state is state
    with pytest.raises(NewerVersion):  # and is not made again with half of what was asked for
        await store.read("g1")


async def test_a_state_of_a_newer_version_is_left_to_it(any_database: Database) -> None:
    store = await keep(any_database, state="voted_on")

    with pytest.raises(NewerVersion):
        await store.read_own("g1")
    assert [pending.state for pending in await store.count_pending()] == ["voted_on"]


async def test_a_reason_that_this_version_has_no_name_for_is_some_other_reason(
    any_database: Database,
) -> None:
    store = await keep(any_database, state=State.REFUSED.value, cause="bad_weather")

    assert (await store.read("g1")).cause is Cause.OTHER


async def test_what_is_let_go_of_has_no_owner(any_database: Database) -> None:
    store = await keep(any_database)

    await store.let_go("g1")

    assert await store.list_pending() == []
    assert (await store.read("g1")).owner is None


async def test_history_and_ledger_show_what_they_know(any_database: Database) -> None:
    store = await keep(any_database, request={"prompt": "fog", "mood": "dark"})
    await store.advance("g1", State.ACCEPTED, State.SUBMITTING, intended_at=NOW)
    await store.advance(
        "g1", State.SUBMITTING, State.PROCESSING, submitted_at=NOW, credits_used=3.0
    )
    newer = {
        "generation_id": "c1",
        "kind": "caption_charge",
        "model": "words-1",
        "quantity": 1,
        "expected": 0.0,
        "entered_at": NOW,
        "counts_at": NOW,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
    }
    await any_database.write(lambda on: on.execute(sa.insert(ledger).values(newer)))

    (shown,), *_ = await VersionStore(any_database).history("T1", "U1", None, 10)
    (entry,) = await LedgerStore(any_database).read_entries()

    assert shown.id == "g1"
    assert (entry.generation_id, entry.credits) == ("g1", 3.0)


async def test_an_approval_of_a_newer_version_is_decided_there(any_database: Database) -> None:
    row = {
        "id": "a1",
        "team_id": "T1",
        "state": "asked",
        "request": {"id": "g1", "origin": "command:1", "mood": "dark"},
        "shortfalls": [],
        "expires_at": NOW,
    }
    await any_database.write(lambda on: on.execute(sa.insert(approvals).values(row)))

    with pytest.raises(NewerVersion):
        await ApprovalStore(any_database, "local").read("a1")


async def test_an_alert_of_a_newer_version_is_told_there(any_database: Database) -> None:
    row = {
        "team_id": "T1",
        "key": "storm",
        "document": {"kind": "storm"},
        "told_to": [],
        "raised_at": NOW,
    }
    await any_database.write(lambda on: on.execute(sa.insert(alerts).values(row)))

    assert await AlertStore(any_database).take_pending(NOW) == []
