"""Who is in which of Slack's user groups, as far as it was asked for lately."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import structlog
from cachetools import LRUCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Rejected
from bot.slack.kit.calls import call_slack

# Before a payment; a burst of requests asks once.
_FRESH_SECONDS: Final = 20.0
# At the door, where nobody waits: who joined a group a moment ago is refused for so long at most.
_KEPT_SECONDS: Final = 120.0
_KEPT: Final = 500  # groups

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Group:
    people: frozenset[str]
    asked_at: float  # by the clock


class GroupMembership:
    """What the gate asks about groups. One for the process.

    Source: https://docs.slack.dev/reference/methods/usergroups.users.list (20 a minute).
    """

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: LRUCache[tuple[str, str], _Group] = LRUCache(_KEPT)
        self._asking: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def known_groups(
        self, team_id: str, user_id: str, groups: Collection[str]
    ) -> frozenset[str] | None:
        """See the protocol."""
        kept = {group: self._find_kept(team_id, group, _KEPT_SECONDS) for group in groups}
        within = frozenset(g for g, people in kept.items() if people and user_id in people)
        is_known = bool(within) or None not in kept.values()
        return within if is_known else None

    async def find_groups(
        self, team_id: str, user_id: str, groups: Collection[str]
    ) -> frozenset[str]:
        """See the protocol. One group that the person is in is enough."""
        for group in groups:
            if user_id in await self._ask_once(team_id, group):
                return frozenset({group})
        return frozenset()

    def _find_kept(self, team_id: str, group: str, seconds: float) -> frozenset[str] | None:
        kept = self._kept.get((team_id, group))
        if kept is None or self._clock() - kept.asked_at > seconds:
            return None
        return kept.people

    async def _ask_once(self, team_id: str, group: str) -> frozenset[str]:
        key = (team_id, group)
        turn = self._asking.setdefault(key, asyncio.Lock())
        async with turn:  # who comes second finds what the first one was told
            people = self._find_kept(team_id, group, _FRESH_SECONDS)
            if people is None:
                people = await self._ask(group)
                self._kept[key] = _Group(people, self._clock())
            return people

    async def _ask(self, group: str) -> frozenset[str]:
        try:
            answer = await call_slack(self._client.usergroups_users_list, usergroup=group)
        except Rejected as error:
            if error.detail not in ("no_such_subteam", "subteam_not_found"):
                raise
            log.warning("group.gone", group=group)
            return frozenset()  # it was taken away: nobody is in it
        return frozenset(str(person) for person in answer.get("users") or ())
