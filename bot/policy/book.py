"""The policies that this process has read, kept until they are known to have changed.

A copy may be old: another process may have changed the policy. Whoever promises anything on it
names its version to the store, which knows; who only shows it reads it afresh.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from cachetools import LRUCache

from bot.policy.policy import Policy

_KEPT: Final = 1000  # workspaces


class PolicyRows(Protocol):
    """Where policies are kept (bot/store/policies.py)."""

    async def read(self, team_id: str) -> Policy:
        """The newest; an empty one of version 0 where nothing was ever set."""

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        """Apply `edit` to the newest and keep the outcome, as one step."""


class PolicyBook:
    """One for the process."""

    def __init__(self, rows: PolicyRows) -> None:
        self._rows = rows
        self._kept: LRUCache[str, Policy] = LRUCache(_KEPT)

    async def read(self, team_id: str, *, fresh: bool = False) -> Policy:
        """The policy of a workspace; `fresh` where it is shown, or where a copy would not do.
        Raises Transient where the database does not answer."""
        if not fresh and (kept := self._kept.get(team_id)) is not None:
            return kept
        return self._keep(team_id, await self._rows.read(team_id))

    def forget(self, team_id: str) -> None:
        """The copy was found to be old."""
        self._kept.pop(team_id, None)

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        """Apply `edit` (pure; it is given the newest policy) and keep the outcome; `what` is a
        word for the record, as "budget". Raises Transient where it was not kept, and whatever
        `edit` raises."""
        changed = await self._rows.change(team_id, edit, user_id=user_id, what=what, now=now)
        return self._keep(team_id, changed)

    def _keep(self, team_id: str, policy: Policy) -> Policy:
        self._kept[team_id] = policy
        return policy
