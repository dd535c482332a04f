"""What was spent in a window of time, added up from the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.credits.ledger import CAPTIONS, EntryKind
from bot.credits.reports import (
    NAME_MARK,
    NO_CAMPAIGN,
    Charged,
    Line,
    find_month_window,
)
from bot.generations.record import State
from bot.images.usage import By, Month
from bot.policy.budgets import Window
from bot.store.channels import CURRENT_CHANNEL, join_moves
from bot.store.database import Database
from bot.store.people import APPROVER, PERSON, join_people
from bot.store.tables import generations, ledger, pictures, posts, unindexed

_COLUMNS: Final[dict[By, sa.ColumnElement[str]]] = {
    By.USER: PERSON,
    By.CHANNEL: CURRENT_CHANNEL,
    By.MODEL: ledger.c.model,
    By.CAMPAIGN: sa.func.coalesce(
        sa.literal_column(f"'{NAME_MARK}'") + ledger.c.campaign,
        sa.literal_column(f"'{NO_CAMPAIGN}'"),
    ),
    By.WORKSPACE: sa.func.coalesce(ledger.c.powerpost_workspace, sa.literal_column("''")),
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
        """A line for each person, channel, model, campaign or workspace of PowerPost's (its id, ""
        for the default one) that something was charged for in `window`: by everyone, or by
        `user_id`. In no order."""
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
        """The generations that were charged for in `window`, and those without a known outcome
        that were sent in it, in the order of their times, at most `limit`."""
        found = _select_charged(team_id, window).limit(limit)
        unknown = _select_unknown(team_id, window).limit(limit)
        texts = _select_unknown_texts(team_id, window).limit(limit)

        def read(on: sa.Connection) -> list[Charged]:
            charged = [
                *map(_read_charged, on.execute(found)),
                *map(_read_charged, on.execute(unknown)),
                *map(_read_charged, on.execute(texts)),
            ]
            return sorted(charged, key=lambda each: (each.counts_at, each.generation_id))[:limit]

        return await self._database.read(read)

    async def list_months(self, team_id: str, zone: ZoneInfo, most: int) -> list[Month]:
        """The months, by the clocks of `zone`, in which something was charged: the newest first, at
        most `most`. Each is one look into the index."""
        newest = sa.func.max(ledger.c.counts_at, type_=ledger.c.counts_at.type)
        last = sa.select(newest).where(ledger.c.team_id == team_id)

        def read(on: sa.Connection) -> list[Month]:
            months: list[Month] = []
            at = on.execute(last).scalar_one()
            while at is not None and len(months) < most:
                local = at.astimezone(zone)
                months.append(Month(local.year, local.month))
                since = find_month_window(months[-1], zone).since
                at = on.execute(last.where(ledger.c.counts_at < since)).scalar_one()
            return months

        return await self._database.read(read)

    async def list_spenders(self, since: datetime) -> list[tuple[str, str, str, str]]:
        """Workspace, channel, person and campaign ("" for none) of whatever was entered from
        `since` on."""
        channel = CURRENT_CHANNEL.label("channel_id")
        team_id = unindexed(ledger.c.team_id).label("team_id")
        columns = (team_id, channel, PERSON.label("user_id"))
        campaign = sa.func.coalesce(ledger.c.campaign, "").label("campaign")
        found = sa.select(*columns, campaign).select_from(join_people(join_moves(ledger)))
        # With the kinds, which change nothing, because that is how the index begins.
        found = found.where(ledger.c.kind.in_(list(EntryKind)))
        found = found.where(ledger.c.entered_at >= since).distinct()
        rows = await self._database.read(lambda on: on.execute(found).all())
        return [(row.team_id, row.channel_id, row.user_id, row.campaign) for row in rows]


# What a report's file says of a generation beside its charge.
_OF_GENERATION: Final = (
    generations.c.request["size"].as_string().label("size"),
    generations.c.preset,
    generations.c.campaign,
    generations.c.state,
    generations.c.request_id,
    generations.c.result_ts,
    generations.c.root_ts,
    generations.c.thread_ts,
    generations.c.result_channel_id,
    generations.c.channel_id.label("asked_in"),
)


# The same of a draft's text, which has its own message.
_OF_TEXT: Final = {
    **{name: posts.c[name] for name in ("campaign", "powerpost_workspace", "request_id")},
    "result_ts": posts.c.message_ts,
    "thread_ts": posts.c.thread_ts,
    "asked_in": posts.c.channel_id,
}
_OF_EITHER: Final = tuple(
    sa.func.coalesce(each, _OF_TEXT[each.name]).label(each.name) if each.name in _OF_TEXT else each
    for each in _OF_GENERATION
)


def _select_charged(team_id: str, window: Window) -> sa.Select[Any]:
    at = sa.func.min(ledger.c.counts_at, type_=ledger.c.counts_at.type)
    same = (
        *(ledger.c.generation_id, PERSON.label("user_id"), CURRENT_CHANNEL.label("channel_id")),
        ledger.c.model,
    )
    # A refund's quantity is of the pictures that it is for, and that of a text makes none.
    is_made = _is_charge & (ledger.c.model != CAPTIONS)
    quantity = sa.func.sum(sa.case((is_made, ledger.c.quantity), else_=0))
    delivered = sa.func.sum(sa.case((_is_charge, _count_made()), else_=0))
    sums = (
        sa.select(
            *same,
            quantity.label("quantity"),
            delivered.label("delivered"),
            at.label("counts_at"),
            sa.func.sum(ledger.c.credits).label("credits"),
            (-sa.func.sum(ledger.c.expected)).label("coming_back"),
            sa.func.max(APPROVER).label("approved_by"),
            sa.func.max(ledger.c.powerpost_workspace).label("powerpost_workspace"),
        )
        .select_from(join_people(join_moves(ledger)))
        .where(*_are_in(team_id, window))
        .group_by(*(ledger.c.generation_id, PERSON, CURRENT_CHANNEL, ledger.c.model))
    ).subquery()
    joined = sums.outerjoin(generations, generations.c.id == sums.c.generation_id)
    joined = joined.outerjoin(posts, posts.c.id == sums.c.generation_id)
    found = sa.select(*sums.c, *_OF_EITHER).select_from(joined)
    return found.order_by(sums.c.counts_at, sums.c.generation_id)


def _select_unknown(team_id: str, window: Window) -> sa.Select[Any]:
    """What may have been charged, and is not in the ledger."""
    own = generations.c
    is_entered = sa.exists().where(ledger.c.generation_id == own.id)
    found = sa.select(
        own.id.label("generation_id"),
        own.user_id,
        own.channel_id,
        own.request["model"].as_string().label("model"),
        own.request["quantity"].as_integer().label("quantity"),
        sa.literal(0).label("delivered"),
        own.intended_at.label("counts_at"),
        sa.null().label("credits"),
        sa.literal(0.0).label("coming_back"),
        own.approved_by,
        own.powerpost_workspace,
        *_OF_GENERATION,
    )
    return (
        found.where(own.team_id == team_id, own.state == State.UNKNOWN.value, ~is_entered)
        .where(own.intended_at >= window.since, own.intended_at < window.until)
        .order_by(own.intended_at, own.id)
    )


def _select_unknown_texts(team_id: str, window: Window) -> sa.Select[Any]:
    """The same of drafts' texts."""
    own = posts.c
    found = sa.select(
        own.id.label("generation_id"),
        own.user_id,
        own.ruled_channel_id.label("channel_id"),
        sa.literal(CAPTIONS).label("model"),
        sa.literal(0).label("quantity"),
        sa.literal(0).label("delivered"),
        own.intended_at.label("counts_at"),
        sa.null().label("credits"),
        sa.literal(0.0).label("coming_back"),
        sa.null().label("approved_by"),
        *(
            _OF_TEXT[each.name].label(each.name)
            if each.name in _OF_TEXT
            else sa.literal(State.UNKNOWN.value if each.name == "state" else None).label(each.name)
            for each in _OF_GENERATION
        ),
    )
    # bot/posts/record.py
    return found.where(
        own.team_id == team_id,
        own.state == "text_unknown",
        own.intended_at >= window.since,
        own.intended_at < window.until,
    ).order_by(own.intended_at, own.id)


def _read_charged(row: sa.Row[Any]) -> Charged:
    """With the place of its result, or of the message that says who asked."""
    values = dict(row._mapping)
    names = ("result_ts", "root_ts", "thread_ts", "result_channel_id", "asked_in")
    result_ts, root_ts, thread_ts, elsewhere, asked_in = (values.pop(name) for name in names)
    message = None
    if result_ts is not None and elsewhere not in (None, asked_in):
        message = (elsewhere, result_ts, None)
    elif result_ts is not None:
        message = (row.channel_id, result_ts, thread_ts or root_ts)
    elif root_ts is not None:
        message = (row.channel_id, root_ts, thread_ts)
    return Charged(**values, message=message)


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
