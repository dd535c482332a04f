"""A generation from the promise to the pictures: the steps, in order.

    gather -> announce -> intend -> submit -> wait -> fetch -> tell

Each step reads the row first, passes on what is done, and leaves its outcome there: the row is the
one truth about what has been done. So a run after a crash is a run like any other. What pays is in
payment.py, what waits in waiting.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from bot.errors import Cause, ImagineError, NewerVersion, NotOurs, Rejected, Transient
from bot.generations import timing
from bot.generations.delivery import Delivery
from bot.generations.payment import Payment
from bot.generations.polling import Polling
from bot.generations.ports import (
    OutcomeCounter,
    Permission,
    Phase,
    Posted,
    PowerPost,
    Progress,
    Publisher,
    References,
    Settle,
    Step,
    Store,
)
from bot.generations.record import RUNNING, TELLABLE, Generation, PictureState, Sources, State
from bot.generations.retry import retry_forever, retry_until, wait_seconds
from bot.generations.slots import Slots
from bot.generations.usage import Usage, count_usage
from bot.images.request import ImageRequest
from bot.telemetry.instrumentation import NullObserver, Observer, Operation

_T = TypeVar("_T")

log = structlog.get_logger()


class GenerationWorkflow:
    """The life of every generation in this process."""

    def __init__(
        self,
        store: Store,
        powerpost: PowerPost,
        publisher: Publisher,
        references: References,
        settle: Settle,
        schedule: timing.PollSchedule,
        observer: Observer | None = None,
        counter: OutcomeCounter | None = None,
        slots: Slots | None = None,
        permission: Permission | None = None,
        cleared: asyncio.Event | None = None,
    ) -> None:
        """`observer` sees what is done, `counter` what it came to; neither changes anything.
        `slots` are this process's own, three a person, if they are not given. Without
        `permission` everything may be paid for, without `cleared` at once."""
        self._permission = permission
        self._observer = observer or NullObserver()
        self._counter = counter
        self._settle_refund = settle
        self._store = store
        self._powerpost = powerpost
        self._publisher = publisher
        self._references = references
        self._delivery = Delivery(store, powerpost, publisher, schedule.patience)
        self.payment = Payment(store, powerpost, publisher, permission, cleared)
        self.slots = slots or Slots(publisher.show_progress)
        self.waiting = Polling(
            store, powerpost, publisher, self.payment, schedule, self.slots.give_back
        )

    async def run(self, generation_id: str) -> None:
        """The whole life of `generation_id`, or what is left of it.

        The steps and their order are the same in every run; what is done already is passed on.
        """
        with (
            structlog.contextvars.bound_contextvars(generation=generation_id),
            self._observer.watch(Operation.GENERATION, generation_id),
        ):
            while not await self._go_through(generation_id):
                log.info("generation.revived")  # a late answer has revived it while it was told

    async def _go_through(self, generation_id: str) -> bool:
        """All steps, once. Whether the person knows the outcome then."""
        await self._step(Step.GATHER, self.gather, generation_id)
        await self._step(Step.ANNOUNCE, self.post_root, generation_id)
        generation = await retry_forever(lambda: self._store.read_own(generation_id))
        if generation.state in RUNNING:
            async with self.slots.hold(generation):
                await self._pay(generation)
                await self._step(Step.WAIT, self.waiting.wait, generation_id)
        await self._step(Step.FETCH, self.fetch, generation_id)
        return await self._step(Step.TELL, self.tell, generation_id)

    async def _pay(self, generation: Generation) -> None:
        """Until PowerPost has taken it, or it has ended: what is put back waits for its next turn
        in here."""
        state = generation.state
        try:
            while state in (State.ACCEPTED, State.SUBMITTING):
                async with self.payment.turn(generation):
                    await self._step(Step.INTEND, self.payment.intend, generation.id)
                    # After a crash it may find the intent of a process that is gone: "unknown".
                    state = await self._step(Step.SUBMIT, self.payment.submit, generation.id)
        finally:
            self.payment.let_go(generation.id)

    async def _step(self, name: Step, do: Callable[[str], Awaitable[_T]], generation_id: str) -> _T:
        """A step that raises is done again: what it owes does not end with a fault. Each may be
        done twice, and the one that pays never sends twice (payment.py)."""
        failures = 0
        while True:
            try:
                with self._observer.watch(Operation.STEP, name.value):
                    return await do(generation_id)
            except (NotOurs, NewerVersion):
                raise
            except Transient as error:
                failures += 1
                log.warning("step.failed", step=name.value, cause=error.cause, detail=error.detail)
                await asyncio.sleep(wait_seconds(error, failures))
            except Exception:
                failures += 1
                log.exception("step.failed", step=name.value, failures=failures)
                await asyncio.sleep(timing.backoff_seconds(failures, jitter=0.5))

    async def gather(self, generation_id: str) -> State:
        """Bring the reference pictures to PowerPost, before anything is shown or spent."""
        generation = await self._store.read_own(generation_id)
        sources = generation.sources
        if generation.state is not State.ACCEPTED:
            return generation.state
        if (objection := await self._find_objection(generation)) is not None:
            return await self.payment.refuse(generation, objection)
        preset = sources.preset
        is_preset_due = preset is not None and preset.is_to_be_brought
        if (not sources.references or sources.is_gathered) and not is_preset_due:
            return generation.state
        try:
            gathered = await retry_until(
                lambda: self._gather(generation), timing.GATHER_PATIENCE_SECONDS
            )
        except ImagineError as error:
            return await self.payment.refuse(generation, error)
        complete, sources = gathered
        await retry_forever(
            lambda: self._store.note(
                generation_id,
                request=complete.model_dump(mode="json"),
                sources=sources.model_dump(mode="json"),
            )
        )
        return State.ACCEPTED

    async def _gather(self, generation: Generation) -> tuple[ImageRequest, Sources]:
        """Request and sources with everything that PowerPost has now."""
        request, sources = generation.request, generation.sources
        if sources.references and not sources.is_gathered:
            brought = await self._references.gather(generation)
            request = request.model_copy(update={"style_images": request.style_images + brought})
            sources = sources.model_copy(update={"is_gathered": True})
        if sources.preset is not None and sources.preset.is_to_be_brought:
            stored = await self._references.gather_preset(generation)
            preset = sources.preset.brought(stored)
            sources = sources.model_copy(update={"preset": preset})
        return request, sources

    async def _find_objection(self, generation: Generation) -> ImagineError | None:
        """Why it may not be made, as far as that can be said before anybody sees it: then it is
        told privately. The last poll is the payment's."""
        if self._permission is None or generation.root_ts is not None:
            return None
        try:
            await self._permission.check(generation, is_last=False)
        except Transient as error:
            log.info("permission.unknown", cause=error.cause, detail=error.detail)
        except NewerVersion:
            raise
        except ImagineError as error:
            return error
        return None

    async def post_root(self, generation_id: str) -> State:
        """Post the root message. Where the bot may not post, nothing is spent: refused."""
        generation = await self._store.read_own(generation_id)
        if generation.state is not State.ACCEPTED or generation.root_ts is not None:
            return generation.state
        try:
            root = await retry_until(
                lambda: self._post_root_once(generation_id), timing.root_patience_seconds
            )
        except ImagineError as error:
            return await self.payment.refuse(generation, error)
        stands: dict[str, Any] = {"root_ts": root.ts, "channel_id": root.channel_id}
        if root.channel_id != generation.place.channel_id:  # the thread was another place's
            stands["thread_ts"] = None
        await retry_forever(lambda: self._store.note(generation_id, **stands))
        return State.ACCEPTED

    async def _post_root_once(self, generation_id: str) -> Posted:
        # Read at each try: from the second on, the row says that the first may have arrived.
        generation = await self._store.read_own(generation_id)
        if generation.root_intended_at is None:
            await self._store.note(generation_id, root_intended_at=datetime.now(UTC))
        return await self._publisher.post_root(generation)

    async def fetch(self, generation_id: str) -> State:
        """Bring each picture to Slack; one that cannot be brought is linked, not lost."""
        generation = await self._store.read_own(generation_id)
        missing = [p for p in generation.pictures if p.state is PictureState.FOUND]
        if generation.state is State.FINISHED and missing:
            await self._publisher.show_progress(generation, Progress(Phase.FETCHING))
            await asyncio.gather(*(self._delivery.bring(generation, each) for each in missing))
        return generation.state

    async def tell(self, generation_id: str) -> bool:
        """Tell the outcome, once: in the thread, or privately where there is none. False if there
        is none to be told: it goes on (a late answer has revived it, say)."""
        generation = await self._store.read_own(generation_id)
        if generation.told_at is not None:
            return True
        if generation.state not in TELLABLE:
            return False
        await self._forget_lost(generation)
        usage = await self._settle(generation)
        if generation.result_ts is None:
            generation = await self._tell_first(generation, usage)
        await self._show_outcome(generation, usage)
        if self._delivery.find_late(generation):
            before, generation = generation, await self._delivery.bring_late(generation)
            if generation.pictures != before.pictures and generation.deleted_at is None:
                await self._show_outcome(generation, usage)
        return await self._note_delivered(generation, usage)

    async def _note_delivered(self, generation: Generation, usage: Usage) -> bool:
        """False if it has left its state meanwhile: then it is owed again."""
        told_at = datetime.now(UTC)
        ended = generation.state
        if ended is State.FINISHED:
            ended = State.DELIVERED
            is_told = await retry_forever(
                lambda: self._store.advance(
                    generation.id, State.FINISHED, State.DELIVERED, told_at=told_at
                )
            )
        else:
            is_told = await retry_forever(
                lambda: self._store.note(generation.id, while_state=ended, told_at=told_at)
            )
        if is_told:
            log.info("generation.delivered", state=ended)
            if self._counter is not None:
                self._counter.note_delivered(
                    replace(generation, state=ended, told_at=told_at), usage
                )
        return is_told

    async def _forget_lost(self, generation: Generation) -> None:
        """Reference pictures that PowerPost did not know are brought there afresh next time."""
        media_ids = generation.whole_request.style_images
        is_refused = generation.state is State.REFUSED
        if is_refused and generation.cause is Cause.NOT_FOUND and media_ids:
            workspace_id = generation.powerpost_workspace
            await retry_forever(lambda: self._references.forget(media_ids, workspace_id))

    async def _tell_first(self, generation: Generation, usage: Usage) -> Generation:
        """`generation` with its result, if Slack has taken it anywhere."""
        try:
            result = await retry_until(
                lambda: self._tell_once(generation.id, usage), timing.SLACK_PATIENCE_SECONDS
            )
        except Rejected as error:
            # Then the first message has the links of what was paid for (`show_outcome`).
            log.error("delivery.refused", cause=error.cause, detail=error.detail)
            return generation
        if result is None:
            return generation
        await retry_forever(
            lambda: self._store.note(
                generation.id,
                while_state=generation.state,
                result_ts=result.ts,
                result_channel_id=result.channel_id,
            )
        )
        return replace(generation, result_ts=result.ts, result_channel_id=result.channel_id)

    async def _tell_once(self, generation_id: str, usage: Usage) -> Posted | None:
        generation = await self._store.read_own(generation_id)
        is_own = generation.brief_id is None  # a brief's message is noted when it is posted
        if is_own and generation.result_intended_at is None:
            await self._store.note(generation_id, result_intended_at=datetime.now(UTC))
        return await self._publisher.post_outcome(generation, usage)

    async def _show_outcome(self, generation: Generation, usage: Usage) -> None:
        is_last_way = generation.result_ts is None and bool(generation.pictures)
        patience = timing.SLACK_PATIENCE_SECONDS if is_last_way else timing.STATUS_PATIENCE_SECONDS
        try:
            await retry_until(lambda: self._publisher.show_outcome(generation, usage), patience)
        except ImagineError as error:
            if is_last_way:  # paid, and nowhere to be seen but in their history
                log.error("delivery.failed", cause=error.cause, detail=error.detail)
            else:  # told already: the status line may stay
                log.warning("status_line.update_failed", cause=error.cause, detail=error.detail)

    async def _settle(self, generation: Generation) -> Usage:
        """What it came to, once the refunds that the balances show are entered."""
        now = datetime.now(UTC)
        settled = await retry_forever(lambda: self._settle_refund(generation.id, now))
        for entry in settled.confirmed:
            log.info(
                "refund.confirmed", credits=entry.credits, refunded_generation=entry.generation_id
            )
            if self._counter is not None:
                self._counter.note_refund(-(entry.credits or 0.0))
        return count_usage(generation, settled.refunded)
