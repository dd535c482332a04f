"""Requests over budget: offered for approval, asked for, decided, told; and what time ends.

Everything is in rows, so a restart loses nothing: what was not said yet is said by the next sweep,
of whichever process comes first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from bot.errors import Cause, Transient
from bot.generations.approval import (
    APPROVAL_LIFETIME,
    Approval,
    ApprovalState,
    Verdict,
    find_addresses,
    judge,
    name_offer,
)
from bot.generations.queue import GenerationQueue
from bot.generations.record import NewGeneration
from bot.periodic import PeriodicTask
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.policy.terms import OverBudget, StalePolicy
from bot.requests.gate import Gate
from bot.store.approvals import ApprovalStore
from bot.telemetry.instrumentation import Observer

SWEEP_SECONDS: Final = 5.0
_TRIES: Final = 5
# The same request is offered anew so often, each time after a decision.
_OFFERS_MAX: Final = 100

log = structlog.get_logger()


class ApprovalOffers:
    """Keeps what the gate refused as over budget, if somebody may approve it."""

    def __init__(self, store: ApprovalStore) -> None:
        self._store = store

    async def offer(self, new: NewGeneration, policy: Policy, error: OverBudget) -> OverBudget:
        """`error`, which names what was kept; as it is where nobody may approve, or the database
        does not keep it."""
        if not find_addresses(policy.settings, new.place.user_id):
            return error
        expires_at = new.accepted_at + APPROVAL_LIFETIME
        try:
            for number in range(_OFFERS_MAX):
                approval_id = name_offer(new, number)
                approval = Approval(approval_id, new, error.shortfalls, expires_at)
                if await self._store.offer(approval):
                    return OverBudget(error.shortfalls, approval_id=approval_id)
        except Transient as fault:
            log.warning("approval.offer_failed", cause=fault.cause, detail=fault.detail)
        return error


class ApprovalService:
    """Asks and decides. Who may is looked at in the policy as it is now. One for the process."""

    def __init__(
        self, store: ApprovalStore, book: PolicyBook, gate: Gate, queue: GenerationQueue
    ) -> None:
        self._store = store
        self._book = book
        self._gate = gate
        self._queue = queue

    async def ask(
        self, approval_id: str, team_id: str, user_id: str, now: datetime
    ) -> tuple[Verdict, Approval | None]:
        """Ask for approval of what `user_id` was refused. ENDED where it was asked before: the
        approval says what became of it. TOO_MANY where others of theirs wait for a decision. What
        is asked is on disk when this returns."""
        approval = await self._find(approval_id, team_id)
        if approval is None:
            return Verdict.GONE, None
        if approval.requester != user_id:
            return Verdict.NOT_REQUESTER, None
        if approval.state is not ApprovalState.OFFERED:
            return Verdict.ENDED, approval
        if approval.expires_at <= now:
            return Verdict.GONE, None
        policy = await self._book.read(team_id, fresh=True)
        addresses = find_addresses(policy.settings, user_id)
        if not addresses:
            return Verdict.NOBODY, approval
        verdict = await self._store.ask(approval, addresses, now)
        if verdict is Verdict.DONE:
            log.info("approval.asked", approval=approval_id, generation=approval.new.id)
        return verdict, await self._store.read(approval_id)

    async def look(
        self, approval_id: str, team_id: str, user_id: str, channel_id: str, now: datetime
    ) -> tuple[Verdict, Approval | None]:
        """Whether `user_id`, who clicked in `channel_id`, may decide it now."""
        approval = await self._find(approval_id, team_id)
        if approval is None or approval.state is ApprovalState.OFFERED:
            return Verdict.GONE, None
        policy = await self._book.read(team_id, fresh=True)
        verdict = judge(policy.settings, approval, user_id, channel_id)
        is_over = approval.state is not ApprovalState.ASKED or approval.expires_at <= now
        return (Verdict.ENDED if verdict is Verdict.DONE and is_over else verdict), approval

    async def approve(
        self, approval_id: str, team_id: str, user_id: str, channel_id: str, now: datetime
    ) -> tuple[Verdict, Approval | None]:
        """Let it through: DONE where its generation is promised, by this very click. Raises
        NotAllowed where the rules forbid it by now; then it may still be denied."""
        for _ in range(_TRIES):
            verdict, approval = await self.look(approval_id, team_id, user_id, channel_id, now)
            if verdict is not Verdict.DONE or approval is None:
                return verdict, approval
            new = approval.approved_generation(user_id, now)
            try:
                is_first = await self._promise(approval_id, new, now)
            except StalePolicy:
                continue
            return Verdict.DONE if is_first else Verdict.ENDED, await self._store.read(approval_id)
        raise Transient(Cause.STORAGE, "the policy changes all the time")

    async def deny(
        self,
        approval_id: str,
        team_id: str,
        user_id: str,
        channel_id: str,
        reason: str,
        now: datetime,
    ) -> tuple[Verdict, Approval | None]:
        """Refuse it for good, with a reason."""
        verdict, approval = await self.look(approval_id, team_id, user_id, channel_id, now)
        if verdict is not Verdict.DONE:
            return verdict, approval
        is_first = await self._store.deny(approval_id, user_id, reason, now)
        if is_first:
            log.info("approval.denied", approval=approval_id)
        return Verdict.DONE if is_first else Verdict.ENDED, await self._store.read(approval_id)

    async def _promise(self, approval_id: str, new: NewGeneration, now: datetime) -> bool:
        terms = self._gate.find_terms(await self._book.read(new.place.team_id), new)
        try:
            promised = await self._store.approve(approval_id, new, terms, now)
        except Transient:
            if not await self._is_given(approval_id, new):
                raise
            return True  # only the answer to the COMMIT was lost: the next sweep begins it
        if promised is not None:
            log.info("approval.given", approval=approval_id, generation=promised)
        if promised == new.id:  # else it was promised before
            self._queue.take_up(new)
        return promised is not None

    async def _is_given(self, approval_id: str, new: NewGeneration) -> bool:
        approval = await self._store.read(approval_id)
        return (
            approval is not None
            and approval.state is ApprovalState.APPROVED
            and approval.decided_by == new.approved_by
        )

    async def _find(self, approval_id: str, team_id: str) -> Approval | None:
        approval = await self._store.read(approval_id)
        if approval is not None and approval.new.place.team_id != team_id:
            log.warning("approval.foreign", approval=approval_id)
            return None
        return approval


class ApprovalSweep:
    """Ends what nobody decided, and has said what was not said yet. One for a working process."""

    def __init__(
        self,
        store: ApprovalStore,
        deliver: Callable[[], Awaitable[None]],
        read_policy: Callable[[str], Awaitable[Policy]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        observer: Observer | None = None,
    ) -> None:
        """`deliver` says what is due (bot/slack/approvals/notifier.py)."""
        self._store = store
        self._deliver = deliver
        self._read_policy = read_policy
        self._clock = clock
        self._task = PeriodicTask("approvals", SWEEP_SECONDS, self.sweep, observer)

    def open(self) -> None:
        """Begin to sweep."""
        self._task.start()

    async def close(self) -> None:
        """What is left is for the next process."""
        await self._task.stop()

    async def sweep(self) -> None:
        """One round. Raises Transient where the database does not answer."""
        now = self._clock()
        if await self._store.has_overdue(now):
            for approval_id in await self._store.expire(now):
                log.info("approval.expired", approval=approval_id)
        await self._follow_settings(now)
        await self._deliver()

    async def _follow_settings(self, now: datetime) -> None:
        """Who may decide may be others by now, or elsewhere: they have cards, too."""
        for approval, addresses in await self._store.list_asked():
            settings = (await self._read_policy(approval.new.place.team_id)).settings
            others = set(find_addresses(settings, approval.requester)) - addresses
            if others:
                log.info("approval.readdressed", approval=approval.id)
                await self._store.add_cards(approval.id, sorted(others), now)
