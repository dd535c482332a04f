"""Socket Mode without the socket: who is connected, and which envelope waits for its ack."""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox.slack.records import Json

Send = Callable[[str], Awaitable[None]]
MOST_CONNECTIONS = 10


class Socket:
    """One connection of the bot."""

    def __init__(
        self,
        send: Send,
        close: Callable[[], Awaitable[None]],
        stop_reading: Callable[[], None] = lambda: None,
    ) -> None:
        self.send = send
        self.close = close
        self.stop_reading = stop_reading
        self.is_silent = False
        """True swallows envelopes, as a connection that died without a word."""


class SocketHub:
    """All connections of the bot. An envelope goes to one of them, in turn."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.tickets: set[str] = set()
        self._turn = itertools.count()
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    @property
    def is_connected(self) -> bool:
        """True when at least one connection is open."""
        return bool(self.sockets)

    def new_ticket(self) -> str:
        """A ticket for one connection, handed out by `apps.connections.open`."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return ticket

    async def send_envelope(self, kind: str, payload: Json, **more: Any) -> Any:
        """Send an envelope and wait for its ack; returns the ack's payload (None when it has none).

        Raises ConnectionError when nobody is connected. The caller sets the time limit.
        """
        if not self.sockets:
            raise ConnectionError("no Socket Mode connection is open")
        socket = self.sockets[next(self._turn) % len(self.sockets)]
        envelope_id = str(uuid.uuid4())
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, **more}
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = ack
        try:
            if not socket.is_silent:
                await socket.send(json.dumps(envelope))
            return await ack
        finally:
            self._waiting.pop(envelope_id, None)

    def take_ack(self, text: str) -> None:
        """Read what the bot sent; anything but a JSON object with a known envelope is ignored."""
        try:
            message = json.loads(text)
        except ValueError:
            return
        if not isinstance(message, dict):
            return
        waiting = self._waiting.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def say_disconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection that it ends soon (reasons: warning, refresh_requested)."""
        text = json.dumps({"type": "disconnect", "reason": reason, "debug_info": {}})
        for socket in list(self.sockets):
            await socket.send(text)

    def join(self, socket: Socket) -> None:
        """A new connection; those that went silent are given up, as Slack does in the end."""
        self.sockets = [old for old in self.sockets if not old.is_silent]
        self.sockets.append(socket)

    def leave(self, socket: Socket) -> None:
        """A connection has ended."""
        if socket in self.sockets:
            self.sockets.remove(socket)

    def go_silent(self) -> None:
        """Let every connection die without a word: no envelopes, no pongs, and it stays open."""
        for socket in self.sockets:
            socket.is_silent = True
            socket.stop_reading()

    async def close_all(self) -> None:
        """Cut every connection."""
        for socket in list(self.sockets):
            await socket.close()
