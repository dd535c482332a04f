"""All that is stored about one person: given to them, or deleted.

What others made stays, and so do sums, models and states. Deleting is done in portions and may be
done again; it begins with nothing while something of the person's is under way, which would be paid
for, or told, to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.generations.approval import ApprovalState
from bot.generations.record import FORGOTTEN
from bot.policy.policy import Policy
from bot.store.database import Database
from bot.store.library import mark_again
from bot.store.policies import PolicyStore
from bot.store.retention import REDELIVERY, blank_generations, blank_origins, blank_posts
from bot.store.tables import (
    alerts,
    approval_messages,
    approvals,
    briefs,
    drafts,
    feedback,
    generations,
    ledger,
    people,
    pick_notes,
    pick_rounds,
    pick_votes,
    pictures,
    policies,
    policy_changes,
    posts,
    questions,
    shares,
    taken_up,
    welcomes,
)

_PORTION: Final = 200
# One row of each is one thing of its person's, and goes.
_OWN: Final = {
    "briefs": briefs,
    "drafts": drafts,
    "questions": questions,
    "said_of_votes": pick_notes,
    "shares": shares,
    "versions_gone_back_to": taken_up,
    "votes": pick_votes,
    "welcomes": welcomes,
}

# What each person sets for themselves, by who they are, in a workspace's policy.
_SET_BY_PERSON: Final = ("defaults", "own_presets")


class UnderWay(Exception):
    """So many requests of the person's are not told yet, or wait for approval: nothing was
    deleted."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} under way")
        self.count = count


@dataclass(frozen=True, slots=True)
class Deleted:
    """How much went, or would go, by kind."""

    counts: dict[str, int] = field(default_factory=dict)


class PersonalDataStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._policies = PolicyStore(database)

    async def count(self, user_id: str, team_id: str | None = None) -> Deleted:
        """What would go. `team_id` None: in every workspace."""

        def read(on: sa.Connection) -> Deleted:
            return Deleted(
                {
                    name: int(on.execute(_count(table, condition)).scalar_one())
                    for name, (table, condition) in _select_own(user_id, team_id).items()
                }
                | {name: len(_find_set(on, user_id, team_id, name)) for name in _SET_BY_PERSON}
            )

        return await self._database.read(read)

    async def forget(self, user_id: str, now: datetime, team_id: str | None = None) -> Deleted:
        """Delete it; how much went. Raises UnderWay."""
        await self._database.read(lambda on: _raise_if_under_way(on, user_id, team_id))
        deleted = await self.count(user_id, team_id)
        while await self._database.write(lambda on: _forget_some(on, user_id, team_id, now)):
            pass

        def read(on: sa.Connection) -> list[str]:
            found = (_find_set(on, user_id, team_id, name) for name in _SET_BY_PERSON)
            return list(dict.fromkeys(team for each in found for team in each))

        for each in await self._database.read(read):
            await self._policies.change(
                each, _without_person(user_id), user_id=FORGOTTEN, what="defaults", now=now
            )
        await self._database.write(lambda on: _forget_rest(on, user_id, team_id, now))
        return deleted

    async def export(self, user_id: str, team_id: str | None = None) -> dict[str, Any]:
        """What is stored about a person, as JSON."""

        def read(on: sa.Connection) -> dict[str, Any]:
            found: dict[str, Any] = {"user_id": user_id}
            for name, (table, condition) in _select_own(user_id, team_id).items():
                rows = on.execute(sa.select(table).where(condition)).all()
                found[name] = [_plain(row) for row in rows]
            ids = [row["id"] for row in (*found["generations"], *found["posts"])]
            _add_pictures(on, found["generations"])
            charged = sa.select(ledger).where(ledger.c.generation_id.in_(ids))
            found["ledger"] = [_plain(row) for row in on.execute(charged)] if ids else []
            for name in _SET_BY_PERSON:
                found[name] = _find_set(on, user_id, team_id, name)
            return found | _find_mentions(on, user_id, team_id)

        return await self._database.read(read)


