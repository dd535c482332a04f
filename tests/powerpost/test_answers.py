"""Reading answers: the table of what each one means, and that nothing else can come out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.images.request import ImageRequest
from bot.powerpost import calls, wire
from bot.powerpost.answers import Answer, Failure, read_answer, read_failure
from bot.powerpost.calls import Call

SUBMIT = calls.submit_images(ImageRequest(prompt="a lighthouse in fog"))
POLL = calls.poll_generation("7a8b")
CREDITS = calls.read_credits()
UPLOAD = calls.upload_media("a.png", b"x", "image/png")
CAPTIONS = calls.list_captions()
CAPTION = calls.read_caption("55")
FREE: list[Call[wire.WireModel]] = [POLL, CREDITS, UPLOAD, CAPTIONS, CAPTION]


def answer_json(status: int, body: object, headers: dict[str, str] | None = None) -> Answer:
    """An answer with this body."""
    return Answer(status, headers or {}, json.dumps(body).encode())


def catch_error(call: Call[wire.WireModel], answer: Answer) -> ImagineError:
    """The error that the answer means."""
    with pytest.raises(ImagineError) as caught:
        read_answer(call, answer)
    return caught.value


ERROR = {"error": {"message": "Prompt is required", "code": "VALIDATION_ERROR"}}

# status, what it means to the paid call, what it means to a free one
MEANINGS: list[tuple[int, type[ImagineError], Cause, type[ImagineError], Cause]] = [
    (100, OutcomeUnknown, Cause.BROKEN_ANSWER, Transient, Cause.BROKEN_ANSWER),
    (204, OutcomeUnknown, Cause.BROKEN_ANSWER, Transient, Cause.BROKEN_ANSWER),
    (301, OutcomeUnknown, Cause.BROKEN_ANSWER, Transient, Cause.BROKEN_ANSWER),
    (307, OutcomeUnknown, Cause.BROKEN_ANSWER, Transient, Cause.BROKEN_ANSWER),
    (400, Rejected, Cause.INVALID_REQUEST, Rejected, Cause.INVALID_REQUEST),
    (401, Misconfigured, Cause.INVALID_KEY, Misconfigured, Cause.INVALID_KEY),
    (402, Rejected, Cause.INSUFFICIENT_CREDITS, Rejected, Cause.INSUFFICIENT_CREDITS),
    (403, Misconfigured, Cause.FORBIDDEN, Misconfigured, Cause.FORBIDDEN),
    (404, Rejected, Cause.NOT_FOUND, Rejected, Cause.NOT_FOUND),
    (405, Rejected, Cause.INVALID_REQUEST, Rejected, Cause.INVALID_REQUEST),
    (408, OutcomeUnknown, Cause.NO_ANSWER, Transient, Cause.NO_ANSWER),
    (409, Rejected, Cause.INVALID_REQUEST, Rejected, Cause.INVALID_REQUEST),
    (413, Rejected, Cause.TOO_LARGE, Rejected, Cause.TOO_LARGE),
    (422, Rejected, Cause.INVALID_REQUEST, Rejected, Cause.INVALID_REQUEST),
    (429, Transient, Cause.RATE_LIMITED, Transient, Cause.RATE_LIMITED),
    (500, OutcomeUnknown, Cause.SERVER_ERROR, Transient, Cause.SERVER_ERROR),
    (503, OutcomeUnknown, Cause.SERVER_ERROR, Transient, Cause.SERVER_ERROR),
    (504, OutcomeUnknown, Cause.SERVER_ERROR, Transient, Cause.SERVER_ERROR),
    (999, OutcomeUnknown, Cause.BROKEN_ANSWER, Transient, Cause.BROKEN_ANSWER),
]


@pytest.mark.parametrize(
    "body", [json.dumps(ERROR).encode(), b"", b"<html>"], ids=["documented", "empty", "html"]
)
@pytest.mark.parametrize(("status", "paid", "paid_cause", "free", "free_cause"), MEANINGS)
def test_a_status_means_what_the_table_says(
    status: int,
    paid: type[ImagineError],
    paid_cause: Cause,
    free: type[ImagineError],
    free_cause: Cause,
    body: bytes,
) -> None:
    answer = Answer(status, {"x-request-id": "req_1"}, body)

    error = catch_error(SUBMIT, answer)
    assert (type(error), error.cause, error.request_id) == (paid, paid_cause, "req_1")
    for call in FREE:
        error = catch_error(call, answer)
        assert (type(error), error.cause, error.request_id) == (free, free_cause, "req_1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"<!doctype html>",
        b'{"error": {"message": "no"}}',
        b'{"image_generation_id": null}',
        b'{"image_generation_id": "  "}',
        b'{"image_generation_id": {"id": "7a8b"}}',
        b'{"image_generation_id": "7a8b", "credits_us',
        b"[" * 100_000,
        b'{"image_generation_id": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_success_that_cannot_be_read_is_unknown_to_the_paid_call_only(body: bytes) -> None:
    error = catch_error(SUBMIT, Answer(200, {}, body))
    assert (type(error), error.cause) == (OutcomeUnknown, Cause.BROKEN_ANSWER)
    for call in FREE:
        error = catch_error(call, Answer(200, {}, body))
        assert (type(error), error.cause) == (Transient, Cause.BROKEN_ANSWER)


@pytest.mark.parametrize(
    ("body", "submitted"),
    [
        pytest.param(
            {
                "image_generation_id": "7a8b9c0d-e1f2-3456-abcd-ef7890123456",
                "status": "processing",
                "credits_used": 9,
                "remaining_credits": 36,
                "status_url": "/api/v1/images/generations/7a8b9c0d-e1f2-3456-abcd-ef7890123456",
            },
            wire.Submitted(
                image_generation_id="7a8b9c0d-e1f2-3456-abcd-ef7890123456",
                status="processing",
                credits_used=9,
                remaining_credits=36,
                status_url="/api/v1/images/generations/7a8b9c0d-e1f2-3456-abcd-ef7890123456",
            ),
            id="the specification's example",
        ),
        pytest.param(
            {"image_generation_id": "7a8b"},
            wire.Submitted(image_generation_id="7a8b"),
            id="nothing but the id",
        ),
        pytest.param(
            {
                "image_generation_id": "7a8b",
                "status": None,
                "credits_used": "nine",
                "remaining_credits": True,
                "status_url": 7,
                "webhook": {"new": "field"},
            },
            wire.Submitted(image_generation_id="7a8b", status="processing"),
            id="everything but the id is wrong",
        ),
        pytest.param(
            {"image_generation_id": 12, "credits_used": 4.5, "remaining_credits": 36.0},
            wire.Submitted(image_generation_id="12", credits_used=4.5, remaining_credits=36),
            id="numbers of either kind",
        ),
    ],
)
def test_a_submission_is_accepted_as_soon_as_its_id_is_readable(
    body: dict[str, object], submitted: wire.Submitted
) -> None:
    assert read_answer(SUBMIT, answer_json(200, body)) == submitted
    assert read_answer(SUBMIT, answer_json(201, body)) == submitted


PROCESSING = {
    "image_generation_id": "7a8b",
    "status": "processing",
    "prompt": "Minimalist workspace",
    "size": "square",
    "quantity": 2,
    "created_at": "2026-01-10T18:30:00Z",
}
FIRST_IMAGE = {
    "media_id": "img-001-abcd-efgh",
    "url": "https://powerpost.ai/storage/images/img-001-abcd-efgh.webp",
    "thumbnail_url": "https://powerpost.ai/storage/images/img-001-abcd-efgh-thumb.jpg",
    "width": 1024,
    "height": 1024,
}


def test_a_processing_generation_is_read_whole() -> None:
    generation = read_answer(POLL, answer_json(200, PROCESSING))
    assert generation == wire.ImageGeneration(
        image_generation_id="7a8b",
        status="processing",
        prompt="Minimalist workspace",
        size="square",
        quantity=2,
        created_at=datetime(2026, 1, 10, 18, 30, tzinfo=UTC),
    )
    assert (generation.images, generation.error) == ([], None)


def test_a_partial_result_keeps_its_pictures_and_its_error() -> None:
    said = {"code": "PARTIAL_FAILURE", "message": "1 of 2 images failed to generate."}
    body = {**PROCESSING, "status": "failed", "images": [FIRST_IMAGE], "error": said}
    generation = read_answer(POLL, answer_json(200, body))
    assert generation.images == [wire.Image.model_validate(FIRST_IMAGE)]
    assert generation.error == wire.GenerationError(
        code="PARTIAL_FAILURE", message="1 of 2 images failed to generate."
    )


def test_a_bad_picture_does_not_lose_the_others() -> None:
    images = [
        None,
        "x",
        {},
        {"media_id": "no-url"},
        {"url": 5},
        {"url": "https://powerpost.ai/a.webp", "width": "wide", "height": -1},
        FIRST_IMAGE,
    ]
    body = {**PROCESSING, "status": "completed", "images": images}
    generation = read_answer(POLL, answer_json(200, body))
    assert [image.url for image in generation.images] == [
        "https://powerpost.ai/a.webp",
        "https://powerpost.ai/storage/images/img-001-abcd-efgh.webp",
    ]
    assert (generation.images[0].media_id, generation.images[0].width) == ("", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"images": None},
        {"images": {}},
        {"error": []},
        {"created_at": "yesterday"},
        {"created_at": 1e300},
        {"quantity": "two", "size": 3, "prompt": None},
    ],
)
def test_a_look_needs_no_more_than_id_and_status(changes: dict[str, object]) -> None:
    generation = read_answer(POLL, answer_json(200, {**PROCESSING, **changes}))
    assert generation.status == "processing"


def test_a_time_without_a_zone_is_utc() -> None:
    body = {**PROCESSING, "created_at": "2026-01-10T18:30:00"}
    generation = read_answer(POLL, answer_json(200, body))
    assert generation.created_at == datetime(2026, 1, 10, 18, 30, tzinfo=UTC)


def test_a_status_that_the_specification_lacks_is_looked_at_again() -> None:
    error = catch_error(POLL, answer_json(200, {**PROCESSING, "status": "paused"}))
    assert (type(error), error.cause) == (Transient, Cause.BROKEN_ANSWER)


def test_an_error_that_is_only_a_sentence_is_kept() -> None:
    body = {**PROCESSING, "status": "failed", "error": "the model is out"}
    generation = read_answer(POLL, answer_json(200, body))
    assert generation.error == wire.GenerationError(code="", message="the model is out")


@pytest.mark.parametrize(("said", "balance"), [(47, 47), (47.5, 47.5), (47.0, 47), (0, 0)])
def test_a_balance_is_a_number(said: float, balance: float) -> None:
    assert read_answer(CREDITS, answer_json(200, {"balance": said})).balance == balance


@pytest.mark.parametrize("body", [b'{"balance":"47"}', b'{"balance":true}', b'{"balance":NaN}'])
def test_a_balance_is_never_guessed(body: bytes) -> None:
    assert isinstance(catch_error(CREDITS, Answer(200, {}, body)), Transient)


def test_an_uploaded_picture_is_read() -> None:
    body = {
        "media_id": "m1",
        "type": "image",
        "file_name": "a.png",
        "file_size": 1,
        "mime_type": "image/png",
        "created_at": "2026-01-10T18:30:00Z",
    }
    media = read_answer(UPLOAD, answer_json(200, body))
    assert (media.media_id, media.file_size, media.mime_type) == ("m1", 1, "image/png")


def test_a_caption_is_read_with_its_outputs() -> None:
    body = {
        "generation_id": "55",
        "status": "completed",
        "prompt": "Autumn sale",
        "platforms": ["instagram", "youtube", 5],
        "research_mode": {"new": "shape"},
        "credits_used": 1,
        "created_at": "2026-01-10T18:30:00Z",
        "outputs": {
            "instagram": "Leaves fall, so do prices",
            "youtube": {"title": "Autumn", "description": "The sale"},
            "x": None,
        },
    }
    caption = read_answer(CAPTION, answer_json(200, body))
    assert caption.platforms == ["instagram", "youtube"]
    assert caption.outputs == {
        "instagram": "Leaves fall, so do prices",
        "youtube": wire.VideoCaption(title="Autumn", description="The sale"),
    }


def test_a_page_of_captions_drops_what_it_cannot_read() -> None:
    body = {"data": [{"generation_id": "1"}, {"status": "no id"}, 5], "next_cursor": "c2"}
    page = read_answer(CAPTIONS, answer_json(200, {**body, "has_more": True}))
    assert [caption.generation_id for caption in page.data] == ["1"]
    assert (page.next_cursor, page.has_more) == ("c2", True)
    assert not read_answer(CAPTIONS, answer_json(200, {"data": []})).has_more


THURSDAY = "Thu, 01 Jan 2026 00:00:00 GMT"
THURSDAY_UNIX = 1767225600


@pytest.mark.parametrize(
    ("retry_after", "headers", "seconds"),
    [
        (12, {}, 12.0),
        (1.5, {}, 1.5),
        ("7", {}, 7.0),
        (12, {"Retry-After": "30"}, 12.0),
        (0, {}, 0.5),
        (-5, {}, 0.5),
        (10**400, {}, None),
        (1e300, {}, 300.0),
        ("nan", {}, None),
        (True, {}, None),
        ([], {}, None),
        ("soon", {"Retry-After": "30"}, 30.0),
        (None, {"retry-after": "30"}, 30.0),
        (None, {"Retry-After": "0.1"}, 0.5),
        (None, {"Retry-After": "-1"}, 0.5),
        (None, {"Retry-After": "99999999999999999999"}, 300.0),
        (None, {"Retry-After": "inf"}, 300.0),
        (None, {"Retry-After": "nan"}, None),
        (None, {"Retry-After": ""}, None),
        (None, {"Retry-After": "Thu, 01 Jan 2026 00:00:20 GMT", "Date": THURSDAY}, 20.0),
        (None, {"Retry-After": "Thu, 01 Jan 100000 00:00:20 GMT", "Date": THURSDAY}, None),
        (None, {"Retry-After": "Thu, 01 Jan 2026 00:00:20 GMT"}, 20.0 + 5),
        (None, {"X-RateLimit-Reset": str(THURSDAY_UNIX + 40), "Date": THURSDAY}, 40.0),
        (None, {"X-RateLimit-Reset": str(THURSDAY_UNIX + 40)}, 45.0),
        (None, {"X-RateLimit-Reset": str(THURSDAY_UNIX - 40), "Date": THURSDAY}, 0.5),
        (None, {"X-RateLimit-Reset": str(THURSDAY_UNIX * 1000), "Date": THURSDAY}, 300.0),
        (None, {"X-RateLimit-Reset": "later", "Date": THURSDAY}, None),
        (None, {}, None),
    ],
)
def test_a_429_says_when_to_come_back(
    retry_after: object, headers: dict[str, str], seconds: float | None
) -> None:
    body = json.dumps({"error": {"message": "Slow down", "retryAfter": retry_after}}).encode()
    our_clock_is_late_by = 5
    answer = Answer(429, headers, body, received_at=THURSDAY_UNIX - our_clock_is_late_by)
    for call in (SUBMIT, POLL):
        error = catch_error(call, answer)
        assert isinstance(error, Transient)
        assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    "error_body",
    [
        {"message": "This key lacks images:generate", "code": "INSUFFICIENT_SCOPE"},
        {"message": "No.", "code": "INSUFFICIENT_SCOPE", "required_scope": "images:generate"},
        {"message": "No.", "code": "INSUFFICIENT_SCOPE", "details": [{"s": "images:generate"}]},
    ],
)
def test_a_missing_scope_is_named_to_the_operator(error_body: dict[str, object]) -> None:
    error = catch_error(SUBMIT, answer_json(403, {"error": error_body}))
    assert (type(error), error.cause) == (Misconfigured, Cause.INSUFFICIENT_SCOPE)
    assert error.detail.count("images:generate") == 1


def test_a_refusal_carries_what_powerpost_said() -> None:
    error = catch_error(SUBMIT, answer_json(400, ERROR))
    assert error.detail == "400 VALIDATION_ERROR Prompt is required"


def test_a_detail_holds_no_key_no_prompt_and_one_line() -> None:
    message = "bad 'a lighthouse in fog'\nfor pp_live_sk_abc123 " + "x" * 1000
    error = catch_error(SUBMIT, answer_json(400, {"error": {"message": message}}))
    assert error.detail.startswith("400 bad '[prompt]' for [key] xxx")
    assert len(error.detail) == 500


def test_an_unreadable_answer_is_described_without_quoting_it() -> None:
    body = {"image_generation_id": "1", "status": "secret", "prompt": "secret"}
    error = catch_error(POLL, answer_json(200, body))
    assert error.detail == "200, unreadable ImageGeneration status literal_error"
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("req_8f2-A.b:c", "req_8f2-A.b:c"),
        ("<!channel>", None),
        ("two words", None),
        ("x" * 129, None),
        ("", None),
    ],
)
def test_a_request_id_is_kept_if_it_looks_like_one(said: str, kept: str | None) -> None:
    assert catch_error(POLL, Answer(500, {"X-Request-Id": said}, b"")).request_id == kept


@pytest.mark.parametrize(
    ("call", "failure", "error", "cause"),
    [
        (SUBMIT, Failure.NOT_SENT, Transient, Cause.UNREACHABLE),
        (SUBMIT, Failure.LOST, OutcomeUnknown, Cause.NO_ANSWER),
        (POLL, Failure.NOT_SENT, Transient, Cause.UNREACHABLE),
        (POLL, Failure.LOST, Transient, Cause.NO_ANSWER),
        (UPLOAD, Failure.LOST, Transient, Cause.NO_ANSWER),
    ],
)
def test_silence_is_unknown_only_for_a_paid_call_that_was_sent(
    call: Call[wire.WireModel], failure: Failure, error: type[ImagineError], cause: Cause
) -> None:
    made = read_failure(call, failure, "ReadTimeout")
    assert (type(made), made.cause, made.detail) == (error, cause, "ReadTimeout")


def test_models_show_no_prompt_and_no_signed_link() -> None:
    body = {**PROCESSING, "prompt": "secret", "images": [{"url": "https://x/?sig=secret"}]}
    assert "secret" not in repr(read_answer(POLL, answer_json(200, body)))
    caption = {"generation_id": "1", "prompt": "secret", "outputs": {"x": "secret"}}
    assert "secret" not in repr(read_answer(CAPTION, answer_json(200, caption)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from(
    [
        *wire.Submitted.model_fields,
        *wire.ImageGeneration.model_fields,
        *wire.Image.model_fields,
        *wire.Credits.model_fields,
        *wire.Media.model_fields,
        *wire.CaptionPage.model_fields,
        *wire.CaptionGeneration.model_fields,
        "message",
        "code",
        "retryAfter",
    ]
)
bodies = st.binary() | st.dictionaries(
    fields, json_values | st.dictionaries(fields, json_values)
).map(lambda value: json.dumps(value).encode())
header_names = st.sampled_from(
    [
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "Retry-After",
        "Date",
        "X-Request-Id",
    ]
)
header_values = (
    st.text()
    | st.floats().map(str)
    | st.integers().map(str)
    | st.datetimes().map(lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)
answers = st.builds(
    Answer,
    status=st.sampled_from([200, 400, 401, 402, 403, 404, 408, 429, 500, 503]) | st.integers(),
    headers=st.dictionaries(header_names, header_values),
    body=bodies,
    received_at=st.none() | st.floats(0, 4e9),
)


def read_or_catch(call: Call[wire.WireModel], answer: Answer) -> wire.WireModel | ImagineError:
    """The value or the error; anything else fails the test."""
    try:
        return read_answer(call, answer)
    except (Rejected, Transient, OutcomeUnknown, Misconfigured) as error:
        return error


@settings(max_examples=300, deadline=None)
@given(call=st.sampled_from([SUBMIT, *FREE]), answer=answers)
def test_any_answer_is_a_value_or_one_of_the_four_errors(
    call: Call[wire.WireModel], answer: Answer
) -> None:
    read = read_or_catch(call, answer)

    if isinstance(read, wire.WireModel):
        assert isinstance(read, call.reads)
        assert 200 <= answer.status < 300
        return
    assert "\n" not in read.detail
    assert call.is_paid or not isinstance(read, OutcomeUnknown)
    if isinstance(read, Transient):
        assert not call.is_paid or answer.status == 429
        assert read.retry_after_seconds is None or 0.5 <= read.retry_after_seconds <= 300


@pytest.mark.parametrize("said", ["7", -7, -0.5, 10**20, 10**400, True, [7], None])
@pytest.mark.parametrize("call", [SUBMIT, calls.order_captions(("x-post",), "a boat", ("m1",))])
def test_a_price_that_makes_no_sense_is_none_and_loses_nothing_that_is_paid(
    call: Call[wire.Submitted | wire.CaptionOrdered], said: object
) -> None:
    body = {"image_generation_id": "g1", "generation_id": "g1", "credits_used": said}
    paid = read_answer(call, answer_json(200, {**body, "remaining_credits": 10**20}))
    assert (paid.credits_used, paid.remaining_credits) == (None, None)
