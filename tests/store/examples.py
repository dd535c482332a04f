"""Rows of every table, written as literal values, whole and with all that a person has said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.generations.approval import dump_request
from bot.generations.record import NewGeneration, Place
from bot.images.request import ImageRequest
from bot.store.database import Database

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MARK = "mermaid"  # stands in everything that somebody has said


def generation_row(id_: str, told_at: datetime | None = NOON, **changes: Any) -> dict[str, Any]:
    """A request of U1's in T1 and C1, delivered when it was told."""
    return {
        "id": id_,
        "origin": f"command:{id_}",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "response_url": "https://hooks.slack.example/1",
        "request": {
            "prompt": f"a {MARK}",
            "model": "ideogram-3",
            "size": "feed",
            "quantity": 2,
            "enhance_prompt": True,
            "style_images": [f"{MARK}-style"],
            "generation_id": f"{MARK}-caption",
            "source_post_type": "x-post",
        },
        "sources": {
            "references": [{"file_id": f"F{MARK}", "name": f"{MARK}.png"}],
            "caption_title": f"The {MARK}",
        },
        "understood": f"Prompt: {MARK}",
        "chain": {"lines": [f"a {MARK}"], "changed": f"a {MARK}", "usual_quantity": 2},
        "owner": "local",
        "state": "delivered" if told_at else "processing",
        "root_ts": f"{id_}.1",
        "thread_ts": None,
        "credits_used": 12.0,
        "upstream_message": f"no {MARK}s",
        "upstream_prompt": f"a fine {MARK}",
        "refused_files": [{"file_id": "F2", "name": f"{MARK}.mov", "cause": "unreadable_image"}],
        "accepted_at": (told_at or NOON) - timedelta(minutes=1),
        "told_at": told_at,
    } | changes


def picture_row(generation_id: str, expires_at: datetime, position: int = 1) -> dict[str, Any]:
    """A picture that is a file in Slack."""
    return {
        "generation_id": generation_id,
        "position": position,
        "media_id": f"media-{generation_id}-{position}",
        "url": f"https://powerpost.example/{MARK}.webp?signature=a",
        "state": "uploaded",
        "slack_file_id": f"F{generation_id}{position}",
        "expires_at": expires_at,
        "alt_text": f"A {MARK} on a rock",
    }


def round_row(id_: str, at: datetime) -> dict[str, Any]:
    """A vote on the two pictures of a result, opened by U1 in C1."""
    return {
        "id": id_,
        "team_id": "T1",
        "subject_id": id_,
        "number": 1,
        "generation_id": id_,
        "channel_id": "C1",
        "opened_by": "U1",
        "opened_at": at,
        "candidates": [
            {"key": key, "generation_id": id_, "position": key, "name": str(key)} for key in (1, 2)
        ],
        "changes": 1,
        "shown": 0,
        "is_plain": False,
        "is_wanted": False,
    }


def share_row(id_: str, at: datetime) -> dict[str, Any]:
    """Pictures that U1 shares in C2."""
    return {
        "id": id_,
        "team_id": "T1",
        "user_id": "U1",
        "generation_id": "g1",
        "positions": [1, 2],
        "channel_id": "C2",
        "note": f"Which {MARK}?",
        "shared_at": at,
        "taken_until": at,
    }


def approval_row(id_: str, state: str, decided_at: datetime | None) -> dict[str, Any]:
    """A request over budget of U1's, decided by U9."""
    new = NewGeneration(
        id_, f"command:{id_}", Place("T1", "C1", "U1"), ImageRequest(prompt=MARK), NOON
    )
    return {
        "id": id_,
        "team_id": "T1",
        "state": state,
        "request": dump_request(new),
        "shortfalls": [],
        "expires_at": NOON,
        "decided_at": decided_at,
        "decided_by": "U9",
        "reason": f"no {MARK}s here",
    }


async def insert(database: Database, table: sa.Table, *rows: dict[str, Any]) -> None:
    """Write them."""
    await database.write(lambda on: on.execute(sa.insert(table), list(rows)))


async def read_rows(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    """All of a table, in the order of its key."""
    found = sa.select(table).order_by(*table.primary_key.columns)
    rows = await database.read(lambda on: on.execute(found).all())
    return [dict(row._mapping) for row in rows]


def post_row(id_: str, at: datetime, **changes: Any) -> dict[str, Any]:
    """A draft of U1's in C1, which was told."""
    return {
        "id": id_,
        "origin": f"post:{id_}",
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "ruled_channel_id": "C1",
        "generation_id": "g1",
        "request": {
            "media_ids": ["m1"],
            "generation_ids": ["g1"],
            "post_types": ["x-post"],
            "source": "typed",
            "texts": {"x": f"Hello {MARK}"},
        },
        "accepted_at": at,
        "state": "drafted",
        "told_at": at,
        **changes,
    }
