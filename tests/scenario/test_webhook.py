"""PowerPost's webhook: a hint that makes a job look sooner, and that nobody else can misuse."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.app import Bot
from bot.generations.timing import Rhythm
from bot.sandbox.serving import serve
from bot.webhook import BODY_MAX_BYTES, HINT_BURST, WebhookEndpoint, read_hint
from tests.process import start_bot
from tests.stage import DESIGN, Stage, open_stage

TOKEN = "a-token-that-nobody-guesses-0123456789"
OURS = "ws_sandbox"


@contextlib.asynccontextmanager
async def open_hinted_stage(directory: Path, **changes: Any) -> AsyncIterator[Stage]:
    """A bot that would look only once in half a minute."""
    async with open_stage(directory, runs_bot=False, **changes) as stage:
        bot = Bot(stage.settings, Rhythm(first_look_seconds=30.0, poll_seconds=30.0))
        async with serve(bot.web_app()) as url:
            stage.bot_url = stage.delivery.bot_url = url
            await stage.until(lambda: bot.is_connected, what="connected to Slack")
            yield stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_hinted_stage(tmp_path, powerpost_webhook_token=TOKEN) as opened:
        yield opened


def envelope(image_generation_id: object, workspace_id: str = OURS, **more: object) -> bytes:
    data = {"image_generation_id": image_generation_id, "status": "completed"}
    said = {"event": "image_generation.completed", "workspace_id": workspace_id, "data": data}
    return json.dumps(said | more).encode()


async def post(stage: Stage, body: bytes, token: str = TOKEN) -> int:
    """The status of a delivery."""
    url = f"{stage.bot_url}/powerpost/webhook/{token}"
    async with aiohttp.ClientSession() as http, http.post(url, data=body) as answer:
        assert TOKEN not in await answer.text()
        return answer.status


def looks(stage: Stage) -> int:
    return sum(e.method == "GET" and "/generations/" in e.path for e in stage.powerpost.exchanges)


async def begin(stage: Stage) -> str:
    """A generation under way that does not end by itself; PowerPost's id of it."""
    stage.powerpost.seconds_per_generation = 3600.0
    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
    await stage.until(
        lambda: any("Generating" in str(root.blocks) for root in stage.roots()), what="waiting"
    )
    (image_generation_id,) = stage.powerpost.generations
    return image_generation_id


async def test_what_has_finished_is_posted_after_one_look(stage: Stage) -> None:
    stage.powerpost.webhook_url = f"{stage.bot_url}/powerpost/webhook/{TOKEN}"
    stage.powerpost.seconds_per_generation = 1.0

    await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
    await stage.until_told()

    assert looks(stage) == 1


async def test_a_hint_too_early_is_a_look_and_the_next_one_is_still_heeded(stage: Stage) -> None:
    image_generation_id = await begin(stage)

    assert await post(stage, envelope(image_generation_id)) == 200
    await stage.until(lambda: looks(stage) == 1, what="a look in vain")
    stage.powerpost.generations[image_generation_id].ends_at = stage.powerpost.now()
    assert await post(stage, envelope(image_generation_id)) == 200
    await stage.until_told()

    assert looks(stage) == 2


async def test_a_flood_of_hints_is_a_few_looks(stage: Stage) -> None:
    image_generation_id = await begin(stage)

    statuses = await asyncio.gather(
        *(post(stage, envelope(image_generation_id)) for _ in range(60))
    )
    await asyncio.sleep(0.5)

    assert set(statuses) == {200}
    # One for the first hint, and no other within the second after it.
    assert 1 <= looks(stage) <= 2


async def test_a_wrong_token_is_an_address_that_does_not_exist(stage: Stage) -> None:
    image_generation_id = await begin(stage)

    for token in (TOKEN[:-1], TOKEN + "x", "x", "%00", "%C3%A4", TOKEN.upper()):
        assert await post(stage, envelope(image_generation_id), token) == 404
    await asyncio.sleep(0.1)
    assert looks(stage) == 0


