"""The log of exchanges: in order, complete, and without secrets."""

from __future__ import annotations

import asyncio

import httpx

from bot.sandbox.powerpost.service import PowerPost, SubmitFault


async def test_each_request_is_kept_with_its_answer_in_order(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    await client.get("/account/credits")
    answer = (await client.post("/images/generate", json={"prompt": "a fox"})).json()
    await client.get("/content/generations", params={"limit": 1})
    await client.get("/nowhere")
    seen = [(item.method, item.path, item.query, item.status) for item in powerpost.exchanges]
    assert seen == [
        ("GET", "/api/v1/account/credits", "", 200),
        ("POST", "/api/v1/images/generate", "", 200),
        ("GET", "/api/v1/content/generations", "limit=1", 200),
        ("GET", "/api/v1/nowhere", "", 404),
    ]
    balance, submitted, _, refused = powerpost.exchanges
    assert (balance.request_json, balance.answer_json) == (None, {"balance": 100})
    assert submitted.request_json == {"prompt": "a fox"}
    assert submitted.answer_json == answer
    assert submitted.image_generation_id == answer["image_generation_id"]
    assert refused.answer_json["error"]["code"] == "NOT_FOUND"  # type: ignore[index]
    assert all(item.is_over and item.seconds > 0 for item in powerpost.exchanges)
    assert all("x-request-id" in item.answer_headers for item in powerpost.exchanges)


async def test_keys_are_not_kept(client: httpx.AsyncClient, powerpost: PowerPost) -> None:
    headers = {"Authorization": "Bearer pp_live_sk_sandbox", "Cookie": "session=1"}
    await client.get("/account/credits", headers=headers)
    kept = powerpost.exchanges[0].request_headers
    assert kept["x-api-key"] == kept["authorization"] == kept["cookie"] == "(hidden)"
    assert kept["x-workspace-id"] == "ws_sandbox"
    assert "pp_live_sk" not in str(powerpost.exchanges[0])


async def test_an_upload_is_kept_without_its_bytes(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    files = {"file": ("a.png", b"not a picture")}
    await client.post("/media/upload", files=files, data={"type": "image"})
    assert powerpost.exchanges[0].request_json == {"type": "image", "file": "a.png", "bytes": 13}


async def test_a_subscriber_hears_of_arrival_and_end(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    subscription = powerpost.subscribe()
    powerpost.faults.next_submit(SubmitFault.HANG)
    request = asyncio.create_task(client.post("/images/generate", json={"prompt": "x"}))
    exchange = await asyncio.wait_for(anext(subscription), 30)
    assert not exchange.is_over
    while not powerpost.paid_posts:  # noqa: ASYNC110 - until it hangs
        await asyncio.sleep(0.001)
    request.cancel()
    assert await asyncio.wait_for(anext(subscription), 30) is exchange
    assert exchange.is_over
    assert exchange.status is None