def _of_person(table: sa.Table, user_id: str, team_id: str | None) -> sa.ColumnElement[bool]:
    own: sa.ColumnElement[bool] = table.c.user_id == user_id
    return own & _in_team(table, team_id)


def _in_team(table: sa.Table, team_id: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if team_id is None else table.c.team_id == team_id


def _asked_by(user_id: str, team_id: str | None) -> sa.ColumnElement[bool]:
    who = approvals.c.request["place"]["user_id"].as_string() == user_id
    return sa.and_(who, _in_team(approvals, team_id))


def _select_own(
    user_id: str, team_id: str | None
) -> dict[str, tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Each kind with its table and which rows of it are the person's."""
    opinions = feedback.c.user_id == user_id
    if team_id is not None:
        of_team = sa.select(generations.c.id).where(generations.c.team_id == team_id)
        opinions &= feedback.c.generation_id.in_(of_team)
    return {
        "generations": (generations, _of_person(generations, user_id, team_id)),
        "opinions": (feedback, opinions),
        "approvals": (approvals, _asked_by(user_id, team_id)),
        "posts": (posts, _of_person(posts, user_id, team_id)),
        **{name: (table, _of_person(table, user_id, team_id)) for name, table in _OWN.items()},
    }


def _count(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(table).where(condition)


def _raise_if_under_way(on: sa.Connection, user_id: str, team_id: str | None) -> None:
    is_unsaid = (
        sa.select(sa.literal(1))
        .where(approval_messages.c.approval_id == approvals.c.id)
        .where(approval_messages.c.due_at.is_not(None))
        .correlate(approvals)
        .exists()
    )
    is_open = (approvals.c.state == ApprovalState.ASKED.value) | is_unsaid
    untold = _of_person(generations, user_id, team_id) & generations.c.told_at.is_(None)
    unsummed = _of_person(briefs, user_id, team_id) & briefs.c.told_at.is_(None)
    # A brief is one request, and is under way until its last line stands.
    promise = sa.func.coalesce(generations.c.brief_id, generations.c.id)
    requests = sa.union(sa.select(promise).where(untold), sa.select(briefs.c.id).where(unsummed))
    undrafted = _of_person(posts, user_id, team_id) & posts.c.told_at.is_(None)
    looks = (
        _count(posts, undrafted),
        _count(approvals, _asked_by(user_id, team_id) & is_open),
        sa.select(sa.func.count()).select_from(requests.subquery()),
    )
    if count := sum(int(on.execute(look).scalar_one()) for look in looks):
        raise UnderWay(count)


def _forget_some(on: sa.Connection, user_id: str, team_id: str | None, now: datetime) -> int:
    """A portion of what the person has made; 0 where nothing is left."""
    _raise_if_under_way(on, user_id, team_id)
    own = _of_person(generations, user_id, team_id)
    # What was asked for since that look is not touched: the next look finds it under way.
    is_told = own & generations.c.told_at.is_not(None)
    some = sa.select(generations.c.id, generations.c.request).where(is_told).limit(_PORTION)
    rows = on.execute(some).all()
    blank_generations(on, rows)
    ids = [row.id for row in rows]
    gone = sa.update(generations).where(generations.c.id.in_(ids))
    # Slack's own ids of the click, and of the conversation that the person has with the bot.
    on.execute(gone.values(user_id=FORGOTTEN))
    blank_origins(on, gone.where(generations.c.accepted_at <= now - REDELIVERY))
    for column in (generations.c.channel_id, generations.c.result_channel_id):
        direct = gone.where(column.startswith("D") | (column == user_id))
        on.execute(direct.values({column.name: FORGOTTEN}))
    return len(rows)


def _forget_rest(on: sa.Connection, user_id: str, team_id: str | None, now: datetime) -> None:
    _forget_rounds(on, user_id, team_id)
    own = _select_own(user_id, team_id)
    judged = sa.select(feedback.c.generation_id).where(own["opinions"][1])
    judged_ids = list(on.execute(judged).scalars())
    for name, (table, condition) in own.items():
        if name not in ("generations", "posts"):
            on.execute(sa.delete(table).where(condition))
    mark_again(on, judged_ids)
    _forget_posts(on, user_id, team_id)
    own_changes = (policy_changes.c.what == "defaults") & policy_changes.c.changed_by.in_(
        [user_id, FORGOTTEN]
    )
    on.execute(sa.delete(policy_changes).where(own_changes & _in_team(policy_changes, team_id)))
    _forget_decisions(on, user_id, team_id)
    for column in (
        policy_changes.c.changed_by,
        generations.c.approved_by,
        generations.c.deleted_by,
        pick_rounds.c.opened_by,
        pick_rounds.c.closed_by,
    ):
        named = sa.update(column.table).where(column == user_id)
        on.execute(named.where(_in_team(column.table, team_id)).values({column.name: FORGOTTEN}))
    _forget_alerts(on, user_id, team_id)
    known = sa.update(people).where(_of_person(people, user_id, team_id))
    on.execute(known.where(people.c.forgotten_at.is_(None)).values(forgotten_at=now))


def _forget_rounds(on: sa.Connection, user_id: str, team_id: str | None) -> None:
    """Messages of rounds stop naming the person. In an open one their vote is gone with them; the
    counts of a closed one stay, since they have decided it. What only the person saw goes."""
    own = sa.select(pick_votes.c.round_id).where(_of_person(pick_votes, user_id, team_id))
    said = sa.select(pick_notes.c.round_id).where(_of_person(pick_notes, user_id, team_id))
    named = pick_rounds.c.id.in_(own) | pick_rounds.c.id.in_(said)
    named |= (pick_rounds.c.opened_by == user_id) | (pick_rounds.c.closed_by == user_id)
    here = named & _in_team(pick_rounds, team_id)
    direct = pick_rounds.c.channel_id.startswith("D") & (pick_rounds.c.opened_by == user_id)
    on.execute(sa.delete(pick_rounds).where(direct & _in_team(pick_rounds, team_id)))
    on.execute(sa.update(pick_rounds).where(here).values(changes=pick_rounds.c.changes + 1))


def _forget_posts(on: sa.Connection, user_id: str, team_id: str | None) -> None:
    """What the person wrote for drafts, and that these are theirs; what adds up stays."""
    own = _of_person(posts, user_id, team_id) & posts.c.told_at.is_not(None)
    blank_posts(on, on.execute(sa.select(posts.c.id, posts.c.request).where(own)).all())
    for column in (posts.c.channel_id, posts.c.ruled_channel_id):
        direct = sa.update(posts).where(own & (column.startswith("D") | (column == user_id)))
        on.execute(direct.values({column.name: FORGOTTEN}))
    on.execute(sa.update(posts).where(own).values(user_id=FORGOTTEN))


def _forget_decisions(on: sa.Connection, user_id: str, team_id: str | None) -> None:
    """That the person decided on requests of others, in which words, and where their cards stand.
    A card that is still to be changed is told about it first."""
    decided = sa.update(approvals).where(approvals.c.decided_by == user_id)
    on.execute(
        decided.where(_in_team(approvals, team_id)).values(decided_by=FORGOTTEN, reason=None)
    )
    is_open = approvals.c.state.in_([ApprovalState.OFFERED.value, ApprovalState.ASKED.value])
    over = sa.select(approvals.c.id).where(~is_open & _in_team(approvals, team_id))
    cards = sa.delete(approval_messages).where(approval_messages.c.address == user_id)
    is_said = approval_messages.c.due_at.is_(None)
    on.execute(cards.where(is_said & approval_messages.c.approval_id.in_(over)))


def _forget_alerts(on: sa.Connection, user_id: str, team_id: str | None) -> None:
    """What was told about a budget of the person's, and that they were told something."""
    about = alerts.c.document["subject"].as_string() == user_id
    on.execute(sa.delete(alerts).where(about & _in_team(alerts, team_id)))
    told = alerts.c.told_at.is_not(None) & _in_team(alerts, team_id)
    rows = on.execute(sa.select(alerts.c.id, alerts.c.told_to).where(told)).all()
    for row in rows:
        if user_id in row.told_to:
            others = [each for each in row.told_to if each != user_id]
            on.execute(sa.update(alerts).where(alerts.c.id == row.id).values(told_to=others))


def _find_mentions(on: sa.Connection, user_id: str, team_id: str | None) -> dict[str, Any]:
    """Where the person stands in what is others': as one who decides, sets, lets through, takes
    away or is told."""
    decided = (approvals.c.id, approvals.c.decided_at, approvals.c.state, approvals.c.reason)
    changed = (policy_changes.c.what, policy_changes.c.changed_at)
    made = (generations.c.id, generations.c.accepted_at)
    opened = (pick_rounds.c.id, pick_rounds.c.subject_id, pick_rounds.c.opened_at)
    looks = {
        "decisions": sa.select(*decided).where(approvals.c.decided_by == user_id),
        "settings_changed": sa.select(*changed).where(policy_changes.c.changed_by == user_id),
        "let_through": sa.select(*made).where(generations.c.approved_by == user_id),
        "taken_away": sa.select(*made).where(generations.c.deleted_by == user_id),
        "votes_opened": sa.select(*opened).where(pick_rounds.c.opened_by == user_id),
        "votes_closed": sa.select(*opened).where(pick_rounds.c.closed_by == user_id),
    }
    found: dict[str, Any] = {}
    for name, look in looks.items():
        (table,) = look.get_final_froms()
        rows = on.execute(look.where(table.c.team_id == team_id) if team_id else look)
        found[name] = [_plain(row) for row in rows]
    shown = (alerts.c.key, alerts.c.document, alerts.c.told_to, alerts.c.raised_at)
    raised = on.execute(sa.select(*shown).where(_in_team(alerts, team_id))).all()
    found["alerts"] = [
        {"key": row.key, "raised_at": row.raised_at.isoformat()}
        for row in raised
        if user_id in row.told_to or row.document.get("subject") == user_id
    ]
    documents = sa.select(policies.c.team_id, policies.c.document).where(
        _in_team(policies, team_id)
    )
    found["settings_that_name_them"] = {
        row.team_id: places
        for row in on.execute(documents)
        if (places := _find_places(_without(row.document, *_SET_BY_PERSON), user_id))
    }
    return found


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in names}


def _find_places(document: Any, wanted: str, path: str = "") -> list[str]:
    """Where `wanted` stands in it, as `settings.admins`."""
    if isinstance(document, dict):
        parts = [(f"{path}.{key}".strip("."), value) for key, value in document.items()]
    elif isinstance(document, list):
        parts = [(path, value) for value in document]
    else:
        return [path] if document == wanted else []
    return [place for where, value in parts for place in _find_places(value, wanted, where)]


def _without_person(user_id: str) -> Any:
    def edit(policy: Policy) -> Policy:
        update = {
            name: {who: what for who, what in getattr(policy, name).items() if who != user_id}
            for name in _SET_BY_PERSON
        }
        return policy.model_copy(update=update)

    return edit


def _find_set(on: sa.Connection, user_id: str, team_id: str | None, name: str) -> dict[str, Any]:
    """The person's own defaults, or presets, by workspace."""
    found = sa.select(policies.c.team_id, policies.c.document).where(_in_team(policies, team_id))
    documents = {row.team_id: row.document.get(name, {}) for row in on.execute(found)}
    return {team: each[user_id] for team, each in documents.items() if user_id in each}


def _add_pictures(on: sa.Connection, made: Sequence[dict[str, Any]]) -> None:
    """To each generation its pictures, with the links that still work."""
    for generation in made:
        own = sa.select(pictures).where(pictures.c.generation_id == generation["id"])
        found = on.execute(own.order_by(pictures.c.position))
        generation["pictures"] = [_plain(row) for row in found]


def _plain(row: sa.Row[Any]) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
    }
