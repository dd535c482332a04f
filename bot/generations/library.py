"""What is looked for in the library, and who may find it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.generations.record import Generation, State
from bot.images.catalogue import Model


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `channel_ids` are the channels that they can see, as Slack says."""

    team_id: str
    user_id: str
    channel_ids: frozenset[str] = frozenset()

    def may_see(self, generation: Generation) -> bool:
        """Whether its pictures are theirs, or stand in a channel that they can see."""
        place = generation.place
        if place.team_id != self.team_id or not is_listed(generation):
            return False
        if place.user_id == self.user_id:
            return True
        stands_in = generation.result_channel_id or place.channel_id
        return generation.result_ts is not None and stands_in in self.channel_ids


@dataclass(frozen=True, slots=True)
class Search:
    """What pictures are looked for: all that is said holds of each. Times are from (included) and
    to (excluded); the last of `words` may be the beginning of one."""

    words: str = ""
    user_id: str | None = None
    channel_id: str | None = None
    campaign: str | None = None
    model: Model | None = None
    size: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    mark: str | None = None  # an opinion: "good", "bad"; or that a vote has "chosen" it


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends; the next one begins after it."""

    accepted_at: datetime
    generation_id: str

    @classmethod
    def after(cls, generation: Generation) -> Cursor:
        """The one of the page whose last is `generation`."""
        return cls(generation.accepted_at, generation.id)

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """What `str` wrote; None for anything else."""
        moment, _, generation_id = text.partition("|")
        try:
            accepted_at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return cls(accepted_at, generation_id) if accepted_at.tzinfo and generation_id else None

    def __str__(self) -> str:
        return f"{self.accepted_at.isoformat()}|{self.generation_id}"


class Library(Protocol):
    """The pictures that were made (bot/store/library.py)."""

    async def find(
        self, viewer: Viewer, search: Search, now: datetime, limit: int, after: Cursor | None = None
    ) -> Sequence[Generation]:
        """The newest that `viewer` may see, after those that they have seen."""


def is_listed(generation: Generation) -> bool:
    """Whether it can be found at all: delivered, and neither deleted nor blanked since."""
    is_there = generation.deleted_at is None and generation.blanked_at is None
    return is_there and generation.state is State.DELIVERED
