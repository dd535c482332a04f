"""The client and the stand-in for PowerPost, over HTTP: every call, every fault of the weather."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.images.catalogue import MODELS, Model, Size
from bot.images.request import ImageRequest
from bot.powerpost.client import PowerPostClient, Timeouts
from bot.powerpost.wire import Submitted
from bot.sandbox.powerpost.faults import Outcome, PollFault, SubmitFault
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app
from bot.sandbox.serving import serve
from tests.support.powerpost_stand_in import CHANGED_PRICES

REQUEST = ImageRequest(prompt="Minimalist workspace with laptop and coffee", quantity=2)
IMPATIENT = Timeouts(connect_seconds=0.5, paid_seconds=0.3, free_seconds=0.3)
ALL_PAIRS = [(model, size) for model, facts in MODELS.items() for size in facts.sizes]


@pytest_asyncio.fixture
async def service() -> PowerPost:
    """PowerPost in fair weather; its generations are over at once."""
    return PowerPost(
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=0.0,
        balance=1000,
        rate_limit_per_minute=1000,
    )


@pytest_asyncio.fixture
async def url(service: PowerPost) -> AsyncIterator[str]:
    """Where the stand-in listens."""
    async with serve(build_app(service), port=0) as address:
        yield f"{address}/api/v1"


@pytest_asyncio.fixture
async def client(url: str) -> AsyncIterator[PowerPostClient]:
    """A client that gives up soon."""
    client = make_client(url)
    yield client
    await client.aclose()


def make_client(
    url: str, *, api_key: str = "pp_live_sk_sandbox", workspace_id: str = "ws_sandbox"
) -> PowerPostClient:
    """An impatient client."""
    return PowerPostClient(
        base_url=url, api_key=api_key, workspace_id=workspace_id, timeouts=IMPATIENT
    )


async def submit(client: PowerPostClient, request: ImageRequest = REQUEST) -> Submitted:
    """Submit as it is meant to be done."""
    async with client.submission_turn():
        return await client.submit(request)


def draw_png() -> bytes:
    """A small picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    return file.getvalue()


async def test_a_generation_from_submission_to_pictures(
    client: PowerPostClient, service: PowerPost
) -> None:
    before = (await client.credits()).balance
    submitted = await submit(client)
    generation = await client.poll(submitted.image_generation_id)

    assert generation.status == "completed"
    assert generation.prompt == "Minimalist workspace with laptop and coffee"
    assert [(image.width, image.height) for image in generation.images] == [(1024, 1024)] * 2
    assert all(image.media_id for image in generation.images)
    assert generation.created_at is not None
    assert submitted.credits_used is not None
    assert submitted.remaining_credits == before - submitted.credits_used
    assert (await client.credits()).balance == submitted.remaining_credits
    assert service.paid_posts == 1


@pytest.mark.parametrize(("model", "size"), ALL_PAIRS)
async def test_every_model_and_size_is_accepted(
    client: PowerPostClient, model: Model, size: Size
) -> None:
    request = ImageRequest(prompt="a lighthouse", model=model, size=size)
    generation = await client.poll((await submit(client, request)).image_generation_id)
    image = generation.images[0]
    assert (image.width, image.height) == (request.dimensions.width, request.dimensions.height)


async def test_reference_mode_takes_what_was_uploaded(
    client: PowerPostClient, service: PowerPost
) -> None:
    media = await client.upload_media("cat \u20ac.png", draw_png(), "image/png")
    assert (media.type, media.mime_type, media.file_name) == (
        "image",
        "image/png",
        "cat \u20ac.png",
    )
    request = ImageRequest(prompt="a cat", style_images=(media.media_id,), enhance_prompt=True)
    submitted = await submit(client, request)
    assert service.exchanges[-1].request_json == {
        "prompt": "a cat",
        "model": "flux2-flex",
        "size": "square",
        "quantity": 1,
        "enhance_prompt": True,
        "style_images": [media.media_id],
    }
    assert (await client.poll(submitted.image_generation_id)).status == "completed"


