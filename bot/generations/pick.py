"""A vote on pictures: what can be chosen, who chose what, and what that comes to. Pure.

A round is about the pictures of one generation, or of all parts of a brief. People have one vote in
it. A closed round stays as it is; another one may be opened on the same pictures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.generations.record import Generation


class NoteKind(StrEnum):
    """What is said in the thread about a round, beside its own message."""

    CHANGES = "changes"  # somebody wants changes, in their words
    CLOSED = "closed"
    LOST = "lost"  # its message was deleted in Slack


class Voted(StrEnum):
    """What a press came to."""

    PLACED = "placed"
    MOVED = "moved"
    TAKEN_BACK = "taken_back"
    CLOSED = "closed"  # nothing: it is over


@dataclass(frozen=True, slots=True)
class Candidate:
    """One picture that can be chosen. `key` counts from 1 and is what a vote names; `name` is the
    number that people see: of a brief the part's, `3.2` if that has several pictures."""

    key: int
    generation_id: str
    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Vote:
    """Whom a person's one vote is for."""

    user_id: str
    key: int


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said in the thread, once. `ts` None: not posted yet; empty: Slack refused it.
    `text` is what a person typed."""

    id: str
    user_id: str
    kind: NoteKind
    text: str
    said_at: datetime
    intended_at: datetime | None = None  # since then it may have been posted
    ts: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A round as the store holds it. Times are UTC."""

    id: str
    team_id: str
    generation_id: str  # of a brief the first part: whose a click is is looked at by it
    brief_id: str | None
    channel_id: str
    thread_ts: str | None
    opened_by: str
    opened_at: datetime
    candidates: tuple[Candidate, ...]
    number: int = 1  # of those on the same pictures
    message_ts: str | None = None
    intended_at: datetime | None = None  # since then its message may be in Slack
    changes: int = 1  # counts what its message is to say,
    shown: int = 0  # and how far it says it
    is_plain: bool = False  # Slack refused to edit its message with pictures in it
    is_wanted: bool = False  # somebody looks for it: if its message is gone, there is to be another
    lost_at: datetime | None = None  # its message was deleted in Slack
    closed_at: datetime | None = None
    closed_by: str | None = None
    winners: tuple[int, ...] = ()
    counts: Mapping[int, int] = field(default_factory=dict)  # when it was closed: votes by key
    votes: tuple[Vote, ...] = ()  # in the order in which they were given
    notes: tuple[Note, ...] = ()

    @property
    def subject_id(self) -> str:
        """What it is about."""
        return self.brief_id or self.generation_id

    @property
    def is_open(self) -> bool:
        """Whether votes count."""
        return self.closed_at is None

    def find(self, key: int) -> Candidate | None:
        """The candidate of this key."""
        return next((each for each in self.candidates if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many votes a picture has, and whose, as far as they are known."""

    candidate: Candidate
    count: int
    voters: tuple[str, ...]


def list_candidates(made: Sequence[Generation]) -> tuple[Candidate, ...]:
    """The pictures that can be chosen: of a result, or of the parts of a brief."""
    is_plain = all(each.request.quantity == 1 for each in made)
    there = [
        (generation, picture.position)
        for generation in made
        if generation.deleted_at is None
        for picture in generation.pictures
    ]
    return tuple(
        Candidate(key, generation.id, position, _name(generation, position, is_plain))
        for key, (generation, position) in enumerate(there, 1)
    )


def _name(generation: Generation, position: int, is_plain: bool) -> str:
    if generation.part is None:
        return str(position)
    return str(generation.part) if is_plain else f"{generation.part}.{position}"


def find_left(candidates: Iterable[Candidate], made: Iterable[Generation]) -> tuple[Candidate, ...]:
    """Those whose pictures were not deleted since."""
    there = {
        (generation.id, picture.position)
        for generation in made
        if generation.deleted_at is None
        for picture in generation.pictures
    }
    return tuple(each for each in candidates if (each.generation_id, each.position) in there)


def count_votes(
    candidates: Iterable[Candidate], votes: Iterable[Vote], counts: Mapping[int, int] | None = None
) -> tuple[Tally, ...]:
    """What each of `candidates` has. `counts`: of a closed round, in which some people may not be
    known any more."""
    by_key: dict[int, list[str]] = {}
    for vote in votes:
        by_key.setdefault(vote.key, []).append(vote.user_id)
    return tuple(
        Tally(
            each,
            (counts or {}).get(each.key, len(by_key.get(each.key, ()))),
            tuple(by_key.get(each.key, ())),
        )
        for each in candidates
    )


def tally_of(round_: Round, left: Iterable[Candidate]) -> tuple[Tally, ...]:
    """What the pictures that are `left` have."""
    return count_votes(left, round_.votes, None if round_.is_open else round_.counts)


def find_leaders(tallies: Sequence[Tally]) -> tuple[Candidate, ...]:
    """Who has most votes: several in a tie, nobody without a vote."""
    most = max((each.count for each in tallies), default=0)
    return tuple(each.candidate for each in tallies if most and each.count == most)


def may_close(requester: str, approvers: Collection[str], user_id: str) -> bool:
    """Whether `user_id` may, as long as they are no admin: who asked for the pictures, and who
    approves requests."""
    return user_id == requester or user_id in approvers
