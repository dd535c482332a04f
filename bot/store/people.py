"""Pseudonyms: nobody can change the ledger, so people are entered there by a name that only this
table knows. Who has their data deleted is nobody from then on, and every sum stays. Their row here
is deleted once no budget's window has what they spent (retention.py): else a budget would begin
anew for whoever has their data deleted."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from bot.generations.record import FORGOTTEN
from bot.store.tables import ledger, people

# No id of Slack's begins so.
PREFIX: Final = "person-"

_approvers: Final = sa.alias(people, "approvers")


def _resolve(found: sa.FromClause, entered: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Slack's id; FORGOTTEN for who is not known any more. What was entered before there were
    pseudonyms, or by an older process, is Slack's id already."""
    # Literals: to PostgreSQL two parameters are two values, and it would not group by this.
    is_gone = found.c.user_id.is_(None) & entered.like(sa.literal_column(f"'{PREFIX}%'"))
    is_forgotten = found.c.forgotten_at.is_not(None) | is_gone
    forgotten: sa.ColumnElement[str] = sa.literal_column(f"'{FORGOTTEN}'")
    return sa.case((is_forgotten, forgotten), else_=sa.func.coalesce(found.c.user_id, entered))


# Of an entry, where `join_people` was joined.
PERSON: Final = _resolve(people, ledger.c.user_id)
APPROVER: Final = _resolve(_approvers, ledger.c.approved_by)


def join_people(entries: sa.FromClause) -> sa.FromClause:
    """`entries` with who they are of, and who let them through."""
    return entries.outerjoin(people, people.c.pseudonym == ledger.c.user_id).outerjoin(
        _approvers, _approvers.c.pseudonym == ledger.c.approved_by
    )


def read_pseudonyms(
    on: sa.Connection, team_id: str, user_ids: Collection[str | None]
) -> dict[str, str]:
    """Whose pseudonym is whose, of those of these people who have one, or had one before they
    had their data deleted."""
    found = (
        sa.select(people.c.pseudonym, people.c.user_id)
        .where(people.c.team_id == team_id)
        .where(people.c.user_id.in_(sorted(filter(None, user_ids))))
    )
    return {row.pseudonym: row.user_id for row in on.execute(found)}


def find_pseudonyms(
    on: sa.Connection, team_id: str, user_ids: Collection[str | None]
) -> dict[str, str]:
    """The pseudonym of each of these people, made where there is none. What is one already, and
    FORGOTTEN, is itself."""
    known = {each: each for each in user_ids if each and each.startswith((PREFIX, FORGOTTEN))}
    named = {each for each in user_ids if each and each not in known}
    if not named:
        return known
    found = (
        sa.select(people.c.user_id, people.c.pseudonym)
        .where(people.c.team_id == team_id)
        .where(people.c.user_id.in_(sorted(named)))
        .where(people.c.forgotten_at.is_(None))
    )
    known |= {row.user_id: row.pseudonym for row in on.execute(found)}
    # Two who make one at once make two: either is of the same person.
    made = {each: PREFIX + secrets.token_hex(8) for each in sorted(named - known.keys())}
    rows = [{"team_id": team_id, "user_id": who, "pseudonym": made[who]} for who in made]
    if rows:
        on.execute(sa.insert(people), rows)
    return known | made
