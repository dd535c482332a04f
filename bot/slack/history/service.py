"""`/imagine history`: a person's last generations, privately, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Transient
from bot.slack.kit import history_texts as texts
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.history_views import HISTORY_PAGE, show_history
from bot.slack.kit.message import Message
from bot.slack.kit.payloads import MessageAction, SlashCommand
from bot.slack.kit.ports import History

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who wants to see something that is theirs alone, and where."""

    team_id: str
    channel_id: str
    user_id: str
    response_url: str | None


class HistoryService:
    """One for the process. Everything happens after the answer."""

    def __init__(
        self,
        client: AsyncWebClient,
        rows: History,
        background: BackgroundTasks,
        workspace_url: Callable[[], str | None],
    ) -> None:
        self._client = client
        self._rows = rows
        self._background = background
        self._workspace_url = workspace_url

    def show(self, command: SlashCommand) -> None:
        """The newest page."""
        asker = _Asker(command.team_id, command.channel_id, command.user_id, command.response_url)
        self._background.run(self._show(asker, None))

    def show_older(self, action: MessageAction) -> None:
        """The page before, in the same private message."""
        before = _read_moment(action.actions[0].value or "")
        if before is not None:
            asker = _Asker(action.team_id, action.channel.id, action.user.id, action.response_url)
            self._background.run(self._show(asker, before))

    async def _show(self, asker: _Asker, before: datetime | None) -> None:
        try:
            found, bills, versions = await self._rows.history(
                asker.team_id, asker.user_id, before, HISTORY_PAGE + 1
            )
        except Transient as error:
            log.error("history.read_failed", cause=error.cause)
            await self._answer(asker, show_sentence(texts.HISTORY_UNAVAILABLE))
            return
        page, workspace_url = found[:HISTORY_PAGE], self._workspace_url()
        has_more = len(found) > len(page)
        forms = [
            show_history(
                page,
                workspace_url,
                bills,
                versions,
                has_more=has_more,
                has_thumbnails=has_thumbnails,
            )
            # One picture that is not in Slack any more, and Slack refuses all of it.
            for has_thumbnails in (True, False)
        ]
        await self._answer(asker, *forms, replaces=before is not None)

    async def _answer(self, asker: _Asker, *forms: Message, replaces: bool = False) -> None:
        await send_ephemeral(
            self._client,
            *forms,
            channel_id=asker.channel_id,
            user_id=asker.user_id,
            response_url=asker.response_url,
            replaces=replaces,
        )


def _read_moment(text: str) -> datetime | None:
    """The value of the Older button."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
