"""Searches in selects: what one person may have looked up, and how a refusal is said in a list.

Slack asks at each letter that is typed, and every search goes through all that there is.
https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.blocks import Option

from bot.slack.kit.payloads import Suggestion
from bot.slack.kit.quotas import Quota

SEARCH_MAX: Final = 100  # characters
SEARCHES_A_MINUTE: Final = 120
# Chosen all the same, it means nothing: see image_form/values.py and home/fields.py.
REFUSED_OPTION: Final = "none"

Find = Callable[[str], Awaitable[Sequence[Option]]]
FindOfTeam = Callable[[str, str], Awaitable[Sequence[Option]]]  # (team, what was typed)
FindInView = Callable[[str, str], Awaitable[Sequence[Option]]]  # (private_metadata, typed)


class Searches:
    """Lets searches through. One for the process."""

    def __init__(self, quota: Quota | None = None) -> None:
        self._quota = quota or Quota(SEARCHES_A_MINUTE, per_seconds=60.0)

    def listen(self, find: Find) -> Callable[..., Awaitable[None]]:
        """The listener of a select that offers what `find` finds."""

        async def search(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack(options=await self.answer(Suggestion.model_validate(body), find))

        return search

    def listen_for_team(self, find: FindOfTeam) -> Callable[..., Awaitable[None]]:
        """The same of what a workspace has."""

        async def search(ack: AsyncAck, body: dict[str, Any]) -> None:
            asked = Suggestion.model_validate(body)
            await ack(options=await self.answer(asked, partial(find, asked.team_id)))

        return search

    def listen_in_view(self, find: FindInView) -> Callable[..., Awaitable[None]]:
        """The same of what a modal is about."""

        async def search(ack: AsyncAck, body: dict[str, Any]) -> None:
            asked = Suggestion.model_validate(body)
            metadata = asked.view.private_metadata if asked.view else ""
            await ack(options=await self.answer(asked, partial(find, metadata)))

        return search

    async def answer(self, suggestion: Suggestion, find: Find) -> Sequence[Option]:
        """What `find` offers for what was typed; one option that names the bound, above it."""
        if len(suggestion.value) > SEARCH_MAX:
            return [_refuse(f"Search for {SEARCH_MAX} characters at most")]
        if not self._quota.take(suggestion.team_id, suggestion.user.id):
            return [_refuse(f"{SEARCHES_A_MINUTE} searches a minute at most: wait a moment")]
        return await find(suggestion.value)


def _refuse(words: str) -> Option:
    return Option(value=REFUSED_OPTION, text=words)
