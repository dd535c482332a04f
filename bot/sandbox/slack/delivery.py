"""Sends to the bot what Slack sends: signed HTTP requests or Socket Mode envelopes.

https://docs.slack.dev/authentication/verifying-requests-from-slack, …/apis/events-api,
…/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp
from cachetools import LRUCache

from bot.sandbox.slack.payloads import make_event
from bot.sandbox.slack.records import Exchange, Json
from bot.sandbox.slack.workspace import Workspace

Kind = Literal["command", "interaction", "event"]
ENVELOPES = {"command": "slash_commands", "interaction": "interactive", "event": "events_api"}
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "channel_id_changed": "groups:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
FORM = "application/x-www-form-urlencoded"
MOST_KEPT = 1000


@dataclass(frozen=True)
class Reply:
    """What came back: `error` is the word that the client shows, `body` JSON, text or None."""

    error: str | None
    body: Any
    seconds: float
    status: int = 0
    may_retry: bool = True


@dataclass(frozen=True)
class _Sent:
    kind: Kind
    payload: Json


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` signature of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Delivery:
    """Where the bot is and how it is reached: by HTTP at `bot_url`, or (None) by Socket Mode.

    `answer_seconds` is Slack's patience; `retry_delays` are the seconds before each retry of an
    event. Close with `aclose()`.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_url: str | None = None,
        path: str = "/slack/events",
        answer_seconds: float = 3.0,
        retry_delays: Sequence[float] = (0.0, 60.0, 300.0),
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.workspace = workspace
        self.bot_url = bot_url
        self.path = path
        self.answer_seconds = answer_seconds
        self.retry_delays = tuple(retry_delays)
        self.wall_clock = wall_clock
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Reply]] = set()
        self._sent: LRUCache[int, _Sent] = LRUCache(MOST_KEPT)
        workspace.event_sink = self.queue_event

    # -- what is sent ----------------------------------------------------------------------

    async def send_command(self, fields: Mapping[str, str]) -> Reply:
        """Send a slash command and wait for its answer."""
        return await self._send(_Sent("command", dict(fields)), {})

    async def send_interaction(self, payload: Json) -> Reply:
        """Send a click, submission, shortcut or suggestion and wait for its answer."""
        return await self._send(_Sent("interaction", payload), {})

    def queue_event(self, event: Json, kind: str) -> None:
        """Send an event in the background, with Slack's retries.

        Nothing is sent when the app did not subscribe to this kind or lacks its scope.
        """
        scope = EVENT_SCOPES.get(kind)
        is_heard = kind in self.workspace.events
        if is_heard and (scope is None or scope in self.workspace.scopes):
            task = asyncio.get_running_loop().create_task(self.send_event(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def send_event(self, event: Json) -> Reply:
        """Send an event until the bot answers 2xx or the retries are used up; the last reply."""
        sent = _Sent("event", make_event(self.workspace, event))
        reply = await self._send(sent, {})
        for number, delay in enumerate(self.retry_delays, 1):
            if reply.error is None or not reply.may_retry:
                break
            await asyncio.sleep(delay)
            reply = await self._send(sent, _retry_headers(number, reply))
        return reply

    async def deliver_again(self, exchange: Exchange) -> Reply:
        """Send the same thing once more, as Slack does after an answer that got lost.

        Raises KeyError for an exchange that was not sent by this Delivery (or long ago).
        """
        sent = self._sent[exchange.id]
        is_event = sent.kind == "event"
        headers = _retry_headers(1, Reply("operation_timeout", None, 0.0)) if is_event else {}
        return await self._send(sent, headers)

    async def uninstall(self) -> None:
        """Remove the app: both events are sent, and the token is worth nothing from then on."""
        self.workspace.is_token_revoked = True
        tokens = {"oauth": [], "bot": [self.workspace.bot.id]}
        self.queue_event({"type": "tokens_revoked", "tokens": tokens}, "tokens_revoked")
        self.queue_event({"type": "app_uninstalled"}, "app_uninstalled")
        await self.settle()

    async def settle(self) -> None:
        """Wait until every event that was queued is answered or given up."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def aclose(self) -> None:
        """Stop sending; events that wait for a retry are forgotten."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    # -- how it is sent --------------------------------------------------------------------

    async def _send(self, sent: _Sent, headers: dict[str, str]) -> Reply:
        started, at = time.perf_counter(), self.workspace.clock()
        if self.workspace.faults.away:
            reply = Reply("dispatch_failed", None, 0.0)
        else:
            try:
                async with asyncio.timeout(self.answer_seconds):
                    reply = await self._reach(sent, headers)
            except TimeoutError:
                reply = Reply("operation_timeout", None, 0.0)
        seconds = time.perf_counter() - started
        self._record(sent, reply, headers, at, seconds)
        return Reply(reply.error, reply.body, seconds, reply.status, reply.may_retry)

    async def _reach(self, sent: _Sent, headers: dict[str, str]) -> Reply:
        if self.bot_url is not None:
            return await self._post(self.bot_url + self.path, sent, headers)
        more: Json = {"accepts_response_payload": sent.kind != "event"}
        if sent.kind == "event":
            more["retry_attempt"] = int(headers.get("x-slack-retry-num", 0))
            more["retry_reason"] = headers.get("x-slack-retry-reason", "")
        try:
            hub = self.workspace.sockets
            body = await hub.send_envelope(ENVELOPES[sent.kind], sent.payload, **more)
        except ConnectionError:
            return Reply("dispatch_failed", None, 0.0)
        return Reply(None, body or None, 0.0, 200)

    async def _post(self, url: str, sent: _Sent, headers: dict[str, str]) -> Reply:
        body, content_type = encode(sent.kind, sent.payload)
        timestamp = str(int(self.wall_clock()))
        signed = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.workspace.signing_secret, timestamp, body),
            **headers,
        }
        if self._session is None:
            # A connection each: one that is kept may be closed by the bot in the very moment in
            # which it is used again, and a person would be told dispatch_failed for nothing.
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            self._session = aiohttp.ClientSession(connector=connector)
        try:
            async with self._session.post(
                url, data=body, headers=signed, allow_redirects=False
            ) as response:
                content = await response.read()
                return read_reply(response.status, response.headers, content)
        except aiohttp.ClientError:
            return Reply("dispatch_failed", None, 0.0)

    def _record(
        self, sent: _Sent, reply: Reply, headers: dict[str, str], at: float, seconds: float
    ) -> None:
        way = f"POST {self.path}" if self.bot_url is not None else "socket"
        number = self.workspace.next_number()
        self._sent[number] = sent
        shown = {key: value for key, value in sent.payload.items() if key != "token"}
        self.workspace.record_exchange(
            Exchange(
                id=number,
                at=at,
                direction="to_bot",
                method=way,
                status=reply.status,
                seconds=seconds,
                request=shown,
                answer=reply.body if reply.body is not None else reply.error or "",
                headers=dict(headers),
                kind=sent.kind,
            )
        )


