"""The one file that sends to PowerPost. What to send and what an answer means is decided elsewhere.

The rules of sending: no retry anywhere (the paid call must never be sent twice, and who calls the
others has its own patience), no redirects, every wait and every body bounded, and neither key nor
prompt nor body in a log or a repr.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import ssl
import time
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TypeVar

import httpx
import structlog

from bot.errors import Cause, Misconfigured, Transient
from bot.images.request import ImageRequest
from bot.powerpost import calls
from bot.powerpost.answers import Answer, Failure, read_answer, read_failure
from bot.powerpost.calls import Call, CallKind
from bot.powerpost.headers import read_request_id
from bot.powerpost.rate_limiter import RateLimiter
from bot.powerpost.wire import (
    CaptionGeneration,
    CaptionPage,
    Credits,
    ImageGeneration,
    Media,
    PostDraft,
    Submitted,
    WireModel,
)
from bot.telemetry.instrumentation import NullObserver, Observer, Operation

W = TypeVar("W", bound=WireModel)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

BODY_MAX_BYTES = 5_000_000
# httpx slows down under concurrency (encode/httpx#3215): 2,500 calls take 8.7 s behind a
# semaphore of 8, and 31.6 s with a pool of 100.
FREE_CALLS_AT_ONCE = 8
PAID_CALLS_AT_ONCE = 16

# Raised before a connection stands, so that not a byte of the request has left. Everything else,
# even what polls local, counts as sent: the mistake in that direction costs nothing.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of patience. A paid call's is long: to give up on it costs more than to wait."""

    connect_seconds: float = 10.0
    paid_seconds: float = 90.0
    free_seconds: float = 20.0

    def for_sending(self, answer_seconds: float) -> httpx.Timeout:
        """Of each single wait: for a connection, for a write, for the next bytes."""
        return httpx.Timeout(
            answer_seconds, connect=self.connect_seconds, pool=self.connect_seconds
        )

    def until_cut_off(self, call: Call[W]) -> float:
        """Of the whole call: a trickle of bytes would outlast every single wait.

        Waiting for the pool, for TCP and for TLS each have their own limit within it, so a call
        that is cut off by this was sent.
        """
        return 3 * self.connect_seconds + 1.5 * (
            self.paid_seconds if call.is_sent_once else self.free_seconds
        )


