"""Waiting for PowerPost: polls that may fail as they like, and a job that does not."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from cachetools import LRUCache

from bot.errors import Cause, ImagineError, OutcomeUnknown, Rejected, Transient
from bot.generations import timing
from bot.generations.payment import Payment
from bot.generations.poll_schedule import DurationStatistics, adapt_schedule
from bot.generations.ports import Phase, PollResult, PowerPost, Progress, Publisher, Store
from bot.generations.record import Generation, Picture, State
from bot.generations.retry import retry_forever

# powerpost-images-api.txt: "Generated image URLs are signed and valid for 7 days."
LINK_LIFETIME: Final = timedelta(days=7)

# The seconds since the submit.
Elapsed = Callable[[], float]

log = structlog.get_logger()

# What nobody waits for may be forged, or another process's: it is soon forgotten.
NOTIFICATION_LIFE_SECONDS: Final = 60.0
NOTIFICATIONS_MAX: Final = 256


class EarlyNotifications:
    """The ids that notifications have named and nobody waits for yet: PowerPost may tell of an end
    before its answer to the submit is on our disk. Pure: times are seconds of one clock."""

    def __init__(self) -> None:
        self._kept_at: LRUCache[str, float] = LRUCache(NOTIFICATIONS_MAX)

    def keep(self, image_generation_id: str, now: float) -> None:
        """Remember a notification; of more than NOTIFICATIONS_MAX the oldest is forgotten."""
        self._kept_at[image_generation_id] = now

    def take(self, image_generation_id: str, now: float) -> bool:
        """Whether there was a notification lately; it is used up by asking."""
        kept_at = self._kept_at.pop(image_generation_id, None)
        return kept_at is not None and now - kept_at <= NOTIFICATION_LIFE_SECONDS


class Polling:
    """Polls at what was paid for until it has ended. One for the process."""

    def __init__(
        self,
        store: Store,
        powerpost: PowerPost,
        publisher: Publisher,
        payment: Payment,
        schedule: timing.PollSchedule,
        give_back_slot: Callable[[Generation], Awaitable[None]],
    ) -> None:
        """`give_back_slot` is called with what hangs at PowerPost."""
        self._give_back_slot = give_back_slot
        self._store = store
        self._powerpost = powerpost
        self._publisher = publisher
        self._payment = payment
        self._schedule = schedule
        self._statistics = DurationStatistics(store.recent_durations)
        self._wakes: dict[str, asyncio.Event] = {}
        self._early_notifications = EarlyNotifications()
        self._hanging: set[str] = set()

    def wake(self, image_generation_id: str) -> None:
        """A notification that PowerPost may have finished: poll now instead of later. Nobody has
        checked it: what it can do at most is a few polls too many (see
        `timing.heed_notification_seconds`)."""
        if event := self._wakes.get(image_generation_id):
            event.set()
        else:  # it may be that PowerPost's answer to the submit is not on disk yet
            self._early_notifications.keep(image_generation_id, asyncio.get_running_loop().time())

    async def wait(self, generation_id: str) -> State:
        """Poll until the generation has ended, and settle it by what PowerPost says."""
        generation = await self._store.read_own(generation_id)
        image_generation_id = generation.image_generation_id
        if generation.state is not State.PROCESSING:
            return generation.state
        if image_generation_id is None:  # never by this version: nobody can ask what became of it
            error = OutcomeUnknown(Cause.BROKEN_ANSWER, "paid, without its id")
            return await self._payment.settle_unknown(generation, error)
        wake = self._wakes.setdefault(image_generation_id, asyncio.Event())
        if self._early_notifications.take(image_generation_id, asyncio.get_running_loop().time()):
            wake.set()
        elapsed = _start_stopwatch(generation)
        try:
            poll = await self._poll_until_ended(generation, image_generation_id, wake, elapsed)
        finally:
            del self._wakes[image_generation_id]
            self._hanging.discard(generation_id)
        if not isinstance(poll, PollResult):
            error = OutcomeUnknown(poll, "paid, and not finished")
            return await self._payment.settle_unknown(generation, error)
        return await self._settle(generation, poll, elapsed())

    async def _poll_until_ended(
        self,
        generation: Generation,
        image_generation_id: str,
        wake: asyncio.Event,
        elapsed: Elapsed,
    ) -> PollResult | Cause:
        """Why it is given up, if it has not ended after a day, or if PowerPost does not know it
        after an hour. It is paid for: however late this begins, it is given up only after a
        poll."""
        failures, missing, vain_notifications, deaf = 0, 0, 0, 0.0
        is_missing = generation.cause is Cause.NOT_FOUND
        line = _StatusLine(generation, elapsed, is_missing=is_missing)
        jitter = _jitter()
        typical = await self._statistics.recall(generation.request)
        schedule = adapt_schedule(self._schedule, typical, elapsed(), jitter)
        pause = timing.first_poll_seconds(elapsed(), schedule, _jitter())
        while True:
            vain_notifications += await self._sleep(line, wake, pause, deaf)
            looked_after = elapsed()
            wake.clear()  # all notifications so far ask for this poll
            poll = await self._try_poll(generation, image_generation_id)
            if isinstance(poll, PollResult) and poll.is_ended:
                return poll
            missing = missing + 1 if _is_not_known(poll) else 0
            if timing.is_missing(looked_after, missing):
                return Cause.NOT_FOUND
            is_answered = isinstance(poll, PollResult | Rejected)
            if looked_after >= timing.give_up_seconds(is_answered=is_answered):
                return Cause.NO_ANSWER
            await self._note_missing(line, missing)
            await self._let_others_run(line, looked_after)
            failures = 0 if isinstance(poll, PollResult) else failures + 1
            # Again: others may have ended since, and one sees that from the first poll on.
            typical = await self._statistics.recall(generation.request)
            schedule = adapt_schedule(self._schedule, typical, looked_after, jitter)
            pause = timing.next_poll_seconds(looked_after, failures, schedule, _jitter())
            if isinstance(poll, Transient):
                pause = max(pause, poll.retry_after_seconds or 0.0)
            elif missing and looked_after >= timing.MISSING_AFTER_SECONDS:
                pause = timing.backoff_seconds(missing, jitter=_jitter())
            # A notification hurries nothing where PowerPost did not answer.
            deaf = pause if failures else timing.heed_notification_seconds(vain_notifications)

    async def _note_missing(self, line: _StatusLine, times: int) -> None:
        """That PowerPost did not know it so many times in a row, or knows it again: the row says
        so, for its history and for the refunds of others."""
        is_missing = times >= timing.MISSING_POLLS or (line.is_missing and times > 0)
        if is_missing == line.is_missing:
            return
        cause = Cause.NOT_FOUND if is_missing else None
        try:
            await self._store.note(line.generation.id, while_state=State.PROCESSING, cause=cause)
        except Transient as error:  # after the next poll, then
            log.warning("poll.note_failed", cause=error.cause)
            return
        log.warning("generation.missing" if is_missing else "generation.found")
        line.is_missing, line.shown_seconds = is_missing, float("-inf")

    async def _let_others_run(self, line: _StatusLine, elapsed_seconds: float) -> None:
        """What has waited longer than its model ever needed hangs, and so does what PowerPost does
        not know: it keeps nobody waiting any more. It is still looked for, and delivered whenever
        it ends."""
        generation = line.generation
        longest = self._statistics.longest_seconds(generation.request)
        is_hanging = line.is_missing or elapsed_seconds >= timing.overdue_seconds(longest)
        if generation.id in self._hanging or not is_hanging:
            return
        try:
            await self._store.note(generation.id, unplaced_at=datetime.now(UTC))
        except Transient as error:  # after the next poll, then
            log.warning("slot.release_failed", cause=error.cause)
            return
        self._hanging.add(generation.id)
        log.warning("generation.hangs", elapsed_seconds=round(elapsed_seconds))
        await self._give_back_slot(generation)

    async def _try_poll(
        self, generation: Generation, image_generation_id: str
    ) -> PollResult | ImagineError:
        try:
            powerpost = self._powerpost.for_workspace(generation.powerpost_workspace)
            return await powerpost.poll(image_generation_id)
        except ImagineError as error:
            log.warning("poll.failed", cause=error.cause, request_id=error.request_id)
            return error

    async def _sleep(
        self, line: _StatusLine, wake: asyncio.Event, seconds: float, deaf_seconds: float
    ) -> bool:
        """Until it is time to poll, keeping the status line fresh. Whether a notification ended
        it: one that comes within the first `deaf_seconds` is heeded after them."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            await self._show(line)
            slept = loop.time() - begun
            if slept >= seconds:
                return False
            rest = min(seconds - slept, line.fresh_seconds())
            if slept < deaf_seconds:
                await asyncio.sleep(min(rest, deaf_seconds - slept))
            elif await _is_woken(wake, rest):
                return True

    async def _show(self, line: _StatusLine) -> None:
        if line.fresh_seconds() > 0:
            return
        elapsed = line.shown_seconds = line.elapsed()
        is_late = elapsed >= timing.PATIENT_AFTER_SECONDS
        phase = Phase.LATE if is_late else Phase.GENERATING
        if line.is_missing:
            phase = Phase.MISSING
        await self._publisher.show_progress(line.generation, Progress(phase, elapsed))

    async def _settle(
        self, generation: Generation, poll: PollResult, elapsed_seconds: float
    ) -> State:
        is_complete = len(poll.pictures) >= generation.request.quantity
        now = datetime.now(UTC)
        outcome = {
            "cause": None,  # it may have been missing
            "upstream_message": None if is_complete else poll.message,
            "upstream_prompt": find_upstream_prompt(generation, poll),
            "request_id": poll.request_id or generation.request_id,
            "balance_at_end": None if is_complete else await self._payment.try_balance(),
            "finished_at": now,
        }
        log.info("generation.finished", pictures=len(poll.pictures), is_failed=poll.is_failed)
        if poll.pictures:
            self._statistics.note(generation.request, elapsed_seconds)
        if not poll.pictures:
            await retry_forever(
                lambda: self._store.advance(
                    generation.id, State.PROCESSING, State.FAILED, **outcome
                )
            )
            return await self._read_state(generation.id)
        # From the submit, not from this poll: a process that was away must not promise too much.
        expires_at = (generation.submitted_at or now) + LINK_LIFETIME
        pictures = [
            Picture(position, made.media_id, made.url, made.width, made.height, expires_at)
            for position, made in enumerate(poll.pictures, 1)
        ]
        await retry_forever(lambda: self._store.finish(generation.id, pictures, **outcome))
        return await self._read_state(generation.id)

    async def _read_state(self, generation_id: str) -> State:
        """The row's true state, whoever was first to move it."""
        return (await retry_forever(lambda: self._store.read_own(generation_id))).state


