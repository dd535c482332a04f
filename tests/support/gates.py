"""A gate before a stand-in: at one chosen request it does something from outside, such as killing
the bot, at one chosen moment of that request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.serving import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    drop_connection,
    wait_for_disconnect,
)


class When(StrEnum):
    """The moment of a request, as the one who asks would know it afterwards."""

    ARRIVES = "arrives"  # the bot has sent it; it is not done, and never will be
    IS_DONE = "is done"  # it is done; the bot will never hear of it
    IS_ANSWERED = "is answered"  # the answer has left; the bot may or may not have read it
    GOES_ON = "goes on"  # it has arrived, and will be done and answered as if nothing were


@dataclass(frozen=True, slots=True)
class Seen:
    """A request: its method, its path, its body as text, and its query as it came."""

    method: str
    path: str
    body: str
    query: str = ""


@dataclass(slots=True, eq=False)
class Trap:
    """Springs once, at the first request that matches."""

    matches: Callable[[Seen], bool]
    when: When
    act: Callable[[], Awaitable[None]]
    sprung: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class Stop:
    """Holds up the first request that matches, until the one who asks is gone; at IS_ANSWERED the
    answer leaves once it `may_go`. Many generations can stand at stops when the bot is killed."""

    matches: Callable[[Seen], bool]
    when: When
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    may_go: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Gate:
    """The ASGI app of a stand-in, behind a gate with at most one trap, and any number of stops."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.trap: Trap | None = None
        self.stops: list[Stop] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self.trap is None and not self.stops):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        query = scope["query_string"].decode("ascii", "replace")
        seen = Seen(scope["method"], scope["path"], body.decode("utf-8", "replace"), query)
        again = _replay(body, receive)
        if (stop := next((stop for stop in self.stops if stop.matches(seen)), None)) is not None:
            self.stops.remove(stop)
            await self._hold(stop, scope, again, send)
            return
        trap = self._spring(seen)
        if trap is None:
            await self._app(scope, again, send)
            return
        try:
            await self._act(trap, scope, again, send)
        finally:
            trap.sprung.set()

    async def _hold(self, stop: Stop, scope: Scope, receive: Receive, send: Send) -> None:
        if stop.when is When.IS_DONE:
            await self._app(scope, receive, _swallow)
        stop.reached.set()
        if stop.when is When.IS_ANSWERED:
            await stop.may_go.wait()
            await self._app(scope, receive, send)
            stop.gone.set()
            return
        if stop.when is When.ARRIVES:
            await receive()  # its body
        await wait_for_disconnect(receive)

    def _spring(self, seen: Seen) -> Trap | None:
        trap = self.trap
        if trap is None or not trap.matches(seen):
            return None
        self.trap = None
        return trap

    async def _act(self, trap: Trap, scope: Scope, receive: Receive, send: Send) -> None:
        if trap.when is When.ARRIVES:
            await trap.act()
            drop_connection(scope)
        elif trap.when is When.IS_DONE:
            await self._app(scope, receive, _swallow)
            await trap.act()
            drop_connection(scope)
        elif trap.when is When.IS_ANSWERED:
            await self._app(scope, receive, send)
            await trap.act()
        else:
            await trap.act()
            trap.sprung.set()
            await self._app(scope, receive, send)


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


async def _swallow(_message: Message) -> None:
    """An answer that nobody hears."""