class _KeyAuth(httpx.Auth):
    """Adds the key as the request leaves: a client's default headers show in their repr."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["x-api-key"] = self._api_key
        yield request


@functools.cache
def _read_authorities() -> ssl.SSLContext:
    """Whom to believe: once for the process, since it takes 17 ms and 1 MB to read."""
    return httpx.create_ssl_context()


class PowerPostClient:
    """PowerPost's API, typed. Every method raises the errors of bot/errors.py and no others.

    `base_url` ends with `/api/v1`. Every call but `submit` waits for its turn at the limiter (up
    to minutes after a 429: put `asyncio.timeout` around it where a person waits). A call that is
    cancelled after it was sent may have been carried out.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        workspace_id: str,
        limiter: RateLimiter | None = None,
        timeouts: Timeouts | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Sends nothing. Misconfigured where key, workspace or address cannot be sent at all."""
        _check_settings(base_url, api_key, workspace_id)
        self._limiter = limiter or RateLimiter()
        self._timeouts = timeouts if timeouts is not None else Timeouts()
        self._observer = observer if observer is not None else NullObserver()
        self._workspace_id = workspace_id
        self._base_url = base_url
        self._auth = _KeyAuth(api_key)
        self.tls = _read_authorities()  # for whoever else makes connections, too
        self._free_calls = asyncio.Semaphore(FREE_CALLS_AT_ONCE)
        self._free = self._open(
            self._timeouts.free_seconds, FREE_CALLS_AT_ONCE, kept_alive=FREE_CALLS_AT_ONCE
        )
        # A pooled connection that the server has just closed would turn "not sent" into
        # "unknown": the paid call makes its own each time.
        self._paid = self._open(self._timeouts.paid_seconds, PAID_CALLS_AT_ONCE, kept_alive=0)

    def __repr__(self) -> str:
        return f"PowerPostClient({httpx.URL(self._base_url).host!r})"

    def for_workspace(self, workspace_id: str | None) -> PowerPostClient:
        """The same client, bound to another workspace of the key's; itself for None. Connections
        and rate limit are shared: the limit is the key's. Close only the first one."""
        if workspace_id is None or workspace_id == self._workspace_id:
            return self
        _check_workspace(workspace_id)
        bound = copy.copy(self)
        bound._workspace_id = workspace_id
        return bound

    def submission_turn(self) -> AbstractAsyncContextManager[None]:
        """Wait here, before the intent is stored, for the limiter's leave to submit once.

        `async with client.submission_turn(): <store the intent>; await client.submit(request)`
        """
        return self._limiter.turn(CallKind.SUBMIT)

    async def submit(self, request: ImageRequest) -> Submitted:
        """Ask for pictures and pay for them. Call it within `submission_turn()`, once.

        It never waits for the limiter. Transient: nothing was bought. OutcomeUnknown, or a
        cancellation: it may have been bought and must not be sent again.
        """
        return await self._exchange(self._paid, calls.submit_images(request))

    def turn(self, kind: CallKind) -> AbstractAsyncContextManager[None]:
        """Wait here, before the intent is stored, for the limiter's leave to send one call that is
        sent once."""
        return self._limiter.turn(kind)

    async def send_once(self, call: Call[W]) -> W:
        """Order captions, make a draft or a calendar entry: call it within `turn()`, once.
        Transient: nothing was made. OutcomeUnknown, or a cancellation: it may have been."""
        if not call.is_sent_once:
            raise ValueError(call.kind)
        return await self._exchange(self._paid, call)

    async def read_post(self, post_id: str) -> PostDraft:
        """How a post stands. Rejected (NOT_FOUND) where PowerPost does not know it."""
        return await self._ask(calls.read_post(post_id))

    async def poll(self, image_generation_id: str) -> ImageGeneration:
        """How a generation stands. Rejected (NOT_FOUND) where PowerPost does not know it."""
        return await self._ask(calls.poll_generation(image_generation_id))

    async def credits(self) -> Credits:
        """The account's balance."""
        return await self._ask(calls.read_credits())

    async def upload_media(self, name: str, content: bytes, mime_type: str) -> Media:
        """Upload a reference picture (JPEG, PNG, WebP, at most 10 MB). Free."""
        return await self._ask(calls.upload_media(name, content, mime_type))

    async def list_captions(
        self, cursor: str | None = None, limit: int = 20, status: str | None = None
    ) -> CaptionPage:
        """One page of the workspace's caption generations."""
        return await self._ask(calls.list_captions(cursor, limit, status))

    async def read_caption(self, generation_id: str) -> CaptionGeneration:
        """One caption generation with its outputs. Rejected (NOT_FOUND) where it is unknown."""
        return await self._ask(calls.read_caption(generation_id))

    async def probe(self, call: Call[W]) -> W:
        """Send a call that finds something out (the doctor's). ValueError for any that is sent
        once."""
        if call.is_sent_once:
            raise ValueError(call.kind)
        return await self._ask(call)

    async def aclose(self) -> None:
        """Close the connections. Calls after this are Transient (UNREACHABLE)."""
        await self._free.aclose()
        await self._paid.aclose()
        await self._limiter.close()

    def _open(self, answer_seconds: float, at_once: int, *, kept_alive: int) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self._base_url,
            auth=self._auth,
            verify=self.tls,
            timeout=self._timeouts.for_sending(answer_seconds),
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=kept_alive),
            follow_redirects=False,
            # Uncompressed, so that the cap on the body is a cap on memory.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    async def _ask(self, call: Call[W]) -> W:
        async with self._limiter.turn(call.kind), self._free_calls:
            return await self._exchange(self._free, call)

    async def _exchange(self, http: httpx.AsyncClient, call: Call[W]) -> W:
        with self._observer.watch(Operation.POWERPOST, call.kind.value):
            return await self._send_and_read(http, call)

    async def _send_and_read(self, http: httpx.AsyncClient, call: Call[W]) -> W:
        answer = await self._send(http, call)
        self._limiter.observe(answer.headers)
        try:
            return read_answer(call, answer)
        except Transient as error:
            if error.cause is Cause.RATE_LIMITED:
                self._limiter.penalise(error.retry_after_seconds)
            raise

    async def _send(self, http: httpx.AsyncClient, call: Call[W]) -> Answer:
        """The call's answer, or the error for having none."""
        if http.is_closed:
            raise read_failure(call, Failure.NOT_SENT, "the client is closed")
        request = self._build(http, call)
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeouts.until_cut_off(call)):
                answer = await _fetch(http, request)
        # Below httpx, TLS and sockets raise classes of their own. Whatever it was, the call may
        # have arrived, and that must be said in our words.
        except Exception as error:
            failure = Failure.NOT_SENT if isinstance(error, _NOT_SENT) else Failure.LOST
            self._note(call, began, failure=failure.value, error=type(error).__name__)
            raise read_failure(call, failure, type(error).__name__) from error
        self._note(call, began, status=answer.status, request_id=read_request_id(answer.headers))
        return answer

    def _build(self, http: httpx.AsyncClient, call: Call[W]) -> httpx.Request:
        headers = {"X-Workspace-Id": self._workspace_id} if call.needs_workspace else {}
        if call.is_sent_once:
            headers["Connection"] = "close"
        files = {
            name: (part.name, part.content, part.mime_type)
            for name, part in (call.files or {}).items()
        }
        return http.build_request(
            call.method,
            call.path,
            params=dict(call.params) or None,
            json=call.json,
            data=dict(call.form) if call.form else None,
            files=files or None,
            headers=headers,
        )

    def _note(self, call: Call[W], began: float, **fields: object) -> None:
        seconds = round(time.monotonic() - began, 3)
        log.debug("powerpost.called", kind=call.kind.value, seconds=seconds, **fields)