async def test_post_mode_takes_a_caption_and_derives_the_prompt(client: PowerPostClient) -> None:
    page = await client.list_captions(status="completed", limit=1)
    caption = page.data[0]
    submitted = await submit(client, ImageRequest(caption_id=caption.generation_id))
    assert (await client.poll(submitted.image_generation_id)).prompt


async def test_all_captions_are_found_page_by_page(client: PowerPostClient) -> None:
    found: list[str] = []
    page = await client.list_captions(limit=50)
    found += [caption.generation_id for caption in page.data]
    while page.has_more:
        page = await client.list_captions(cursor=page.next_cursor, limit=50)
        found += [caption.generation_id for caption in page.data]
    assert len(set(found)) == len(found) == 120


async def test_a_caption_is_read_with_its_outputs(client: PowerPostClient) -> None:
    page = await client.list_captions(status="completed", limit=100)
    listed = next(caption for caption in page.data if "youtube" in caption.platforms)
    caption = await client.read_caption(listed.generation_id)
    assert listed.outputs == {}
    assert set(caption.outputs) == set(caption.platforms)
    assert not isinstance(caption.outputs["youtube"], str)
    assert caption.outputs["youtube"].title


# fault, what the client says, whether PowerPost charged
FAULTS: list[tuple[SubmitFault, type[ImagineError], Cause, bool]] = [
    (SubmitFault.ANSWER_LOST, OutcomeUnknown, Cause.NO_ANSWER, True),
    (SubmitFault.ANSWER_BROKEN, OutcomeUnknown, Cause.BROKEN_ANSWER, True),
    (SubmitFault.HANG, OutcomeUnknown, Cause.NO_ANSWER, True),
    (SubmitFault.SLOW, OutcomeUnknown, Cause.NO_ANSWER, True),
    (SubmitFault.ERROR_500, OutcomeUnknown, Cause.SERVER_ERROR, False),
    (SubmitFault.ERROR_500_CHARGED, OutcomeUnknown, Cause.SERVER_ERROR, True),
    (SubmitFault.RATE_LIMITED, Transient, Cause.RATE_LIMITED, False),
    (SubmitFault.INSUFFICIENT_CREDITS, Rejected, Cause.INSUFFICIENT_CREDITS, False),
    (SubmitFault.INVALID_KEY, Misconfigured, Cause.INVALID_KEY, False),
    (SubmitFault.FORBIDDEN, Misconfigured, Cause.FORBIDDEN, False),
    (SubmitFault.INSUFFICIENT_SCOPE, Misconfigured, Cause.INSUFFICIENT_SCOPE, False),
    (SubmitFault.NOT_FOUND, Rejected, Cause.NOT_FOUND, False),
    (SubmitFault.INVALID, Rejected, Cause.INVALID_REQUEST, False),
]


@pytest.mark.parametrize(("fault", "error", "cause", "is_charged"), FAULTS)
async def test_whatever_may_have_been_charged_is_unknown_and_sent_once(
    client: PowerPostClient,
    service: PowerPost,
    fault: SubmitFault,
    error: type[ImagineError],
    cause: Cause,
    is_charged: bool,
) -> None:
    service.faults.next_submit(fault)
    with pytest.raises(ImagineError) as caught:
        await submit(client)
    assert (type(caught.value), caught.value.cause) == (error, cause)
    assert service.paid_posts == int(is_charged)
    assert len(service.exchanges) == 1
    if cause is not Cause.NO_ANSWER:
        assert caught.value.request_id is not None


def test_the_table_has_every_fault() -> None:
    assert {fault for fault, *_ in FAULTS} == set(SubmitFault)


