"""Publishing Home tabs: of two that are under way for one person, the one asked for last stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from cachetools import LRUCache
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Rejected, Transient
from bot.generations.retry import retry_until
from bot.slack.home.facts import HomeFactFinder
from bot.slack.home.screens import HomePage
from bot.slack.home.views import show_home, show_members_only, show_unavailable
from bot.slack.kit.calls import call_slack
from bot.slack.kit.library_views import ShowRow

_KEPT: Final = 5000
# Without it the tab stays blank, or as it was.
PUBLISH_PATIENCE_SECONDS: Final = 120.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a person wants to see, in the order in which they wanted it."""

    team_id: str
    user_id: str
    number: int
    hash: str | None


class HomePublisher:
    """One for the process."""

    def __init__(self, client: AsyncWebClient, facts: HomeFactFinder, show_row: ShowRow) -> None:
        """`show_row` draws what can be done with a picture of the library."""
        self._show_row = show_row
        self._client = client
        self._facts = facts
        self._asked: LRUCache[tuple[str, str], int] = LRUCache(_KEPT)
        self._count = 0

    async def publish(
        self, team_id: str, user_id: str, place: HomePage, hash_: str | None = None
    ) -> None:
        """Show `place` to a person. With the `hash` of what they saw, nothing is put over what
        was published since, unless they asked for this later.

        https://docs.slack.dev/reference/methods/views.publish
        """
        wish = self._note_wish(team_id, user_id, hash_)
        if await self._facts.is_outsider(team_id, user_id):
            await self._send(wish, show_members_only())
            return
        try:
            facts = await self._facts.find(team_id, user_id, place)
        except Transient as error:
            log.warning("home.read_failed", cause=error.cause)
            await self._send(wish, show_unavailable())
            return
        try:
            await self._send(wish, show_home(facts, place, self._show_row))
        except Rejected as error:
            # One picture that is not in Slack any more, and Slack refuses all of it.
            log.info("thumbnails.refused", detail=error.detail)
            await self._send(wish, show_home(facts, place, self._show_row, has_thumbnails=False))

    def _note_wish(self, team_id: str, user_id: str, hash_: str | None) -> _Wish:
        self._count += 1
        wish = _Wish(team_id, user_id, self._count, hash_)
        self._asked[team_id, user_id] = wish.number
        return wish

    async def _send(self, wish: _Wish, view: View) -> None:
        """Unless something else was asked for meanwhile."""
        shown = view.to_dict()
        for hash_ in (wish.hash, None):
            try:
                await retry_until(
                    partial(self._send_once, wish, shown, hash_), PUBLISH_PATIENCE_SECONDS
                )
            except Rejected as error:
                if error.detail != "hash_conflict":
                    raise
                # Something older came in between: this was asked for after what the person saw.
            else:
                return

    async def _send_once(self, wish: _Wish, view: dict[str, Any], hash_: str | None) -> None:
        if self._asked.get((wish.team_id, wish.user_id)) == wish.number:
            await call_slack(
                self._client.views_publish, user_id=wish.user_id, view=view, hash=hash_
            )
