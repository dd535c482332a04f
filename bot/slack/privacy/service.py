"""What becomes of "Delete my data"."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import say_directly
from bot.slack.kit.modals import show_notice
from bot.slack.kit.payloads import ViewAction, ViewSent
from bot.slack.privacy import texts
from bot.slack.privacy.views import show_forgetting

# The modal has to be answered within 3 seconds.
_ANSWER_SECONDS: Final = 2.0

log = structlog.get_logger()

# (person, now, workspace) -> how many of theirs are under way: then nothing was deleted.
Forget = Callable[[str, datetime, str], Awaitable[int]]


class PrivacyService:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        forget: Forget,
        forget_policy: Callable[[str], None],
        refresh_home: Callable[[str, str], None],
        background: BackgroundTasks,
    ) -> None:
        """`forget_policy`: what is remembered of a workspace's policy is not true any more."""
        self._client = client
        self._forget = forget
        self._forget_policy = forget_policy
        self._refresh_home = refresh_home
        self._background = background

    def open(self, action: ViewAction) -> None:
        """The button in the Home tab: nothing is done yet."""
        view = show_forgetting().to_dict()
        self._background.run(
            call_slack(self._client.views_open, trigger_id=action.trigger_id, view=view)
        )

    async def forget(self, sent: ViewSent) -> View:
        """Delete it; the notice that takes the modal's place says what has become of it."""
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._background.run(self._forget_and_say(sent, done))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return show_notice(await asyncio.shield(done))
        except TimeoutError:
            done.cancel()
            return show_notice(texts.GOES_ON)

    async def _forget_and_say(self, sent: ViewSent, done: asyncio.Future[str]) -> None:
        try:
            count = await self._forget(sent.user.id, datetime.now(UTC), sent.team_id)
            self._forget_policy(sent.team_id)
            self._refresh_home(sent.team_id, sent.user.id)
            said = texts.under_way(count) if count else texts.DONE
            log.info("person.forgotten", under_way=count)
        except ImagineError as error:
            log.warning("person.forget_failed", cause=error.cause, detail=error.detail)
            said = texts.FAILED
        if done.done():
            await say_directly(self._client, show_sentence(said), sent.user.id)
        else:
            done.set_result(said)
