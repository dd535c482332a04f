"""What is said of a brief: one root message, its pictures in few messages, one line at the end.

Its parts are generations with workflows of their own. Where such a workflow would post or edit for
a single generation, it comes here (`PartPublisher`), and waits until the message that shows its
part stands in Slack. Whatever is posted is posted by one process, which has taken the brief for a
minute (`BriefStore.take`), and is noted in rows: after a crash it goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from bot.errors import Cause, ImagineError, Transient
from bot.generations.brief import TAKEN_FOR, Brief, find_due, is_ready, is_shown
from bot.generations.ports import Posted, Progress, Publisher
from bot.generations.record import TELLABLE, Generation, Picture, State
from bot.generations.retry import retry_forever
from bot.generations.timing import backoff_seconds
from bot.generations.usage import Usage
from bot.periodic import PeriodicTask
from bot.telemetry.instrumentation import Observer

LOOK_SECONDS: Final = 2.0
# A part whose brief another process has looks this often whether it is shown.
WAIT_SECONDS: Final = 10.0
# Between two edits of one root message.
EDIT_SECONDS: Final = 3.0

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger()


class BriefRows(Protocol):
    """The rows (bot/store/briefs.py)."""

    async def read(self, brief_id: str) -> Brief | None: ...
    async def list_untold(self) -> list[str]: ...
    async def take(self, brief_id: str, now: datetime) -> bool: ...
    async def let_go(self) -> None: ...
    async def note(self, brief_id: str, **changes: object) -> None: ...
    async def note_showing(self, generation_ids: Sequence[str], now: datetime) -> None: ...
    async def note_shown(
        self, generation_ids: Sequence[str], channel_id: str, ts: str | None
    ) -> None: ...


class BriefPublisher(Protocol):
    """The people in Slack. Methods raise the errors of bot/errors.py and may be repeated."""

    async def post_root(self, brief: Brief) -> Posted:
        """Post the root message (or find it, where it may be there already)."""

    async def show(self, brief: Brief) -> None:
        """Edit the root message. May be dropped; never raises for Slack's sake."""

    async def show_end(self, brief: Brief) -> None:
        """Edit it for the last time."""

    async def find_shown(self, brief: Brief) -> dict[int, Posted]:
        """The parts, by number, that stand in messages of earlier tries, as far as it may look."""

    async def post_parts(self, brief: Brief, parts: Sequence[Generation]) -> Posted:
        """Post the pictures of these parts, and what went wrong with them, in one message."""

    async def bring_sheet(self, brief: Brief) -> str | None:
        """Upload one picture with all of its pictures: Slack's file. None where there is none, for
        whatever reason; never raises for its sake."""

    async def post_summary(self, brief: Brief) -> Posted:
        """Post what all of it came to (or find it)."""

    async def tell_privately(self, brief: Brief) -> None:
        """Tell its person that nothing was made, where no root message could be posted."""