def find_upstream_prompt(generation: Generation, poll: PollResult) -> str | None:
    """The prompt that PowerPost made the pictures from, if it is another than was sent: derived
    from captions ("prompt: the input prompt (or derived from generation)", "Response Fields"), or
    enhanced. Pure."""
    said, sent = poll.prompt or "", generation.whole_request.prompt or ""
    return said if said.split() != sent.split() and said.strip() else None


@dataclass
class _StatusLine:
    """What the status line of a generation says: the seconds since the submit, when last shown."""

    generation: Generation
    elapsed: Elapsed
    shown_seconds: float = float("-inf")
    is_missing: bool = False  # PowerPost does not know it

    def fresh_seconds(self) -> float:
        """How long it need not be shown again."""
        elapsed = self.elapsed()
        return self.shown_seconds + timing.progress_seconds(elapsed) - elapsed


def _is_not_known(poll: PollResult | ImagineError) -> bool:
    return isinstance(poll, Rejected) and poll.cause is Cause.NOT_FOUND


def _jitter() -> float:
    return random.random()  # noqa: S311 - not a secret


def _start_stopwatch(generation: Generation) -> Elapsed:
    since = generation.submitted_at or generation.accepted_at
    clock = asyncio.get_running_loop().time
    stopwatch = timing.Stopwatch.start(since, datetime.now(UTC), clock())
    return lambda: stopwatch.read(clock())


async def _is_woken(wake: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
    return wake.is_set()
