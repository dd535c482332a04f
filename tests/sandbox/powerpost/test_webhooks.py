"""The webhook: one delivery when a generation ends, in the documented envelope."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.powerpost.service import Outcome, PowerPost
from bot.sandbox.powerpost.web import build_app
from bot.sandbox.serving import serve
from tests.support.powerpost_stand_in import open_client

HEADERS = {"x-api-key": "pp_live_sk_sandbox", "X-Workspace-Id": "ws_sandbox"}


class Receiver:
    """A webhook that keeps what it gets."""

    def __init__(self) -> None:
        self.deliveries: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    async def receive(self, request: Request) -> Response:
        self.deliveries.put_nowait(await request.json())
        return Response(status_code=500)

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.deliveries.get(), 30)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = Starlette(routes=[Route("/hook", receiver.receive, methods=["POST"])])
    async with serve(app) as url:
        receiver.url = url + "/hook"
        yield receiver


@pytest.fixture
async def quick(receiver: Receiver) -> AsyncIterator[tuple[PowerPost, httpx.AsyncClient]]:
    """A stand-in on the real clock whose generations take 20 ms."""
    powerpost = PowerPost(seconds_per_generation=0.02)
    powerpost.webhook_url = receiver.url
    async with (
        serve(build_app(powerpost)) as url,
        open_client(url + "/api/v1", HEADERS) as client,
    ):
        yield powerpost, client


@pytest.mark.parametrize(
    ("outcome", "event", "more"),
    [
        (Outcome.COMPLETED, "image_generation.completed", {}),
        (
            Outcome.PARTIAL,
            "image_generation.failed",
            {
                "error_code": "PARTIAL_FAILURE",
                "error_message": "1 of 2 images failed to generate. "
                "Credits refunded for failed images.",
            },
        ),
        (
            Outcome.FAILED,
            "image_generation.failed",
            {
                "error_code": "GENERATION_FAILED",
                "error_message": "All images failed to generate. Credits refunded.",
            },
        ),
    ],
)
async def test_the_envelope_says_how_the_generation_ended(
    quick: tuple[PowerPost, httpx.AsyncClient],
    receiver: Receiver,
    outcome: Outcome,
    event: str,
    more: dict[str, str],
) -> None:
    powerpost, client = quick
    powerpost.faults.next_outcome(outcome)
    body = {"prompt": "a fox", "quantity": 2}
    answer = (await client.post("/images/generate", json=body)).json()
    envelope = await receiver.next()
    assert envelope.pop("timestamp").endswith("Z")
    status = "completed" if outcome is Outcome.COMPLETED else "failed"
    assert envelope == {
        "event": event,
        "workspace_id": "ws_sandbox",
        "data": {"image_generation_id": answer["image_generation_id"], "status": status, **more},
    }


async def test_it_comes_after_the_end_and_once_even_when_the_receiver_fails(
    quick: tuple[PowerPost, httpx.AsyncClient], receiver: Receiver
) -> None:
    _, client = quick
    first = (await client.post("/images/generate", json={"prompt": "x"})).json()
    told = await receiver.next()
    looked = (await client.get(first["status_url"].removeprefix("/api/v1"))).json()
    assert looked["status"] == "completed"
    second = (await client.post("/images/generate", json={"prompt": "y"})).json()

    # What comes next is about the next one.
    ids = [each["data"]["image_generation_id"] for each in (told, await receiver.next())]
    assert ids == [first["image_generation_id"], second["image_generation_id"]]
    assert receiver.deliveries.empty()


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook", "nonsense"])
async def test_a_receiver_that_is_not_there_does_no_harm(
    quick: tuple[PowerPost, httpx.AsyncClient], caplog: pytest.LogCaptureFixture, url: str
) -> None:
    powerpost, client = quick
    powerpost.webhook_url = url
    news = powerpost.subscribe()
    await client.post("/images/generate", json={"prompt": "x"})

    async with asyncio.timeout(30):
        async for exchange in news:
            if exchange.is_delivery and exchange.seconds > 0:  # it is over
                break

    assert exchange.status is None
    assert (await client.get("/account/credits")).status_code == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
