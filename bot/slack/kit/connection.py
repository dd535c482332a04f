"""The connection to Slack: the client for its Web API, who we are, and a socket if it is used."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Cause, ImagineError, Transient
from bot.generations.timing import backoff_seconds
from bot.http.proxies import find_proxy
from bot.slack.kit.calls import CONNECTION_FAULTS, MEANINGS, call_slack, read_error
from bot.slack.kit.standing import Home
from bot.telemetry.instrumentation import OK, NullObserver, Observer, Operation

_SCOPES_HEADER: Final = "x-oauth-scopes"
_PING_SECONDS: Final = 5.0
# So many pings without an answer, and the socket is silent: nothing would reach us through it. The
# SDK often notices sooner, but waits for four pings where something else still comes.
_SILENT_PINGS: Final = 3
_SOCKET_OPEN_SECONDS: Final = 20.0
_SOCKET_CLOSE_SECONDS: Final = 1.5
# The SDK reconnects by itself, but for ever to one address, which is good only once and for
# seconds: after this long without a socket we begin anew.
_SOCKET_PATIENCE_SECONDS: Final = 20.0
_SOCKET_LOOK_SECONDS: Final = 1.0
_DOWN: Final = "the socket is down"
_SILENT: Final = "the socket went silent"

Answering = Callable[[], AbstractContextManager[None]]

# What the app hands from one part of this room to another.
SlackClient = AsyncWebClient

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace, from `auth.test`, asked once."""

    team_id: str
    bot_user_id: str
    bot_id: str
    url: str
    scopes: frozenset[str]
    enterprise_id: str | None = None

    @property
    def home(self) -> Home:
        """The workspace and its organisation."""
        return Home(self.team_id, self.enterprise_id)


class WatchedClient(AsyncWebClient):
    """Slack's client, each of whose calls is seen and logged. What is raised is the SDK's own."""

    def __init__(self, observer: Observer, **arguments: Any) -> None:
        super().__init__(**arguments)
        # The SDK would take HTTPS_PROXY for all calls, and knows no NO_PROXY: its session does.
        self.proxy = None
        self._observer = observer

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """See the SDK."""
        begun, outcome = time.monotonic(), OK
        with self._observer.watch(Operation.SLACK, api_method) as note:
            try:
                return await super().api_call(api_method, **arguments)
            except SlackApiError as error:
                read = read_error(error)
                outcome = note.outcome = read.cause.value
                if read.detail in MEANINGS:
                    means = MEANINGS[read.detail]
                    log.warning("slack.refused", method=api_method, code=read.detail, means=means)
                raise
            except CONNECTION_FAULTS:
                outcome = note.outcome = Cause.SLACK_AWAY.value
                raise
            finally:
                seconds = round(time.monotonic() - begun, 3)
                log.debug("slack.called", method=api_method, outcome=outcome, seconds=seconds)


def build_client(api_url: str, bot_token: str, observer: Observer | None = None) -> AsyncWebClient:
    """Slack's client with one session for all calls; to be called on the running loop.

    No retry handlers: the SDK's own would send a post twice whose answer was lost.
    """
    return WatchedClient(
        observer or NullObserver(),
        token=bot_token,
        base_url=api_url + "/",
        session=aiohttp.ClientSession(trust_env=True),
        retry_handlers=[],
    )


@contextlib.asynccontextmanager
async def open_client(api_url: str, token: str) -> AsyncIterator[AsyncWebClient]:
    """A client for a few calls, closed at the end of the block."""
    client = build_client(api_url, token)
    try:
        yield client
    finally:
        if client.session is not None:
            await client.session.close()


