"""One account with several workspaces: what belongs to which (powerpost-neighbours.md,
"Authentication and scope", "Learned since")."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app
from bot.sandbox.serving import serve
from tests.support.powerpost_stand_in import open_client

OTHER = {"X-Workspace-Id": "ws_other"}


@pytest.fixture
def powerpost(powerpost: PowerPost) -> PowerPost:
    powerpost.add_workspace("ws_other")
    return powerpost


def code_of(response: httpx.Response) -> Any:
    return response.status_code, response.json()["error"]["code"]


async def list_captions(client: httpx.AsyncClient, **headers: str) -> list[str]:
    query = {"status": "completed", "limit": "100"}
    answer = await client.get("/content/generations", params=query, headers=headers)
    return [each["generation_id"] for each in answer.json()["data"]]


async def upload(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    file = io.BytesIO()
    Image.new("RGB", (20, 10)).save(file, "PNG")
    answer = await client.post(
        "/media/upload",
        data={"type": "image"},
        files={"file": ("a.png", file.getvalue(), "image/png")},
        headers=headers,
    )
    return str(answer.json()["media_id"])


async def test_the_header_chooses_among_the_workspaces_of_one_key(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    for workspace, headers in (("ws_sandbox", {}), ("ws_other", OTHER)):
        answer = await client.post("/images/generate", json={"prompt": "a fox"}, headers=headers)
        made = powerpost.generations[answer.json()["image_generation_id"]]
        assert (answer.status_code, made.workspace_id) == (200, workspace)


async def test_credits_are_the_accounts_whichever_workspace_spends_them(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    left = 100
    for headers in ({}, OTHER):
        answer = await client.post("/images/generate", json={"prompt": "x"}, headers=headers)
        left -= answer.json()["credits_used"]
        assert answer.json()["remaining_credits"] == left
    balances = [await client.get("/account/credits", headers=each) for each in ({}, OTHER)]
    assert [each.json() for each in balances] == [{"balance": left}] * 2


async def test_a_generation_of_another_workspace_is_not_found(client: httpx.AsyncClient) -> None:
    made = (await client.post("/images/generate", json={"prompt": "x"}, headers=OTHER)).json()
    path = f"/images/generations/{made['image_generation_id']}"
    assert code_of(await client.get(path)) == (404, "NOT_FOUND")
    assert (await client.get(path, headers=OTHER)).status_code == 200


async def test_media_of_another_workspace_are_no_style_images(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    body = {"prompt": "x", "style_images": [await upload(client, OTHER)]}
    assert code_of(await client.post("/images/generate", json=body)) == (404, "NOT_FOUND")
    assert powerpost.balance == 100
    answer = await client.post("/images/generate", json=body, headers=OTHER)
    assert answer.status_code == 200


async def test_captions_are_of_one_workspace_and_make_pictures_in_no_other(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    own, others = await list_captions(client), await list_captions(client, **OTHER)
    assert own
    assert len(others) == 5
    assert not set(own) & set(others)
    assert code_of(await client.get(f"/content/generations/{others[0]}")) == (404, "NOT_FOUND")
    body = {"generation_id": others[0]}
    assert code_of(await client.post("/images/generate", json=body)) == (404, "NOT_FOUND")
    answer = await client.post("/images/generate", json=body, headers=OTHER)
    assert answer.status_code == 200


async def test_another_key_has_only_its_own_workspaces(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.add_key("pp_live_sk_one", {"images:read"}, {"ws_sandbox"})
    headers = {**OTHER, "x-api-key": "pp_live_sk_one"}
    answer = await client.get("/images/generations/unknown", headers=headers)
    assert code_of(answer) == (403, "FORBIDDEN")


@pytest.fixture
async def told() -> AsyncIterator[tuple[str, asyncio.Queue[Any]]]:
    """A webhook's address, and what is delivered to it."""
    deliveries: asyncio.Queue[Any] = asyncio.Queue()

    async def receive(request: Request) -> Response:
        deliveries.put_nowait(await request.json())
        return Response()

    async with serve(Starlette(routes=[Route("/hook", receive, methods=["POST"])])) as url:
        yield f"{url}/hook", deliveries


async def test_the_webhook_is_set_for_each_workspace_and_the_envelope_names_it(
    told: tuple[str, asyncio.Queue[Any]],
) -> None:
    url, deliveries = told
    powerpost = PowerPost(seconds_per_generation=0.02)
    powerpost.add_workspace("ws_other")
    powerpost.webhook_urls["ws_other"] = url
    headers = {"x-api-key": "pp_live_sk_sandbox", "X-Workspace-Id": "ws_sandbox"}
    async with (
        serve(build_app(powerpost)) as address,
        open_client(f"{address}/api/v1", headers) as client,
    ):
        await client.post("/images/generate", json={"prompt": "x"})  # no webhook there
        made = await client.post("/images/generate", json={"prompt": "x"}, headers=OTHER)
        envelope = await asyncio.wait_for(deliveries.get(), 30)
    assert envelope["workspace_id"] == "ws_other"
    made_id = made.json()["image_generation_id"]
    assert envelope["data"]["image_generation_id"] == made_id
    assert deliveries.empty()
