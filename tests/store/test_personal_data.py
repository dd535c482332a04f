"""What is stored about a person is given to them, or goes; what is others' stays."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.generations.record import FORGOTTEN
from bot.policy.policy import Policy
from bot.policy.presets import Defaults, Preset
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.personal_data import PersonalDataStore, UnderWay
from bot.store.policies import PolicyStore
from bot.store.retention import SWEPT, RetentionStore
from bot.store.tables import (
    alerts,
    approvals,
    briefs,
    drafts,
    feedback,
    generations,
    installations,
    metadata,
    pick_notes,
    pick_rounds,
    pick_votes,
    pictures,
    policies,
    posts,
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

ADA, BEN = "U1ADA", "U2BEN"


async def fill(database: Database, user: str, prefix: str) -> None:
    """Something of a person's in every table that has any."""
    who = {"team_id": "T1", "user_id": user}
    made = [generation_row(f"{prefix}{n}", user_id=user) for n in range(3)]
    await insert(database, generations, *made)
    await insert(database, pictures, picture_row(f"{prefix}0", NOON))
    await insert(
        database,
        feedback,
        {"generation_id": f"{prefix}0", "user_id": user, "opinion": "bad", "given_at": NOON},
    )
    await insert(database, drafts, {**who, "form": {"prompt": MARK + user}, "saved_at": NOON})
    question = {"id": f"q{prefix}", "request": {"prompt": MARK}, "asked_at": NOON}
    await insert(database, questions, {**who, **question})
    await insert(database, shares, share_row(f"s{prefix}", NOON) | who)
    await insert(database, posts, post_row(f"p{prefix}", NOON) | who)
    thread = {"channel_id": "C1", "thread_ts": "1.1", "generation_id": "x", "taken_at": NOON}
    await insert(database, taken_up, {**who, **thread})
    await insert(database, welcomes, who)
    brief = {"id": f"b{prefix}", "origin": f"command:{prefix}", "channel_id": "C1"}
    asked = {"request": {"prompt": MARK + user}, "accepted_at": NOON, "told_at": NOON}
    await insert(database, briefs, {**who, **brief, **asked})
    vote = {**who, "round_id": f"r{prefix}", "choice": 1, "voted_at": NOON}
    said = {"id": f"n{prefix}", "round_id": f"r{prefix}", "kind": "changes", "said_at": NOON}
    await insert(database, pick_rounds, round_row(f"r{prefix}", NOON) | {"opened_by": user})
    await insert(database, pick_votes, vote)
    await insert(database, pick_notes, {**who, **said, "text": MARK + user})
    approval = approval_row(f"a{prefix}", "denied", NOON)
    approval["request"]["place"]["user_id"] = user
    await insert(database, approvals, approval)
    alert = {
        "team_id": "T1",
        "key": f"budget:{user}",
        "document": {"subject": user},
        "told_to": ["U9"],
        "raised_at": NOON,
        "told_at": NOON,
    }
    await insert(database, alerts, alert)
    await PolicyStore(database).change(
        "T1",
        lambda policy: policy.model_copy(
            update={
                "defaults": {**policy.defaults, user: Defaults(quantity=2)},
                "own_presets": {**policy.own_presets, user: (Preset(name=MARK),)},
            }
        ),
        user_id=user,
        what="defaults",
        now=NOON,
    )


async def read_all(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: await read_rows(database, table) for name, table in metadata.tables.items()}


async def test_nothing_of_the_person_is_left_and_all_of_others(any_database: Database) -> None:
    await fill(any_database, BEN, "b")
    before = await read_all(any_database)
    await fill(any_database, ADA, "a")
    store = PersonalDataStore(any_database)

    would = await store.count(ADA, "T1")
    deleted = await store.forget(ADA, NOON, "T1")

    assert would == deleted
    assert deleted.counts == {
        "generations": 3,
        "opinions": 1,
        "approvals": 1,
        "briefs": 1,
        "drafts": 1,
        "questions": 1,
        "said_of_votes": 1,
        "posts": 1,
        "shares": 1,
        "versions_gone_back_to": 1,
        "votes": 1,
        "welcomes": 1,
        "defaults": 1,
        "own_presets": 1,
    }
    left = await read_all(any_database)
    assert ADA not in str(left)
    for name, rows in before.items():
        if name not in ("policies", "policy_changes"):
            assert [row for row in rows if row in left[name]] == rows, name
    assert await PolicyStore(any_database).read("T1") == Policy(
        version=3,
        defaults={BEN: Defaults(quantity=2)},
        own_presets={BEN: (Preset(name=MARK),)},
    )
    assert sum(row["user_id"] == FORGOTTEN for row in left["generations"]) == 3
    mine = [row for row in left["generations"] if row["user_id"] == FORGOTTEN]
    assert MARK not in str(mine)
    (draft,) = (row for row in left["posts"] if row["user_id"] == FORGOTTEN)
    assert MARK not in str(draft)
    assert [row["credits_used"] for row in mine] == [12.0, 12.0, 12.0]


async def test_it_may_be_done_again(any_database: Database) -> None:
    store = PersonalDataStore(any_database)
    await fill(any_database, ADA, "a")
    await store.forget(ADA, NOON)
    left = await read_all(any_database)

    assert set((await store.forget(ADA, NOON)).counts.values()) == {0}
    assert await read_all(any_database) == left


