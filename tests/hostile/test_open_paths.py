"""What anybody may ask the port: who may read the metrics, and what a flood of questions costs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.app.app import share_look
from bot.settings import Settings
from tests.support.stage import make_settings, open_stage

ANY = "0.0.0.0"  # noqa: S104 - nothing is bound
TOKEN = "a-token-that-nobody-guesses"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer é"}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
async def test_metrics_are_for_who_has_the_token(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with (
        open_stage(tmp_path, metrics_token=TOKEN) as stage,
        aiohttp.ClientSession() as http,
        http.get(f"{stage.bot_url}/metrics", headers=headers) as answer,
    ):
        assert answer.status == status
        assert ("imagine_" in await answer.text()) is (status == 200)


@pytest.mark.parametrize(
    ("changes", "host"),
    [
        ({}, ANY),
        ({"slack_app_token": "xapp-1-A"}, "127.0.0.1"),
        ({"slack_app_token": "xapp-1-A", "host": ANY}, ANY),
        ({"host": "10.0.0.1"}, "10.0.0.1"),
    ],
)
def test_in_socket_mode_only_this_machine_is_heard_unless_the_operator_says_otherwise(
    tmp_path: Path, changes: dict[str, Any], host: str
) -> None:
    given = make_settings("http://127.0.0.1:1", "http://127.0.0.1:2", tmp_path / "x.sqlite3")
    known = given.model_dump(exclude={"host"}, exclude_none=True)

    assert Settings(_env_file=None, **(known | changes)).host == host


async def test_a_flood_of_questions_is_one_look_at_a_time() -> None:
    looks, go = 0, asyncio.Event()

    async def look() -> Response:
        nonlocal looks
        looks += 1
        await go.wait()
        return PlainTextResponse("ok")

    endpoint = share_look(look)
    asked = [asyncio.ensure_future(endpoint(Request({"type": "http"}))) for _ in range(200)]
    await asyncio.sleep(0)
    asked.pop().cancel()  # one leaves, and takes nothing from the others
    go.set()
    answers = await asyncio.gather(*asked)
    await endpoint(Request({"type": "http"}))

    assert {answer.status_code for answer in answers} == {200}
    assert looks == 2
