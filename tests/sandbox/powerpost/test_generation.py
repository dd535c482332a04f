"""GET /images/generations/{id}: statuses, pictures, partial results and refunds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.sandbox.powerpost.service import Outcome, PowerPost
from tests.support.powerpost_requests import EVERY_SIZE
from tests.support.powerpost_stand_in import Clock


async def submit(client: httpx.AsyncClient, **body: Any) -> str:
    answer = (await client.post("/images/generate", json={"prompt": "a fox", **body})).json()
    return str(answer["image_generation_id"])


async def look(client: httpx.AsyncClient, generation_id: str) -> dict[str, Any]:
    response = await client.get(f"/images/generations/{generation_id}")
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


async def test_while_processing_there_are_neither_images_nor_error(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_outcome(Outcome.FAILED)
    generation_id = await submit(client, quantity=2)
    clock.advance(2.9)
    assert await look(client, generation_id) == {
        "image_generation_id": generation_id,
        "status": "processing",
        "prompt": "a fox",
        "size": "square",
        "quantity": 2,
        "created_at": "2026-01-10T18:30:00Z",
    }


async def test_completed_means_all_images_are_ready(
    client: httpx.AsyncClient, clock: Clock, url: str
) -> None:
    generation_id = await submit(client, quantity=2)
    clock.advance(3)
    answer = await look(client, generation_id)
    images = answer.pop("images")
    assert answer == {
        "image_generation_id": generation_id,
        "status": "completed",
        "prompt": "a fox",
        "size": "square",
        "quantity": 2,
        "created_at": "2026-01-10T18:30:00Z",
    }
    assert len({image["media_id"] for image in images}) == 2
    for image in images:
        assert set(image) == {"media_id", "url", "thumbnail_url", "width", "height"}
        assert image["url"].startswith(f"{url}/storage/images/{image['media_id']}.webp?")
        thumbnail = f"{url}/storage/images/{image['media_id']}-thumb.jpg?"
        assert image["thumbnail_url"].startswith(thumbnail)


@pytest.mark.parametrize(("model", "size", "width", "height"), EVERY_SIZE)
async def test_each_model_has_its_own_dimensions(
    client: httpx.AsyncClient, clock: Clock, model: str, size: str, width: int, height: int
) -> None:
    generation_id = await submit(client, model=model, size=size)
    clock.advance(3)
    (image,) = (await look(client, generation_id))["images"]
    assert (image["width"], image["height"]) == (width, height)


async def test_if_some_images_fail_there_is_a_partial_result_with_a_partial_refund(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_outcome(Outcome.PARTIAL)
    generation_id = await submit(client, quantity=2)
    assert powerpost.balance == 94
    clock.advance(3)
    answer = await look(client, generation_id)
    assert answer["status"] == "failed"
    assert len(answer["images"]) == 1
    assert answer["error"] == {
        "code": "PARTIAL_FAILURE",
        "message": "1 of 2 images failed to generate. Credits refunded for failed images.",
    }
    assert [charge.credits for charge in powerpost.charges] == [6, -3]
    assert powerpost.balance == 97


@pytest.mark.parametrize(
    ("outcome", "quantity", "spent"),
    [(Outcome.FAILED, 4, 12), (Outcome.FAILED, 1, 3), (Outcome.PARTIAL, 1, 3)],
)
async def test_only_fully_failed_generations_return_no_images_and_everything_is_refunded(
    client: httpx.AsyncClient,
    powerpost: PowerPost,
    clock: Clock,
    outcome: Outcome,
    quantity: int,
    spent: int,
) -> None:
    powerpost.faults.next_outcome(outcome)
    generation_id = await submit(client, quantity=quantity)
    assert powerpost.balance == 100 - spent
    clock.advance(3)
    answer = await look(client, generation_id)
    assert answer["status"] == "failed"
    assert "images" not in answer
    assert set(answer["error"]) == {"code", "message"}
    assert [charge.credits for charge in powerpost.charges] == [spent, -spent]
    assert powerpost.balance == 100


async def test_a_refund_comes_once_and_when_the_generation_ends(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_outcome(Outcome.FAILED)
    generation_id = await submit(client)
    clock.advance(2)
    await look(client, generation_id)
    assert (await client.get("/account/credits")).json() == {"balance": 97}
    clock.advance(2)
    for _ in range(3):
        await look(client, generation_id)
        assert (await client.get("/account/credits")).json() == {"balance": 100}


@pytest.mark.parametrize(
    ("outcome", "seconds", "status"),
    [
        (Outcome.COMPLETED, 3, "completed"),
        (Outcome.SLOW, 29, "processing"),
        (Outcome.SLOW, 30, "completed"),
        (Outcome.NEVER, 86_400, "processing"),
        (Outcome.TRANSPARENT, 3, "completed"),
    ],
)
async def test_the_weather_decides_how_long_it_takes(
    client: httpx.AsyncClient,
    powerpost: PowerPost,
    clock: Clock,
    outcome: Outcome,
    seconds: float,
    status: str,
) -> None:
    powerpost.faults.next_outcome(outcome)
    generation_id = await submit(client)
    clock.advance(seconds)
    assert (await look(client, generation_id))["status"] == status


async def test_an_outcome_is_for_one_accepted_generation(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    powerpost.faults.next_outcome(Outcome.FAILED)
    refused = await client.post("/images/generate", json={"prompt": ""})
    assert refused.status_code == 400
    first, second = await submit(client), await submit(client)
    clock.advance(3)
    assert (await look(client, first))["status"] == "failed"
    assert (await look(client, second))["status"] == "completed"


async def test_a_look_does_not_change_a_link(client: httpx.AsyncClient, clock: Clock) -> None:
    generation_id = await submit(client)
    clock.advance(3)
    first = await look(client, generation_id)
    clock.advance(3600)
    assert await look(client, generation_id) == first


@pytest.mark.parametrize("generation_id", ["unknown", "%00", "..", "a%2Fb", "x" * 3000])
async def test_an_unknown_generation_is_404(client: httpx.AsyncClient, generation_id: str) -> None:
    response = await client.get(f"/images/generations/{generation_id}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


async def test_a_generation_of_another_workspace_is_404(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.add_key("pp_live_sk_two", {"images:read"}, {"ws_other"})
    generation_id = await submit(client)
    headers = {"x-api-key": "pp_live_sk_two", "X-Workspace-Id": "ws_other"}
    response = await client.get(f"/images/generations/{generation_id}", headers=headers)
    assert response.status_code == 404
