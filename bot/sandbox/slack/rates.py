"""Slack's rate limits: a bucket per method, and one a channel for posting.

Tiers: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import math
from dataclasses import dataclass

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Tier -> calls a minute."""

METHOD_TIERS = {
    "apps.connections.open": 2,  # tier 1 by the docs; reconnecting in tests needs a few more
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.members": 4,
    "conversations.open": 3,
    "conversations.replies": 3,
    "files.completeUploadExternal": 4,
    "files.delete": 3,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "users.conversations": 3,
    "users.info": 4,
    "users.list": 2,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}
POSTS_PER_SECOND = 1.0
POST_BURST = 5
"""How many messages a channel takes at once before the one a second holds ("short bursts")."""


@dataclass
class _Bucket:
    capacity: float
    per_second: float
    level: float
    at: float


class Limiter:
    """Token buckets. Times are the workspace's clock, in seconds."""

    def __init__(self, *, is_on: bool) -> None:
        self.is_on = is_on
        self._buckets: dict[str, _Bucket] = {}

    def take(self, method: str, channel: str | None, now: float) -> int | None:
        """Take a place for this call: None when it may go, else Retry-After in whole seconds."""
        if not self.is_on:
            return None
        if method == "chat.postMessage":
            return self._take_from(f"post:{channel}", POST_BURST, POSTS_PER_SECOND, now)
        tier = METHOD_TIERS.get(method)
        if tier is None:
            return None
        return self._take_from(method, TIERS[tier], TIERS[tier] / 60, now)

    def _take_from(self, key: str, capacity: float, per_second: float, now: float) -> int | None:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(capacity, per_second, capacity, now)
        grown = bucket.level + (now - bucket.at) * bucket.per_second
        bucket.level, bucket.at = min(bucket.capacity, max(grown, 0.0)), now
        if bucket.level >= 1:
            bucket.level -= 1
            return None
        return max(1, math.ceil((1 - bucket.level) / bucket.per_second))
