"""Who may set what a workspace has set: Slack's admins and owners, and those who are named; and
whose person somebody is, where only Slack can tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import structlog
from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.policy.book import PolicyBook
from bot.slack.kit.calls import call_slack
from bot.slack.kit.standing import Home

# An admin who was unmade stays one for so long; a listener that checks must not wait each time.
_KEPT_SECONDS: Final = 60.0
_KEPT: Final = 5000
# users.list: "tier 2", some 20 calls a minute; Slack recommends pages of at most 200.
_LIST_KEPT_SECONDS: Final = 3600.0
_PAGE: Final = 200
_PAGES_MAX: Final = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Person:
    """What `users.info` says of somebody."""

    is_member: bool
    is_admin: bool


class Admins:
    """Asked at every click, also in old messages. One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        book: PolicyBook,
        named: Collection[str],
        clock: Callable[[], float] = time.monotonic,
        home: Callable[[], Home | None] = lambda: None,
    ) -> None:
        """`named` are the people of the setting IMAGINE_ADMINS; `home` says of which organisation
        the workspace is."""
        self._home = home
        self._client = client
        self._book = book
        self._named = frozenset(named)
        self._clock = clock
        self._kept: TTLCache[tuple[str, str], _Person] = TTLCache(_KEPT, _KEPT_SECONDS, clock)
        self._listed: tuple[frozenset[str], float] = (frozenset(), float("-inf"))

    async def is_admin(self, team_id: str, user_id: str) -> bool:
        """Whether `user_id` may. Raises Transient, Rejected or Misconfigured where Slack or the
        database cannot be asked: then nobody may."""
        if user_id in self._named:
            return True
        policy = await self._book.read(team_id, fresh=True)
        if user_id in policy.settings.admins:
            return True
        return (await self._look(team_id, user_id)).is_admin

    async def is_member(self, team_id: str, user_id: str) -> bool | None:
        """Whether `user_id` is of the workspace, guests included, or of another of its
        organisation; None where Slack does not say. Whom somebody has named as an admin is."""
        try:
            settings = (await self._book.read(team_id)).settings
            if user_id in self._named or user_id in settings.admins:
                return True
            return (await self._look(team_id, user_id)).is_member
        except ImagineError as error:
            log.warning("member.unknown", cause=error.cause, detail=error.detail)
            return None

    async def list_all(self, team_id: str) -> list[str]:
        """Everybody who may, as far as can be told: those who are named where Slack does not say
        who its admins are. Raises Transient where the database does not answer."""
        policy = await self._book.read(team_id, fresh=True)
        try:
            of_slack = await self._list_slack_admins(team_id)
        except ImagineError as error:
            log.warning("admins.unknown", cause=error.cause, detail=error.detail)
            of_slack = frozenset()
        return sorted({*self._named, *policy.settings.admins, *of_slack})

    async def _list_slack_admins(self, team_id: str) -> frozenset[str]:
        """Asked page by page, an hour at most after the last time."""
        admins, until = self._listed
        if self._clock() < until:
            return admins
        found: set[str] = set()
        cursor = ""
        for _ in range(_PAGES_MAX):
            answer = await call_slack(self._client.users_list, limit=_PAGE, cursor=cursor)
            users = answer.get("members") or []
            found |= {user["id"] for user in users if is_admin_of(team_id, user)}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        self._listed = (frozenset(found), self._clock() + _LIST_KEPT_SECONDS)
        return self._listed[0]

    async def _look(self, team_id: str, user_id: str) -> _Person:
        if (known := self._kept.get((team_id, user_id))) is not None:
            return known
        try:
            answer = await call_slack(self._client.users_info, user=user_id)
        except Rejected as error:
            if error.detail not in ("user_not_found", "user_not_visible"):
                raise
            answer = {"user": {"team_id": "", "id": user_id}}  # nobody of ours
        user = answer.get("user") or {}
        home = self._home()
        is_ours = is_member_of(team_id, user, home.enterprise_id if home else None)
        person = _Person(is_ours, is_admin_of(team_id, user))
        self._kept[team_id, user_id] = person
        return person


def is_member_of(team_id: str, user: dict[str, Any], enterprise_id: str | None = None) -> bool:
    """Whether `user`, as Slack describes them, is of the workspace, or of another one of the
    organisation `enterprise_id`. Pure.

    https://docs.slack.dev/reference/objects/user-object
    """
    if user.get("is_stranger"):
        return False
    own, organisation = user.get("team_id"), user.get("enterprise_user")
    if not isinstance(organisation, dict):
        return own in (None, team_id)
    if enterprise_id is not None and organisation.get("enterprise_id") == enterprise_id:
        return True
    teams = organisation.get("teams")
    return own in (None, team_id) or (isinstance(teams, list) and team_id in teams)


def is_admin_of(team_id: str, user: dict[str, Any]) -> bool:
    """Whether `user` is one of the workspace's admins or owners: what they are in a workspace of
    their own says nothing here. Pure."""
    is_there = not user.get("deleted") and not user.get("is_bot") and is_member_of(team_id, user)
    return is_there and bool(user.get("is_admin") or user.get("is_owner"))