async def read_identity(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are. Raises Misconfigured for a bad token, Transient for no answer."""
    answer = await call_slack(client.auth_test)
    headers = {str(k).lower(): str(v) for k, v in (answer.headers or {}).items()}
    scopes = headers.get(_SCOPES_HEADER, "")
    return Identity(
        team_id=str(answer.get("team_id") or ""),
        bot_user_id=str(answer.get("user_id") or ""),
        bot_id=str(answer.get("bot_id") or ""),
        url=str(answer.get("url") or ""),
        scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
        enterprise_id=answer.get("enterprise_id") or None,
    )


def find_socket_problem(
    is_open: bool, is_connected: bool, silent_seconds: float, ping_seconds: float
) -> str | None:
    """Why nothing would come through a socket; None where it would. Pure.

    `is_open` is what TCP says, `is_connected` what the SDK says. The last ping that was answered
    was sent `silent_seconds` ago.
    """
    if is_open and silent_seconds > _SILENT_PINGS * ping_seconds:
        return _SILENT
    return None if is_open and is_connected else _DOWN


class Silence:
    """How long a socket has been silent, by a steady clock. The SDK notes its pings by the wall
    clock, which may be set: only that a new one was answered is taken from it."""

    def __init__(self) -> None:
        self._pong_at: float | None = None
        self._since = 0.0

    def seconds(self, pong_at: float | None, clock: float) -> float:
        """Since the answered ping of `pong_at` was first seen here; 0 where there was none yet."""
        if pong_at is None or pong_at != self._pong_at:
            self._pong_at, self._since = pong_at, clock
        return clock - self._since


class _SocketHandler(AsyncSocketModeHandler):
    """Bolt's, which says when it answers."""

    def __init__(self, answering: Answering, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._answering = answering

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # Bolt's own does the same
        """Answer one payload."""
        with self._answering():
            await super().handle(client, req)


class SlackConnection:
    """Keeps trying until Slack is there. With `app_token` it opens a socket for all traffic."""

    def __init__(
        self,
        client: AsyncWebClient,
        app_token: str | None,
        patience_seconds: float = _SOCKET_PATIENCE_SECONDS,
        ping_seconds: float = _PING_SECONDS,
        answering: Answering = contextlib.nullcontext,
        note_working: Callable[[str, datetime], Awaitable[None]] | None = None,
    ) -> None:
        """`answering` is held while Slack waits for an answer through the socket. `note_working`
        is told of the workspace that the token works in, and of a moment before Slack said so."""
        self._answering = answering
        self._note_working = note_working
        self._client = client
        self._ping_seconds = ping_seconds
        self._app_token = app_token
        self._patience_seconds = patience_seconds
        self._socket: AsyncSocketModeHandler | None = None
        self._silence = Silence()
        self._connecting: asyncio.Task[None] | None = None
        self.identity: Identity | None = None

    @property
    def workspace_url(self) -> str | None:
        """The address of the workspace, once it is known."""
        return self.identity.url if self.identity else None

    @property
    def home(self) -> Home | None:
        """The workspace that we are installed in, once it is known."""
        return self.identity.home if self.identity else None

    @property
    def home_team_id(self) -> str | None:
        """That workspace's id, once it is known."""
        return self.identity.team_id if self.identity else None

    def may(self, scope: str) -> bool:
        """Whether the token has `scope`, as far as Slack has said which it has."""
        scopes = self.identity.scopes if self.identity else frozenset[str]()
        return not scopes or scope in scopes

    @property
    def bot_user_id(self) -> str | None:
        """The bot's own user, once it is known."""
        return self.identity.bot_user_id if self.identity else None

    def open(self, app: AsyncApp) -> None:
        """Begin to connect; returns at once."""
        self._connecting = asyncio.create_task(self._connect(app))

    async def problem(self) -> str | None:
        """Why we would not hear from Slack now; None where we would."""
        if self.identity is None:
            return "not connected yet"
        return None if self._app_token is None else await self._find_socket_problem()

    async def close_socket(self) -> None:
        """Take nothing more from Slack; calls to it still work."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._drop_socket()

    async def close(self) -> None:
        """Close the client's session."""
        if self._client.session is not None:
            await self._client.session.close()

    async def _connect(self, app: AsyncApp) -> None:
        failures = 0
        while True:
            try:
                asked_at = datetime.now(UTC)
                self.identity = await read_identity(self._client)
                if self._note_working is not None:
                    await self._note_working(self.identity.team_id, asked_at)
                if self._app_token is not None:
                    await self._open_socket(app, self._app_token)
                log.info("slack.connected", bot_user_id=self.identity.bot_user_id)
                failures = 0
                if self._app_token is None:
                    return
                await self._watch_socket()
            except (
                ImagineError,
                SlackClientError,
                aiohttp.ClientError,
                OSError,
                TimeoutError,
            ) as error:
                failures += 1
                detail = error.detail if isinstance(error, ImagineError) else type(error).__name__
                wait = backoff_seconds(failures, jitter=random.random())  # noqa: S311 - no secret
                # No traceback: it could hold the socket's secret address.
                log.warning("slack.unavailable", detail=detail, next_try_seconds=round(wait, 1))
                await self._drop_socket()
                await asyncio.sleep(wait)

    async def _open_socket(self, app: AsyncApp, app_token: str) -> None:
        """Raises what the SDK, which would try for ever without a word to us, says once."""
        answer = await call_slack(self._client.apps_connections_open, app_token=app_token)
        self._socket = _SocketHandler(
            self._answering,
            app,
            app_token,
            logger=logging.getLogger("slack_socket"),
            web_client=self._client,
            ping_interval=self._ping_seconds,
        )
        self._socket.client.wss_uri = str(answer["url"])
        self._socket.client.proxy = find_proxy(str(answer["url"]))
        async with asyncio.timeout(_SOCKET_OPEN_SECONDS):
            await self._socket.connect_async()  # type: ignore[no-untyped-call]  # Bolt's

    async def _watch_socket(self) -> None:
        """Returns never; raises Transient once the socket is silent, or down for too long."""
        last_up, before = time.monotonic(), None
        while time.monotonic() - last_up < self._patience_seconds:
            await asyncio.sleep(min(_SOCKET_LOOK_SECONDS, self._ping_seconds))
            problem = await self._find_socket_problem()
            # Twice in a row: one that was opened just now has not been answered yet.
            if problem == before == _SILENT:
                raise Transient(Cause.SLACK_AWAY, _SILENT)
            if problem is None:
                last_up = time.monotonic()
            before = problem
        raise Transient(Cause.SLACK_AWAY, "the socket stayed down")

    async def _find_socket_problem(self) -> str | None:
        if self._socket is None:
            return _DOWN
        client = self._socket.client
        session = client.current_session
        # last_ping_pong_time: of the last ping that was answered
        silent_seconds = self._silence.seconds(client.last_ping_pong_time, time.monotonic())
        return find_socket_problem(
            is_open=session is not None and not session.closed,
            is_connected=await client.is_connected(),
            silent_seconds=silent_seconds,
            ping_seconds=self._ping_seconds,
        )

    async def _drop_socket(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            closing = socket.close_async()  # type: ignore[no-untyped-call]  # Bolt's
            with contextlib.suppress(TimeoutError, aiohttp.ClientError, OSError):
                await asyncio.wait_for(closing, _SOCKET_CLOSE_SECONDS)
            # One that is silent never says goodbye: then this is what lets go of it.
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await socket.client.aiohttp_client_session.close()
