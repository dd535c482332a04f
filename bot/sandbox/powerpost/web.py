"""The stand-in over HTTP: its routes, and what every answer has in common."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.guard import ServiceGuard
from bot.sandbox.powerpost.access import RateState, check_workspace, read_key
from bot.sandbox.powerpost.answers import (
    DroppedAnswer,
    EndlessAnswer,
    NoAnswer,
    break_answer,
    make_html_answer,
)
from bot.sandbox.powerpost.calendar import CalendarEntry
from bot.sandbox.powerpost.errors import (
    ApiError,
    forbidden,
    internal_error,
    not_found,
    rate_limited,
)
from bot.sandbox.powerpost.exchanges import Exchange
from bot.sandbox.powerpost.faults import DownloadFault, PollFault, SubmitFault
from bot.sandbox.powerpost.gallery import Gallery
from bot.sandbox.powerpost.media import inspect_upload
from bot.sandbox.powerpost.reading import (
    describe_upload,
    hide_secrets,
    read_json,
    read_query,
    read_upload,
)
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.webhooks import WebhookSender
from bot.sandbox.serving import Receive, Scope, Send

Payload = dict[str, Any] | Response


def build_app(service: PowerPost, gallery: Gallery | None = None) -> Starlette:
    """The API below /api/v1 and the pictures below /storage. Serve it with `sandbox.serving`."""
    webhooks = WebhookSender(service)
    endpoints = _Endpoints(service, webhooks, gallery or Gallery())

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await webhooks.stop()

    def route(method: str, path: str, handle: _Handle, scope: str, **options: bool) -> Route:
        return Route("/api/v1" + path, _ApiEndpoint(service, method, handle, scope, **options))

    def by_method(path: str, **handlers: tuple[_Handle, str]) -> Route:
        ends = {
            method: _ApiEndpoint(service, method, handle, scope)
            for method, (handle, scope) in handlers.items()
        }
        return Route("/api/v1" + path, _ByMethod(ends))

    listed = endpoints.list_entries, "calendar:read"
    planned = endpoints.plan, "calendar:write"
    seen = endpoints.get_entry, "calendar:read"
    changed = endpoints.change_entry, "calendar:write"
    deleted = endpoints.delete_entry, "calendar:write"
    routes = [
        route("POST", "/images/generate", endpoints.generate_images, "images:generate"),
        route("GET", "/images/generations/{id}", endpoints.get_image_generation, "images:read"),
        route(
            "GET", "/account/credits", endpoints.get_credits, "account:read", has_workspace=False
        ),
        route("POST", "/media/upload", endpoints.upload_media, "media:write"),
        route("GET", "/content/generations", endpoints.list_captions, "content:read"),
        route("GET", "/content/generations/{id}", endpoints.get_captions, "content:read"),
        route("POST", "/content/generate", endpoints.generate_captions, "content:generate"),
        route("POST", "/posts", endpoints.make_post, "posts:write"),
        route("GET", "/posts/{id}", endpoints.get_post, "posts:read"),
        route("POST", "/posts/{id}/publish", endpoints.publish, "posts:publish"),
        by_method("/calendar/entries", GET=listed, POST=planned),
        by_method("/calendar/entries/{id}", GET=seen, PATCH=changed, DELETE=deleted),
        Route("/storage/images/{name}", _Endpoint(service, "GET", endpoints.download)),
        Route("/{path:path}", _ApiEndpoint(service, "", endpoints.refuse, "")),
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(ServiceGuard)])


@dataclass(slots=True)
class _Call:
    """A request on its way through an endpoint."""

    request: Request
    exchange: Exchange
    workspace_id: str = ""

    @property
    def base_url(self) -> str:
        """Where this server listens; the Host header could be anything."""
        host, port = self.request.scope["server"]
        return f"http://{host}:{port}"


_Handle = Callable[[_Call], Awaitable[Payload]]


class _Endpoint:
    """An ASGI app around one handler: the log of exchanges, being away, latency, errors."""

    def __init__(self, service: PowerPost, method: str, handle: _Handle) -> None:
        self._service = service
        self._method = method
        self._handle = handle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        exchange = Exchange(
            at=self._service.now(),
            method=request.method,
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            request_headers=hide_secrets(request),
        )
        self._service.begin_exchange(exchange)
        try:
            # The client may leave while its body is read; then there is nobody to answer.
            with contextlib.suppress(ClientDisconnect):
                answer = await self._answer(_Call(request, exchange))
                await asyncio.sleep(self._service.faults.latency_seconds)
                _note_answer(exchange, answer)
                await answer(scope, receive, send)
        finally:
            self._service.finish_exchange(exchange, time.perf_counter() - started)

    async def _answer(self, call: _Call) -> Response:
        if self._service.faults.away:
            return DroppedAnswer()
        try:
            payload = await self._run(call)
        except ApiError as error:
            payload = JSONResponse(error.body(), error.status)
            call.exchange.answer_json = error.body()
        if isinstance(payload, Response):
            answer = payload
        else:
            call.exchange.answer_json = payload
            answer = JSONResponse(payload)
        answer.headers["X-Request-Id"] = f"req_{uuid.uuid4().hex}"
        return answer

    async def _run(self, call: _Call) -> Payload:
        if call.request.method != self._method:
            raise not_found("Endpoint")
        return await self._handle(call)


class _ApiEndpoint(_Endpoint):
    """Adds what the API asks of every call: a key, a workspace, and not too many a minute."""

    def __init__(
        self,
        service: PowerPost,
        method: str,
        handle: _Handle,
        scope: str,
        has_workspace: bool = True,
    ) -> None:
        super().__init__(service, method, handle)
        self._scope = scope
        self._has_workspace = has_workspace

    async def _answer(self, call: _Call) -> Response:
        if self._service.faults.away:
            return DroppedAnswer()
        key = read_key(call.request.headers)
        state = self._service.count_request(key)
        call.request.state.rate = state
        answer = await super()._answer(call)
        answer.headers.update(self._describe_rate(state, call.exchange.answer_json).headers())
        return answer

    async def _run(self, call: _Call) -> Payload:
        self._service.check_rate(call.request.state.rate)
        if call.request.method != self._method:
            raise not_found("Endpoint")
        headers = call.request.headers
        key = self._service.authorise(read_key(headers), self._scope)
        if self._has_workspace:
            call.workspace_id = check_workspace(key, headers.get("x-workspace-id"))
        return await self._handle(call)

    def _describe_rate(self, state: RateState, answer_json: Any) -> RateState:
        """A 429 that the faults made must not come with headers that deny it."""
        error = answer_json.get("error", {}) if isinstance(answer_json, dict) else {}
        wait_seconds = error.get("retryAfter") if isinstance(error, dict) else None
        if wait_seconds is None or state.is_exceeded:
            return state
        return replace(state, remaining=0, resets_at=math.ceil(self._service.now() + wait_seconds))


class _ByMethod:
    """Several endpoints at one path; of a method that none has, the first says so."""

    def __init__(self, endpoints: Mapping[str, _ApiEndpoint]) -> None:
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = next(iter(self._endpoints.values()))
        await self._endpoints.get(scope["method"], first)(scope, receive, send)


def _note_answer(exchange: Exchange, answer: Response) -> None:
    if not isinstance(answer, NoAnswer | DroppedAnswer):
        exchange.status = answer.status_code
        exchange.answer_headers = dict(answer.headers)


class _Endpoints:
    """The handlers, one for each route: a fault of the faults first, then the service."""

    def __init__(self, service: PowerPost, webhooks: WebhookSender, gallery: Gallery) -> None:
        self._service = service
        self._webhooks = webhooks
        self._gallery = gallery

    async def generate_images(self, call: _Call) -> Payload:
        call.exchange.request_json = await read_json(call.request)
        fault = self._service.faults.take_submit()
        generation = self._service.submit(call.workspace_id, call.exchange.request_json, fault)
        call.exchange.image_generation_id = generation.image_generation_id
        self._webhooks.expect(generation)
        return await self._spoil(self._service.describe_submission(generation), fault)

    async def _spoil(self, payload: dict[str, Any], fault: SubmitFault | None) -> Payload:
        """The answer to what was done, as the weather lets it through."""
        match fault:
            case SubmitFault.ANSWER_LOST:
                return DroppedAnswer()
            case SubmitFault.ANSWER_BROKEN:
                return break_answer(payload)
            case SubmitFault.ERROR_500_CHARGED:
                raise internal_error()
            case SubmitFault.HANG:
                return NoAnswer()
            case SubmitFault.SLOW:
                await asyncio.sleep(self._service.faults.slow_seconds)
        return payload

    async def generate_captions(self, call: _Call) -> Payload:
        body = call.exchange.request_json = await read_json(call.request)
        fault = self._service.faults.take_caption()
        made = self._service.order_captions(call.workspace_id, body, fault)
        return await self._spoil(self._service.describe_order(made), fault)

    async def make_post(self, call: _Call) -> Payload:
        body = call.exchange.request_json = await read_json(call.request)
        fault = self._service.faults.take_post()
        post = self._service.make_post(call.workspace_id, body, fault)
        return await self._spoil(post.describe(), fault)

    async def get_post(self, call: _Call) -> Payload:
        return self._service.find_post(call.workspace_id, call.request.path_params["id"]).describe()

    async def publish(self, call: _Call) -> Payload:
        return self._service.publish(call.workspace_id, call.request.path_params["id"])

    async def plan(self, call: _Call) -> Payload:
        body = call.exchange.request_json = await read_json(call.request)
        fault = self._service.faults.take_entry()
        return await self._spoil(self._service.plan(call.workspace_id, body, fault), fault)

    async def list_entries(self, call: _Call) -> Payload:
        return self._service.calendar.list(call.workspace_id, read_query(call.request))

    def _find_entry(self, call: _Call) -> CalendarEntry:
        return self._service.calendar.find(call.workspace_id, call.request.path_params["id"])

    async def get_entry(self, call: _Call) -> Payload:
        return self._find_entry(call).describe()

    async def change_entry(self, call: _Call) -> Payload:
        body = call.exchange.request_json = await read_json(call.request)
        entry = self._find_entry(call)
        entry.change(body)
        return entry.describe()

    async def delete_entry(self, call: _Call) -> Payload:
        entry = self._find_entry(call)
        del self._service.calendar.entries[entry.entry_id]
        return {"deleted": True}

    async def get_image_generation(self, call: _Call) -> Payload:
        image_generation_id = call.request.path_params["id"]
        call.exchange.image_generation_id = image_generation_id
        fault = self._service.faults.take_poll()
        match fault:
            case PollFault.ERROR_500:
                raise internal_error()
            case PollFault.RATE_LIMITED:
                raise rate_limited(1)
            case PollFault.NOT_FOUND:
                raise not_found("Image generation")
            case PollFault.HANG:
                return NoAnswer()
            case PollFault.DROPPED:
                return DroppedAnswer()

        def sign(name: str, expires_at: float) -> str:
            return self._service.links.sign(call.base_url, name, expires_at)

        payload = self._service.describe_generation(call.workspace_id, image_generation_id, sign)
        return break_answer(payload) if fault is PollFault.BROKEN else payload

    async def get_credits(self, call: _Call) -> Payload:
        return self._service.describe_credits()

    async def upload_media(self, call: _Call) -> Payload:
        upload = await read_upload(call.request)
        call.exchange.request_json = describe_upload(upload)
        inspection = await asyncio.to_thread(inspect_upload, upload)
        return self._service.keep_media(call.workspace_id, upload, inspection)

    async def list_captions(self, call: _Call) -> Payload:
        return self._service.list_captions(call.workspace_id, read_query(call.request))

    async def get_captions(self, call: _Call) -> Payload:
        return self._service.describe_captions(call.workspace_id, call.request.path_params["id"])

    async def download(self, call: _Call) -> Payload:
        name, query = call.request.path_params["name"], read_query(call.request)
        image = self._service.find_picture(
            name, query.get("expires", ""), query.get("signature", "")
        )
        fault = self._service.faults.take_download()
        match fault:
            case DownloadFault.ERROR_500:
                raise internal_error()
            case DownloadFault.NOT_FOUND:
                raise not_found("Image")
            case DownloadFault.FORBIDDEN:
                raise forbidden("Access to this picture is not allowed yet.")
            case DownloadFault.ENDLESS:
                return EndlessAnswer()
            case DownloadFault.HTML:
                return make_html_answer()
        is_thumbnail = name == image.thumbnail_name
        content = await self._gallery.fetch(image, is_thumbnail=is_thumbnail)
        kind = "image/jpeg" if is_thumbnail else "image/webp"
        if fault is DownloadFault.HALF:
            content = content[: len(content) // 2]
        if fault is DownloadFault.DROPPED:
            return DroppedAnswer(content, media_type=kind)
        return Response(content, media_type=kind)

    async def refuse(self, call: _Call) -> Payload:
        raise not_found("Endpoint")
