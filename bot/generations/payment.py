"""The one paid POST: sent at most once, ever. Every credit that is spent on pictures is spent in
this file. (What a text for a draft costs, bot/posts/workflow.py spends, by the same rule.)

`intend` stores a nonce that lives only in the memory of this process; `submit` sends only while
this process still holds it. Where a process ends between the two, nobody holds the nonce, and the
outcome is unknown: it is said so, and never sent again by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    NewerVersion,
    NotOurs,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.generations.approval import dump_over_budget
from bot.generations.fair_queue import FairQueue
from bot.generations.ports import (
    Permission,
    Phase,
    PowerPost,
    Progress,
    Publisher,
    Receipt,
    Store,
)
from bot.generations.record import Generation, State, UnusableFiles
from bot.generations.retry import retry_forever, wait_seconds
from bot.generations.timing import (
    ASKED_AFTER_SECONDS,
    BALANCE_SECONDS,
    PERMISSION_SECONDS,
    SUBMIT_PATIENCE_SECONDS,
    Stopwatch,
)
from bot.policy.terms import OverBudget, StalePolicy, Terms

# How many jobs may at once stand between intent and answer: a crash makes at most these unknown.
PAYING_AT_ONCE: Final = 4
PAYING_PER_PERSON: Final = 2
# An answer that has come may take this long to be written down when the process ends.
_NOTING_SECONDS: Final = 1.0

log = structlog.get_logger()


class Payment:
    """Sends what costs credits. One for the process."""

    def __init__(
        self,
        store: Store,
        powerpost: PowerPost,
        publisher: Publisher,
        permission: Permission | None = None,
        cleared: asyncio.Event | None = None,
    ) -> None:
        """`permission` is asked before each payment; none is made before `cleared` is set."""
        self._cleared = cleared
        self._permission = permission
        self._store = store
        self._powerpost = powerpost
        self._publisher = publisher
        self._intents: dict[str, str] = {}
        self._put_back: dict[str, tuple[int, float]] = {}  # times in a row, loop time of the next
        self._waits: dict[str, Stopwatch] = {}  # since each could not be paid for
        self._window = FairQueue(capacity=PAYING_AT_ONCE, per_person=PAYING_PER_PERSON)
        self._is_closing = False
        self._sent: set[asyncio.Task[State]] = set()
        self._asking: set[asyncio.Task[Receipt]] = set()  # those whose answer is not here yet

    @asynccontextmanager
    async def turn(self, generation: Generation) -> AsyncIterator[None]:
        """To be held around `intend` and `submit`: a slot in the window, and the limiter's turn,
        so that nothing waits between the intent and the POST."""
        if self._cleared is not None:
            await self._cleared.wait()
        _, until = self._put_back.get(generation.id, (0, 0.0))
        await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
        window = self._window.turn(generation.place.user_id, generation.id)
        async with window, self._powerpost.submission_turn():
            yield

    def let_go(self, generation_id: str) -> None:
        """It has had its last turn here, whatever came of it: nothing is remembered of it."""
        self._put_back.pop(generation_id, None)
        self._waits.pop(generation_id, None)
        if not self._is_closing:  # else it is handed back
            self._intents.pop(generation_id, None)

    async def intend(self, generation_id: str) -> State:
        """Store that the paid POST may be sent from now on, and that this process may send it."""
        generation = await self._store.read_own(generation_id)
        if generation.state is not State.ACCEPTED:
            return generation.state
        balance = await self.try_balance()
        try:
            terms = await self._ask_permission(generation)
        except Transient as error:
            return await self._wait_and_see(generation, error)
        except NewerVersion:
            raise
        except ImagineError as error:
            return await self.refuse(generation, error)
        if self._is_closing:
            await asyncio.Future()  # this process is ending; the next one begins here again
        nonce = self._intents[generation_id] = secrets.token_hex(16)
        intent = {"intent": nonce, "intended_at": datetime.now(UTC), "balance_before": balance}
        try:
            won = await self._store.intend(generation, terms, **intent)
        except (StalePolicy, OverBudget) as error:  # nothing has changed; else nobody can say
            del self._intents[generation_id]
            if isinstance(error, StalePolicy):
                return await self._wait_and_see(generation, error)
            return await self._refuse_over_budget(generation, error)
        if not won:
            del self._intents[generation_id]
            return await self._read_state(generation_id)
        return State.SUBMITTING

    async def submit(self, generation_id: str) -> State:
        """Send the paid POST if this process holds the intent; never otherwise."""
        generation = await self._store.read_own(generation_id)
        if generation.state is not State.SUBMITTING:
            return generation.state
        if self._is_closing:
            await asyncio.Future()  # see hand_back
        nonce = self._intents.pop(generation_id, None)
        if nonce is None or nonce != generation.intent:
            return await self.settle_unknown(generation, OutcomeUnknown(Cause.INTERRUPTED))
        sent = asyncio.create_task(self._send(generation))
        self._sent.add(sent)
        sent.add_done_callback(self._sent.discard)
        # Once sent, its answer is noted whatever becomes of the job around it.
        return await asyncio.shield(sent)

    async def close(self, patience_seconds: float) -> None:
        """Intend nothing more, and wait for the answers to what was sent, and until they are
        written down. What is not answered by then is never read: the next process says that
        nobody knows its outcome."""
        self._is_closing = True
        if not self._sent:
            return
        await asyncio.wait(self._sent, timeout=patience_seconds)
        if self._asking:
            log.warning("payment.abandoned", calls=len(self._asking))
        for asking in self._asking:
            asking.cancel()
        if self._sent:
            await asyncio.wait(self._sent, timeout=_NOTING_SECONDS)

    async def hand_back(self) -> None:
        """What was intended here and not sent: the next process begins with it again. To be called
        when nothing runs any more."""
        for generation_id, intent in self._intents.items():
            try:
                is_back = await self._store.hand_back(generation_id, intent)
            except Transient as error:  # then it is told to be unknown
                log.warning("payment.hand_back_failed", generation=generation_id, cause=error.cause)
            else:
                log.info("payment.handed_back", generation=generation_id, is_back=is_back)

    async def refuse(self, generation: Generation, error: ImagineError) -> State:
        """Nothing was spent and nothing will be: end it, with the reason. The state that it is in
        afterwards: another one if somebody else was first."""
        say = log.error if isinstance(error, Misconfigured) else log.info
        self._put_back.pop(generation.id, None)
        say(
            "generation.refused",
            cause=error.cause,
            detail=error.detail,
            request_id=error.request_id,
        )
        return await self._move(
            generation,
            State.REFUSED,
            cause=error.cause,
            upstream_message=error.detail if isinstance(error, Rejected) else None,
            request_id=error.request_id,
            over_budget=dump_over_budget(error) if isinstance(error, OverBudget) else None,
            refused_files=_dump_files(error),
            finished_at=datetime.now(UTC),
        )

    async def _refuse_over_budget(self, generation: Generation, error: OverBudget) -> State:
        """With the way to approval, as at the gate."""
        if self._permission is not None:
            error = await self._permission.offer(generation, error)
        return await self.refuse(generation, error)

    async def settle_unknown(self, generation: Generation, error: OutcomeUnknown) -> State:
        """Nobody can say whether it was paid: end it, with the balance as it is now. The state that
        it is in afterwards: another one if its answer came meanwhile."""
        balance = await self.try_balance()
        state = await self._move(
            generation,
            State.UNKNOWN,
            cause=error.cause,
            request_id=error.request_id or generation.request_id,
            balance_at_end=balance,
            finished_at=datetime.now(UTC),
        )
        if state is State.UNKNOWN:
            log.error("payment.unknown", cause=error.cause, request_id=error.request_id)
        return state

    async def _move(self, generation: Generation, after: State, **changes: Any) -> State:
        """Move on from the state that `generation` was read in. Whoever loses goes on from the
        row's true state, which is returned."""
        is_moved = await retry_forever(
            lambda: self._store.advance(generation.id, generation.state, after, **changes)
        )
        return after if is_moved else await self._read_state(generation.id)

    async def _read_state(self, generation_id: str) -> State:
        return (await retry_forever(lambda: self._store.read_own(generation_id))).state

    async def try_balance(self) -> float | None:
        """The account's credits, or None where they cannot be had now."""
        try:
            async with asyncio.timeout(BALANCE_SECONDS):
                return await self._powerpost.balance()
        except TimeoutError:
            log.warning("balance.unknown", cause=Cause.NO_ANSWER)
        except ImagineError as error:
            log.warning("balance.unknown", cause=error.cause, request_id=error.request_id)
        return None

    async def _send(self, generation: Generation) -> State:
        try:
            receipt = await self._ask(generation)
        except Transient as error:
            return await self._wait_and_see(generation, error)
        except (Rejected, Misconfigured) as error:
            return await self.refuse(generation, error)
        except OutcomeUnknown as error:
            return await self.settle_unknown(generation, error)
        except Exception as error:  # our own mistake, after it was sent: still unknown
            log.exception("payment.failed")
            unknown = OutcomeUnknown(Cause.BROKEN_ANSWER, type(error).__name__)
            return await self.settle_unknown(generation, unknown)
        return await self._note_receipt(generation, receipt)

    async def _ask(self, generation: Generation) -> Receipt:
        powerpost = self._powerpost.for_workspace(generation.powerpost_workspace)
        asking = asyncio.create_task(powerpost.submit(generation.whole_request))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        telling = asyncio.create_task(self._tell_asked(generation))
        try:
            return await asking
        finally:
            telling.cancel()  # before anything else is shown
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell_asked(self, generation: Generation) -> None:
        """While it hangs: that it was asked, and that its price may be spent."""
        await asyncio.sleep(ASKED_AFTER_SECONDS)
        await self._publisher.show_progress(generation, Progress(Phase.ASKED))

    async def _note_receipt(self, generation: Generation, receipt: Receipt) -> State:
        log.info(
            "generation.paid",
            image_generation_id=receipt.image_generation_id,
            credits_used=receipt.credits_used,
            request_id=receipt.request_id,
        )
        kept = {
            "image_generation_id": receipt.image_generation_id,
            "submitted_at": datetime.now(UTC),
            "credits_used": receipt.credits_used,
            "balance_after": receipt.remaining_credits,
            "request_id": receipt.request_id,
        }
        self._put_back.pop(generation.id, None)
        try:
            state = await self._move(generation, State.PROCESSING, **kept)
        except NotOurs:
            # This process was thought dead: another may have told that nobody knows the outcome.
            await self._revive(generation, kept)
            raise
        if state is not State.PROCESSING:
            await self._revive(generation, kept)
            state = await self._read_state(generation.id)
        return state

    async def _revive(self, generation: Generation, kept: dict[str, Any]) -> None:
        """It is known now, and paid: it goes on, whatever was made of it meanwhile."""
        is_revived = await retry_forever(lambda: self._store.revive(generation.id, **kept))
        log.warning("payment.answered_late", is_revived=is_revived)

    async def _ask_permission(self, generation: Generation) -> Terms | None:
        """On what terms it may be paid for; None if nobody is to be asked. Raises if it may not be
        paid for, or if nobody can say so now: a slot in the window is not held for long."""
        if self._permission is None:
            return None
        try:
            async with asyncio.timeout(PERMISSION_SECONDS):
                return await self._permission.check(generation, is_last=True)
        except TimeoutError as error:
            raise Transient(Cause.GROUPS_UNKNOWN, "no answer") from error

    async def _wait_and_see(self, generation: Generation, error: Transient) -> State:
        """Nothing was bought: back to the start, or refused where that has gone on too long. How
        long counts from the first time, and not from when it was accepted: it may have stood in
        line before."""
        now = datetime.now(UTC)
        tried_at = generation.tried_at or now
        clock = asyncio.get_running_loop().time()
        since = self._waits.setdefault(generation.id, Stopwatch.start(tried_at, now, clock))
        if (waited := since.read(clock)) > SUBMIT_PATIENCE_SECONDS:
            return await self.refuse(generation, error)
        times = self._put_back.get(generation.id, (0, 0.0))[0] + 1
        wait = wait_seconds(error, times)
        self._put_back[generation.id] = times, clock + wait
        log.info(
            "payment.delayed", cause=error.cause, detail=error.detail, wait_seconds=round(wait, 1)
        )
        if generation.state is State.ACCEPTED:  # it was not even intended
            if generation.tried_at is None:
                await retry_forever(lambda: self._store.note(generation.id, tried_at=tried_at))
            return State.ACCEPTED
        state = await self._move(generation, State.ACCEPTED, tried_at=tried_at)
        if state is State.ACCEPTED:
            await self._publisher.show_progress(generation, Progress(Phase.HELD_UP, waited))
        return state


def _dump_files(error: ImagineError) -> list[dict[str, Any]] | None:
    files = error.files if isinstance(error, UnusableFiles) else ()
    return [file.model_dump(mode="json") for file in files] or None
