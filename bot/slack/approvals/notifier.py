"""Says what is due about approvals: cards posted and brought up to date, outcomes told.

What is due is in rows, and taken by one process at a time: a card is not posted twice, and what
fails is tried again. See bot/store/approvals.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected, Transient
from bot.generations.approval import (
    APPROVAL_LIFETIME,
    REQUESTER,
    Approval,
    ApprovalMessage,
    ApprovalState,
    find_addresses,
)
from bot.generations.record import NewGeneration
from bot.policy.policy import Policy
from bot.slack.approvals.views import show_card, show_outcome
from bot.slack.kit.answer_views import with_edit
from bot.slack.kit.calls import call_slack
from bot.slack.kit.message import EDIT_TEXT_MAX, cut_text

# Nothing is due for longer than it takes to say this many times as much as there is.
_ROUNDS: Final = 50
# What a mistake of ours keeps from being said is tried after this, then after twice as long.
_AGAIN_AFTER: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Outbox(Protocol):
    """The rows (bot/store/approvals.py)."""

    async def claim_messages(self, now: datetime) -> list[ApprovalMessage]: ...
    async def note_shown(
        self, message: ApprovalMessage, *, channel_id: str | None, ts: str | None
    ) -> None: ...
    async def postpone(self, message: ApprovalMessage, until: datetime) -> None: ...
    async def add_cards(
        self, approval_id: str, addresses: Sequence[str], now: datetime
    ) -> None: ...
    async def give_up(self, approval_id: str, now: datetime) -> bool: ...


class ApprovalNotifier:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        letters: Outbox,
        read_policy: Callable[[str], Awaitable[Policy]],
        keep: Callable[[NewGeneration], Awaitable[None]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`keep` keeps what was not approved, for its Edit (bot/store/questions.py)."""
        self._keep = keep
        self._client = client
        self._letters = letters
        self._read_policy = read_policy
        self._clock = clock

    async def deliver(self) -> None:
        """Say everything that is due. Raises Transient where the database does not answer."""
        for _ in range(_ROUNDS):
            messages = await self._letters.claim_messages(self._clock())
            if not messages:
                return
            for message in messages:
                await self._deliver_one(message)

    async def _deliver_one(self, message: ApprovalMessage) -> None:
        """What fails for now is due again later: when Slack says, or, where it may have been done
        though no answer came, when the claim ends."""
        approval = message.approval
        try:
            if message.address == REQUESTER:
                await self._tell(message)
            elif message.ts is not None:
                await self._edit_card(message)
            elif approval.state is ApprovalState.ASKED:
                await self._post_card(message)
            else:  # it was over before this card was posted
                await self._letters.note_shown(message, channel_id=None, ts=None)
        except ImagineError as error:
            log.warning("approval.notice_failed", cause=error.cause, detail=error.detail)
            await self._put_off(message, error)
        except Exception:
            # A mistake of ours: seldomer and seldomer, and not for ever. Others are not kept up.
            log.exception("approval.notice_failed", approval=approval.id)
            await self._put_off(message)

    async def _put_off(self, message: ApprovalMessage, error: ImagineError | None = None) -> None:
        now = self._clock()
        since = message.approval.decided_at or message.approval.asked_at or now
        if now - since > 2 * APPROVAL_LIFETIME:
            log.error("approval.notice_given_up", approval=message.approval.id)
            await self._settle(message)  # nobody waits for it any more
        elif error is None:
            await self._letters.postpone(message, now + max(now - since, _AGAIN_AFTER))
        elif isinstance(error, Transient) and error.retry_after_seconds is not None:
            until = now + timedelta(seconds=error.retry_after_seconds)
            await self._letters.postpone(message, until)

    async def _post_card(self, message: ApprovalMessage) -> None:
        try:
            answer = await self._post(message.address, show_card(message.approval).to_dict())
        except Rejected as error:
            log.warning("card.refused", cause=error.cause, detail=error.detail)
            await self._go_elsewhere(message)
            return
        channel_id = str(answer.get("channel") or message.address)
        await self._letters.note_shown(message, channel_id=channel_id, ts=str(answer["ts"]))

    async def _go_elsewhere(self, message: ApprovalMessage) -> None:
        """The channel does not have us: to each approver, then. Where nobody is left, it ends."""
        approval, now = message.approval, self._clock()
        settings = (await self._read_policy(approval.new.place.team_id)).settings
        others = find_addresses(settings, approval.requester)
        if message.address == settings.approval_channel:
            others = tuple(who for who in settings.approvers if who != approval.requester)
        if others:  # without those that have one
            await self._letters.add_cards(approval.id, others, now)
        await self._settle(message)
        await self._letters.give_up(approval.id, now)

    async def _edit_card(self, message: ApprovalMessage) -> None:
        card = show_card(message.approval)
        content = replace(card, text=cut_text(card.text, EDIT_TEXT_MAX)).to_dict()
        channel_id = message.channel_id or message.address
        try:
            await call_slack(self._client.chat_update, channel=channel_id, ts=message.ts, **content)
        except Rejected as error:  # it was deleted
            log.info("card.gone", cause=error.cause, detail=error.detail)
        await self._settle(message)

    async def _tell(self, message: ApprovalMessage) -> None:
        """In the thread where it was asked for, or in a direct message. Approved in a thread: the
        pictures' own message comes there, and says who approved them."""
        approval = message.approval
        place = approval.new.place
        if place.thread_ts is not None and approval.state is ApprovalState.APPROVED:
            await self._settle(message)
            return
        try:
            answer = await self._tell_at_home(approval)
        except Rejected as error:
            log.warning("outcome.refused", cause=error.cause, detail=error.detail)
            await self._settle(message)
            return
        await self._letters.note_shown(
            message, channel_id=str(answer.get("channel") or ""), ts=str(answer["ts"])
        )

    async def _tell_at_home(self, approval: Approval) -> Any:
        place, message = approval.new.place, show_outcome(approval)
        if approval.state is not ApprovalState.APPROVED:
            await self._keep(approval.new)
            message = with_edit(message, approval.new)
        content = message.to_dict()
        if place.thread_ts is not None:
            try:
                return await self._post(place.channel_id, content, place.thread_ts)
            except Rejected as error:
                log.info("thread.lost", cause=error.cause, detail=error.detail)
        return await self._post(place.user_id, content)

    async def _settle(self, message: ApprovalMessage) -> None:
        await self._letters.note_shown(message, channel_id=message.channel_id, ts=message.ts)

    async def _post(
        self, channel_id: str, content: dict[str, Any], thread_ts: str | None = None
    ) -> Any:
        return await call_slack(
            self._client.chat_postMessage,
            channel=channel_id,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            **content,
        )
