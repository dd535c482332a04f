"""The stand-in's HTTP face: Web API, uploads and downloads, response URLs, Socket Mode.

Serve it with `bot.sandbox.serving.serve`, which the faults that cut a connection need.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.guard import ServiceGuard
from bot.sandbox.serving import drop_connection, wait_for_disconnect
from bot.sandbox.slack.api.call import SlackError, parse_json
from bot.sandbox.slack.api.table import METHODS, answer_call
from bot.sandbox.slack.records import Exchange, File, Json
from bot.sandbox.slack.responses import spend_response_url, take_response
from bot.sandbox.slack.sockets import MOST_CONNECTIONS, Socket
from bot.sandbox.slack.workspace import Workspace

MOST_BODY_BYTES = 5_000_000
MOST_UPLOAD_BYTES = 100_000_000
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>"
JSON_ARGUMENTS = frozenset({"blocks", "view", "metadata", "files", "attachments"})

STOP_READING = "sandbox.stop_reading"

Act = Callable[[], Awaitable[Response]]


def build_app(workspace: Workspace) -> Starlette:
    """The app for one workspace; sets `workspace.base_url` at the first request if nobody did."""
    endpoints = Endpoints(workspace)
    return _App(
        routes=[
            Route("/api/{method}", endpoints.call_method, methods=["GET", "POST"]),
            Route("/upload/v1/{file_id}", endpoints.take_upload, methods=["POST", "PUT"]),
            Route("/files-pri/{key}/{rest:path}", endpoints.give_file, methods=["GET", "HEAD"]),
            Route("/commands/{token:path}", endpoints.answer_response_url, methods=["POST"]),
            Route("/actions/{token:path}", endpoints.answer_response_url, methods=["POST"]),
            Route("/app/{token:path}", endpoints.answer_response_url, methods=["POST"]),
            Route("/archives/{channel}/{place}", endpoints.show_permalink, methods=["GET"]),
            WebSocketRoute("/socket", endpoints.hold_socket),
        ],
        middleware=[Middleware(ServiceGuard)],
    )


class _App(Starlette):
    """Starlette, with a way for a websocket to fall silent: to stop reading what comes in."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["type"] == "websocket" and transport is not None:
            scope[STOP_READING] = transport.pause_reading
        await super().__call__(scope, receive, send)


