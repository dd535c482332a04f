"""What people and channels are called, as far as Slack tells: for charts and files, where no
mention works. What is not known stays an id."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import structlog
from cachetools import LRUCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.slack.kit.calls import call_slack

_KEPT_SECONDS: Final = 3600.0
_KEPT: Final = 10_000
# users.info and conversations.info: "tier 4" and "tier 3", some 100 and 50 a minute.
_LOOKUPS_MAX: Final = 100
_AT_ONCE: Final = 4
# In a command Slack calls every private channel and conversation this.
_NO_NAMES: Final = frozenset({"privategroup", "directmessage", "mpdm"})

log = structlog.get_logger()


class Names:
    """One for the process."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: LRUCache[str, tuple[str, float]] = LRUCache(_KEPT)

    def note_channel(self, channel_id: str, name: str) -> None:
        """Slack named a channel by the way: to ask needs a scope that the bot may not have."""
        if name and name not in _NO_NAMES and not name.startswith("mpdm-"):
            self._keep(channel_id, f"#{name}")

    async def find(self, ids: Iterable[str]) -> dict[str, str]:
        """The names of people and channels, by id. Never raises for Slack's sake."""
        wanted = list(dict.fromkeys(ids))
        unknown = [each for each in wanted if each not in self._kept or self._is_old(each)]
        people = [each for each in unknown if each[0] in "UW"]
        channels = [each for each in unknown if each[0] in "CG"]
        await asyncio.gather(
            self._ask_all(people[:_LOOKUPS_MAX], self._ask_person),
            self._ask_all(channels[:_LOOKUPS_MAX], self._ask_channel),
        )
        known = {each: self._kept[each][0] for each in wanted if each in self._kept}
        direct = {each: "direct message" for each in wanted if each.startswith("D")}
        return direct | known

    async def _ask_all(self, ids: list[str], ask: Callable[[str], Awaitable[str]]) -> None:
        """Ask for each. One that Slack does not know is passed over; any other failure (no scope,
        too many calls) would be every one's."""
        waiting = iter(ids)

        async def work() -> None:
            for each in waiting:
                try:
                    self._keep(each, await ask(each))
                except Rejected:
                    continue

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(ids))):
                    group.create_task(work())
        except* ImagineError as errors:
            first = errors.exceptions[0]
            log.info("names.unknown", error=str(getattr(first, "cause", "")))

    async def _ask_person(self, user_id: str) -> str:
        user = (await call_slack(self._client.users_info, user=user_id)).get("user") or {}
        profile: dict[str, Any] = user.get("profile") or {}
        return str(user.get("real_name") or profile.get("real_name") or user.get("name") or user_id)

    async def _ask_channel(self, channel_id: str) -> str:
        answer = await call_slack(self._client.conversations_info, channel=channel_id)
        name = (answer.get("channel") or {}).get("name")
        return f"#{name}" if name else channel_id

    def _is_old(self, id_: str) -> bool:
        return self._clock() > self._kept[id_][1]

    def _keep(self, id_: str, name: str) -> None:
        self._kept[id_] = (name, self._clock() + _KEPT_SECONDS)
