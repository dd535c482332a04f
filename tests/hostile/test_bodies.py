"""Bodies of people who were not let in: refused unread, or within one budget for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.requests import Request

from bot.http.bodies import Bodies, BodyRefused
from bot.slack.kit.endpoint import may_be_from_slack
from tests.support.signed_requests import DOCUMENTED_SIGNATURE, begin_post, sign
from tests.support.stage import Stage

MOST = 1000
NOW = 1_800_000_000.0


class Sender:
    """A request whose body comes when the test says so."""

    def __init__(self, **headers: str) -> None:
        self._pieces: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.request = Request({"type": "http", "headers": encoded}, self._pieces.get)

    async def send(self, body: bytes, *, is_all: bool = False) -> None:
        """A piece, and time for whoever reads it."""
        self._pieces.put_nowait({"type": "http.request", "body": body, "more_body": not is_all})
        for _ in range(5):
            await asyncio.sleep(0)


def begin(bodies: Bodies) -> tuple[Sender, asyncio.Task[bytes]]:
    sender = Sender()
    return sender, asyncio.create_task(bodies.read(sender.request, MOST))


async def read_refusal(reading: asyncio.Task[bytes]) -> int:
    """The status that a body was refused with."""
    with pytest.raises(BodyRefused) as refused:
        await reading
    return refused.value.answer().status_code


async def test_over_the_budget_the_largest_body_goes_and_the_small_one_is_read() -> None:
    bodies = Bodies(budget_bytes=1000)
    large, reading_large = begin(bodies)
    small, reading_small = begin(bodies)
    await large.send(b"x" * 900)
    await small.send(b"y" * 60)
    await small.send(b"y" * 60, is_all=True)

    assert await read_refusal(reading_large) == 503
    assert await reading_small == b"y" * 120


async def test_a_body_that_is_itself_too_much_is_refused_and_gives_its_room_back() -> None:
    bodies = Bodies(budget_bytes=1000)
    small, reading_small = begin(bodies)
    await small.send(b"y" * 200)
    for _ in range(5):
        large, reading_large = begin(bodies)
        await large.send(b"x" * 900)
        assert await read_refusal(reading_large) == 503
    await small.send(b"y" * 600, is_all=True)

    assert len(await reading_small) == 800


async def test_a_stated_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    for length in (str(MOST + 1), "9" * 5000):
        sender = Sender(**{"content-length": length})
        reading = asyncio.create_task(Bodies().read(sender.request, MOST))
        assert await read_refusal(reading) == 413


FRESH = {"x-slack-request-timestamp": str(int(NOW)), "x-slack-signature": DOCUMENTED_SIGNATURE}


@pytest.mark.parametrize(
    ("changed", "may_be"),
    [
        ({}, True),
        ({"x-slack-signature": ""}, False),
        ({"x-slack-signature": "v0="}, False),
        ({"x-slack-signature": DOCUMENTED_SIGNATURE.upper()}, False),
        ({"x-slack-signature": DOCUMENTED_SIGNATURE + "0"}, False),
        ({"x-slack-signature": DOCUMENTED_SIGNATURE + "\n"}, False),
        ({"x-slack-request-timestamp": str(int(NOW) - 301)}, False),
        ({"x-slack-request-timestamp": str(int(NOW) + 301)}, False),
        ({"x-slack-request-timestamp": "٣"}, False),
        ({"x-slack-request-timestamp": "9" * 400}, False),
        ({"x-slack-request-timestamp": ""}, False),
    ],
)
def test_headers_alone_tell_what_cannot_be_slacks(changed: dict[str, str], may_be: bool) -> None:
    assert may_be_from_slack(FRESH | changed, NOW) is may_be


@pytest.mark.parametrize("headers", [{}, sign(b"", "1531420618"), sign(b"", "soon")])
async def test_what_cannot_be_slacks_is_refused_while_its_body_is_still_to_come(
    stage: Stage, headers: dict[str, str]
) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(60)

    async with aiohttp.ClientSession() as http:
        begun = time.monotonic()
        url = f"{stage.bot_url}/slack/events"
        async with http.post(url, data=never(), headers=headers) as answer:
            assert answer.status == 401
    assert time.monotonic() - begun < 30.0, "it waited for the body"


async def test_a_body_may_say_that_it_is_endless(stage: Stage) -> None:
    port = int(stage.bot_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin_post(b"", length=10**15))

    assert b" 413 " in await reader.readline()
    writer.close()
