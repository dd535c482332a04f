"""Requests as Slack signs and sends them."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from tests.support.stage import Stage

SECRET = "sandbox-signing-secret"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
DOCUMENTED_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def sign(body: bytes, timestamp: str, secret: str = SECRET) -> dict[str, str]:
    """Slack's headers, written down from its page and not from our code."""
    base = f"v0:{timestamp}:".encode() + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def begin_post(begun: bytes, length: int = 9) -> bytes:
    """A request whose signature may be Slack's until its body is whole, which it is not yet."""
    said = {"Host": "x", "Content-Length": str(length), **sign(b"", str(int(time.time())))}
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"POST /slack/events HTTP/1.1\r\n{head}\r\n".encode() + begun


@dataclass
class Slack:
    """Somebody who can reach the door, with or without Slack's secret."""

    http: aiohttp.ClientSession
    stage: Stage

    async def post(
        self, body: bytes, headers: Mapping[str, str], path: str = "/slack/events"
    ) -> tuple[int, str]:
        """Status and body of the answer."""
        url = self.stage.bot_url + path
        async with self.http.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def post_signed(self, body: bytes, content_type: str = JSON) -> tuple[int, str]:
        """As Slack would send it now."""
        headers = sign(body, str(int(time.time())))
        return await self.post(body, headers | {"Content-Type": content_type})
