"""PowerPost's webhook: a hint that makes a job look sooner, and that nobody else can misuse."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.app.app import Bot
from bot.generations.timing import PollSchedule
from bot.http.bodies import Bodies
from bot.powerpost.webhook import (
    BODY_MAX_BYTES,
    NOTIFICATION_BURST,
    WebhookEndpoint,
    read_notification,
)
from bot.sandbox.serving import serve
from tests.support.process import start_bot
from tests.support.stage import DESIGN, Stage, images_of, open_stage

TOKEN = "a-token-that-nobody-guesses-0123456789"
OURS = "ws_sandbox"


@contextlib.asynccontextmanager
async def open_hinted_stage(directory: Path, **changes: Any) -> AsyncIterator[Stage]:
    """A bot that would look only once in half a minute."""
    async with open_stage(directory, runs_bot=False, **changes) as stage:
        bot = Bot(stage.settings, PollSchedule(first_poll_seconds=30.0, poll_seconds=30.0))
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


def look_times(stage: Stage) -> list[float]:
    return [
        e.at for e in stage.powerpost.exchanges if e.method == "GET" and "/generations/" in e.path
    ]


def looks(stage: Stage) -> int:
    return len(look_times(stage))


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


async def test_a_flood_of_hints_is_a_look_at_once_and_another_a_second_later(
    stage: Stage,
) -> None:
    image_generation_id = await begin(stage)

    statuses = set[int]()
    while looks(stage) < 2:
        statuses.add(await post(stage, envelope(image_generation_id)))

    assert 200 in statuses <= {200, 429}
    first, second = look_times(stage)
    assert second - first >= 0.95


JUNK = {
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


@dataclass
class Ear:
    """An endpoint by itself: what it heard is known once it has answered."""

    url: str
    http: aiohttp.ClientSession
    now: float = 100.0
    heard: list[str] = field(default_factory=list)

    async def hear(self, image_generation_id: str) -> None:
        self.heard.append(image_generation_id)

    async def send(self, body: bytes, token: str = TOKEN) -> int:
        address = f"{self.url}/powerpost/webhook/{token}"
        async with self.http.post(address, data=body) as answer:
            return answer.status


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    async with aiohttp.ClientSession() as http:
        opened = Ear("", http)
        endpoint = WebhookEndpoint(TOKEN, [OURS], opened.hear, Bodies(), clock=lambda: opened.now)
        route = Route("/powerpost/webhook/{token}", endpoint.answer, methods=["POST"])
        async with serve(Starlette(routes=[route])) as opened.url:
            yield opened


async def test_a_hint_is_heard_before_it_is_answered(ear: Ear) -> None:
    assert await ear.send(envelope("7a8b")) == 200
    assert ear.heard == ["7a8b"]


@pytest.mark.parametrize("token", [TOKEN[:-1], TOKEN + "x", "x", "%00", "%C3%A4", TOKEN.upper()])
async def test_a_wrong_token_is_an_address_that_does_not_exist(ear: Ear, token: str) -> None:
    assert await ear.send(envelope("7a8b"), token) == 404
    assert ear.heard == []


@pytest.mark.parametrize(("body", "status"), JUNK.values(), ids=JUNK)
async def test_junk_does_nothing(ear: Ear, body: bytes, status: int) -> None:
    assert await ear.send(body) == status
    assert ear.heard == []


async def test_a_hint_for_another_workspace_does_nothing(ear: Ear) -> None:
    assert await ear.send(envelope("7a8b", "ws_other")) == 200
    assert ear.heard == []


async def test_a_hint_that_nobody_waits_for_does_no_harm(stage: Stage) -> None:
    image_generation_id = await begin(stage)

    assert await post(stage, envelope("0" * 36)) == 200
    assert await post(stage, envelope(image_generation_id)) == 200
    await stage.until(lambda: looks(stage) == 1, what="a look for its own hint")


async def test_what_a_hint_says_is_not_believed(stage: Stage) -> None:
    image_generation_id = await begin(stage)
    body = envelope(image_generation_id, event="image_generation.failed")

    assert await post(stage, body) == 200
    await stage.until(lambda: looks(stage) == 1, what="a look")
    stage.powerpost.generations[image_generation_id].ends_at = stage.powerpost.now()
    assert await post(stage, body) == 200
    (told,) = await stage.until_told()

    assert len(images_of(told)) == 1


async def test_without_a_token_there_is_no_address(tmp_path: Path) -> None:
    async with open_hinted_stage(tmp_path) as stage:
        assert await post(stage, envelope("x")) == 404
        assert await post(stage, envelope("x"), "None") == 404


async def test_a_flood_is_limited_and_dries_up(ear: Ear) -> None:
    hint = envelope("g")
    # Wrong tokens take nothing away from those who have the right one.
    assert [await ear.send(hint, "wrong") for _ in range(20)] == [404] * 20
    assert [await ear.send(hint) for _ in range(NOTIFICATION_BURST)] == [200] * NOTIFICATION_BURST
    assert await ear.send(hint) == 429
    ear.now += 0.06
    assert [await ear.send(hint), await ear.send(hint)] == [200, 429]

    assert len(ear.heard) == NOTIFICATION_BURST + 1


def test_a_hint_is_the_id_alone() -> None:
    assert read_notification(envelope("7a8b"), [OURS]) == "7a8b"
    assert read_notification(envelope("7a8b"), ["ws_other", OURS]) == "7a8b"
    assert read_notification(envelope("7a8b"), ["ws_other"]) is None
    assert read_notification(envelope("7a\n8b"), [OURS]) is None


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

        # The second look would come after 60 s; the first may be late on a busy machine.
        assert looks(stage) <= 2
        assert '"generation.finished"' in worker.output
