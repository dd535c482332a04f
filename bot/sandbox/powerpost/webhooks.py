"""Telling a webhook that a generation has ended.

Source: PowerPost's page on webhooks. How deliveries are signed is not known, so these are not
signed. The real receiver must be HTTPS; this one may be plain HTTP on loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.sandbox.powerpost.captions import format_time
from bot.sandbox.powerpost.exchanges import Exchange
from bot.sandbox.powerpost.generation import ImageGeneration
from bot.sandbox.powerpost.service import PowerPost

_ANSWER_SECONDS = 10.0
_LONGEST_SLEEP_SECONDS = 1.0  # so that a clock which is moved by a test is noticed


class WebhookSender:
    """Waits for generations to end and posts to its workspace's webhook, once for each."""

    def __init__(self, service: PowerPost) -> None:
        self._service = service
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None  # made for the first delivery: it is slow

    def expect(self, generation: ImageGeneration) -> None:
        """Deliver when `generation` ends; nothing happens while no webhook is set up."""
        is_heard = generation.workspace_id in self._service.webhook_urls
        if not is_heard or math.isinf(generation.ends_at):
            return
        task = asyncio.create_task(self._deliver_at_end(generation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _deliver_at_end(self, generation: ImageGeneration) -> None:
        # The end is a time on the service's clock, so there is no event to wait for.
        while (seconds := generation.ends_at - self._service.now()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(seconds, _LONGEST_SLEEP_SECONDS))
        url = self._service.webhook_urls.get(generation.workspace_id)
        if url is None or self._service.faults.loses_webhooks:
            return
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_ANSWER_SECONDS, trust_env=False)
        exchange = self._begin(url, generation)
        started = time.perf_counter()
        # Whether PowerPost tries again is not said; a hint that is lost is the harder case.
        with contextlib.suppress(httpx.HTTPError, httpx.InvalidURL):
            answer = await self._client.post(url, json=exchange.request_json)
            exchange.status = answer.status_code
        self._service.finish_exchange(exchange, time.perf_counter() - started)

    def _begin(self, url: str, generation: ImageGeneration) -> Exchange:
        now = self._service.now()
        exchange = Exchange(
            at=now,
            method="POST",
            path=hide_token(url),
            query="",
            request_headers={"content-type": "application/json"},
            request_json=make_envelope(generation, now),
            image_generation_id=generation.image_generation_id,
            is_delivery=True,
        )
        self._service.begin_exchange(exchange)
        return exchange


def hide_token(url: str) -> str:
    """The path of a webhook's address; what follows its last slash is a secret."""
    path, _, _ = urlsplit(url).path.rpartition("/")
    return f"{path}/…"


def make_envelope(generation: ImageGeneration, now: float) -> dict[str, Any]:
    """The body of a delivery at `now` (Unix seconds)."""
    status = generation.status_at(now)
    data: dict[str, Any] = {
        "image_generation_id": generation.image_generation_id,
        "status": status,
    }
    if generation.error:
        data["error_code"] = generation.error["code"]
        data["error_message"] = generation.error["message"]
    return {
        "event": f"image_generation.{status}",
        "timestamp": format_time(now),
        "workspace_id": generation.workspace_id,
        "data": data,
    }
