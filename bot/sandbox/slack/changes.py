"""Tells those who watch the workspace (server-sent events of the page) what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bot.sandbox.slack.records import Change

MOST_UNREAD = 1000


class Subscription(AsyncIterator[Change]):
    """Every change since it was made. A slow reader loses the oldest ones and blocks nobody."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self._unread: asyncio.Queue[Change] = asyncio.Queue(MOST_UNREAD)

    def put(self, change: Change) -> None:
        """Add a change, at the cost of the oldest one when nobody reads."""
        if self._unread.full():
            self._unread.get_nowait()
        self._unread.put_nowait(change)

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Change:
        return await self._unread.get()

    async def aclose(self) -> None:
        """Stop listening."""
        self._feed.leave(self)


class ChangeFeed:
    """Where changes are announced."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """A new subscription, listening from now on; end it with `aclose()`."""
        subscription = Subscription(self)
        self._subscriptions.append(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Forget a subscription; one that left already is no error."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def announce(self, change: Change) -> None:
        """Tell everyone."""
        for subscription in self._subscriptions:
            subscription.put(change)
