"""Keys, scopes, workspaces, limits, and the headers and shape of every answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_stand_in import Clock, open_client

ENDPOINTS: list[tuple[str, str, str]] = [
    ("POST", "/images/generate", "images:generate"),
    ("GET", "/images/generations/unknown", "images:read"),
    ("POST", "/media/upload", "media:write"),
    ("GET", "/content/generations", "content:read"),
    ("GET", "/content/generations/unknown", "content:read"),
]
WITH_CREDITS = [*ENDPOINTS, ("GET", "/account/credits", "account:read")]


async def call(url: str, method: str, path: str, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with open_client(url + "/api/v1") as bare:
        body = {"prompt": "x"} if method == "POST" else None
        return await bare.request(method, path, headers=sent, json=body)


def code_of(response: httpx.Response) -> Any:
    return response.json()["error"]["code"]


@pytest.mark.parametrize(("method", "path", "scope"), WITH_CREDITS)
@pytest.mark.parametrize(
    "headers",
    [{}, {"x_api_key": "pp_live_sk_wrong"}, {"x_api_key": ""}, {"authorization": "Bearer nope"}],
    ids=["missing", "wrong", "empty", "wrong bearer"],
)
async def test_a_missing_or_wrong_key_is_401(
    url: str, method: str, path: str, scope: str, headers: dict[str, str]
) -> None:
    response = await call(url, method, path, x_workspace_id="ws_sandbox", **headers)
    assert (response.status_code, code_of(response)) == (401, "INVALID_API_KEY")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_the_key_may_come_as_a_bearer_token(url: str, scheme: str) -> None:
    response = await call(
        url, "GET", "/account/credits", authorization=f"{scheme} pp_live_sk_sandbox"
    )
    assert response.json() == {"balance": 100}


@pytest.mark.parametrize(("method", "path", "scope"), WITH_CREDITS)
async def test_a_key_that_lacks_the_scope_is_403_and_the_scope_is_named(
    url: str, powerpost: PowerPost, method: str, path: str, scope: str
) -> None:
    others = {"account:read", "content:read", "images:read", "images:generate", "media:write"}
    powerpost.add_key("pp_live_sk_few", others - {scope}, {"ws_sandbox"})
    response = await call(
        url, method, path, x_api_key="pp_live_sk_few", x_workspace_id="ws_sandbox"
    )
    assert (response.status_code, code_of(response)) == (403, "INSUFFICIENT_SCOPE")
    assert scope in response.json()["error"]["message"]
    assert powerpost.balance == 100


@pytest.mark.parametrize(("method", "path", "scope"), ENDPOINTS)
async def test_a_missing_workspace_is_400(url: str, method: str, path: str, scope: str) -> None:
    response = await call(url, method, path, x_api_key="pp_live_sk_sandbox")
    assert (response.status_code, code_of(response)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("method", "path", "scope"), ENDPOINTS)
async def test_a_workspace_that_is_not_yours_is_403(
    url: str, method: str, path: str, scope: str
) -> None:
    response = await call(
        url, method, path, x_api_key="pp_live_sk_sandbox", x_workspace_id="ws_theirs"
    )
    assert (response.status_code, code_of(response)) == (403, "FORBIDDEN")


async def test_credits_need_no_workspace(url: str) -> None:
    response = await call(url, "GET", "/account/credits", x_api_key="pp_live_sk_sandbox")
    assert response.json() == {"balance": 100}


async def test_every_answer_has_the_rate_headers_and_a_request_id_of_its_own(
    client: httpx.AsyncClient, url: str, clock: Clock
) -> None:
    responses = [
        await client.get("/account/credits"),
        await client.post("/images/generate", json={"prompt": "x"}),
        await client.post("/images/generate", json={}),
        await client.get("/images/generations/unknown"),
        await client.get("/no/such/endpoint"),
        await client.delete("/account/credits"),
        await call(url, "GET", "/account/credits"),
    ]
    assert [response.status_code for response in responses] == [200, 200, 400, 404, 404, 404, 401]
    for response in responses:
        assert response.headers["x-ratelimit-limit"] == "1000"
        assert int(response.headers["x-ratelimit-remaining"]) >= 993
        assert response.headers["x-ratelimit-reset"] == str(int(clock.seconds) + 60)
    assert len({response.headers["x-request-id"] for response in responses}) == 7


async def test_requests_above_the_limit_are_429_with_retry_after_in_the_body(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.rate_limit_per_minute = 3
    remaining = []
    for _ in range(3):
        response = await client.get("/account/credits")
        remaining.append(response.headers["x-ratelimit-remaining"])
        clock.advance(5)
    assert remaining == ["2", "1", "0"]
    response = await client.post("/images/generate", json={"prompt": "x"})
    assert (response.status_code, code_of(response)) == (429, "RATE_LIMIT_EXCEEDED")
    assert response.json()["error"]["retryAfter"] == 45
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert powerpost.paid_posts == 0
    clock.advance(45)
    assert (await client.get("/account/credits")).status_code == 200


async def test_the_limit_counts_per_key(
    client: httpx.AsyncClient, powerpost: PowerPost, url: str
) -> None:
    powerpost.rate_limit_per_minute = 1
    powerpost.add_key("pp_live_sk_two", {"account:read"}, {"ws_sandbox"})
    await client.get("/account/credits")
    assert (await client.get("/account/credits")).status_code == 429
    other = await call(url, "GET", "/account/credits", x_api_key="pp_live_sk_two")
    assert other.status_code == 200


async def test_a_clock_that_is_set_back_locks_nobody_out(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.rate_limit_per_minute = 1
    await client.get("/account/credits")
    clock.advance(-3600)
    assert (await client.get("/account/credits")).status_code == 200


async def test_the_default_limit_is_30_a_minute() -> None:
    assert PowerPost().rate_limit_per_minute == 30
