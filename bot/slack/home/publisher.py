"""Publishing Home tabs: of two that are under way for one person, the one asked for last stays."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import structlog
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Rejected, Transient
from bot.slack.calling import CONTENT_REFUSED, call_slack
from bot.slack.home.facts import HomeFactFinder
from bot.slack.home.places import HomePlace
from bot.slack.home.tab import show_home, show_unavailable

_KEPT: Final = 5000

log = structlog.get_logger()


class HomePublisher:
    """One for the process."""

    def __init__(self, client: AsyncWebClient, facts: HomeFactFinder) -> None:
        self._client = client
        self._facts = facts
        self._asked: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._count = 0

    async def publish(
        self, team_id: str, user_id: str, place: HomePlace, hash_: str | None = None
    ) -> None:
        """Show `place` to a person. With the `hash` of what they saw, nothing is put over what
        was published since, unless they asked for this later.

        https://docs.slack.dev/reference/methods/views.publish
        """
        number = self._note_wish(team_id, user_id)
        try:
            facts = await self._facts.find(team_id, user_id, place)
        except Transient as error:
            log.warning("home_unread", cause=error.cause)
            await self._send(user_id, show_unavailable(), hash_)
            return
        if self._asked.get((team_id, user_id)) != number:
            return
        try:
            await self._send(user_id, show_home(facts, place), hash_)
        except Rejected as error:
            if error.detail not in CONTENT_REFUSED:
                raise
            # One picture that is not in Slack any more, and Slack refuses all of it.
            log.info("thumbnails_refused", detail=error.detail)
            await self._send(user_id, show_home(facts, place, has_thumbnails=False), hash_)

    def _note_wish(self, team_id: str, user_id: str) -> int:
        self._count += 1
        self._asked[team_id, user_id] = self._count
        self._asked.move_to_end((team_id, user_id))
        if len(self._asked) > _KEPT:
            self._asked.popitem(last=False)
        return self._count

    async def _send(self, user_id: str, view: View, hash_: str | None) -> None:
        shown = view.to_dict()
        try:
            await call_slack(self._client.views_publish, user_id=user_id, view=shown, hash=hash_)
        except Rejected as error:
            if error.detail != "hash_conflict":
                raise
            # Something else came in between; this was asked for after what the person saw.
            await call_slack(self._client.views_publish, user_id=user_id, view=shown)
