"""POST /images/generate: modes, fields, defaults and refusals, by the specification's sentences."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.credits.estimates import GUIDE_PRICES
from bot.sandbox.powerpost.catalogue import CREDITS_PER_PICTURE
from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_stand_in import Clock

POST_TYPES = [
    "instagram-feed",
    "instagram-reel",
    "instagram-story",
    "tiktok-video",
    "tiktok-photos",
    "youtube-video",
    "youtube-short",
    "x-post",
    "facebook-post",
    "facebook-reel",
    "facebook-story",
    "linkedin-post",
]

REFUSED_BODIES: list[tuple[str, dict[str, Any]]] = [
    ("prompt is required for text mode", {}),
    ("prompt is required for reference mode", {"style_images": []}),
    ("prompt: empty", {"prompt": ""}),
    ("prompt: only spaces", {"prompt": " \n\t"}),
    ("prompt: not a string", {"prompt": 7}),
    ("prompt: null", {"prompt": None}),
    ("prompt: max 2000 chars", {"prompt": "x" * 2001}),
    ("quantity: 0 is below 1-4", {"prompt": "x", "quantity": 0}),
    ("quantity: 5 is above 1-4", {"prompt": "x", "quantity": 5}),
    ("quantity: negative", {"prompt": "x", "quantity": -1}),
    ("quantity: not whole", {"prompt": "x", "quantity": 1.5}),
    ("quantity: a string", {"prompt": "x", "quantity": "2"}),
    ("quantity: a boolean", {"prompt": "x", "quantity": True}),
    ("quantity: null", {"prompt": "x", "quantity": None}),
    ("quantity: enormous", {"prompt": "x", "quantity": 10**300}),
    ("model: unknown", {"prompt": "x", "model": "dall-e-3"}),
    ("model: wrong case", {"prompt": "x", "model": "FLUX2-FLEX"}),
    ("model: not a string", {"prompt": "x", "model": ["flux2-flex"]}),
    ("size: unknown", {"prompt": "x", "size": "wide"}),
    ("size: not a string", {"prompt": "x", "size": 1024}),
    (
        "gpt-image-1.5 does not support feed",
        {"prompt": "x", "model": "gpt-image-1.5", "size": "feed"},
    ),
    ("enhance_prompt: not a boolean", {"prompt": "x", "enhance_prompt": "true"}),
    ("enhance_prompt: a number", {"prompt": "x", "enhance_prompt": 1}),
    ("style_images: not an array", {"prompt": "x", "style_images": "a1b2"}),
    ("style_images: not strings", {"prompt": "x", "style_images": [1]}),
    ("style_images: max 4", {"prompt": "x", "style_images": ["a", "b", "c", "d", "e"]}),
    ("generation_id: not a string", {"prompt": "x", "generation_id": 5}),
    ("generation_id: empty", {"prompt": "x", "generation_id": ""}),
    ("source_post_type: unknown", {"generation_id": "x", "source_post_type": "myspace-post"}),
    ("source_post_type: not a string", {"generation_id": "x", "source_post_type": 1}),
    ("source_post_type: post mode only", {"prompt": "x", "source_post_type": "instagram-feed"}),
]


def find_captions(
    powerpost: PowerPost, *, status: str = "completed", platform: str = "instagram"
) -> str:
    """The id of a seeded caption generation."""
    return next(
        generation.generation_id
        for generation in powerpost.captions.values()
        if generation.status == status and platform in generation.platforms
    )


async def test_the_answer_has_the_documented_fields_and_values(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.balance = 45
    body = {"prompt": "Minimalist workspace with laptop", "size": "square", "quantity": 3}
    response = await client.post("/images/generate", json=body)
    answer = response.json()
    assert response.status_code == 200
    generation_id = answer.pop("image_generation_id")
    assert isinstance(generation_id, str)
    assert answer == {
        "status": "processing",
        "credits_used": 9,
        "remaining_credits": 36,
        "status_url": f"/api/v1/images/generations/{generation_id}",
    }


async def test_defaults_are_square_one_picture_flux2_flex_and_no_enhancement(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    answer = (await client.post("/images/generate", json={"prompt": "a fox"})).json()
    generation = powerpost.generations[answer["image_generation_id"]]
    assert (generation.size, generation.quantity, generation.model) == ("square", 1, "flux2-flex")
    assert generation.enhance_prompt is False
    assert generation.mode == "text"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"prompt": "x" * 2000}, id="prompt of 2000 chars"),
        pytest.param({"prompt": "🦊" * 2000}, id="2000 chars outside the basic plane"),
        pytest.param({"prompt": "شجرة في الضباب <!channel> &amp;"}, id="right-to-left and markup"),
        pytest.param({"prompt": "x", "quantity": 2.0}, id="2.0 is a whole number in JSON"),
        pytest.param({"prompt": "x", "quantity": 4}, id="quantity 4"),
        pytest.param({"prompt": "x", "enhance_prompt": True}, id="enhance_prompt"),
        pytest.param({"prompt": "x", "style_images": []}, id="no style images"),
        pytest.param({"prompt": "x", "unknown": 1}, id="unknown fields are ignored"),
    ],
)
async def test_it_accepts(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    response = await client.post("/images/generate", json=body)
    assert response.status_code == 200
    looked = (await client.get(response.json()["status_url"].removeprefix("/api/v1"))).json()
    assert looked["prompt"] == body["prompt"]


@pytest.mark.parametrize(("body"), [pytest.param(body, id=rule) for rule, body in REFUSED_BODIES])
async def test_an_invalid_request_body_is_400_and_costs_nothing(
    client: httpx.AsyncClient, powerpost: PowerPost, body: dict[str, Any]
) -> None:
    response = await client.post("/images/generate", json=body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "VALIDATION_ERROR"
    assert error["message"]
    assert set(error) == {"message", "code"}
    assert (powerpost.balance, powerpost.paid_posts, powerpost.generations) == (100, 0, {})


async def test_requesting_an_unsupported_size_names_the_supported_ones(
    client: httpx.AsyncClient,
) -> None:
    body = {"prompt": "x", "model": "gpt-image-1.5", "size": "feed"}
    error = (await client.post("/images/generate", json=body)).json()["error"]
    assert "square, portrait, landscape" in error["message"]


async def test_reference_mode_is_prompt_and_style_images(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    media_ids = list(powerpost.media)[:2]
    body = {"prompt": "headphones on marble", "size": "feed", "style_images": media_ids}
    answer = (await client.post("/images/generate", json=body)).json()
    generation = powerpost.generations[answer["image_generation_id"]]
    assert generation.mode == "reference"
    assert list(generation.style_images) == media_ids


async def test_style_images_that_do_not_exist_are_404_and_cost_nothing(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    known = next(iter(powerpost.media))
    body = {"prompt": "x", "style_images": [known, "a1b2c3d4-e5f6-7890-abcd-ef1234567890"]}
    response = await client.post("/images/generate", json=body)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"
    assert powerpost.balance == 100


async def test_style_images_of_another_workspace_are_404(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.add_key("pp_live_sk_two", {"images:generate"}, {"ws_other"})
    body = {"prompt": "x", "style_images": [next(iter(powerpost.media))]}
    headers = {"x-api-key": "pp_live_sk_two", "X-Workspace-Id": "ws_other"}
    response = await client.post("/images/generate", json=body, headers=headers)
    assert response.status_code == 404


@pytest.mark.parametrize(("is_taken", "status"), [(True, 200), (False, 404)])
async def test_generated_pictures_are_style_images_only_where_that_is_switched_on(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock, is_taken: bool, status: int
) -> None:
    powerpost.takes_generated_media_as_style = is_taken
    answer = (await client.post("/images/generate", json={"prompt": "a fox"})).json()
    clock.advance(3)
    media_id = powerpost.generations[answer["image_generation_id"]].images[0].media_id
    body = {"prompt": "a fox again", "style_images": [media_id]}
    assert (await client.post("/images/generate", json=body)).status_code == status


async def test_generation_id_that_does_not_exist_is_404(client: httpx.AsyncClient) -> None:
    body = {"generation_id": "550e8400-e29b-41d4-a716-446655440000"}
    response = await client.post("/images/generate", json=body)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "NOT_FOUND"


async def test_in_post_mode_an_omitted_prompt_is_derived_from_all_captions(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    source = powerpost.captions[find_captions(powerpost, platform="facebook")]
    body = {"generation_id": source.generation_id, "size": "portrait", "quantity": 3}
    answer = (await client.post("/images/generate", json=body)).json()
    generation = powerpost.generations[answer["image_generation_id"]]
    assert generation.mode == "post"
    for caption in source.outputs.values():
        assert isinstance(caption, str)
        assert caption in generation.prompt
    assert len(generation.prompt) <= 2000


async def test_source_post_type_derives_from_that_platforms_caption_only(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    source = powerpost.captions[find_captions(powerpost, platform="youtube")]
    body = {"generation_id": source.generation_id, "source_post_type": "youtube-short"}
    answer = (await client.post("/images/generate", json=body)).json()
    prompt = powerpost.generations[answer["image_generation_id"]].prompt
    youtube, tiktok = source.outputs["youtube"], source.outputs["tiktok"]
    assert isinstance(youtube, dict)
    assert isinstance(tiktok, str)
    assert youtube["title"] in prompt
    assert tiktok not in prompt


async def test_in_post_mode_a_given_prompt_is_kept(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    body = {
        "generation_id": find_captions(powerpost),
        "prompt": "Use dark background with neon accents",
        "source_post_type": "instagram-feed",
        "size": "feed",
    }
    answer = (await client.post("/images/generate", json=body)).json()
    looked = await client.get(f"/images/generations/{answer['image_generation_id']}")
    assert looked.json()["prompt"] == "Use dark background with neon accents"


async def test_media_of_the_source_generation_become_style_references(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    source = next(
        found
        for found in powerpost.captions.values()
        if found.media_ids and found.status == "completed"
    )
    body = {"generation_id": source.generation_id}
    answer = (await client.post("/images/generate", json=body)).json()
    generation = powerpost.generations[answer["image_generation_id"]]
    assert generation.style_images == source.media_ids


@pytest.mark.parametrize("post_type", POST_TYPES)
async def test_every_documented_post_type_is_known(
    client: httpx.AsyncClient, powerpost: PowerPost, post_type: str
) -> None:
    platform = post_type.split("-")[0]
    body = {
        "generation_id": find_captions(powerpost, platform=platform),
        "source_post_type": post_type,
    }
    assert (await client.post("/images/generate", json=body)).status_code == 200


async def test_a_platform_that_the_generation_has_no_caption_for_is_400(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    source = next(
        found
        for found in powerpost.captions.values()
        if found.platforms == ["instagram"] and found.status == "completed"
    )
    body = {"generation_id": source.generation_id, "source_post_type": "x-post"}
    assert (await client.post("/images/generate", json=body)).status_code == 400


@pytest.mark.parametrize("status", ["pending", "processing", "failed"])
async def test_a_generation_without_captions_is_400(
    client: httpx.AsyncClient, powerpost: PowerPost, status: str
) -> None:
    generation_id = next(
        found.generation_id for found in powerpost.captions.values() if found.status == status
    )
    response = await client.post("/images/generate", json={"generation_id": generation_id})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("model", "quantity", "price"),
    [
        ("flux2-flex", 1, 3),
        ("flux2-flex", 2, 6),
        ("ideogram-3", 4, 16),
        ("gpt-image-1.5", 1, 5),
        ("nano-banana-2", 3, 6),
    ],
)
async def test_credits_are_deducted_by_model_and_quantity(
    client: httpx.AsyncClient, powerpost: PowerPost, model: str, quantity: int, price: int
) -> None:
    body = {"prompt": "x", "model": model, "quantity": quantity}
    answer = (await client.post("/images/generate", json=body)).json()
    assert answer["credits_used"] == price
    assert answer["remaining_credits"] == 100 - price
    assert [charge.credits for charge in powerpost.charges] == [price]
    assert powerpost.paid_posts == 1


async def test_unless_told_otherwise_it_charges_what_powerpost_published_once() -> None:
    assert {model.value: price for model, price in GUIDE_PRICES.items()} == CREDITS_PER_PICTURE


async def test_insufficient_credits_is_402_and_makes_nothing(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.balance = 5
    response = await client.post("/images/generate", json={"prompt": "x", "quantity": 2})
    assert response.status_code == 402
    assert response.json()["error"]["code"] == "INSUFFICIENT_CREDITS"
    assert (powerpost.balance, powerpost.generations, powerpost.charges) == (5, {}, [])


async def test_the_last_credit_can_be_spent(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    powerpost.balance = 3
    answer = (await client.post("/images/generate", json={"prompt": "x"})).json()
    assert answer["remaining_credits"] == 0


async def test_the_same_post_sent_twice_spends_credits_twice(
    client: httpx.AsyncClient, powerpost: PowerPost
) -> None:
    """There is no idempotency key anywhere."""
    for _ in range(2):
        headers = {"Idempotency-Key": "the-same"}
        await client.post("/images/generate", json={"prompt": "x"}, headers=headers)
    assert (powerpost.balance, powerpost.paid_posts) == (94, 2)
