"""Who may set what a workspace has set: Slack's admins and owners, and those who are named."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.policy.book import PolicyBook
from bot.slack.calling import call_slack

# An admin who was unmade stays one for so long; a listener that checks must not wait each time.
_KEPT_SECONDS: Final = 60.0
_KEPT: Final = 5000


class Admins:
    """Asked at every click, also in old messages. One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        book: PolicyBook,
        named: Collection[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`named` are the people of the setting IMAGINE_ADMINS."""
        self._client = client
        self._book = book
        self._named = frozenset(named)
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[bool, float]] = {}

    async def is_admin(self, team_id: str, user_id: str) -> bool:
        """Whether `user_id` may. Raises Transient, Rejected or Misconfigured where Slack or the
        database cannot be asked: then nobody may."""
        if user_id in self._named:
            return True
        policy = await self._book.read(team_id, afresh=True)
        return user_id in policy.settings.admins or await self._is_slack_admin(team_id, user_id)

    async def _is_slack_admin(self, team_id: str, user_id: str) -> bool:
        is_admin, until = self._kept.get((team_id, user_id), (False, 0.0))
        if self._clock() < until:
            return is_admin
        answer = await call_slack(self._client.users_info, user=user_id)
        user = answer.get("user") or {}
        is_admin = bool(user.get("is_admin") or user.get("is_owner"))
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[team_id, user_id] = (is_admin, self._clock() + _KEPT_SECONDS)
        return is_admin