@pytest.mark.parametrize(
    ("fault", "error", "cause"),
    [
        (PollFault.ERROR_500, Transient, Cause.SERVER_ERROR),
        (PollFault.BROKEN, Transient, Cause.BROKEN_ANSWER),
        (PollFault.RATE_LIMITED, Transient, Cause.RATE_LIMITED),
        (PollFault.HANG, Transient, Cause.NO_ANSWER),
        (PollFault.DROPPED, Transient, Cause.NO_ANSWER),
        (PollFault.NOT_FOUND, Rejected, Cause.NOT_FOUND),
    ],
)
async def test_a_look_that_fails_says_how(
    client: PowerPostClient,
    service: PowerPost,
    fault: PollFault,
    error: type[ImagineError],
    cause: Cause,
) -> None:
    submitted = await submit(client)
    service.faults.next_poll(fault)
    with pytest.raises(ImagineError) as caught:
        await client.poll(submitted.image_generation_id)
    assert (type(caught.value), caught.value.cause) == (error, cause)


async def test_a_partial_result_has_pictures_and_an_error(
    client: PowerPostClient, service: PowerPost
) -> None:
    service.faults.next_outcome(Outcome.PARTIAL)
    generation = await client.poll((await submit(client)).image_generation_id)
    assert (generation.status, len(generation.images)) == ("failed", 1)
    assert generation.error is not None
    assert generation.error.code == "PARTIAL_FAILURE"


async def test_a_total_failure_has_an_error_and_no_pictures(
    client: PowerPostClient, service: PowerPost
) -> None:
    service.faults.next_outcome(Outcome.FAILED)
    generation = await client.poll((await submit(client)).image_generation_id)
    assert (generation.status, generation.images) == ("failed", [])
    assert generation.error is not None
    assert generation.error.message


async def test_a_key_without_the_scope_is_told_which(url: str, service: PowerPost) -> None:
    service.add_key("pp_live_sk_reader", scopes={"images:read"}, workspaces={"ws_sandbox"})
    client = make_client(url, api_key="pp_live_sk_reader")
    with pytest.raises(Misconfigured) as caught:
        await submit(client)
    assert caught.value.cause is Cause.INSUFFICIENT_SCOPE
    assert "images:generate" in caught.value.detail
    await client.aclose()


async def test_a_wrong_key_and_a_wrong_workspace_are_the_operators_business(url: str) -> None:
    client = make_client(url, api_key="pp_live_sk_wrong")
    with pytest.raises(Misconfigured) as caught:
        await client.credits()
    assert caught.value.cause is Cause.INVALID_KEY
    await client.aclose()

    client = make_client(url, workspace_id="ws_foreign")
    with pytest.raises(Misconfigured) as caught:
        await client.poll("7a8b")
    assert caught.value.cause is Cause.FORBIDDEN
    await client.aclose()


async def test_what_nobody_knows_is_not_found(client: PowerPostClient) -> None:
    for call in (client.poll("7a8b"), client.read_caption("../account/credits")):
        with pytest.raises(Rejected) as caught:
            await call
        assert caught.value.cause is Cause.NOT_FOUND


async def test_a_service_that_is_away_is_silence(
    client: PowerPostClient, service: PowerPost
) -> None:
    service.faults.away = True
    with pytest.raises(OutcomeUnknown):
        await submit(client)
    with pytest.raises(Transient):
        await client.credits()


async def test_many_callers_at_once_are_never_told_to_slow_down() -> None:
    service = PowerPost(
        credits_per_picture=CHANGED_PRICES,
        seconds_per_generation=0.0,
        balance=1000,
        rate_limit_per_minute=12,
    )
    async with serve(build_app(service), port=0) as address:
        client = make_client(f"{address}/api/v1")
        calls = [asyncio.create_task(client.poll("7a8b")) for _ in range(21)]
        async with asyncio.timeout(60):
            while sum(call.done() for call in calls) < 12:
                await asyncio.wait(calls, timeout=0.1)
        await asyncio.wait(calls, timeout=0.5)  # what would go too far would go now
        assert sum(call.done() for call in calls) == 12
        assert {exchange.status for exchange in service.exchanges} == {404}
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await client.aclose()
