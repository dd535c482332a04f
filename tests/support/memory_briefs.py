"""A brief's surroundings in memory, for what is about time: on a loop that leaps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import Cause, ImagineError, NewerVersion, Transient
from bot.generations.brief import Brief
from bot.generations.brief_delivery import BriefDelivery
from bot.generations.ports import Posted
from bot.generations.record import Generation, PictureState, State
from tests.support.briefs import asked_brief
from tests.support.examples import NOON, make_generation, make_picture


def now() -> datetime:
    """Noon when the loop begins."""
    return NOON + timedelta(seconds=asyncio.get_running_loop().time())


def make_brief(parts: int, brief_id: str = "b1", root_ts: str | None = "1.0") -> Brief:
    """A brief of noon whose parts are being made."""
    new = asked_brief(brief_id, parts=parts, now=NOON)
    made = tuple(
        replace(
            make_generation(State.PROCESSING if root_ts else State.ACCEPTED),
            id=each.id,
            part=each.part,
            brief_id=brief_id,
            finished_at=None,
        )
        for each in new.split()
    )
    return Brief(brief_id, new, "C1", made, root_ts=root_ts)


@dataclass
class MemoryBriefs:
    """The rows (bot/generations/brief_delivery.py, BriefRows)."""

    kept: dict[str, Brief] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)  # by this version
    taken_by_other_until: datetime = NOON
    told: asyncio.Event = field(default_factory=asyncio.Event)  # one of them, to its end

    async def read(self, brief_id: str) -> Brief | None:
        if brief_id in self.unreadable:
            raise NewerVersion(brief_id)
        return self.kept.get(brief_id)

    async def list_untold(self) -> list[str]:
        untold = [brief.id for brief in self.kept.values() if brief.told_at is None]
        return [*self.unreadable, *untold]

    async def take(self, brief_id: str, now: datetime) -> bool:
        return now >= self.taken_by_other_until

    async def let_go(self) -> None:
        raise NotImplementedError

    async def note(self, brief_id: str, **changes: object) -> None:
        values: dict[str, Any] = changes
        self.kept[brief_id] = replace(self.kept[brief_id], **values)
        if "told_at" in changes:
            self.told.set()

    async def note_showing(self, generation_ids: Sequence[str], now: datetime) -> None:
        for id_ in generation_ids:
            self.change(id_, result_intended_at=now)

    async def note_shown(
        self, generation_ids: Sequence[str], channel_id: str, ts: str | None
    ) -> None:
        for id_ in generation_ids:
            self.change(id_, result_channel_id=channel_id, result_ts=ts)

    def change(self, generation_id: str, **changes: Any) -> Generation:
        """Change the row of a part; the part afterwards."""
        for brief in self.kept.values():
            parts = [
                replace(part, **changes) if part.id == generation_id else part
                for part in brief.parts
            ]
            self.kept[brief.id] = replace(brief, parts=tuple(parts))
        return next(
            part for brief in self.kept.values() for part in brief.parts if part.id == generation_id
        )


@dataclass
class MemoryChannel:
    """Notes what is said, and when (seconds of the loop); each method raises what `trouble` has
    for its name, once each. Implements BriefPublisher."""

    said: list[tuple[str, float, tuple[int, ...]]] = field(default_factory=list)
    trouble: dict[str, list[ImagineError]] = field(default_factory=dict)
    sheets: int = 0  # how many were drawn
    shown_sheets: list[str | None] = field(default_factory=list)
    # What was posted, but nobody heard of it: it is there, and the caller gets an error.
    unheard: dict[int, Posted] = field(default_factory=dict)

    async def post_root(self, brief: Brief) -> Posted:
        return await self._say("root")

    async def show(self, brief: Brief) -> None:
        await self._say("edit")

    async def show_end(self, brief: Brief) -> None:
        await self._say("end")

    async def find_shown(self, brief: Brief) -> dict[int, Posted]:
        await self._say("find")
        return self.unheard

    async def post_parts(self, brief: Brief, parts: Sequence[Generation]) -> Posted:
        return await self._say("parts", *(part.part or 0 for part in parts))

    async def bring_sheet(self, brief: Brief) -> str | None:
        self.sheets += 1
        return f"F{self.sheets}"

    async def post_summary(self, brief: Brief) -> Posted:
        self.shown_sheets.append(brief.sheet_file_id)
        return await self._say("summary")

    async def tell_privately(self, brief: Brief) -> None:
        await self._say("private")

    def times(self, kind: str) -> list[float]:
        """When this was said."""
        return [at for said, at, _ in self.said if said == kind]

    def parts(self) -> list[tuple[int, ...]]:
        """The parts of each message with pictures."""
        return [numbers for said, _, numbers in self.said if said == "parts"]

    async def _say(self, kind: str, *numbers: int) -> Posted:
        await asyncio.sleep(0.1)  # Slack's answer takes a while: others come in between
        if self.trouble.get(kind):
            raise self.trouble[kind].pop(0)
        self.said.append((kind, asyncio.get_running_loop().time(), numbers))
        return Posted("C1", f"{len(self.said)}.0")


@dataclass
class BriefDesk:
    """A brief, and a process that says what is due of it."""

    brief: Brief
    rows: MemoryBriefs = field(default_factory=MemoryBriefs)
    channel: MemoryChannel = field(default_factory=MemoryChannel)

    def __post_init__(self) -> None:
        self.rows.kept[self.brief.id] = self.brief
        self.delivery = BriefDelivery(self.rows, self.channel, now)

    async def end_part(
        self, number: int, after: float, state: State = State.FINISHED, cause: Cause | None = None
    ) -> Posted | None:
        """What the workflow of a part does once it ends, as the engine repeats it; where it was
        told."""
        await asyncio.sleep(after)
        picture = replace(make_picture(1), state=PictureState.UPLOADED, slack_file_id="F1")
        changes: dict[str, Any] = {"state": state, "finished_at": now(), "cause": cause}
        if state is State.FINISHED:
            changes["pictures"] = (picture,)
        part = self.rows.change(self.brief.parts[number - 1].id, **changes)
        self.delivery.touch(self.brief.id)
        posted = None
        while cause is not Cause.CANCELLED:
            with suppress(Transient):
                posted = await self.delivery.wait_until_shown(part)
                break
            await asyncio.sleep(1.0)
        self.rows.change(part.id, told_at=now())
        return posted

    async def until_told(self, seconds: float = 600.0) -> None:
        """Wait until all of it was told."""
        async with asyncio.timeout(seconds):
            await self.rows.told.wait()
