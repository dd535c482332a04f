"""Entries of the ledger, written as literal rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.tables import ledger

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def entry(generation_id: str, credits_: float | None = 9.0, **changes: Any) -> dict[str, Any]:
    """A charge of Ada's in #design, if not said otherwise."""
    counts_at = changes.pop("counts_at", NOON)
    return {
        "generation_id": generation_id,
        "kind": "charge",
        "team_id": "T0SANDBOX",
        "channel_id": "C0DESIGN",
        "user_id": "U0ADA",
        "model": "flux2-flex",
        "quantity": 1,
        "credits": credits_,
        "expected": 0.0,
        "balance": None,
        "entered_at": counts_at,
        "counts_at": counts_at,
        "approved_by": None,
    } | changes


def refund_expected(generation_id: str, credits_: float, **changes: Any) -> dict[str, Any]:
    """So many credits will come back."""
    kind = {"kind": "refund_expected", "expected": -credits_}
    return entry(generation_id, None, **(kind | changes))


def refund_confirmed(generation_id: str, credits_: float, **changes: Any) -> dict[str, Any]:
    """They have come back."""
    kind = {"kind": "refund_confirmed", "expected": credits_}
    return entry(generation_id, -credits_, **(kind | changes))


async def enter(database_url: str, *entries: dict[str, Any]) -> None:
    """Write them into the ledger of a database that is up to date."""
    database = Database(database_url)
    await database.write(lambda on: on.execute(sa.insert(ledger), list(entries)))
    await database.close()
