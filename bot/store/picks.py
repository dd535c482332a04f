"""Votes on pictures: rounds, one vote for each person in each, and what is said of them.

A vote and its mark on the round are one transaction, which locks the round first: of two people
who press at once none is lost, and nothing comes after the close. What a round's message does not
say yet is due (`shown` < `changes`); one process at a time has it, for `CLAIM_LIFETIME`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.generations.pick import (
    Candidate,
    Note,
    NoteKind,
    Round,
    Vote,
    Voted,
    count_votes,
)
from bot.store.database import Database
from bot.store.tables import generations, pick_notes, pick_rounds, pick_votes, pictures

# What the library finds it by (library.py), beside what people think of it.
CHOSEN: Final = "chosen"
# Longer than it takes to show a round, with the pauses that Slack asks for.
CLAIM_LIFETIME: Final = timedelta(minutes=1)
_AT_ONCE: Final = 20
_NOT_OF_RECORD: Final = ("subject_id", "taken_until", "candidates", "winners", "counts")

# The keys of the winners, by the votes as they are; None: not to be closed.
Decide = Callable[[tuple[Vote, ...]], tuple[int, ...] | None]


class PickStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, new: Round) -> tuple[Round, bool]:
        """The open round on these pictures, and whether it is `new`, as the next one."""
        last = (
            sa.select(pick_rounds)
            .where(pick_rounds.c.subject_id == new.subject_id)
            .order_by(pick_rounds.c.number.desc())
            .limit(1)
        )
        row = _row_of(new)

        def write(on: sa.Connection) -> tuple[Round, bool]:
            found = on.execute(last).one_or_none()
            if found is not None and found.closed_at is None:
                return _read(on, found), False
            row["number"] = 1 if found is None else found.number + 1
            insert = self._database.insert(pick_rounds).values(row).on_conflict_do_nothing()
            is_new = on.execute(insert.returning(pick_rounds.c.id)).first() is not None
            return _read(on, on.execute(last).one()), is_new

        return await self._database.write(write)

    async def read(self, round_id: str) -> Round | None:
        """With its votes and notes; None where there is none (any more)."""
        return await self._database.read(lambda on: _find(on, round_id))

    async def vote(self, round_id: str, user_id: str, key: int, now: datetime) -> Voted:
        """Give a person's vote to `key`, or take it back from there."""
        own = (pick_votes.c.round_id == round_id) & (pick_votes.c.user_id == user_id)
        kept = {"choice": key, "voted_at": now}

        def write(on: sa.Connection) -> Voted:
            team_id = _touch(on, round_id)
            if team_id is None:
                return Voted.CLOSED
            before = on.execute(sa.select(pick_votes.c.choice).where(own)).scalar_one_or_none()
            if before == key:
                on.execute(sa.delete(pick_votes).where(own))
                return Voted.TAKEN_BACK
            row = {"round_id": round_id, "user_id": user_id, "team_id": team_id, **kept}
            on.execute(
                self._database.insert(pick_votes)
                .values(row)
                .on_conflict_do_update(index_elements=["round_id", "user_id"], set_=kept)
            )
            return Voted.PLACED if before is None else Voted.MOVED

        return await self._database.write(write)

    async def want_changes(self, round_id: str, note: Note) -> bool:
        """Keep what somebody wants changed, to be said in the thread: once, by the note's id. False
        where the round is closed."""

        def write(on: sa.Connection) -> bool:
            team_id = _touch(on, round_id)
            if team_id is not None:
                self._add_note(on, round_id, team_id, note)
            return team_id is not None

        return await self._database.write(write)

    async def close(
        self, round_id: str, user_id: str | None, decide: Decide, now: datetime
    ) -> tuple[Round | None, bool]:
        """Close it with whom `decide` names, which then are chosen, and none else of its pictures.
        The round as it is then, and whether it was this that closed it."""

        def write(on: sa.Connection) -> tuple[Round | None, bool]:
            if _touch(on, round_id) is None:
                return _find(on, round_id), False
            found = _find(on, round_id)
            if found is None or (winners := decide(found.votes)) is None:
                return found, False
            tallies = count_votes(found.candidates, found.votes)
            counts = {str(each.candidate.key): each.count for each in tallies}
            closed = sa.update(pick_rounds).where(pick_rounds.c.id == round_id)
            on.execute(
                closed.values(
                    closed_at=now, closed_by=user_id, winners=list(winners), counts=counts
                )
            )
            _mark_chosen(on, found, winners, now)
            if user_id is not None:
                said = Note(f"{round_id}:closed", user_id, NoteKind.CLOSED, "", now)
                self._add_note(on, round_id, found.team_id, said)
            return _find(on, round_id), True

        return await self._database.write(write)

    async def list_due(self, now: datetime) -> list[str]:
        """What its message does not say yet, and nobody shows."""
        due = sa.select(pick_rounds.c.id).where(_is_due(now)).limit(_AT_ONCE)
        return await self._database.read(lambda on: list(on.execute(due).scalars()))

    async def claim(self, round_id: str, now: datetime) -> bool:
        """Take one that is due, to show it. False if it is not, or another process has it."""
        take = (
            sa.update(pick_rounds)
            .where(pick_rounds.c.id == round_id)
            .where(_is_due(now))
            .values(taken_until=now + CLAIM_LIFETIME)
        )
        return await self._database.write(lambda on: bool(on.execute(take).rowcount == 1))

    async def note_shown(self, round_id: str, changes: int) -> None:
        """Its message says so much; whoever comes first shows what is more."""
        further = sa.case((pick_rounds.c.shown < changes, changes), else_=pick_rounds.c.shown)
        await self.note(round_id, shown=further, taken_until=None)

    async def postpone(self, round_id: str, until: datetime) -> None:
        """Whoever comes first after `until` shows it."""
        await self.note(round_id, taken_until=until)

    async def note(self, round_id: str, **changes: Any) -> None:
        """Note `changes` (columns by name)."""
        change = sa.update(pick_rounds).where(pick_rounds.c.id == round_id).values(**changes)
        await self._database.write(lambda on: on.execute(change))

    async def want_shown(self, round_id: str) -> None:
        """Somebody looks for it: its message is posted again, should it be gone."""
        more = pick_rounds.c.changes + 1
        await self.note(round_id, changes=more, is_wanted=True, lost_at=None)

    async def note_lost(self, round_: Round, now: datetime) -> None:
        """Its message is gone. If nobody looks for it, that is said in the thread."""
        note_id = f"{round_.id}:lost:{round_.message_ts}"
        said = Note(note_id, round_.opened_by, NoteKind.LOST, "", now)
        change = (
            sa.update(pick_rounds)
            .where(pick_rounds.c.id == round_.id)
            .values(message_ts=None, intended_at=None, changes=pick_rounds.c.changes + 1)
            .values(lost_at=None if round_.is_wanted else now)
        )

        def write(on: sa.Connection) -> None:
            on.execute(change)
            if not round_.is_wanted and round_.is_open:
                self._add_note(on, round_.id, round_.team_id, said)

        await self._database.write(write)

    async def note_said(self, note_id: str, **changes: Any) -> None:
        """Note `changes` of what is said in the thread."""
        change = sa.update(pick_notes).where(pick_notes.c.id == note_id).values(**changes)
        await self._database.write(lambda on: on.execute(change))

    def _add_note(self, on: sa.Connection, round_id: str, team_id: str, note: Note) -> None:
        row = asdict(note) | {"round_id": round_id, "team_id": team_id, "kind": note.kind.value}
        on.execute(self._database.insert(pick_notes).values(row).on_conflict_do_nothing())


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    is_free = pick_rounds.c.taken_until.is_(None) | (pick_rounds.c.taken_until <= now)
    return (pick_rounds.c.shown < pick_rounds.c.changes) & is_free


