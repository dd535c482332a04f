"""Serving an ASGI app on loopback in the running event loop, for both stand-ins and the page."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.listeners import open_listener, url_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_DROP = "sandbox.drop"
_SECONDS_FOR_REQUESTS_TO_END = 0.1


class Outage:
    """Lets a served app be away as a stopped process is: callers are refused, not hung up on."""

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._port = 0
        self._opening: asyncio.Task[None] | None = None

    def attach(self, server: uvicorn.Server, port: int) -> None:
        """Done by `serve`."""
        self._server, self._port = server, port

    def set_away(self, is_away: bool) -> None:
        """Close the port and everything that is open, or take it again. Only while served."""
        if self._server is None:
            return
        if is_away:
            for listening in self._server.servers:
                listening.close()
            for connection in list(self._server.server_state.connections):
                connection.transport.abort()
        else:
            self._opening = asyncio.create_task(self._open(self._server))

    async def _open(self, server: uvicorn.Server) -> None:
        # What uvicorn's startup does, without the lifespan that is going on already.
        def make_protocol() -> asyncio.Protocol:
            return _DroppableProtocol(
                config=server.config, server_state=server.server_state, app_state={}
            )

        loop = asyncio.get_running_loop()
        listener = open_listener(self._port)
        server.servers = [await loop.create_server(make_protocol, sock=listener)]


@contextlib.asynccontextmanager
async def serve(
    app: App,
    port: int = 0,
    *,
    listener: socket.socket | None = None,
    outage: Outage | None = None,
) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 and yield its address, such as "http://127.0.0.1:41234".

    `port` 0 takes a free one; a taken one raises OSError. A `listener` was taken before,
    an `outage` closes it for a while. HTTP and websockets are served in the running loop, no
    signal handler is installed, and nothing is logged but errors of the app.
    On exit every connection is closed at once, also event streams, hanging requests and
    websockets: their tasks see a disconnect, then a cancellation. It takes about 10 ms, at most
    about 200 ms with requests that do not end by themselves.
    """
    listener = listener or open_listener(port)
    stoppable = _StoppableApp(app)
    # sans-I/O websockets: the older implementation is deprecated in the websockets package.
    config = uvicorn.Config(
        stoppable,
        http=_DroppableProtocol,
        ws="websockets-sansio",
        lifespan="auto",
        log_config=None,
        access_log=False,
        timeout_keep_alive=75,  # a pooled client must not lose a race against our idle timeout
        ws_ping_interval=None,  # Slack's own pings are the stand-in's business
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    ticking = asyncio.create_task(server.main_loop())  # keeps the Date header right
    address = url_of(listener)
    if outage is not None:
        outage.attach(server, listener.getsockname()[1])
    try:
        yield address
    finally:
        stoppable.is_stopping = True
        await _stop(server, ticking)


def drop_connection(scope: Scope) -> None:
    """Close the connection of this request now; what was sent goes out, an answer does not follow.

    The app should return right after. Only for HTTP requests served by `serve`.
    """
    scope["extensions"][_DROP]()


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client has gone away; call it after the request's body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _StoppableApp:
    """The app, with whatever it raises while the server stops kept out of the log."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.is_stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except BaseException:
            # Cancelled by _stop, or writing to a connection that _stop has closed.
            if not self.is_stopping:
                raise


class _DroppableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also hands the app a way to hang up without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def run(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[_DROP] = transport.close
            await app(scope, receive, send)

        self.app = run


async def _stop(server: uvicorn.Server, ticking: asyncio.Task[None]) -> None:
    """uvicorn's own shutdown waits for streams to end; this one ends them."""
    ticking.cancel()
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    tasks = [task for task in server.server_state.tasks if not task.done()]
    if tasks:
        _, open_tasks = await asyncio.wait(tasks, timeout=_SECONDS_FOR_REQUESTS_TO_END)
        for task in open_tasks:
            task.cancel()
        if open_tasks:
            await asyncio.wait(open_tasks, timeout=_SECONDS_FOR_REQUESTS_TO_END)
    await server.lifespan.shutdown()