@dataclass(slots=True, eq=False)
class _Watch:
    """A brief that this process says something of."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    shown: asyncio.Event = field(default_factory=asyncio.Event)
    is_sure: bool = False  # no message of an earlier try can stand there unknown
    is_stale: bool = True  # the root message says less than is known
    edited_at: float = float("-inf")  # loop time
    taken_until: datetime = _NEVER  # it is this process's so long
    failures: int = 0  # of looks, one after the other
    rests_until: float = float("-inf")  # loop time


class BriefDelivery:
    """One for a working process."""

    def __init__(
        self,
        rows: BriefRows,
        publisher: BriefPublisher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
    ) -> None:
        self._rows = rows
        self._publisher = publisher
        self._clock = clock
        self._watches: dict[str, _Watch] = {}  # of briefs that are not told yet
        self._task = PeriodicTask("briefs", LOOK_SECONDS, self._sweep, observer)

    def open(self) -> None:
        """Begin to look what is due."""
        self._task.start()

    async def close(self) -> None:
        """What is left is for the next process."""
        await self._task.stop()

    async def let_go(self) -> None:
        """The next process need not wait until this one's time is over. After the last look."""
        try:
            await self._rows.let_go()
        except ImagineError as error:  # then it waits for a minute
            log.warning("briefs.let_go_failed", cause=error.cause)

    async def post_root(self, brief_id: str) -> Posted:
        """The root message, posted once for all parts. Raises what Slack says of the place."""
        async with self._locked(brief_id) as watch:
            brief = await self._read(brief_id)
            if brief.root_ts is not None:
                return Posted(brief.channel_id, brief.root_ts)
            if not await self._take(brief_id, watch):
                raise Transient(Cause.STORAGE, "another process posts it")
            if brief.root_intended_at is None:
                await self._rows.note(brief_id, root_intended_at=self._clock())
            root = await self._publisher.post_root(brief)
            stands = {"root_ts": root.ts, "channel_id": root.channel_id}
            await retry_forever(lambda: self._rows.note(brief_id, **stands))
            return root

    def touch(self, brief_id: str) -> None:
        """Something has changed that its root message is to say."""
        self._watch(brief_id).is_stale = True

    async def wait_until_shown(self, part: Generation) -> Posted | None:
        """Where the outcome of `part` stands, once it does; None where it was told privately."""
        brief_id = part.brief_id or ""
        while True:
            watch = self._watch(brief_id)
            watch.shown.clear()
            await self.look(brief_id)
            brief = await self._rows.read(brief_id)
            if brief is None or brief.told_at is not None:
                return None
            own = next((each for each in brief.parts if each.id == part.id), None)
            if own is None or is_shown(own):
                return _posted(brief, own)
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    await watch.shown.wait()
            except TimeoutError:
                continue

    async def look(self, brief_id: str) -> None:
        """Say what is due of it, if it is this process that does. Raises what Slack says."""
        async with self._locked(brief_id) as watch:
            if not await self._take(brief_id, watch):
                return
            brief = await self._rows.read(brief_id)
            if brief is None or brief.told_at is not None:
                self._end(brief_id)
                return
            if brief.root_ts is None:
                await self._tell_without_root(brief)
                return
            try:
                brief = await self._show_due(brief, watch)
            finally:
                await self._show_root(brief, watch)
            if brief.is_ended and await self._take(brief_id, watch):
                await self._sum_up(brief)

    async def _sweep(self) -> None:
        untold = await self._rows.list_untold()
        for brief_id in self._watches.keys() - set(untold):
            self._end(brief_id)  # another process has told it
        now = asyncio.get_running_loop().time()
        for brief_id in untold:
            watch = self._watch(brief_id)
            if now < watch.rests_until:
                continue
            try:
                await self.look(brief_id)
                watch.failures = 0
            except ImagineError as error:  # of one: the others are looked at, too
                watch.failures += 1
                watch.rests_until = now + _rest_seconds(error, watch.failures)
                log.warning(
                    "brief.look_failed", brief=brief_id, cause=error.cause, detail=error.detail
                )

    async def _take(self, brief_id: str, watch: _Watch) -> bool:
        """Whether it is this process that says what is due; asked again before its time is over."""
        now = self._clock()
        if watch.taken_until - now > TAKEN_FOR / 2:
            return True
        is_ours = await self._rows.take(brief_id, now)
        if is_ours:
            watch.taken_until = now + TAKEN_FOR
        return is_ours

    async def _show_due(self, brief: Brief, watch: _Watch) -> Brief:
        brief = await self._find_earlier(brief, watch)
        while (due := find_due(brief, self._clock())) and await self._take(brief.id, watch):
            await self._show_parts(brief, due, watch)
            brief = await self._read(brief.id)
        return brief

    async def _show_parts(self, brief: Brief, parts: Sequence[Generation], watch: _Watch) -> None:
        ids = [part.id for part in parts]
        await self._rows.note_showing(ids, self._clock())
        watch.is_sure = False
        posted = await self._publisher.post_parts(brief, parts)
        await retry_forever(lambda: self._rows.note_shown(ids, posted.channel_id, posted.ts))
        log.info("brief.shown", brief=brief.id, parts=len(parts))
        watch.is_sure = watch.is_stale = True
        watch.shown.set()

    async def _find_earlier(self, brief: Brief, watch: _Watch) -> Brief:
        """`brief`, with the parts noted that an earlier try has shown."""
        unsure = [
            part
            for part in brief.parts
            if part.result_intended_at is not None and not is_shown(part) and is_ready(part)
        ]
        if watch.is_sure or not unsure:
            return brief
        found = await self._publisher.find_shown(brief)
        for part in unsure:
            if (posted := found.get(part.part or 0)) is not None:
                await self._rows.note_shown([part.id], posted.channel_id, posted.ts)
        watch.is_sure = True
        if not found:
            return brief
        watch.shown.set()
        return await self._read(brief.id)

    async def _show_root(self, brief: Brief, watch: _Watch) -> None:
        now = asyncio.get_running_loop().time()
        if watch.is_stale and now - watch.edited_at >= EDIT_SECONDS and not brief.is_ended:
            watch.is_stale, watch.edited_at = False, now
            await self._publisher.show(brief)

    async def _sum_up(self, brief: Brief) -> None:
        """The last line, once every part was told; then the root message for good."""
        if brief.summary_ts is None:
            if brief.summary_intended_at is None:
                await self._rows.note(brief.id, summary_intended_at=self._clock())
            brief = await self._bring_sheet(brief)
            try:
                posted = await self._publisher.post_summary(brief)
            except Transient:
                raise
            except ImagineError as error:  # its root message says what it came to
                log.error("brief.summary_refused", cause=error.cause, detail=error.detail)
            else:
                await retry_forever(lambda: self._rows.note(brief.id, summary_ts=posted.ts))
                if posted.channel_id == brief.channel_id:  # else a link would lead astray
                    brief = replace(brief, summary_ts=posted.ts)
        try:
            await self._publisher.show_end(brief)
        except Transient:
            raise
        except ImagineError as error:
            log.warning("brief.root_refused", cause=error.cause, detail=error.detail)
        await retry_forever(lambda: self._rows.note(brief.id, told_at=self._clock()))
        log.info("brief.delivered", brief=brief.id, parts=len(brief.parts))
        self._end(brief.id)

    async def _bring_sheet(self, brief: Brief) -> Brief:
        """`brief`, with its sheet noted before anybody sees it: so it can be taken away."""
        if brief.sheet_file_id is not None:
            return brief
        sheet = await self._publisher.bring_sheet(brief)
        if sheet is not None:
            await self._rows.note(brief.id, sheet_file_id=sheet)
        return replace(brief, sheet_file_id=sheet)

    async def _tell_without_root(self, brief: Brief) -> None:
        """No first message could be posted: nothing was paid for."""
        if not all(part.state in TELLABLE for part in brief.parts):
            return
        await self._publisher.tell_privately(brief)
        await retry_forever(lambda: self._rows.note(brief.id, told_at=self._clock()))
        self._end(brief.id)

    async def _read(self, brief_id: str) -> Brief:
        brief = await self._rows.read(brief_id)
        if brief is None:
            raise KeyError(brief_id)
        return brief

    def _watch(self, brief_id: str) -> _Watch:
        return self._watches.setdefault(brief_id, _Watch())

    @asynccontextmanager
    async def _locked(self, brief_id: str) -> AsyncIterator[_Watch]:
        """One look at a brief at a time."""
        watch = self._watch(brief_id)
        async with watch.lock:
            yield watch

    def _end(self, brief_id: str) -> None:
        """Nothing more is said of it here."""
        watch = self._watches.pop(brief_id, None)
        if watch is not None:
            watch.shown.set()


