"""Asking for approval, and deciding: what a click comes to is on disk before Slack is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.generations.approval import Approval, Verdict
from bot.policy.policy import Policy
from bot.policy.terms import NotAllowed
from bot.requests.approvals import ApprovalService
from bot.slack.approvals import texts
from bot.slack.approvals.notifier import ApprovalNotifier
from bot.slack.approvals.views import show_answer, show_answer_modal, show_denial
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.budget_views import ApprovalContext
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import ApprovalField
from bot.slack.kit.message import Message, mrkdwn_section
from bot.slack.kit.modals import ViewState, open_view
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.text import escape

log = structlog.get_logger()


class ApprovalActions:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        approvals: ApprovalService,
        notifier: ApprovalNotifier,
        background: BackgroundTasks,
        read_policy: Callable[[str], Awaitable[Policy]],
    ) -> None:
        self._client = client
        self._approvals = approvals
        self._notifier = notifier
        self._background = background
        self._read_policy = read_policy

    # The one who wants it --------------------------------------------------------------------

    async def ask(self, action: MessageAction) -> None:
        """The button in a private answer: once it was asked, the answer says so in its place. Else
        it stays, with its buttons, as a message does that all see, and who has pressed it is
        answered."""
        approval_id = action.actions[0].value or ""
        verdict, sentence, approval = await self._ask(approval_id, action.team_id, action.user.id)
        answer = show_answer(sentence, approval)
        is_asked = verdict in (Verdict.DONE, Verdict.ENDED) and approval is not None
        replaces = is_asked and action.message is None
        self._background.run(self._show(action, answer, replaces=replaces))

    async def ask_from_form(self, sent: ViewSent) -> View:
        """The same, in the view that lies upon the form."""
        context = ApprovalContext.read(sent.view.private_metadata)
        _, sentence, _ = await self._ask(context.approval_id, sent.team_id, sent.user.id)
        return show_answer_modal(sentence)

    async def _ask(
        self, approval_id: str, team_id: str, user_id: str
    ) -> tuple[Verdict, str, Approval | None]:
        verdict, approval = await self._approvals.ask(
            approval_id, team_id, user_id, datetime.now(UTC)
        )
        if verdict is Verdict.DONE:
            self._background.run(self._notifier.deliver())
        if verdict is Verdict.NOT_REQUESTER:
            return verdict, texts.NOT_REQUESTER, None
        sentence = texts.OFFER_GONE if approval is None else texts.asked(approval, verdict)
        return verdict, sentence, approval

    # The one who decides ---------------------------------------------------------------------

    async def approve(self, action: MessageAction) -> None:
        """Approve, on a card: the pictures are promised when this returns."""
        try:
            verdict, approval = await self._approvals.approve(
                action.actions[0].value or "",
                action.team_id,
                action.user.id,
                action.channel.id,
                datetime.now(UTC),
            )
        except NotAllowed as error:
            why = escape(refusals.refused(error))
            self._background.run(self._answer_privately(action, texts.not_approved(why)))
            return
        if verdict is Verdict.DONE:
            self._background.run(self._notifier.deliver())
        else:
            self._background.run(self._explain(action, verdict, approval))

    async def open_denial(self, action: MessageAction) -> None:
        """Deny, on a card: first the reason."""
        channel_id = action.channel.id
        verdict, approval = await self._approvals.look(
            action.actions[0].value or "",
            action.team_id,
            action.user.id,
            channel_id,
            datetime.now(UTC),
        )
        if verdict is Verdict.DONE and approval is not None:
            view = show_denial(approval, channel_id)
            self._background.run(open_view(self._client, action, view))
        else:
            self._background.run(self._explain(action, verdict, approval))

    async def deny(self, sent: ViewSent) -> View | None:
        """The reason was given. None where it is denied; else a view that says why it is not."""
        context = ApprovalContext.read(sent.view.private_metadata)
        verdict, approval = await self._approvals.deny(
            context.approval_id,
            sent.team_id,
            sent.user.id,
            context.channel_id,
            read_reason(sent),
            datetime.now(UTC),
        )
        if verdict is Verdict.DONE:
            self._background.run(self._notifier.deliver())
            return None
        approvers = await self._approvers(sent.team_id)
        return show_answer_modal(texts.not_decided(verdict, approval, approvers))

    async def _explain(
        self, action: MessageAction, verdict: Verdict, approval: Approval | None
    ) -> None:
        approvers = await self._approvers(action.team_id)
        await self._answer_privately(action, texts.not_decided(verdict, approval, approvers))

    async def _approvers(self, team_id: str) -> tuple[str, ...]:
        return (await self._read_policy(team_id)).settings.approvers

    async def _answer_privately(self, action: MessageAction, sentence: str) -> None:
        await self._show(action, Message(sentence, [mrkdwn_section(sentence)]))

    async def _show(
        self, action: MessageAction, message: Message, *, replaces: bool = False
    ) -> None:
        """`replaces`: over the private answer in which the button was."""
        await send_ephemeral(
            self._client,
            message,
            channel_id=action.channel.id,
            user_id=action.user.id,
            thread_ts=action.message.thread_ts if action.message else None,
            response_url=action.response_url if replaces else None,
            replaces=replaces,
        )


def read_reason(sent: ViewSent) -> str:
    """What was typed into the modal that denies."""
    return ViewState.of(sent.view.state).typed(ApprovalField.REASON).strip()
