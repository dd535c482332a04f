"""A stand-in on a free port, a clock that tests move, and a client with a valid key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app
from bot.sandbox.serving import serve
from tests.support.powerpost_stand_in import CHANGED_PRICES, Clock, open_client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def powerpost(clock: Clock) -> PowerPost:
    return PowerPost(
        balance=100,
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=3.0,
        rate_limit_per_minute=1000,
        clock=clock,
    )


@pytest.fixture
async def url(powerpost: PowerPost) -> AsyncIterator[str]:
    async with serve(build_app(powerpost)) as address:
        yield address


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"x-api-key": "pp_live_sk_sandbox", "X-Workspace-Id": "ws_sandbox"}
    async with open_client(url + "/api/v1", headers) as opened:
        yield opened
