"""Who is meant by a name that was typed: Slack leaves `@ann` in a command as it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from cachetools import TTLCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.images.typed import fold
from bot.slack.kit.calls import call_slack

# users.list: "tier 2", some 20 calls a minute; Slack recommends pages of at most 200.
_KEPT_SECONDS: Final = 600.0
_PAGE: Final = 200
_PAGES_MAX: Final = 15


class People:
    """The names of a workspace's people. One for the process."""

    def __init__(self, client: AsyncWebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._kept: TTLCache[str, Mapping[str, str]] = TTLCache(4, _KEPT_SECONDS, clock)

    async def find(self, team_id: str, typed: str) -> tuple[str | None, str | None]:
        """The id of who is called that, or else a name that is nearly that. Raises what Slack's
        refusal is."""
        names = await self._list(team_id)
        wanted = fold(typed.removeprefix("@"))
        if (found := names.get(wanted)) is not None:
            return found, None
        near = get_close_matches(wanted, list(names), n=1, cutoff=0.6)
        return None, near[0] if near else None

    async def _list(self, team_id: str) -> Mapping[str, str]:
        """What people are called, folded -> their ids. Asked page by page."""
        if (known := self._kept.get(team_id)) is not None:
            return known
        names: dict[str, str] = {}
        cursor = ""
        for _ in range(_PAGES_MAX):
            answer = await call_slack(self._client.users_list, limit=_PAGE, cursor=cursor)
            for user in answer.get("members") or ():
                for name in _names_of(user):
                    names.setdefault(name, str(user["id"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        self._kept[team_id] = names
        return names


def _names_of(user: dict[str, Any]) -> list[str]:
    profile: dict[str, Any] = user.get("profile") or {}
    said = (profile.get("display_name"), user.get("name"), user.get("real_name"))
    return [fold(str(each)) for each in (*said, profile.get("real_name")) if each]