def _retry_headers(number: int, reply: Reply) -> dict[str, str]:
    reasons = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
    reason = reasons.get(reply.error or "", "http_error")
    return {"x-slack-retry-num": str(number), "x-slack-retry-reason": reason}


def encode(kind: Kind, payload: Json) -> tuple[bytes, str]:
    """Body and content type of a request: commands and interactions are forms, events JSON."""
    if kind == "command":
        return urlencode(payload).encode(), FORM
    if kind == "interaction":
        return urlencode({"payload": json.dumps(payload)}).encode(), FORM
    return json.dumps(payload).encode(), "application/json"


def read_reply(status: int, headers: Mapping[str, str], content: bytes) -> Reply:
    """What an HTTP answer means to Slack: 2xx only, JSON where it says so, else text."""
    may_retry = headers.get("x-slack-no-retry") != "1"
    if not 200 <= status < 300:
        word = "http_client_error" if 400 <= status < 500 else "http_service_error"
        return Reply(word, None, 0.0, status, may_retry)
    text = content.decode("utf-8", "replace")
    if not text.strip():
        return Reply(None, None, 0.0, status)
    if "json" in headers.get("content-type", "") or text.lstrip().startswith("{"):
        try:
            return Reply(None, json.loads(text), 0.0, status)
        except ValueError:
            return Reply("dispatch_unknown_error", text, 0.0, status)
    return Reply(None, text, 0.0, status)
