"""The connections of the HTTP server: none holds a place without using it.

uvicorn closes a connection that is silent after an answer, and no other one: who sends nothing, or
half a request, would keep it for ever. Here a request must be whole within 10 seconds and its
answer taken within 30; above a number of connections the oldest idle one goes; and what is done
about it is logged once a minute, since it is others who decide how often it happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.telemetry.instrumentation import Seldom

REQUEST_SECONDS: Final = 10.0
# Far longer than any of our answers takes: only who does not read it is closed by this.
ANSWER_SECONDS: Final = 30.0
CONNECTIONS_MAX: Final = 1000
# So many are accepted before any of them is looked at.
ACCEPTED_AT_ONCE: Final = 32
_READ_BYTES: Final = 16 * 1024
_LOOK_SECONDS: Final = 1.0
_NO_FILES: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

log = structlog.get_logger()


def raise_file_limit() -> int:
    """Let this process open as many files as it may; how many that is."""
    try:
        import resource
    except ImportError:  # Windows: the number is not limited so
        return 2 * CONNECTIONS_MAX
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS says that there is no limit, and does not take that for one.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return 2 * CONNECTIONS_MAX if soft == resource.RLIM_INFINITY else soft


def find_most_connections(files: int) -> int:
    """How many connections may be open, where so many files may be: the database, Slack and
    PowerPost need some, too. Pure."""
    return max(ACCEPTED_AT_ONCE, min(CONNECTIONS_MAX, files // 2))


def hear_of_full_files(loop: asyncio.AbstractEventLoop) -> None:
    """Say once a minute that no file can be opened any more, where asyncio would print a traceback
    for each connection that it cannot accept."""
    seldom = Seldom(log.error)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NO_FILES:
            seldom.note("files.exhausted", error=errno.errorcode.get(error.errno, ""))
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


class Connections:
    """All that are open. One for a server, on its event loop."""

    def __init__(
        self,
        most: int,
        *,
        request_seconds: float = REQUEST_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._most = most
        self._request_seconds = request_seconds
        self._answer_seconds = answer_seconds
        # Since when (loop time), oldest first.
        self._waiting: dict[GuardedProtocol, float] = {}
        self._answering: dict[GuardedProtocol, float] = {}
        self._look: asyncio.TimerHandle | None = None
        self._closed = Seldom(log.warning)

    @property
    def protocol(self) -> Callable[..., asyncio.Protocol]:
        """What uvicorn makes a connection with (its setting `http`)."""
        return partial(GuardedProtocol, connections=self)

    def wait(self, connection: GuardedProtocol) -> None:
        """It was opened, or its request was answered: the next one is waited for from now on."""
        self._answering.pop(connection, None)
        self._waiting.pop(connection, None)
        if len(self._waiting) + len(self._answering) >= self._most:
            self._make_room()
        self._waiting[connection] = self._now()
        self._look_later(min(self._request_seconds, self._answer_seconds))

    def answer(self, connection: GuardedProtocol) -> None:
        """Its request is whole."""
        if self._waiting.pop(connection, None) is not None:
            self._answering[connection] = self._now()

    def forget(self, connection: GuardedProtocol) -> None:
        """It was closed."""
        self._waiting.pop(connection, None)
        self._answering.pop(connection, None)

    def note_broken(self, error: Exception) -> None:
        """What was sent is not HTTP."""
        self._closed.note("connections.closed", why="broken", error=type(error).__name__)

    def _make_room(self) -> None:
        oldest = next(iter(self._waiting), None) or next(iter(self._answering))
        self._drop(oldest, "too many")

    def _look_around(self) -> None:
        self._look = None
        for since, seconds in (
            (self._waiting, self._request_seconds),
            (self._answering, self._answer_seconds),
        ):
            late = self._now() - seconds
            for connection, moment in list(since.items()):
                if moment > late:
                    break
                self._drop(connection, "too slow")
        if self._waiting or self._answering:
            self._look_later(min(_LOOK_SECONDS, self._request_seconds))

    def _drop(self, connection: GuardedProtocol, why: str) -> None:
        self.forget(connection)
        connection.transport.abort()
        number = len(self._waiting) + len(self._answering)
        self._closed.note("connections.closed", why=why, open=number)

    def _look_later(self, seconds: float) -> None:
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(seconds, self._look_around)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which says where its request stands."""

    def __init__(self, *arguments: Any, connections: Connections, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._all = connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio."""
        # asyncio reads 256 kB at a time, before anybody may look: that much for each connection.
        transport.max_size = _READ_BYTES  # type: ignore[attr-defined]
        super().connection_made(transport)
        self._all.wait(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._all.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        try:
            super().data_received(data)
        except Exception as error:  # noqa: BLE001 - h11 and uvicorn over what is not HTTP
            self._all.note_broken(error)
            self.transport.abort()
            return
        self._note_request()

    def on_response_complete(self) -> None:
        """An answer was written. Where the rest of its request is still to come, that is waited for
        no longer than before."""
        if not self.cycle.more_body:
            self._all.wait(self)
        super().on_response_complete()
        self._note_request()

    def _note_request(self) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._all.answer(self)