def touch_rounds(on: sa.Connection, generation_id: str) -> None:
    """Something of a generation has changed that the messages of its rounds are to say."""
    brief = sa.select(generations.c.brief_id).where(generations.c.id == generation_id)
    subjects = [generation_id, on.execute(brief).scalar_one_or_none() or generation_id]
    more = sa.update(pick_rounds).values(changes=pick_rounds.c.changes + 1)
    on.execute(more.where(pick_rounds.c.subject_id.in_(subjects)))


def _touch(on: sa.Connection, round_id: str) -> str | None:
    """Lock an open round, whose message is to say something new: its workspace. None: closed."""
    touch = (
        sa.update(pick_rounds)
        .where(pick_rounds.c.id == round_id)
        .where(pick_rounds.c.closed_at.is_(None))
        .values(changes=pick_rounds.c.changes + 1)
        .returning(pick_rounds.c.team_id)
    )
    return on.execute(touch).scalar_one_or_none()


def _mark_chosen(on: sa.Connection, round_: Round, winners: Sequence[int], now: datetime) -> None:
    """What an earlier round has chosen is not any more."""
    ids = {each.generation_id for each in round_.candidates}
    of_round = sa.update(pictures).where(pictures.c.generation_id.in_(ids))
    on.execute(of_round.values(chosen_at=None))
    won = {each.generation_id for key in winners if (each := round_.find(key)) is not None}
    known = sa.select(generations.c.id, generations.c.marks).where(generations.c.id.in_(ids))
    for row in on.execute(known).all():
        marks = set((row.marks or "").split()) - {CHOSEN} | ({CHOSEN} if row.id in won else set())
        said = " ".join(sorted(marks)) or None
        on.execute(sa.update(generations).where(generations.c.id == row.id).values(marks=said))
    chosen = sa.update(pictures).values(chosen_at=now)
    for key in winners:
        if (winner := round_.find(key)) is not None:
            is_it = pictures.c.generation_id == winner.generation_id
            on.execute(chosen.where(is_it & (pictures.c.position == winner.position)))


def _row_of(new: Round) -> dict[str, Any]:
    row = asdict(new) | {"subject_id": new.subject_id, "winners": None, "counts": None}
    for name in ("votes", "notes"):
        row.pop(name)
    row["candidates"] = [asdict(each) for each in new.candidates]
    return row


def _find(on: sa.Connection, round_id: str) -> Round | None:
    row = on.execute(sa.select(pick_rounds).where(pick_rounds.c.id == round_id)).one_or_none()
    return None if row is None else _read(on, row)


def _read(on: sa.Connection, row: sa.Row[Any]) -> Round:
    values = {name: value for name, value in row._mapping.items() if name not in _NOT_OF_RECORD}
    given = sa.select(pick_votes).where(pick_votes.c.round_id == row.id)
    given = given.order_by(pick_votes.c.voted_at, pick_votes.c.user_id)
    said = sa.select(pick_notes).where(pick_notes.c.round_id == row.id)
    said = said.order_by(pick_notes.c.said_at, pick_notes.c.id)
    return Round(
        **values,
        candidates=tuple(Candidate(**each) for each in row.candidates),
        winners=tuple(row.winners or ()),
        counts={int(key): count for key, count in (row.counts or {}).items()},
        votes=tuple(Vote(each.user_id, each.choice) for each in on.execute(given)),
        notes=tuple(_note_of(each) for each in on.execute(said)),
    )


def _note_of(row: sa.Row[Any]) -> Note:
    return Note(
        row.id,
        row.user_id,
        NoteKind(row.kind),
        row.text,
        row.said_at,
        row.intended_at,
        row.ts,
    )