async def test_other_workspaces_are_left_alone(any_database: Database) -> None:
    await insert(any_database, generations, generation_row("g1", user_id=ADA, team_id="T2"))
    store = PersonalDataStore(any_database)

    await store.forget(ADA, NOON, "T1")

    assert (await GenerationStore(any_database).read("g1")).place.user_id == ADA


async def test_while_something_is_under_way_nothing_is_deleted(any_database: Database) -> None:
    await fill(any_database, ADA, "a")
    await insert(any_database, generations, generation_row("g9", None, user_id=ADA))
    waiting = approval_row("asked", "asked", None)
    waiting["request"]["place"]["user_id"] = ADA
    await insert(any_database, approvals, waiting)
    before = await read_all(any_database)

    with pytest.raises(UnderWay) as raised:
        await PersonalDataStore(any_database).forget(ADA, NOON)

    assert raised.value.count == 2
    assert await read_all(any_database) == before


async def test_versions_that_others_made_of_it_stay(any_database: Database) -> None:
    await insert(any_database, generations, generation_row("g1", user_id=ADA))
    later = NOON + timedelta(hours=1)
    theirs = generation_row("g2", later, user_id=BEN, parent_id="g1", thread_ts="g1.1")
    await insert(any_database, generations, theirs)

    await PersonalDataStore(any_database).forget(ADA, NOON)

    versions = await VersionStore(any_database).versions("g2")
    assert [(each.id, each.request.prompt) for each in versions] == [
        ("g1", None),
        ("g2", f"a {MARK}"),
    ]
    newest = await VersionStore(any_database).newest_in_thread("T1", "C1", "g1.1")
    assert newest is not None
    assert newest.id == "g2"


async def test_what_is_stored_is_given_as_json_with_the_links(any_database: Database) -> None:
    await fill(any_database, ADA, "a")
    await fill(any_database, BEN, "b")

    text = json.dumps(await PersonalDataStore(any_database).export(ADA))

    assert BEN not in text
    found = json.loads(text)
    assert [each["id"] for each in found["generations"]] == ["a0", "a1", "a2"]
    assert found["generations"][0]["request"]["prompt"] == f"a {MARK}"
    (picture,) = found["generations"][0]["pictures"]
    assert picture["url"].startswith("https://powerpost.example/")
    assert found["defaults"]["T1"]["quantity"] == 2
    assert [each["name"] for each in found["own_presets"]["T1"]] == [MARK]
    assert found["settings_changed"] == [{"what": "defaults", "changed_at": NOON.isoformat()}]
    assert [each["key"] for each in found["alerts"]] == [f"budget:{ADA}"]
    mentions = {"decisions", "let_through", "taken_away", "settings_that_name_them"}
    assert [each["id"] for each in found["votes_opened"]] == ["ra"]
    mentions.add("votes_closed")
    assert {name for name, kept in found.items() if not kept} == {"ledger", *mentions}


async def test_it_is_given_where_others_rows_name_the_person(any_database: Database) -> None:
    theirs = generation_row("g1", user_id=BEN, approved_by=ADA, deleted_by=ADA)
    await insert(any_database, generations, theirs)
    denied = approval_row("a1", "denied", NOON) | {"decided_by": ADA, "reason": "<not> \u2028 now"}
    await insert(any_database, approvals, denied)
    rules = {"rules": {"people": [ADA]}, "settings": {"admins": [BEN, ADA]}, "budgets": [1, None]}
    await insert(any_database, policies, {"team_id": "T1", "version": 1, "document": rules})
    store = PersonalDataStore(any_database)

    found = json.loads(json.dumps(await store.export(ADA, "T1")))

    assert BEN not in str(found)
    assert [each["reason"] for each in found["decisions"]] == ["<not> \u2028 now"]
    assert [each["id"] for each in found["let_through"] + found["taken_away"]] == ["g1", "g1"]
    assert found["settings_that_name_them"] == {"T1": ["rules.people", "settings.admins"]}
    elsewhere = await store.export(ADA, "T2")
    assert {name for name, kept in elsewhere.items() if kept} == {"user_id"}


async def test_the_clicks_of_who_was_never_charged_go_as_well(any_database: Database) -> None:
    await insert(any_database, installations, {"team_id": "T1", "installed_at": NOON})
    row = generation_row("g1", user_id=ADA, state="refused", origin="command:123.U1ADA.trigger")
    await insert(any_database, generations, row)
    await PersonalDataStore(any_database).forget(ADA, NOON)
    (kept,) = [each for each in SWEPT if each.name == "clicks"]

    await RetentionStore(any_database, None).sweep(kept, NOON + timedelta(days=2), 10)

    assert ADA not in str(await read_all(any_database))


async def test_what_is_asked_for_while_it_is_deleted_is_not_blanked(
    any_database: Database,
) -> None:
    await insert(any_database, generations, generation_row("g1", user_id=ADA))
    store = PersonalDataStore(any_database)
    slipped_in = generation_row("g2", None, user_id=ADA)

    waiting = [slipped_in]

    def slip_in(on: sa.Connection, _cursor: object, sql: str, *_: object) -> None:
        if waiting and sql.startswith("SELECT generations.id, generations.request"):
            on.execute(sa.insert(generations), [waiting.pop()])

    sa.event.listen(sa.Engine, "before_cursor_execute", slip_in)
    try:
        with pytest.raises(UnderWay):
            await store.forget(ADA, NOON)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", slip_in)

    (kept,) = [row for row in await read_rows(any_database, generations) if row["id"] == "g2"]
    assert kept["request"] == slipped_in["request"]
