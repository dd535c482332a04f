"""Channels whose ids have changed: what is kept under the old id moves along, in one transaction.

A private channel that is shared with another company gets another id, for good
(https://docs.slack.dev/reference/events/channel_id_changed). Rows and documents are changed; the
entries of the ledger never are, so what is added up from them looks the id up (`CURRENT_CHANNEL`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.policies import lock_policies
from bot.store.tables import (
    alerts,
    approval_messages,
    approvals,
    briefs,
    channel_moves,
    drafts,
    generations,
    ledger,
    pick_rounds,
    policies,
    policy_changes,
    posts,
    questions,
    shares,
    taken_up,
)

# Where an entry of the ledger counts now; with `join_moves`.
CURRENT_CHANNEL: Final = sa.func.coalesce(channel_moves.c.new_id, ledger.c.channel_id)
_IS_MOVE_OF_ENTRY: Final = (channel_moves.c.team_id == ledger.c.team_id) & (
    channel_moves.c.old_id == ledger.c.channel_id
)


def join_moves(entries: sa.FromClause) -> sa.Join:
    """`entries` (the ledger, or a join with it), each with the move of its channel, if any."""
    return entries.outerjoin(channel_moves, _IS_MOVE_OF_ENTRY)


class ChannelStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer; then nothing moved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def move(self, team_id: str, old_id: str, said_id: str, now: datetime) -> bool:
        """Everything of the channel `old_id` is of `said_id` from now on, or of the id that this
        one has by now: events come in any order. False where that was done before; done twice, it
        changes nothing."""

        def write(on: sa.Connection) -> bool:
            # First, as whoever counts a budget or changes a rule does.
            lock_policies(on, self._database, [team_id])
            new_id = _find_newest(on, team_id, old_id, said_id)
            is_new = _note_move(on, self._database, team_id, old_id, new_id, now)
            _move_generations(on, team_id, old_id, new_id)
            _move_posts(on, team_id, old_id, new_id)
            _move_briefs(on, team_id, old_id, new_id)
            for table in (drafts, approvals, questions, briefs):
                _move_documents(on, table, team_id, old_id, new_id)
            _move_taken_up(on, team_id, old_id, new_id)
            _move_cards(on, team_id, old_id, new_id)
            for table in (shares, pick_rounds):
                there = sa.update(table).where(table.c.team_id == team_id)
                on.execute(there.where(table.c.channel_id == old_id).values(channel_id=new_id))
            _move_alerts(on, team_id, old_id, new_id)
            _move_policy(on, team_id, old_id, new_id, now)
            return is_new

        if old_id == said_id:
            return False
        return await self._database.write(write)


def find_current(on: sa.Connection, team_id: str, channel_id: str) -> str:
    """The id that a channel has now."""
    moved = (
        sa.select(channel_moves.c.new_id)
        .where(channel_moves.c.team_id == team_id)
        .where(channel_moves.c.old_id == channel_id)
    )
    return on.execute(moved).scalar_one_or_none() or channel_id


def find_former(on: sa.Connection, team_id: str, channel_ids: Iterable[str]) -> set[str]:
    """The ids that these channels had before."""
    former = (
        sa.select(channel_moves.c.old_id)
        .where(channel_moves.c.team_id == team_id)
        .where(channel_moves.c.new_id.in_(list(channel_ids)))
    )
    return set(on.execute(former).scalars())


def _find_newest(on: sa.Connection, team_id: str, old_id: str, said_id: str) -> str:
    """What `said_id` is called by now; itself where the channel has gone back to that one."""
    current = find_current(on, team_id, said_id)
    return said_id if current == old_id else current


def replace_id(document: Any, old_id: str, new_id: str) -> Any:
    """A JSON document with one id for another, as a value or a name, at any depth: also where a
    newer version has put it. What is kept under the new name already stays. Pure."""
    if isinstance(document, dict):
        moved = {
            new_id if key == old_id else key: replace_id(value, old_id, new_id)
            for key, value in document.items()
        }
        if old_id in document and new_id in document:
            moved[new_id] = replace_id(document[new_id], old_id, new_id)
        return moved
    if isinstance(document, list):
        return [replace_id(each, old_id, new_id) for each in document]
    return new_id if document == old_id else document


def _note_move(
    on: sa.Connection, database: Database, team_id: str, old_id: str, new_id: str, now: datetime
) -> bool:
    row = {"team_id": team_id, "old_id": old_id, "new_id": new_id, "moved_at": now}
    keep = database.insert(channel_moves).values(row).on_conflict_do_nothing()
    is_new = on.execute(keep.returning(channel_moves.c.new_id)).first() is not None
    # What became the old one before is the new one, too; and what is current is no former id.
    earlier = sa.update(channel_moves).where(channel_moves.c.team_id == team_id)
    on.execute(earlier.where(channel_moves.c.new_id == old_id).values(new_id=new_id))
    current = sa.delete(channel_moves).where(channel_moves.c.team_id == team_id)
    on.execute(current.where(channel_moves.c.old_id == channel_moves.c.new_id))
    return is_new


def _move_generations(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    of_team = generations.c.team_id == team_id
    budgets = (
        sa.select(generations.c.id, generations.c.over_budget)
        .where(of_team & (generations.c.channel_id == old_id))
        .where(generations.c.over_budget.is_not(None))
    )
    for row in on.execute(budgets).all():
        change = sa.update(generations).where(generations.c.id == row.id)
        on.execute(change.values(over_budget=replace_id(row.over_budget, old_id, new_id)))
    channels = (generations.c.channel_id, generations.c.result_channel_id)
    for column in (*channels, generations.c.for_channel_id):
        on.execute(
            sa.update(generations).where(of_team & (column == old_id)).values({column: new_id})
        )


def _move_posts(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    for column in (posts.c.channel_id, posts.c.ruled_channel_id):
        stands_there = (posts.c.team_id == team_id) & (column == old_id)
        on.execute(sa.update(posts).where(stands_there).values({column.name: new_id}))


def _move_documents(
    on: sa.Connection, table: sa.Table, team_id: str, old_id: str, new_id: str
) -> None:
    """The documents of `table` in which the id stands."""
    keys = list(table.primary_key.columns)
    documents = [column for column in table.columns if isinstance(column.type, sa.JSON)]
    has_id = sa.or_(*(sa.cast(each, sa.Text).contains(old_id) for each in documents))
    found = sa.select(table).where(table.c.team_id == team_id).where(has_id)
    for row in on.execute(found).all():
        values = row._mapping
        is_it = sa.and_(*(key == values[key.name] for key in keys))
        moved = {each.name: replace_id(values[each.name], old_id, new_id) for each in documents}
        on.execute(sa.update(table).where(is_it).values(moved))


def _move_briefs(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    of_channel = (briefs.c.team_id == team_id) & (briefs.c.channel_id == old_id)
    on.execute(sa.update(briefs).where(of_channel).values(channel_id=new_id))


def _move_taken_up(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    """Versions that people went back to; who did so under the new id already, meant that one."""
    of_team = taken_up.c.team_id == team_id
    there = sa.alias(taken_up)
    is_there = sa.exists().where(
        (there.c.team_id == team_id)
        & (there.c.channel_id == new_id)
        & (there.c.user_id == taken_up.c.user_id)
        & (there.c.thread_ts == taken_up.c.thread_ts)
    )
    move = sa.update(taken_up).where(of_team & (taken_up.c.channel_id == old_id) & ~is_there)
    on.execute(move.values(channel_id=new_id))


def _move_cards(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    """Cards for approvers stand in a channel, and are addressed to it."""
    ours = sa.select(approvals.c.id).where(approvals.c.team_id == team_id)
    of_team = approval_messages.c.approval_id.in_(ours)
    there = sa.alias(approval_messages)
    is_card_there = sa.exists().where(
        (there.c.approval_id == approval_messages.c.approval_id) & (there.c.address == new_id)
    )
    addressed = (approval_messages.c.address, is_card_there)
    for column, is_there in (addressed, (approval_messages.c.channel_id, sa.false())):
        on.execute(
            sa.update(approval_messages)
            .where(of_team & (column == old_id) & ~is_there)
            .values({column: new_id})
        )


def _move_alerts(on: sa.Connection, team_id: str, old_id: str, new_id: str) -> None:
    """What was told of the channel's budget is not told once more."""
    found = (
        sa.select(alerts.c.id, alerts.c.key, alerts.c.document)
        .where(alerts.c.team_id == team_id)
        .where(alerts.c.key.contains(f":{old_id}:", autoescape=True))
    )
    for row in on.execute(found).all():
        key = row.key.replace(f":{old_id}:", f":{new_id}:")
        moved = {"key": key, "document": replace_id(row.document, old_id, new_id)}
        is_key = (alerts.c.team_id == team_id) & (alerts.c.key == key)
        if on.execute(sa.select(alerts.c.id).where(is_key)).first() is not None:
            on.execute(sa.delete(alerts).where(alerts.c.id == row.id))  # told under both
            continue
        on.execute(sa.update(alerts).where(alerts.c.id == row.id).values(moved))


def _move_policy(on: sa.Connection, team_id: str, old_id: str, new_id: str, now: datetime) -> None:
    """As a change of its own, with the next version: whoever has a copy sees that it is old."""
    ours = sa.select(policies).where(policies.c.team_id == team_id)
    row = on.execute(ours).one_or_none()
    document = None if row is None else replace_id(row.document, old_id, new_id)
    if row is None or document == row.document:
        return
    version = row.version + 1
    changed = {"version": version, "document": document, "changed_at": now}
    on.execute(sa.update(policies).where(policies.c.team_id == team_id).values(changed))
    note = {"team_id": team_id, "version": version, "what": f"channel_moved:channel={new_id}"}
    on.execute(sa.insert(policy_changes).values(**note, changed_by="", changed_at=now))