class _NoAnswer(Response):
    """Cuts the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        drop_connection(scope)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await wait_for_disconnect(receive)


class Endpoints:
    """Reads what comes in, asks the workspace's rooms, writes what goes out."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    # -- the Web API -----------------------------------------------------------------------

    async def call_method(self, request: Request) -> Response:
        """`/api/{method}`."""
        started, at = time.perf_counter(), self.workspace.clock()
        self._learn_base_url(request)
        method = request.path_params["method"]
        body = await read_body(request, MOST_BODY_BYTES)
        try:
            arguments = await read_arguments(request, body)
        except SlackError as error:
            response = self._answer_api(method, error.to_answer())
            self._record(method, response, None, started, at)
            return response
        token = read_token(request, arguments)

        async def act() -> Response:
            wait = self._find_wait(method, arguments)
            if wait is not None:
                return self._answer_api(method, {"ok": False, "error": "ratelimited"}, wait)
            answer = answer_call(self.workspace, method, token, arguments)
            return self._answer_api(method, answer)

        shown = show_arguments(arguments)
        response = await self._with_faults(method, act)
        self._record(method, response, shown, started, at)
        return response

    def _find_wait(self, method: str, arguments: Json) -> int | None:
        """Seconds to wait for this call's place; a person's id counts as their DM."""
        place = str(arguments.get("channel") or "")
        if place in self.workspace.users and not self.workspace.users[place].is_bot:
            place = self.workspace.open_dm(place).id
        return self.workspace.limiter.take(method, place, self.workspace.clock())

    def _answer_api(self, method: str, answer: Json, retry_after: int | None = None) -> Response:
        known = METHODS.get(method)
        headers = {
            "x-oauth-scopes": ",".join(sorted(self.workspace.scopes)),
            "x-accepted-oauth-scopes": (known.scope if known else None) or "",
            "x-slack-req-id": f"req-{self.workspace.next_number()}",
        }
        if retry_after is None:
            return JSONResponse(answer, headers=headers)
        headers["retry-after"] = str(retry_after)
        return JSONResponse(answer, status_code=429, headers=headers)

    def _learn_base_url(self, request: Request) -> None:
        if not self.workspace.base_url:
            self.workspace.base_url = f"{request.url.scheme}://{request.url.netloc}"

    # -- faults and the record -------------------------------------------------------------

    async def _with_faults(self, name: str, act: Act) -> Response:
        faults = self.workspace.faults
        fault = "dropped_before" if faults.away else faults.take(name)
        if fault is None:
            return await act()
        if fault == "dropped_before":
            return _NoAnswer(status_code=0)
        if fault.startswith("http_"):
            return HTMLResponse("<h1>An error</h1>", status_code=int(fault.removeprefix("http_")))
        if fault == "ratelimited":
            answer = {"ok": False, "error": "ratelimited"}
            return self._answer_api(name, answer, faults.retry_after_seconds)
        if fault not in {"slow", "dropped"}:
            return self._answer_api(name, {"ok": False, "error": fault})
        response = await act()
        if fault == "dropped":
            return _NoAnswer(status_code=0)
        await asyncio.sleep(faults.slow_seconds)
        return response

    def _record(
        self, method: str, response: Response, shown: Any, started: float, at: float
    ) -> None:
        self.workspace.record_exchange(
            Exchange(
                id=self.workspace.next_number(),
                at=at,
                direction="from_bot",
                method=method,
                status=response.status_code,
                seconds=time.perf_counter() - started,
                request=shown,
                answer=show_answer(method, response),
                headers=show_headers(response),
            )
        )

    # -- files -----------------------------------------------------------------------------

    async def take_upload(self, request: Request) -> Response:
        """The POST of a file's bytes to its upload URL, raw or as a form."""
        started, at = time.perf_counter(), self.workspace.clock()
        content = await read_upload(request)

        async def act() -> Response:
            if self.workspace.faults.blocks_uploads:
                return PlainTextResponse("Not on the list of this proxy", 403)
            file_id = request.path_params["file_id"]
            file = self.workspace.uploads.get(file_id)
            if file is None or file.content:
                return PlainTextResponse("No such upload", 404)
            length = self.workspace.upload_lengths[file_id]
            if content is None or len(content) != length:
                return PlainTextResponse(f"length must be {length}", 400)
            self.workspace.fill_file(file, content)
            return PlainTextResponse(f"OK - {length}")

        response = await self._with_faults("upload", act)
        size = f"{len(content)} bytes" if content is not None else "too large"
        self._record(f"POST {request.url.path}", response, size, started, at)
        return response

    async def give_file(self, request: Request) -> Response:
        """A download; without the right token Slack answers 200 with its login page."""
        started, at = time.perf_counter(), self.workspace.clock()

        async def act() -> Response:
            file = self._find_by_key(request.path_params["key"])
            is_allowed = (
                read_token(request, {}) == self.workspace.bot_token
                and "files:read" in self.workspace.scopes
                and not self.workspace.is_token_revoked
            )
            if not is_allowed:
                return HTMLResponse(LOGIN_PAGE)
            if file is None or file.is_deleted:
                return HTMLResponse("<h1>Not found</h1>", 404)
            return Response(file.content, media_type=file.mimetype)

        response = await self._with_faults("download", act)
        self._record(f"GET {request.url.path}", response, None, started, at)
        return response

    def _find_by_key(self, key: str) -> File | None:
        return self.workspace.files.get(key.removeprefix(f"{self.workspace.team_id}-"))

    # -- response URLs ---------------------------------------------------------------------

    async def answer_response_url(self, request: Request) -> Response:
        """A post to a response_url."""
        started, at = time.perf_counter(), self.workspace.clock()
        raw = await read_body(request, MOST_BODY_BYTES)
        body: Any = None
        with contextlib.suppress(ValueError):
            body = parse_json(raw or b"")

        async def act() -> Response:
            try:
                url = spend_response_url(self.workspace, request.path_params["token"])
                take_response(self.workspace, url, body)
            except SlackError as error:
                status = 404 if error.error.endswith("_url") else 400
                return JSONResponse(error.to_answer(), status_code=status)
            return JSONResponse({"ok": True})

        response = await self._with_faults("response_url", act)
        self._record("POST response_url", response, body, started, at)
        return response

    async def show_permalink(self, request: Request) -> Response:
        """Where `chat.getPermalink` leads; the page has a better one."""
        place = html.escape(f"{request.path_params['channel']} {request.path_params['place']}")
        return HTMLResponse(f"<!DOCTYPE html><title>Slack</title><p>Message {place}</p>")

    # -- Socket Mode -----------------------------------------------------------------------

    async def hold_socket(self, websocket: WebSocket) -> None:
        """One Socket Mode connection: hello, envelopes out, acks in."""
        hub = self.workspace.sockets
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in hub.tickets:
            await websocket.close(1008)
            return
        hub.tickets.discard(ticket)
        await websocket.accept()
        if len(hub.sockets) >= MOST_CONNECTIONS:
            await websocket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await websocket.close()
            return
        stop_reading = websocket.scope.get(STOP_READING, lambda: None)
        socket = Socket(_sender(websocket), websocket.close, stop_reading)
        hub.join(socket)
        self.workspace.announce("exchange")
        try:
            await websocket.send_json(self._hello())
            async for text in websocket.iter_text():
                if not socket.is_silent:
                    hub.take_ack(text)
        finally:
            hub.leave(socket)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.workspace.sockets.sockets),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self.workspace.app_id},
        }


