"""GET /content/generations and /{id}: filters, paging, outputs, and the seeds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.sandbox.powerpost.captions import CaptionGeneration
from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_stand_in import Clock

SUMMARY_FIELDS = {
    "generation_id",
    "status",
    "prompt",
    "platforms",
    "research_mode",
    "credits_used",
    "created_at",
}


async def list_page(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    response = await client.get("/content/generations", params=query)
    assert response.status_code == 200
    page: dict[str, Any] = response.json()
    return page


async def list_all(client: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = await list_page(client, **query)
        found += page["data"]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return found
        query["cursor"] = page["next_cursor"]


async def test_a_page_has_20_by_default_newest_first_and_no_outputs(
    client: httpx.AsyncClient,
) -> None:
    page = await list_page(client)
    assert set(page) == {"data", "next_cursor", "has_more"}
    assert len(page["data"]) == 20
    assert page["has_more"] is True
    assert all(set(item) == SUMMARY_FIELDS for item in page["data"])
    times = [item["created_at"] for item in page["data"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("limit", [1, 7, 20, 100])
async def test_paging_reaches_all_120_once(client: httpx.AsyncClient, limit: int) -> None:
    found = await list_all(client, limit=limit)
    assert len(found) == 120
    assert len({item["generation_id"] for item in found}) == 120


async def test_a_newer_generation_does_not_shift_the_next_page(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    first = await list_page(client, limit=100)
    powerpost.captions["new"] = CaptionGeneration(
        generation_id="new",
        workspace_id="ws_sandbox",
        status="completed",
        prompt="Just written",
        platforms=["x"],
        created_at=clock.seconds,
        outputs={"x": "Just written"},
    )
    rest = await list_page(client, limit=100, cursor=first["next_cursor"])
    assert len(rest["data"]) == 20
    assert (await list_page(client))["data"][0]["generation_id"] == "new"


@pytest.mark.parametrize("status", ["pending", "processing", "completed", "failed"])
async def test_status_filters(client: httpx.AsyncClient, status: str) -> None:
    found = await list_all(client, status=status)
    assert found
    assert {item["status"] for item in found} == {status}


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "status=",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1.5",
        "limit=%D9%A3",
        "limit=" + "9" * 5000,
        "cursor=",
        "cursor=nonsense",
        "cursor=%FF%FE",
        "cursor=bmFufA",
        "cursor=aGVsbG8=",
    ],
)
async def test_wrong_parameters_are_400(client: httpx.AsyncClient, query: str) -> None:
    response = await client.get(f"/content/generations?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_one_by_itself_has_its_outputs_by_platform(client: httpx.AsyncClient) -> None:
    for item in (await list_page(client, status="completed"))["data"]:
        answer = (await client.get(f"/content/generations/{item['generation_id']}")).json()
        outputs = answer.pop("outputs")
        assert answer == item
        assert set(outputs) == set(item["platforms"])
        for platform, caption in outputs.items():
            if platform == "youtube":
                assert set(caption) == {"title", "description"}
            else:
                assert isinstance(caption, str)
                assert caption


@pytest.mark.parametrize("status", ["pending", "processing", "failed"])
async def test_only_a_completed_one_has_outputs(client: httpx.AsyncClient, status: str) -> None:
    (item, *_) = (await list_page(client, status=status))["data"]
    answer = (await client.get(f"/content/generations/{item['generation_id']}")).json()
    assert answer == item


async def test_an_unknown_one_is_404(client: httpx.AsyncClient) -> None:
    response = await client.get("/content/generations/550e8400-e29b-41d4-a716-446655440000")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_another_workspaces_are_neither_listed_nor_found(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.add_key("pp_live_sk_two", {"content:read"}, {"ws_other"})
    client.headers.update({"x-api-key": "pp_live_sk_two", "X-Workspace-Id": "ws_other"})
    assert (await list_page(client))["data"] == []
    generation_id = next(iter(powerpost.captions))
    assert (await client.get(f"/content/generations/{generation_id}")).status_code == 404


def test_the_seeds_are_the_same_every_time(clock: Clock) -> None:
    first, second = PowerPost(clock=clock), PowerPost(clock=clock)
    assert first.captions == second.captions
    assert first.media == second.media


def test_the_seeds_are_believable(powerpost: PowerPost) -> None:
    generations = list(powerpost.captions.values())
    platforms = {platform for found in generations for platform in found.platforms}
    assert platforms == {"instagram", "tiktok", "youtube", "x", "facebook", "linkedin"}
    assert len({found.prompt for found in generations}) == 120
    for found in generations:
        for platform, caption in found.outputs.items():
            assert "{" not in str(caption) or platform == "youtube"
            if platform == "x":
                assert len(caption) <= 280
