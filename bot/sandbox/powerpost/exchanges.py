"""What came in and what went out, in order, for tests and for the page's drawer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its answer; added when the request arrives, completed when it is over."""

    at: float  # Unix seconds, by the service's clock
    method: str
    path: str  # without the query
    query: str
    request_headers: dict[str, str]  # lower-case names; secrets hidden
    request_json: Any | None = None
    status: int | None = None  # None: no answer (yet, or ever)
    answer_json: Any | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    is_over: bool = False
    image_generation_id: str | None = None  # the generation it was about, where known
    is_delivery: bool = False  # sent by the service (a webhook), not to it


class Subscription:
    """An endless async iterator of exchanges: each when it arrives and again when it is over.

    It listens from the moment it is made; dropping the last reference ends it.
    """

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Exchange] = asyncio.Queue()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Exchange:
        return await self._waiting.get()

    def tell(self, exchange: Exchange) -> None:
        self._waiting.put_nowait(exchange)


class ExchangeLog:
    """The list, and those who want to hear of changes to it."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.deliveries: list[Exchange] = []
        self._subscriptions: WeakSet[Subscription] = WeakSet()

    def subscribe(self) -> Subscription:
        subscription = Subscription()
        self._subscriptions.add(subscription)
        return subscription

    def begin(self, exchange: Exchange) -> None:
        (self.deliveries if exchange.is_delivery else self.exchanges).append(exchange)
        self._tell(exchange)

    def finish(self, exchange: Exchange, seconds: float) -> None:
        exchange.seconds = seconds
        exchange.is_over = True
        self._tell(exchange)

    def _tell(self, exchange: Exchange) -> None:
        for subscription in list(self._subscriptions):
            subscription.tell(exchange)
