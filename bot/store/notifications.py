"""Notifications that go to every process: something may have happened, look now. Nothing depends
on them.

On PostgreSQL they are notifications (https://www.postgresql.org/docs/current/sql-notify.html): they
are kept nowhere, and one that nobody hears is lost. A SQLite file has one process only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
import structlog

from bot.errors import Cause, Transient
from bot.periodic import PeriodicTask
from bot.store.database import Database, add_patience
from bot.telemetry.instrumentation import Observer

_CHANNEL: Final = "imagine_hints"
_AGAIN_SECONDS: Final = 5.0
# The driver looks ten times a second for as long as it waits for a notification; we let the loop
# watch the socket, and ask the driver only where something has come.
_LINGER_SECONDS: Final = 0.05

log = structlog.get_logger()


class NotificationKind(StrEnum):
    """What may have happened; in brackets: what the notification is about."""

    ENDED = "ended"  # PowerPost has finished [its id of the generation]
    CANCELLED = "cancelled"  # a generation that waited [our id]
    SLOT_FREE = "place_free"  # one of those that run has ended [whose: see generations/slots.py]


class NotificationStore:
    """Sends and hears notifications. One for the process, on one event loop."""

    def __init__(
        self,
        database: Database,
        database_url: str,
        hear: Mapping[NotificationKind, Callable[[str], None]],
        observer: Observer | None = None,
    ) -> None:
        """`hear` is called with what each notification is about, also one's own."""
        self._database = database
        self._url = sa.make_url(database_url)
        self._hear = hear
        self._listening = PeriodicTask("listen", _AGAIN_SECONDS, self._listen, observer)

    def open(self) -> None:
        """Begin to listen to the other processes, where there may be any."""
        if self._database.dialect == "postgresql":
            self._listening.start()

    async def close(self) -> None:
        """Listen no more."""
        await self._listening.stop()

    async def send(self, kind: NotificationKind, about: str) -> None:
        """To every process that listens; where the database is away, to this one. Never raises for
        the database's sake."""
        if self._database.dialect != "postgresql":
            self._hear[kind](about)
            return
        notify = sa.select(sa.func.pg_notify(_CHANNEL, f"{kind}:{about}"))
        try:
            await self._database.write(lambda on: on.execute(notify))
        except Transient as error:
            log.warning("notification.failed", detail=error.detail)
            self._hear[kind](about)

    def _take(self, payload: str) -> None:
        kind, _, about = payload.partition(":")
        if kind in set(NotificationKind):  # another version of the bot may know others
            self._hear[NotificationKind(kind)](about)

    async def _listen(self) -> None:
        import psycopg  # here, because a SQLite file does without: 8 MB

        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            async with await psycopg.AsyncConnection.connect(
                address, autocommit=True, **add_patience(self._url)
            ) as connection:
                await connection.execute(f"LISTEN {_CHANNEL}")
                while True:
                    async for notice in connection.notifies(timeout=_LINGER_SECONDS):
                        self._take(notice.payload)
                    await _wait_until_readable(connection.fileno())
        except (psycopg.Error, OSError) as error:
            # Without its text, which may name the address. Polls go on without notifications.
            raise Transient(Cause.STORAGE, type(error).__name__) from None


async def _wait_until_readable(socket: int) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(socket, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(socket)
