"""Who may call: keys, scopes, workspaces, and how often.

Source: PowerPost's pages on authentication, workspaces and errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.sandbox.powerpost.errors import (
    forbidden,
    insufficient_scope,
    invalid,
    invalid_key,
)

ALL_SCOPES: Final = frozenset(
    {
        "account:read",
        "content:read",
        "content:generate",
        "images:read",
        "images:generate",
        "media:write",
        "posts:read",
        "posts:write",
        "posts:publish",
        "calendar:read",
        "calendar:write",
    }
)
WINDOW_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: what it may do, and in which workspaces."""

    scopes: frozenset[str]
    workspaces: frozenset[str]


def read_key(headers: Mapping[str, str]) -> str | None:
    """The key from `x-api-key`, or else from `Authorization: Bearer`; header names lower-case."""
    if "x-api-key" in headers:
        return headers["x-api-key"].strip()
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def check_access(key: Key | None, scope: str) -> Key:
    """Raises ApiError 401 for an unknown key, 403 for one that lacks `scope`."""
    if key is None:
        raise invalid_key()
    if scope not in key.scopes:
        raise insufficient_scope(scope)
    return key


def check_workspace(key: Key, workspace_id: str | None) -> str:
    """Raises ApiError 400 where the header is missing, 403 for a workspace that is not yours."""
    if not workspace_id:
        raise invalid("X-Workspace-Id header is required")
    if workspace_id not in key.workspaces:
        raise forbidden()
    return workspace_id


@dataclass(frozen=True, slots=True)
class RateState:
    """What the X-RateLimit headers say."""

    limit: int  # requests a minute
    remaining: int
    resets_at: int  # Unix seconds
    is_exceeded: bool = False

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.resets_at),
        }


class RateLimiter:
    """Counts requests in windows of a minute, which begin with a request, for each key."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}  # begin, requests let in

    def count(self, key: str, limit: int, now: float) -> RateState:
        """Count a request. A refused one does not use anything up."""
        begin, used = self._windows.get(key, (now, 0))
        # A clock that was set back must not lock the key out.
        if not begin <= now < begin + WINDOW_SECONDS:
            begin, used = now, 0
        resets_at = math.ceil(begin + WINDOW_SECONDS)
        is_exceeded = used >= limit
        used += not is_exceeded
        self._windows[key] = (begin, used)
        return RateState(limit, max(0, limit - used), resets_at, is_exceeded)
