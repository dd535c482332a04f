"""What was spent in a window of time, added up from the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.ledger import EntryKind
from bot.credits.reports import Charged, Line
from bot.images.usage import By
from bot.policy.budgets import Window
from bot.store.channels import CURRENT_CHANNEL, join_moves
from bot.store.database import Database
from bot.store.people import APPROVER, PERSON, join_people
from bot.store.tables import ledger, pictures

_COLUMNS: Final[dict[By, sa.ColumnElement[str]]] = {
    By.USER: PERSON,
    By.CHANNEL: CURRENT_CHANNEL,
    By.MODEL: ledger.c.model,
}
_is_charge = ledger.c.kind == EntryKind.CHARGE.value


class UsageStore:
    """Reads the ledger; `team_id` is the workspace's. Raises Transient where the database does not
    answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_up(
        self, by: By, team_id: str, window: Window, user_id: str | None = None
    ) -> list[Line]:
        """A line for each person, channel or model that something was charged for in `window`: by
        everyone, or by `user_id`. In no order."""
        entries = _select_entries(_COLUMNS[by], team_id, window, user_id).subquery()
        sums = sa.select(
            entries.c.key,
            sa.func.coalesce(sa.func.sum(entries.c.credits), 0.0).label("credits"),
            (-sa.func.sum(entries.c.expected)).label("coming_back"),
            sa.func.sum(entries.c.is_charge).label("requests"),
            sa.func.sum(entries.c.made).label("pictures"),
            sa.func.sum(entries.c.is_unpriced).label("unpriced"),
        ).group_by(entries.c.key)
        rows = await self._database.read(lambda on: on.execute(sums).all())
        return [Line(**row._mapping) for row in rows]

    async def list_charged(
        self, team_id: str, window: Window, limit: int | None = None
    ) -> list[Charged]:
        """The generations that were charged for in `window`, in the order of the charges, at most
        `limit`."""
        at = sa.func.min(ledger.c.counts_at, type_=ledger.c.counts_at.type)
        same = (
            *(ledger.c.generation_id, PERSON.label("user_id"), CURRENT_CHANNEL.label("channel_id")),
            ledger.c.model,
        )
        # A refund's quantity is of the pictures that it is for.
        quantity = sa.func.sum(sa.case((_is_charge, ledger.c.quantity), else_=0))
        delivered = sa.func.sum(sa.case((_is_charge, _count_made()), else_=0))
        found = (
            sa.select(
                *same,
                quantity.label("quantity"),
                delivered.label("delivered"),
                at.label("counts_at"),
                sa.func.sum(ledger.c.credits).label("credits"),
                (-sa.func.sum(ledger.c.expected)).label("coming_back"),
                sa.func.max(APPROVER).label("approved_by"),
            )
            .select_from(join_people(join_moves(ledger)))
            .where(*_are_in(team_id, window))
            .group_by(*(ledger.c.generation_id, PERSON, CURRENT_CHANNEL, ledger.c.model))
            .order_by(at, ledger.c.generation_id)
            .limit(limit)
        )
        rows = await self._database.read(lambda on: on.execute(found).all())
        return [Charged(**row._mapping) for row in rows]

    async def list_spenders(self, since: datetime) -> list[tuple[str, str, str]]:
        """Workspace, channel and person of whatever was entered from `since` on."""
        channel = CURRENT_CHANNEL.label("channel_id")
        columns = (ledger.c.team_id, channel, PERSON.label("user_id"))
        found = sa.select(*columns).select_from(join_people(join_moves(ledger)))
        # With the kinds, which change nothing, because that is how the index begins.
        found = found.where(ledger.c.kind.in_(list(EntryKind)))
        found = found.where(ledger.c.entered_at >= since).distinct()
        rows = await self._database.read(lambda on: on.execute(found).all())
        return [(row.team_id, row.channel_id, row.user_id) for row in rows]


def _select_entries(
    key: sa.ColumnElement[str], team_id: str, window: Window, user_id: str | None
) -> sa.Select[Any]:
    """The entries with what each adds: pictures are counted with the charge that paid for them."""
    made = _count_made()
    entries = sa.select(
        key.label("key"),
        ledger.c.credits,
        ledger.c.expected,
        sa.case((_is_charge, 1), else_=0).label("is_charge"),
        sa.case((_is_charge, made), else_=0).label("made"),
        sa.case((sa.and_(_is_charge, ledger.c.credits.is_(None)), 1), else_=0).label("is_unpriced"),
    )
    entries = entries.select_from(join_people(join_moves(ledger))).where(*_are_in(team_id, window))
    return entries if user_id is None else entries.where(PERSON.in_([user_id]))


def _count_made() -> sa.ScalarSelect[int]:
    """The pictures that came of an entry's generation."""
    return (
        sa.select(sa.func.count())
        .select_from(pictures)
        .where(pictures.c.generation_id == ledger.c.generation_id)
        .scalar_subquery()
    )


def _are_in(team_id: str, window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        ledger.c.team_id == team_id,
        ledger.c.counts_at >= window.since,
        ledger.c.counts_at < window.until,
    )