async def _fetch(http: httpx.AsyncClient, request: httpx.Request) -> Answer:
    response = await http.send(request, stream=True)
    try:
        body = await _read_body(response)
    finally:
        await response.aclose()
    return Answer(response.status_code, response.headers, body, received_at=time.time())


async def _read_body(response: httpx.Response) -> bytes:
    """The body up to the cap, or as much as came.

    Once the status is there it decides: a 402 whose body was cut is still a 402, and a 200 whose
    body was cut is unreadable.
    """
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk[: BODY_MAX_BYTES - len(body)]
            if len(body) >= BODY_MAX_BYTES:
                break
    except httpx.HTTPError:
        log.debug("powerpost.body_cut", status=response.status_code, bytes=len(body))
    return bytes(body)


def _check_settings(base_url: str, api_key: str, workspace_id: str) -> None:
    """Refuse at start what would fail at every call. The values are not repeated."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host:
        raise Misconfigured(Cause.UNREACHABLE, "PowerPost's address is not an http(s) URL")
    if not _fits_header(api_key):
        raise Misconfigured(Cause.INVALID_KEY, "the key is empty or has characters no key has")
    _check_workspace(workspace_id)


def _check_workspace(workspace_id: str) -> None:
    if not _fits_header(workspace_id):
        raise Misconfigured(Cause.FORBIDDEN, "the workspace id is empty or not an id")


def _fits_header(value: str) -> bool:
    return bool(value) and value.isascii() and value.isprintable() and " " not in value
