"""Who may set what a workspace has set: Slack's admins and owners, and those who are named."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.policy.book import PolicyBook
from bot.slack.calling import call_slack

# An admin who was unmade stays one for so long; a listener that checks must not wait each time.
_KEPT_SECONDS: Final = 60.0
_KEPT: Final = 5000
# users.list: "tier 2", some 20 calls a minute; Slack recommends pages of at most 200.
_LIST_KEPT_SECONDS: Final = 3600.0
_PAGE: Final = 200
_PAGES_MAX: Final = 100

log = structlog.get_logger()


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
        self._listed: tuple[frozenset[str], float] = (frozenset(), float("-inf"))

    async def is_admin(self, team_id: str, user_id: str) -> bool:
        """Whether `user_id` may. Raises Transient, Rejected or Misconfigured where Slack or the
        database cannot be asked: then nobody may."""
        if user_id in self._named:
            return True
        policy = await self._book.read(team_id, afresh=True)
        return user_id in policy.settings.admins or await self._is_slack_admin(team_id, user_id)

    async def list_all(self, team_id: str) -> list[str]:
        """Everybody who may, as far as can be told: those who are named where Slack does not say
        who its admins are. Raises Transient where the database does not answer."""
        policy = await self._book.read(team_id, afresh=True)
        try:
            of_slack = await self._list_slack_admins()
        except ImagineError as error:
            log.warning("admins_unknown", cause=error.cause, detail=error.detail)
            of_slack = frozenset()
        return sorted({*self._named, *policy.settings.admins, *of_slack})

    async def _list_slack_admins(self) -> frozenset[str]:
        """Asked page by page, an hour at most after the last time."""
        admins, until = self._listed
        if self._clock() < until:
            return admins
        found: set[str] = set()
        cursor = ""
        for _ in range(_PAGES_MAX):
            answer = await call_slack(self._client.users_list, limit=_PAGE, cursor=cursor)
            found |= {user["id"] for user in answer.get("members") or [] if _is_admin(user)}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        self._listed = (frozenset(found), self._clock() + _LIST_KEPT_SECONDS)
        return self._listed[0]

    async def _is_slack_admin(self, team_id: str, user_id: str) -> bool:
        is_admin, until = self._kept.get((team_id, user_id), (False, 0.0))
        if self._clock() < until:
            return is_admin
        answer = await call_slack(self._client.users_info, user=user_id)
        user = answer.get("user") or {}
        is_admin = _is_admin(user)
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[team_id, user_id] = (is_admin, self._clock() + _KEPT_SECONDS)
        return is_admin


def _is_admin(user: dict[str, Any]) -> bool:
    is_there = not user.get("deleted") and not user.get("is_bot")
    return is_there and bool(user.get("is_admin") or user.get("is_owner"))
