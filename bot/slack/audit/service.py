"""The audit, for an admin who asks for it in the Home tab. Everything happens after the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.auditor import Audited
from bot.errors import ImagineError
from bot.slack.audit import texts
from bot.slack.kit.admins import Admins
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import say_directly
from bot.slack.kit.ids import ViewId
from bot.slack.kit.message import Message, mrkdwn_context, mrkdwn_section
from bot.slack.kit.payloads import ViewAction
from bot.slack.kit.quotas import Quota

# A trigger is good for 3 seconds.
_ADMIN_SECONDS: Final = 2.0
_AUDIT_SECONDS: Final = 60.0

log = structlog.get_logger()


class Auditing(Protocol):
    """Who looks (bot/credits/auditor.py)."""

    async def run(self, since: datetime | None) -> Audited: ...


class AuditService:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        auditor: Auditing,
        admins: Admins,
        background: BackgroundTasks,
    ) -> None:
        self._client = client
        self._auditor = auditor
        self._admins = admins
        self._background = background
        self._quota = Quota(texts.AUDITS_MAX, per_seconds=texts.AUDITS_MINUTES * 60.0)

    def open(self, action: ViewAction) -> None:
        """The button: a modal that says that it is looked at, and then what was found."""
        self._background.run(self._open(action))

    async def _open(self, action: ViewAction) -> None:
        refusal = await self._find_refusal(action)
        if refusal is None and not self._quota.take(action.team_id, action.user.id):
            refusal = texts.TOO_MANY
        view_id = await self._show(action, refusal or texts.LOOKING)
        if refusal is None:
            await self._tell(action.user.id, view_id, await self._look())

    async def _find_refusal(self, action: ViewAction) -> str | None:
        try:
            async with asyncio.timeout(_ADMIN_SECONDS):
                may = await self._admins.is_admin(action.team_id, action.user.id)
        except (TimeoutError, ImagineError):
            return texts.ADMIN_UNKNOWN
        return None if may else texts.ADMINS_ONLY

    async def _look(self) -> list[str]:
        try:
            async with asyncio.timeout(_AUDIT_SECONDS):
                audited = await self._auditor.run(datetime.now(UTC) - texts.LOOK_BACK)
        except (TimeoutError, ImagineError) as error:
            log.warning("audit.failed", error=type(error).__name__)
            return [texts.UNREAD]
        log.info("audit.ended", adds_up=audited.adds_up)
        return [*texts.audit_mrkdwn(audited), texts.WHERE_MORE]

    async def _show(self, action: ViewAction, sentence: str) -> str | None:
        """The modal's id; None where it did not open."""
        view = show_audit([sentence]).to_dict()
        try:
            answer = await call_slack(
                self._client.views_open, trigger_id=action.trigger_id, view=view
            )
        except ImagineError as error:  # too late for it: the outcome comes all the same
            log.info("audit.not_opened", cause=error.cause, detail=error.detail)
            return None
        return str(answer["view"]["id"])

    async def _tell(self, user_id: str, view_id: str | None, said: Sequence[str]) -> None:
        """In the modal; in the direct message where that was closed."""
        if view_id is not None:
            view = show_audit(said).to_dict()
            try:
                await call_slack(self._client.views_update, view_id=view_id, view=view)
            except ImagineError as error:
                log.info("audit.view_gone", cause=error.cause, detail=error.detail)
            else:
                return
        blocks: list[Block] = [mrkdwn_section(each) for each in said]
        await say_directly(self._client, Message("\n\n".join(said), blocks), user_id)


def show_audit(said: Sequence[str]) -> View:
    """What was found, the last of several in small print. mrkdwn."""
    *sections, last = said
    blocks: list[Block] = [mrkdwn_section(each) for each in sections]
    blocks.append(mrkdwn_context(last) if sections else mrkdwn_section(last))
    return View(
        type="modal", callback_id=ViewId.NOTICE, title="Audit", close="Close", blocks=blocks
    )
