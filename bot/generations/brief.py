"""A brief: several generations that were asked for at once, under one price. Pure.

One row owns its parts (bot/store/briefs.py), which are generations like any other: each is paid
for, waited for and settled by itself. What is shared is what people see: one root message, as few
messages with pictures as there may be, and one line at the end with what it came to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.errors import Cause
from bot.generations.record import (
    TELLABLE,
    Generation,
    NewGeneration,
    PictureState,
    Place,
    State,
    name_part,
)
from bot.images.showing import Show

# Pictures in one message.
PICTURES_A_MESSAGE: Final = 10
# For so long one process says what is to be said of a brief; it takes it again before that ends.
# Longer than Slack may take to answer.
TAKEN_FOR: Final = timedelta(seconds=60)
# What has ended waits so long for the others that it would be shown with.
GROUP_PATIENCE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief as the store holds it, with its parts in their order. Times are UTC."""

    id: str
    new: NewGeneration  # as it was asked for
    channel_id: str  # where its root message stands, or shall stand
    parts: tuple[Generation, ...]
    root_ts: str | None = None
    root_intended_at: datetime | None = None  # from here on the root message may be in Slack
    summary_ts: str | None = None
    summary_intended_at: datetime | None = None
    sheet_file_id: str | None = None  # a file in Slack: one picture with all of its pictures
    told_at: datetime | None = None  # its person knows the outcome of all of it

    @property
    def place(self) -> Place:
        """Where everything about it is said."""
        return replace(self.new.place, channel_id=self.channel_id)

    @property
    def thread_ts(self) -> str | None:
        """The thread that its pictures come into; None where they stand in the open."""
        return self.new.place.thread_ts or (None if self.new.show is Show.ME else self.root_ts)

    @property
    def first_part_id(self) -> str:
        """What its buttons carry: whose a click is is looked at by a generation."""
        return name_part(self.id, 1)

    def label_of(self, part: Generation) -> str:
        """What makes a part different from the others."""
        planned = self.new.parts
        number = part.part or 0
        return planned[number - 1].label if 0 < number <= len(planned) else ""

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of the parts that are shown together."""
        kinds = [(each.request.prompt or "", each.request.quantity) for each in self.new.parts]
        return group_parts(kinds)

    def group_of(self, part: Generation) -> tuple[int, ...]:
        """The numbers of the parts that are shown with one."""
        return next((group for group in self.groups if part.part in group), ())

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return all(part.told_at is not None for part in self.parts)

    @property
    def failed(self) -> tuple[Generation, ...]:
        """What came to nothing, or to less than was asked for, as far as is known."""
        return tuple(part for part in self.parts if is_missing(part))


class PartPhase(StrEnum):
    """Where a part stands, as people are told."""

    WAITING = "waiting"
    MAKING = "making"
    MADE = "made"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


def find_phase(part: Generation) -> PartPhase:
    """Where `part` stands."""
    match part.state:
        case State.ACCEPTED:
            return PartPhase.WAITING
        case State.SUBMITTING | State.PROCESSING:
            return PartPhase.MAKING
        case State.FINISHED | State.DELIVERED:
            return PartPhase.MADE
        case State.FAILED:
            return PartPhase.FAILED
        case State.UNKNOWN:
            return PartPhase.UNKNOWN
        case State.REFUSED:
            return PartPhase.CANCELLED if part.cause is Cause.CANCELLED else PartPhase.REFUSED


def is_missing(part: Generation) -> bool:
    """Whether "Make the missing" makes it again. What may have been paid for is not."""
    return part.state in (State.FAILED, State.REFUSED)


def is_apart(brief: Brief, part: Generation) -> bool:
    """Whether it stands in a message of its own: its outcome was known after all was told."""
    return None not in (brief.summary_ts, part.result_ts) and float(part.result_ts or 0) > float(
        brief.summary_ts or 0
    )


def group_parts(kinds: Sequence[tuple[str, int]]) -> tuple[tuple[int, ...], ...]:
    """Which parts, by their numbers from 1, are shown in one message: `kinds` are the prompt and
    the quantity of each. Those of one prompt stay together, as far as a message has room; several
    prompts share one, as long as all of each fits."""
    runs: list[list[int]] = []
    for number, (prompt, _) in enumerate(kinds, 1):
        if runs and kinds[runs[-1][0] - 1][0] == prompt:
            runs[-1].append(number)
        else:
            runs.append([number])
    groups: list[list[int]] = []
    room = 0
    for run in runs:
        wanted = sum(kinds[number - 1][1] for number in run)
        if groups and wanted <= room:
            groups[-1] += run
            room -= wanted
            continue
        for number in run:
            quantity = kinds[number - 1][1]
            if not groups or quantity > room or number == run[0]:
                groups.append([])
                room = PICTURES_A_MESSAGE
            groups[-1].append(number)
            room -= quantity
    return tuple(tuple(group) for group in groups)


def is_ready(part: Generation) -> bool:
    """Whether its outcome is known, and its pictures are in Slack or linked."""
    is_brought = all(picture.state is not PictureState.FOUND for picture in part.pictures)
    return part.state in TELLABLE and is_brought


def is_shown(part: Generation) -> bool:
    """Whether nothing of it is to be said any more but in the last line."""
    is_cancelled = part.state is State.REFUSED and part.cause is Cause.CANCELLED
    return part.result_ts is not None or part.told_at is not None or is_cancelled


def find_due(brief: Brief, now: datetime) -> tuple[Generation, ...]:
    """The parts that are to be shown now, in one message: of the first group that is complete, or
    of which something has waited for long enough. Empty: none is."""
    by_number = {part.part: part for part in brief.parts}
    for group in brief.groups:
        parts = [by_number[number] for number in group if number in by_number]
        unsaid = [part for part in parts if not is_shown(part)]
        ready = [part for part in unsaid if is_ready(part)]
        if not ready:
            continue
        since = min(part.finished_at or part.accepted_at for part in ready)
        if len(ready) == len(unsaid) or now - since >= GROUP_PATIENCE:
            return tuple(ready)
    return ()