JUNK = {
    "an id that nobody waits for": (envelope("0" * 36), 200),
    "too long for an id": (envelope("x" * 300), 200),
    "a number for an id": (envelope(7), 200),
    "null for an id": (envelope(None), 200),
    "another event": (b'{"event":"post.published","data":{}}', 200),
    "an empty object": (b"{}", 200),
    "no body": (b"", 400),
    "no JSON": (b"hello", 400),
    "no object": (b"[]", 400),
    "no text": (b"\xff\xfe\x00", 400),
    "very deep": (b"[" * 60_000, 400),
    "an endless number": (b'{"event":' + b"9" * 60_000 + b"}", 400),
    "too large": (b" " * (BODY_MAX_BYTES + 1), 413),
}


async def test_junk_does_nothing(stage: Stage) -> None:
    await begin(stage)

    for name, (body, status) in JUNK.items():
        assert await post(stage, body) == status, name
    await asyncio.sleep(0.1)
    assert looks(stage) == 0


async def test_a_hint_for_another_workspace_does_nothing(stage: Stage) -> None:
    image_generation_id = await begin(stage)

    assert await post(stage, envelope(image_generation_id, "ws_other")) == 200
    await asyncio.sleep(0.1)
    assert looks(stage) == 0


async def test_what_a_hint_says_is_not_believed(stage: Stage) -> None:
    image_generation_id = await begin(stage)
    body = envelope(image_generation_id, event="image_generation.failed")

    assert await post(stage, body) == 200
    await stage.until(lambda: looks(stage) == 1, what="a look")
    await asyncio.sleep(0.1)
    assert stage.replies() == []


async def test_without_a_token_there_is_no_address(tmp_path: Path) -> None:
    async with open_hinted_stage(tmp_path) as stage:
        assert await post(stage, envelope("x")) == 404
        assert await post(stage, envelope("x"), "None") == 404


async def test_a_flood_is_limited_and_dries_up() -> None:
    now = 100.0
    heard: list[str] = []

    async def hear(image_generation_id: str) -> None:
        heard.append(image_generation_id)

    endpoint = WebhookEndpoint(TOKEN, OURS, hear, clock=lambda: now)
    route = Route("/powerpost/webhook/{token}", endpoint.answer, methods=["POST"])
    async with serve(Starlette(routes=[route])) as url, aiohttp.ClientSession() as http:

        async def send(token: str = TOKEN) -> int:
            address = f"{url}/powerpost/webhook/{token}"
            async with http.post(address, data=envelope("g")) as answer:
                return answer.status

        # Wrong tokens take nothing away from those who have the right one.
        assert [await send("wrong") for _ in range(20)] == [404] * 20
        assert [await send() for _ in range(HINT_BURST)] == [200] * HINT_BURST
        assert await send() == 429
        now += 0.06
        assert [await send(), await send()] == [200, 429]

    assert len(heard) == HINT_BURST + 1


def test_a_hint_is_the_id_alone() -> None:
    assert read_hint(envelope("7a8b"), OURS) == "7a8b"
    assert read_hint(envelope("7a8b"), "ws_other") is None
    assert read_hint(envelope("7a\n8b"), OURS) is None


async def test_a_hint_that_another_process_hears_wakes_the_one_that_waits(
    tmp_path: Path, postgres_url: str
) -> None:
    async with (
        open_stage(
            tmp_path,
            runs_bot=False,
            port=0,
            database_url=postgres_url,
            powerpost_webhook_token=TOKEN,
            poll_seconds=60,
        ) as stage,
        start_bot(stage.settings, tmp_path, "--role", "web") as web,
        start_bot(stage.settings, tmp_path, "--role", "worker") as worker,
    ):
        stage.bot_url = stage.delivery.bot_url = web.url
        await web.until_page("/readyz", 200)
        await worker.until_page("/readyz", 200)
        stage.powerpost.webhook_url = f"{web.url}/powerpost/webhook/{TOKEN}"
        stage.powerpost.seconds_per_generation = 3.5  # after the first look

        await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
        await stage.until_told()

        assert looks(stage) == 2
        assert '"finished"' in worker.output