def _rest_seconds(error: ImagineError, failures: int) -> float:
    """What nobody is waiting for is tried again ever more seldom."""
    if isinstance(error, Transient) and error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return backoff_seconds(failures, jitter=0.5)


def _posted(brief: Brief, part: Generation | None) -> Posted | None:
    if part is None or part.result_ts is None:
        return None
    return Posted(part.result_channel_id or brief.channel_id, part.result_ts)


class PartPublisher:
    """Implements `ports.Publisher`: for the parts of briefs, and hands on what is none."""

    def __init__(self, single: Publisher, briefs: BriefDelivery) -> None:
        self._single = single
        self._briefs = briefs

    async def post_root(self, generation: Generation) -> Posted:
        """See the port. Of a part: the root message of its brief."""
        if generation.brief_id is None:
            return await self._single.post_root(generation)
        return await self._briefs.post_root(generation.brief_id)

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """See the port."""
        if generation.brief_id is None:
            await self._single.show_progress(generation, progress)
        else:
            self._briefs.touch(generation.brief_id)

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        """See the port."""
        return await self._single.upload_picture(generation, picture)

    async def post_outcome(self, generation: Generation, usage: Usage) -> Posted | None:
        """See the port. Of a part: with others, once they are there, too."""
        if generation.brief_id is None:
            return await self._single.post_outcome(generation, usage)
        if generation.state is State.REFUSED and generation.cause is Cause.CANCELLED:
            return None
        shown = await self._briefs.wait_until_shown(generation)
        if shown is None and generation.root_ts is not None:
            # All of it was told before: an unknown outcome is known after all.
            return await self._single.post_outcome(generation, usage)
        return shown

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        """See the port."""
        if generation.brief_id is None:
            await self._single.show_outcome(generation, usage)
        else:
            self._briefs.touch(generation.brief_id)

    async def post_late(self, generation: Generation, pictures: Sequence[Picture]) -> None:
        """See the port."""
        await self._single.post_late(generation, pictures)
