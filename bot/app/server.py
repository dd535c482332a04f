"""`python -m bot run`: the bot behind uvicorn, until SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog
import uvicorn
from starlette.applications import Starlette

from bot.app.app import Bot, Role
from bot.credits.restore_guard import RestoredBackupError
from bot.errors import ImagineError
from bot.http.connections import (
    ACCEPTED_AT_ONCE,
    Connections,
    find_most_connections,
    hear_of_full_files,
    raise_file_limit,
)
from bot.settings import Settings
from bot.slack.kit.signing import SigningUnusableError
from bot.store.database import DatabaseInUseError, DatabaseUnusableError
from bot.telemetry.logs import set_up_logging

# Requests that Slack still waits for get this long (more than web.py gives a body to arrive);
# paid answers have their own time (app.py).
_OPEN_REQUESTS_SECONDS: Final = 3
# Platforms kill after 10: what still hangs then is left as it is, and resumed by the next start.
_STOP_SECONDS: Final = 9.5
# The system holds so many callers until we accept them.
_QUEUE: Final = 2048

_NAME_THREADS: Final = 32

log = structlog.get_logger()


def run_bot(settings: Settings, role: Role = Role.ALL, *, after_restore: bool = False) -> int:
    """Run until SIGTERM or SIGINT; the exit code. Stops within 10 seconds.

    0 after a signal; 1 where it could not start, 2 where the settings do not allow it; with one
    line on standard error that says why.
    """
    if role is not Role.ALL and settings.is_sqlite:
        print(
            f"--role {role} needs a PostgreSQL, which several processes can share: set "
            "DATABASE_URL to one, or leave --role out.",
            file=sys.stderr,
        )
        return 2
    set_up_logging(settings.log_level)
    try:
        return asyncio.run(_serve(settings, role, after_restore=after_restore))
    except (
        DatabaseInUseError,
        DatabaseUnusableError,
        RestoredBackupError,
        SigningUnusableError,
        ImagineError,
    ) as error:
        print(f"The bot cannot start: {error}", file=sys.stderr)
        return 1


def configure_server(
    app: Starlette, connections: Connections, *, host: str, port: int
) -> uvicorn.Config:
    """How uvicorn serves us: our own logging, no proxy to trust, no websockets, bounded
    connections, a bounded stop."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=connections.protocol,  # type: ignore[arg-type]  # any maker of protocols will do
        ws="none",
        backlog=ACCEPTED_AT_ONCE,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_OPEN_REQUESTS_SECONDS,
    )


async def _serve(settings: Settings, role: Role, *, after_restore: bool) -> int:
    # For name look-ups, several of which may hang at a time; the database has threads of its own.
    names = ThreadPoolExecutor(_NAME_THREADS, thread_name_prefix="names")
    asyncio.get_running_loop().set_default_executor(names)
    try:
        listener = open_port(settings.host, settings.port)
    except OSError as error:
        where = f"port {settings.port} of {settings.host}"
        print(
            f"The bot cannot start: {where} cannot be used ({error.strerror}). "
            "Stop what uses it, or set PORT or HOST.",
            file=sys.stderr,
        )
        return 1
    connections = Connections(find_most_connections(raise_file_limit()))
    hear_of_full_files(asyncio.get_running_loop())
    bot = Bot(settings, role=role, after_restore=after_restore)
    config = configure_server(bot.web_app(), connections, host=settings.host, port=settings.port)
    config.lifespan = "off"  # ours, below: uvicorn's would print a traceback and exit with 3
    server = _Server(config)
    _stop_on_signals(server)
    async with bot.live():
        # What stands now stays until the end. To search it for garbage takes 0.1 s each time, in
        # which nobody is answered: it is not searched at all, for the half MB that it would give.
        # What comes is searched seldom: that is 8 % more answers.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()
        await server.serve(sockets=[listener])
    return 0


class _Server(uvicorn.Server):
    """uvicorn's own handling would send the signal to us again in the end: no exit code then."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # asyncio has one number for both: how many wait in the system's queue, and how many of
        # them it accepts before it looks at any.
        for listener in sockets or []:
            listener.listen(_QUEUE)
        log.info(
            "server.listening",
            ports=sorted({listener.getsockname()[1] for listener in sockets or []}),
        )


def open_port(host: str, port: int) -> socket.socket:
    """Take the port, before any work is begun; nobody is heard yet. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's algorithm off only for sockets that name their protocol.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two listen at once
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _stop_on_signals(server: uvicorn.Server) -> None:
    """The first signal stops in order, a second one waits for no open request."""

    def stop() -> None:
        if not server.should_exit:
            last_resort = threading.Timer(_STOP_SECONDS, _leave)
            last_resort.daemon = True
            last_resort.start()
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run
            loop.add_signal_handler(name, stop)


def _leave() -> None:
    log.error("process.stop_timed_out", after_seconds=_STOP_SECONDS)
    os._exit(1)