def _sender(websocket: WebSocket) -> Callable[[str], Awaitable[None]]:
    async def send(text: str) -> None:
        try:
            await websocket.send_text(text)
        except (RuntimeError, WebSocketDisconnect) as error:
            raise ConnectionError("the connection has ended") from error

    return send


# -- reading requests --------------------------------------------------------------------------


async def read_body(request: Request, most: int) -> bytes | None:
    """The body, or None when it is larger than `most` bytes (it is read to its end, not kept)."""
    kept = bytearray()
    is_too_large = False
    async for chunk in request.stream():
        if not is_too_large:
            kept += chunk
        if len(kept) > most:
            is_too_large = True
            kept.clear()
    return None if is_too_large else bytes(kept)


async def read_arguments(request: Request, body: bytes | None) -> Json:
    """Query and body merged, as Slack does; the SDK puts `params` into the query of a POST."""
    arguments: Json = dict(request.query_params)
    if body is None:
        raise SlackError("request_too_large")
    if not body:
        return arguments
    if "json" in request.headers.get("content-type", ""):
        return arguments | _read_json(body)
    return arguments | await _read_form(request, body)


def _read_json(body: bytes) -> Json:
    try:
        value = parse_json(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


async def _read_form(request: Request, body: bytes) -> Json:
    request._body = body  # the stream is read; Starlette's parser takes it from here
    try:
        form = await request.form()
    except (HTTPException, MultiPartException, ValueError, AssertionError):
        raise SlackError("invalid_form_data") from None
    return {name: value for name, value in form.items() if isinstance(value, str)}


def read_token(request: Request, arguments: Json) -> str | None:
    """The bearer token, or the old way: an argument."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    value = arguments.get("token")
    return value if isinstance(value, str) else None


async def read_upload(request: Request) -> bytes | None:
    """The bytes of an upload, raw or out of a form; None when there are too many."""
    body = await read_body(request, MOST_UPLOAD_BYTES)
    if body is None or "multipart/form-data" not in request.headers.get("content-type", ""):
        return body
    request._body = body
    try:
        form = await request.form()
    except (HTTPException, MultiPartException, ValueError, AssertionError):
        return b""
    for value in form.values():
        if isinstance(value, UploadFile):
            return await value.read()
    return b""


# -- what the record shows ---------------------------------------------------------------------


def show_arguments(arguments: Json) -> Json:
    """Arguments without the token, and with JSON in strings opened up."""
    shown = {name: value for name, value in arguments.items() if name != "token"}
    for name in JSON_ARGUMENTS & shown.keys():
        if isinstance(shown[name], str):
            with contextlib.suppress(ValueError):
                shown[name] = json.loads(shown[name])
    return shown


def show_answer(method: str, response: Response) -> Any:
    """The body of an answer; file contents by their size, websocket tickets not at all."""
    body = bytes(response.body)
    if method == "apps.connections.open" and response.status_code == 200:
        return {"ok": b'"ok":true' in body, "url": "(hidden)"}
    if response.media_type not in {"application/json", "text/html", "text/plain"}:
        return f"{len(body)} bytes"
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text[:200]


def show_headers(response: Response) -> dict[str, str]:
    """The answer's headers that mean something."""
    wanted = ("content-type", "retry-after", "x-slack-req-id")
    return {name: response.headers[name] for name in wanted if name in response.headers}
