"""The pictures that a vote is about: those of a result, or of all parts of a brief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from bot.generations.brief import Brief
from bot.generations.pick import Candidate
from bot.generations.record import Generation, Picture
from bot.slack.kit import generation_texts
from bot.slack.kit.links import home_of
from bot.slack.kit.ports import Generations
from bot.slack.kit.text import shorten

_NAME_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """A result, or a brief with its parts in their order. `labels` is what makes each part
    different from the others, by its id."""

    anchor: Generation  # of a brief the first part
    made: tuple[Generation, ...]
    channel_id: str
    thread_ts: str | None
    brief: Brief | None = None
    labels: Mapping[str, str] | None = None

    @property
    def requester(self) -> str:
        """Who asked for the pictures."""
        return self.anchor.place.user_id

    def find(self, candidate: Candidate) -> tuple[Generation, Picture] | None:
        """The picture of a candidate, and what it is of; None if it is gone."""
        for generation in self.made:
            if generation.id == candidate.generation_id:
                for picture in generation.pictures:
                    if picture.position == candidate.position:
                        return generation, picture
        return None

    def describe(self, candidate: Candidate, most: int = _NAME_MAX) -> str:
        """What the picture of a candidate shows, in a few words. Plain text."""
        found = self.find(candidate)
        if found is None or found[0].deleted_at is not None:
            return "deleted"
        label = (self.labels or {}).get(candidate.generation_id)
        return shorten(label or generation_texts.label_of(found[0]), most)


class Briefs(Protocol):
    """The rows (bot/store/briefs.py)."""

    async def read(self, brief_id: str) -> Brief | None: ...


class Subjects:
    """Looks them up."""

    def __init__(self, generations: Generations, briefs: Briefs) -> None:
        self._generations = generations
        self._briefs = briefs

    async def read(self, generation_id: str) -> Subject:
        """What a vote on `generation_id`, or on what it is a part of, is about. KeyError where
        there is none; Transient where the database does not answer."""
        return await self.find(await self._generations.read(generation_id))

    async def find(self, generation: Generation) -> Subject:
        """The same of what is read already. A brief whose row is not kept any more is the one
        part."""
        brief = (
            None if generation.brief_id is None else await self._briefs.read(generation.brief_id)
        )
        if brief is None or not brief.parts:
            return Subject(generation, (generation,), *home_of(generation))
        labels = {part.id: brief.label_of(part) for part in brief.parts}
        place = brief.channel_id, brief.thread_ts
        return Subject(brief.parts[0], brief.parts, *place, brief, labels)
