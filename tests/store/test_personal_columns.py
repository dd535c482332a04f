"""Every column of every table: what of it is a person's, and when that goes.

A new column fails here until it is entered below. What is said of it is tried out: all of them are
filled with something of one person's, who then has their data deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from bot.generations.record import FORGOTTEN
from bot.store.database import Database
from bot.store.ledger import keep_charge
from bot.store.personal_data import PersonalDataStore
from bot.store.retention import SWEPT, RetentionStore
from bot.store.tables import metadata
from tests.store.examples import (
    NOON,
    approval_row,
    generation_row,
    insert,
    picture_row,
    read_rows,
    round_row,
    share_row,
)

ADA: Final = "U0ADA"
BEN: Final = "U0BEN"
TALK: Final = f"D{ADA}"  # the conversation that she has with the bot

Columns = Mapping[str, Sequence[str]]

# Of the person; gone when `forget` has returned.
FORGOTTEN_AT_ONCE: Final[Columns] = {
    "alerts": ("key", "document", "told_to"),
    "approval_messages": ("address", "channel_id"),
    "approvals": ("request", "shortfalls", "decided_by", "reason"),
    "briefs": ("channel_id", "user_id", "request", "origin"),
    "drafts": ("user_id", "form"),
    "feedback": ("user_id",),
    "generations": (
        *("channel_id", "user_id", "response_url", "request", "sources", "understood"),
        *("result_channel_id", "upstream_message", "approved_by", "deleted_by", "over_budget"),
        *("refused_files", "chain", "upstream_prompt"),
    ),
    "pick_notes": ("user_id", "text"),
    "pick_rounds": ("channel_id", "opened_by", "closed_by"),
    "pick_votes": ("user_id",),
    "pictures": ("alt_text", "url"),
    "policy_changes": ("changed_by",),
    "posts": ("channel_id", "user_id", "ruled_channel_id", "request", "detail"),
    "questions": ("user_id", "request"),
    "shares": ("user_id", "channel_id", "note"),
    "taken_up": ("user_id", "channel_id"),
    "welcomes": ("user_id",),
}
# Of the person; taken by the nightly sweep, as README's table says.
SWEPT_LATER: Final[Columns] = {
    "generations": ("origin",),  # a click that is delivered again makes nothing twice
    "paces": ("name",),  # of a conversation: how fast Slack may be called there
    "people": ("user_id",),  # what they spent still counts against budgets
}
# Names a person, and stays: it is what admins have set for the workspace.
STAYS: Final[Columns] = {"policies": ("document",), "policy_changes": ("summary",)}
# Nobody can be known by it: ids of ours and of PowerPost's, moments, sums, states, what there was a
# choice of; of messages their ids in a channel; of people pseudonyms.
NOBODYS: Final[Columns] = {
    "alerts": ("id", "team_id", "raised_at", "taken_until", "told_at"),
    "approval_messages": ("approval_id", "ts", "shown", "due_at"),
    "approvals": ("id", "team_id", "state", "expires_at", "asked_at", "decided_at"),
    "briefs": (
        *("id", "team_id", "accepted_at", "root_ts", "root_intended_at", "summary_ts"),
        *("summary_intended_at", "sheet_file_id", "told_at", "taken_by", "taken_until"),
    ),
    "channel_moves": ("team_id", "old_id", "new_id", "moved_at"),  # direct messages never move
    "drafts": ("team_id", "generation_id", "saved_at"),
    "feedback": ("generation_id", "opinion", "given_at"),
    "generations": (
        *("id", "team_id", "thread_ts", "parent_id", "owner", "state", "root_ts", "result_ts"),
        *("intent", "image_generation_id", "credits_used", "balance_before", "balance_after"),
        *("balance_at_end", "cause", "request_id", "accepted_at", "root_intended_at"),
        *("intended_at", "submitted_at", "finished_at", "result_intended_at", "told_at"),
        *("deleted_at", "estimate", "preset", "place_wanted_at", "placed_at", "unplaced_at"),
        *("tried_at", "blanked_at", "show", "for_channel_id", "for_thread_ts"),
        *("brief_id", "part"),
        "campaign",  # its name is the team's
        "powerpost_workspace",  # PowerPost's id of it
        "number",  # of ours
        "marks",  # what was said of it, by nobody knows whom
    ),
    "campaigns": ("team_id", "key", "name", "used_at"),
    "campaign_sums": ("team_id", "campaign", "quarter", "credits"),
    "heartbeats": ("name", "seen_at", "balance"),
    "installations": ("team_id", "installed_at", "ended_at"),
    "ledger": (
        *("id", "generation_id", "kind", "team_id", "channel_id", "user_id", "model", "quantity"),
        *("credits", "expected", "balance", "entered_at", "counts_at", "approved_by"),
        *("campaign", "powerpost_workspace"),
    ),
    "ledger_sums": ("team_id", "subject", "quarter", "credits"),
    # A fingerprint says what a picture is to whoever has it already, and not whose.
    "media": ("workspace_id", "content_hash", "media_id", "uploaded_at"),
    "open_refunds": ("generation_id", "entry_id"),
    "paces": ("state", "changed_at"),
    "people": ("pseudonym", "team_id", "forgotten_at"),
    "pick_notes": ("id", "round_id", "team_id", "kind", "said_at", "intended_at", "ts"),
    "pick_rounds": (
        *("id", "team_id", "subject_id", "number", "generation_id", "brief_id", "thread_ts"),
        *("opened_at", "candidates", "message_ts", "intended_at", "changes", "shown"),
        *("is_plain", "is_wanted", "lost_at", "taken_until", "closed_at"),
        *("winners", "counts"),  # how many, and not who
    ),
    "pick_votes": ("round_id", "team_id", "choice", "voted_at"),
    "pictures": (
        *("generation_id", "position", "media_id", "width", "height", "state"),
        *("slack_file_id", "cause", "expires_at", "chosen_at"),
    ),
    "policies": ("team_id", "version", "changed_at"),
    "policy_changes": ("team_id", "version", "what", "changed_at"),
    "posts": (
        *("id", "origin", "team_id", "thread_ts", "generation_id", "accepted_at", "state"),
        *("campaign", "estimate", "caption_id", "intended_at", "submitted_at", "finished_at"),
        *("is_text_failed", "credits_used", "balance_before", "balance_after", "balance_at_end"),
        "powerpost_workspace",
        *("drafting_at", "post_id", "upstream_state", "looked_at", "plan_state", "plan_cause"),
        *("cause", "request_id", "message_ts", "told_intended_at", "told_at", "blanked_at"),
        *("taken_by", "taken_until"),
    ),
    "processes": ("id", "seen_at"),
    "questions": ("id", "team_id", "asked_at"),
    "shares": (
        *("id", "team_id", "generation_id", "positions", "thread_ts", "shared_at"),
        *("intended_at", "posted_ts", "taken_until", "ended_at"),
    ),
    "sweeps": ("name", "night", "taken_until", "ended_at"),
    "taken_up": ("team_id", "thread_ts", "generation_id", "taken_at"),
    "welcomes": ("team_id",),
}


def name_columns(*kinds: Columns) -> list[str]:
    """As table.column."""
    return sorted(f"{table}.{name}" for kind in kinds for table in kind for name in kind[table])


def make_rows() -> dict[str, list[dict[str, Any]]]:
    """Ada in each column that is said to be hers: what she made, and where others name her."""
    words = {"prompt": f"a fox of {ADA}"}
    own = generation_row(
        "g1",
        user_id=ADA,
        origin=f"command:{ADA}",
        channel_id=TALK,
        result_channel_id=TALK,
        response_url=f"https://hooks.slack.example/{ADA}",
        request={"model": "ideogram-3", "quantity": 1, **words},
        sources={"caption_title": f"of {ADA}"},
        understood=f"of {ADA}",
        chain={"lines": ["a fox", f"of {ADA}"]},
        upstream_message=f"no {ADA}",
        upstream_prompt=f"a fine fox of {ADA}",
        over_budget={"shortfalls": [], "approval_id": ADA},
        refused_files=[{"file_id": "F2", "name": f"{ADA}.mov", "cause": "unreadable_image"}],
        approved_by=None,
        deleted_by=None,
    )
    theirs = generation_row("g2", user_id=BEN, approved_by=ADA, deleted_by=ADA)
    hers = approval_row("a1", "approved", NOON) | {"shortfalls": [{"subject": ADA}]}
    hers["request"]["place"]["user_id"] = ADA
    decided = approval_row("a2", "denied", NOON) | {"decided_by": ADA, "reason": f"Yours, {ADA}"}
    alert = {"team_id": "T1", "raised_at": NOON, "told_at": NOON}
    who = {"team_id": "T1", "user_id": ADA}
    change = {"what": "rules", "changed_by": ADA, "changed_at": NOON, "summary": [ADA]}
    return {
        "generations": [own, theirs],
        "pictures": [
            picture_row("g1", NOON)
            | {"url": f"https://powerpost.example/{ADA}", "alt_text": f"{ADA} on a rock"}
        ],
        "feedback": [{"generation_id": "g2", "user_id": ADA, "opinion": "bad", "given_at": NOON}],
        "briefs": [
            {**who, "id": "b1", "origin": f"command:{ADA}", "channel_id": TALK}
            | {"request": words, "accepted_at": NOON, "told_at": NOON}
        ],
        "pick_rounds": [
            round_row("r1", NOON) | {"channel_id": TALK, "opened_by": ADA},
            round_row("r2", NOON) | {"opened_by": ADA, "closed_by": ADA},
            round_row("r3", NOON),
        ],
        "pick_votes": [{**who, "round_id": "r3", "choice": 1, "voted_at": NOON}],
        "pick_notes": [
            {**who, "id": "V1", "round_id": "r3", "kind": "changes", "text": f"Says {ADA}"}
            | {"said_at": NOON}
        ],
        "drafts": [{**who, "form": words, "saved_at": NOON}],
        "posts": [
            {**who, "id": "p1", "origin": "post:V1:g1", "channel_id": TALK}
            | {"ruled_channel_id": TALK, "generation_id": "g1", "accepted_at": NOON}
            | {"request": {"texts": {"x": f"Hello from {ADA}"}}, "detail": f"no {ADA}"}
            | {"state": "drafted", "told_at": NOON}
        ],
        "questions": [{**who, "id": "q1", "request": words, "asked_at": NOON}],
        "shares": [share_row("s1", NOON) | {**who, "channel_id": TALK, "note": f"Mine, {ADA}"}],
        "taken_up": [
            {**who, "channel_id": TALK, "thread_ts": "1.1", "generation_id": "x", "taken_at": NOON}
        ],
        "welcomes": [who],
        "approvals": [hers, decided],
        "approval_messages": [{"approval_id": "a2", "address": ADA, "channel_id": TALK}],
        "alerts": [
            {**alert, "key": f"budget:{ADA}", "document": {"subject": ADA}, "told_to": [BEN]},
            {**alert, "key": "balance", "document": {}, "told_to": [BEN, ADA]},
        ],
        "policies": [{"team_id": "T1", "version": 1, "document": {"settings": {"admins": [ADA]}}}],
        "policy_changes": [{"team_id": "T1", "version": 1, **change}],
        "installations": [{"team_id": "T1", "installed_at": NOON}],
        "people": [{"team_id": "T1", "user_id": ADA, "pseudonym": "person-1"}],
        "paces": [{"name": f"slack:{TALK}", "state": {}, "changed_at": NOON}],
    }


async def find_person(database: Database) -> list[str]:
    """The columns that she can be found in."""
    found = set()
    for name, table in metadata.tables.items():
        for row in await read_rows(database, table):
            found |= {f"{name}.{column}" for column, value in row.items() if ADA in str(value)}
    return sorted(found)


def test_it_is_said_of_each_column_whether_it_is_a_persons() -> None:
    columns: Columns = {name: table.columns.keys() for name, table in metadata.tables.items()}

    assert name_columns(FORGOTTEN_AT_ONCE, SWEPT_LATER, STAYS, NOBODYS) == name_columns(columns)


async def test_a_forgotten_person_is_gone_from_each_when_it_is_said(any_database: Database) -> None:
    rows = make_rows()
    for table in metadata.sorted_tables:
        if table.name in rows:
            for row in rows[table.name]:
                await insert(any_database, table, row)
    for id_ in ("g1", "g2"):  # as who enters it would: the database refuses to change it
        enter = partial(keep_charge, database=any_database, generation_id=id_)
        await any_database.write(enter)
    assert await find_person(any_database) == name_columns(FORGOTTEN_AT_ONCE, SWEPT_LATER, STAYS)

    await PersonalDataStore(any_database).forget(ADA, NOON)

    assert await find_person(any_database) == name_columns(SWEPT_LATER, STAYS)
    later = NOON + timedelta(days=33)
    for kept in SWEPT:
        await RetentionStore(any_database, None).sweep(kept, later, 100)
    assert await find_person(any_database) == name_columns(STAYS)


async def test_nobody_elses_words_go_with_them(any_database: Database) -> None:
    rows = make_rows()
    await insert(any_database, metadata.tables["generations"], rows["generations"][1])
    decided = rows["approvals"][1] | {"decided_by": BEN, "reason": "Not this month."}
    await insert(any_database, metadata.tables["approvals"], decided)

    await PersonalDataStore(any_database).forget(ADA, NOON)

    (made,) = await read_rows(any_database, metadata.tables["generations"])
    assert (made["user_id"], made["approved_by"]) == (BEN, FORGOTTEN)
    assert made["request"] == rows["generations"][1]["request"]
    (kept,) = await read_rows(any_database, metadata.tables["approvals"])
    assert (kept["decided_by"], kept["reason"]) == (BEN, "Not this month.")
