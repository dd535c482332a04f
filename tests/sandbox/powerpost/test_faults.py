"""The faults: what each answers with, whether it charges, and that each is used once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest

from bot.sandbox.powerpost.faults import DownloadFault, Outcome, PollFault, SubmitFault
from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_requests import generate
from tests.support.powerpost_stand_in import Clock

# A connection takes as long as it takes; an answer that never comes is not waited for.
_SOON = httpx.Timeout(30.0, read=0.5)


async def submit(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/images/generate", json={"prompt": "a fox"})


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (SubmitFault.ERROR_500, 500, "INTERNAL_ERROR"),
        (SubmitFault.RATE_LIMITED, 429, "RATE_LIMIT_EXCEEDED"),
        (SubmitFault.INSUFFICIENT_CREDITS, 402, "INSUFFICIENT_CREDITS"),
        (SubmitFault.INVALID_KEY, 401, "INVALID_API_KEY"),
        (SubmitFault.FORBIDDEN, 403, "FORBIDDEN"),
        (SubmitFault.INSUFFICIENT_SCOPE, 403, "INSUFFICIENT_SCOPE"),
        (SubmitFault.NOT_FOUND, 404, "NOT_FOUND"),
        (SubmitFault.INVALID, 400, "VALIDATION_ERROR"),
    ],
)
async def test_a_fault_that_refuses_charges_nothing_and_is_used_once(
    client: httpx.AsyncClient, powerpost: PowerPost, fault: SubmitFault, status: int, code: str
) -> None:
    powerpost.faults.next_submit(fault)
    response = await submit(client)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert "x-request-id" in response.headers
    assert (powerpost.balance, powerpost.paid_posts, powerpost.charges) == (100, 0, [])
    assert (await submit(client)).status_code == 200


async def test_rate_limited_waits_a_second_and_its_headers_agree(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_submit(SubmitFault.RATE_LIMITED)
    response = await submit(client)
    assert response.json()["error"]["retryAfter"] == 1
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == str(int(clock.seconds) + 1)


async def test_insufficient_scope_names_images_generate(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.INSUFFICIENT_SCOPE)
    assert "images:generate" in (await submit(client)).json()["error"]["message"]


def assert_charged_once(powerpost: PowerPost) -> None:
    assert (powerpost.balance, powerpost.paid_posts) == (97, 1)
    assert [charge.credits for charge in powerpost.charges] == [3]
    assert len(powerpost.generations) == 1


async def test_a_lost_answer_is_charged_and_the_connection_closed(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.ANSWER_LOST)
    with pytest.raises(httpx.RemoteProtocolError):
        await submit(client)
    assert_charged_once(powerpost)
    assert powerpost.exchanges[-1].status is None


async def test_a_broken_answer_is_charged_and_not_json(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.ANSWER_BROKEN)
    response = await submit(client)
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()
    assert_charged_once(powerpost)


async def test_error_500_charged_is_charged(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.ERROR_500_CHARGED)
    assert (await submit(client)).status_code == 500
    assert_charged_once(powerpost)


async def test_hang_is_charged_and_silent_until_the_client_leaves(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.HANG)
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/images/generate", json={"prompt": "a fox"}, timeout=_SOON)
    assert_charged_once(powerpost)


async def test_slow_answers_late(client: httpx.AsyncClient, powerpost: PowerPost) -> None:
    assert powerpost.faults.slow_seconds == 2.0
    powerpost.faults.slow_seconds = 0.1
    powerpost.faults.next_submit(SubmitFault.SLOW)
    started = time.perf_counter()
    assert (await submit(client)).status_code == 200
    assert time.perf_counter() - started >= 0.1


async def test_faults_are_used_in_their_order(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.INVALID)
    powerpost.faults.next_submit(SubmitFault.NOT_FOUND)
    powerpost.faults.next_outcome(Outcome.SLOW)
    assert powerpost.faults.pending() == ["submit: invalid", "submit: not_found", "outcome: slow"]
    answers = [(await submit(client)).status_code for _ in range(3)]
    assert answers == [400, 404, 200]
    assert powerpost.faults.pending() == []


async def test_a_call_without_a_valid_key_uses_no_fault_up(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.next_submit(SubmitFault.ERROR_500)
    headers = {"x-api-key": "wrong"}
    response = await client.post("/images/generate", json={"prompt": "x"}, headers=headers)
    assert response.status_code == 401
    assert (await submit(client)).status_code == 500


@pytest.mark.parametrize(
    ("fault", "status"),
    [(PollFault.ERROR_500, 500), (PollFault.RATE_LIMITED, 429), (PollFault.NOT_FOUND, 404)],
)
async def test_a_look_can_be_refused_as_often_as_asked(
    client: httpx.AsyncClient, powerpost: PowerPost, fault: PollFault, status: int
) -> None:
    path = (await submit(client)).json()["status_url"].removeprefix("/api/v1")
    powerpost.faults.next_poll(fault, times=2)
    answers = [(await client.get(path)).status_code for _ in range(3)]
    assert answers == [status, status, 200]


async def test_a_look_can_be_broken_dropped_or_hang(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    path = (await submit(client)).json()["status_url"].removeprefix("/api/v1")
    powerpost.faults.next_poll(PollFault.BROKEN)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        (await client.get(path)).json()
    powerpost.faults.next_poll(PollFault.DROPPED)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(path)
    powerpost.faults.next_poll(PollFault.HANG)
    with pytest.raises(httpx.ReadTimeout):
        await client.get(path, timeout=_SOON)
    assert (await client.get(path)).json()["status"] == "processing"


@pytest.mark.parametrize(
    ("fault", "status"), [(DownloadFault.ERROR_500, 500), (DownloadFault.NOT_FOUND, 404)]
)
async def test_a_download_can_be_refused(
    client: httpx.AsyncClient,
    powerpost: PowerPost,
    clock: Clock,
    fault: DownloadFault,
    status: int,
) -> None:
    (image,) = await generate(client, clock)
    powerpost.faults.next_download(fault, times=2)
    answers = [(await client.get(image["url"])).status_code for _ in range(3)]
    assert answers == [status, status, 200]


async def test_a_download_can_be_a_page_or_cut_off(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    (image,) = await generate(client, clock)
    powerpost.faults.next_download(DownloadFault.HTML)
    response = await client.get(image["url"])
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    powerpost.faults.next_download(DownloadFault.DROPPED)
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(image["url"])
    assert (await client.get(image["url"])).content.startswith(b"RIFF")


async def test_an_endless_download_keeps_sending_until_the_client_leaves(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    (image,) = await generate(client, clock)
    powerpost.faults.next_download(DownloadFault.ENDLESS)
    received = 0
    async with client.stream("GET", image["url"]) as response:
        async for chunk in response.aiter_raw():
            received += len(chunk)
            if received > 5_000_000:
                break
    assert (await client.get(image["url"])).status_code == 200
    assert powerpost.exchanges[-2].is_over


async def test_away_closes_every_connection_and_counts_nothing(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.away = True
    for request in (submit(client), client.get("/account/credits"), client.get("/nowhere")):
        with pytest.raises(httpx.TransportError):
            await request
    powerpost.faults.away = False
    response = await client.get("/account/credits")
    assert response.json() == {"balance": 100}
    assert response.headers["x-ratelimit-remaining"] == "999"


async def test_latency_is_added_to_every_answer(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.faults.latency_seconds = 0.1
    started = time.perf_counter()
    await asyncio.gather(client.get("/account/credits"), client.get("/nowhere"), submit(client))
    assert time.perf_counter() - started >= 0.1


async def test_clear_brings_fair_weather(client: httpx.AsyncClient, powerpost: PowerPost) -> None:
    faults: Any = powerpost.faults
    faults.away, faults.latency_seconds = True, 5
    faults.next_submit(SubmitFault.HANG)
    faults.next_poll(PollFault.HANG)
    faults.next_download(DownloadFault.ENDLESS)
    faults.clear()
    assert faults.pending() == []
    assert (await submit(client)).status_code == 200
