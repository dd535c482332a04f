"""Load: signed `/imagine` commands over connections that are kept, each waiting for its answer.

A protocol of its own (no HTTP library), so that the generator is never the bottleneck: it needs
some 60 microseconds a request.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from tests.benchmarks.standins import name_channel

PROMPT: Final = "a lighthouse in fog"
# An answer that takes longer than this is lost: Slack gives up after three seconds.
_PATIENCE_SECONDS: Final = 10.0


@dataclass
class Load:
    """What was answered. Latencies in seconds, in the order of the answers."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    surprises: int = 0  # answers with a body: an accepted command has none
    lost: int = 0  # no answer
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def faults(self) -> int:
        """What was not acked with an empty 200."""
        return sum(n for status, n in self.statuses.items() if status != 200) + (
            self.surprises + self.lost
        )


class CommandMaker:
    """Commands as Slack sends them, no two with the same trigger, each in the next channel."""

    def __init__(self, signing_secret: str, port: int) -> None:
        self._secret = signing_secret.encode()
        self._port = port
        self._run = secrets.token_hex(8)
        self.made = 0
        self.text = PROMPT

    @staticmethod
    def name_channel(number: int) -> str:
        """Where the `number`-th command (from 0) is typed."""
        return name_channel(number)

    def make_request(self) -> bytes:
        """The whole HTTP request, signed now."""
        body = self._make_body(self.made)
        self.made += 1
        timestamp = str(int(time.time())).encode()
        base = b"v0:" + timestamp + b":" + body
        signature = b"v0=" + hmac.new(self._secret, base, hashlib.sha256).hexdigest().encode()
        head = (
            b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
            b"Accept: application/json,*/*\r\nAccept-Encoding: gzip,deflate\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"X-Slack-Request-Timestamp: %b\r\nX-Slack-Signature: %b\r\n"
            b"Content-Length: %d\r\n\r\n"
        )
        return head % (self._port, timestamp, signature, len(body)) + body

    def _make_body(self, number: int) -> bytes:
        channel = self.name_channel(number)
        return urlencode(
            {
                "token": "deprecated",
                "team_id": "T0SANDBOX",
                "team_domain": "sandbox",
                "channel_id": channel,
                "channel_name": channel.lower(),
                "user_id": f"U{number:07}",  # one person may have 13 under way
                "user_name": "ada",
                "command": "/imagine",
                "text": self.text,
                "api_app_id": "A0IMAGINE",
                "is_enterprise_install": "false",
                "response_url": f"http://127.0.0.1:1/commands/T0SANDBOX/{number}/{self._run}",
                "trigger_id": f"{number}.{int(time.time() * 1000)}.{self._run}",
            }
        ).encode()


class _Lane(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], load: Load) -> None:
        self._requests = requests
        self._load = load
        self._received = bytearray()
        self._sent_at = 0.0
        self._is_waiting = False
        self._transport: asyncio.Transport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send_next()

    def data_received(self, data: bytes) -> None:
        """Note the answer where it is whole."""
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        status, length = read_head(bytes(head))
        if len(rest) < length:
            return
        self._load.latencies.append(time.perf_counter() - self._sent_at)
        self._load.statuses[status] += 1
        self._load.surprises += status == 200 and length > 0
        self._received.clear()
        self._is_waiting = False
        self._send_next()

    def connection_lost(self, _error: Exception | None) -> None:
        """The server closed it, or we did."""
        self._load.lost += self._is_waiting
        self._is_waiting = False
        if not self.ended.done():
            self.ended.set_result(None)

    def give_up(self) -> None:
        """Wait no longer."""
        if self._transport is not None:
            self._transport.abort()

    def _send_next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._is_waiting = True
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def read_head(head: bytes) -> tuple[int, int]:
    """Status and length of an answer, from its head. Pure."""
    first, *lines = head.split(b"\r\n")
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(first.split()[1]), int(value)
    return int(first.split()[1]), 0


async def press(
    maker: CommandMaker, port: int, concurrency: int, *, seconds: float = 0.0, count: int = 0
) -> Load:
    """Send commands for so many `seconds`, or so many of them, `concurrency` at a time."""
    load = Load()
    begun = time.perf_counter()

    def requests() -> Iterator[bytes]:
        for number in itertools.count():
            if number >= count if count else time.perf_counter() - begun >= seconds:
                return
            yield maker.make_request()

    source = requests()
    loop = asyncio.get_running_loop()
    lanes = []
    for _ in range(concurrency):
        _, lane = await loop.create_connection(lambda: _Lane(source, load), "127.0.0.1", port)
        lanes.append(lane)
    ends = [lane.ended for lane in lanes]
    await asyncio.wait(ends, timeout=seconds + count / 20 + _PATIENCE_SECONDS)
    load.seconds = time.perf_counter() - begun
    for lane in lanes:
        lane.give_up()
    await asyncio.wait(ends)
    return load


def find_percentile(values: list[float], percent: float) -> float:
    """The value that `percent` of `values` do not exceed (nearest rank); nan where there is none.
    Pure."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]
