"""Building requests: what goes on the wire for each thing that can be asked."""

from __future__ import annotations

import pytest

from bot.errors import Cause, Rejected
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.powerpost import calls
from bot.powerpost.calls import Call, CallKind
from bot.powerpost.wire import WireModel

CAPTION_ID = "550e8400-e29b-41d4-a716-446655440000"


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        pytest.param(
            ImageRequest(prompt="Minimalist workspace", quantity=2),
            {
                "prompt": "Minimalist workspace",
                "model": "flux2-flex",
                "size": "square",
                "quantity": 2,
            },
            id="text mode",
        ),
        pytest.param(
            ImageRequest(
                prompt="Product photo of headphones",
                model=Model.NANO_BANANA_2,
                size=Size.FEED,
                style_images=("a1b2", "c3d4"),
                enhance_prompt=True,
            ),
            {
                "prompt": "Product photo of headphones",
                "model": "nano-banana-2",
                "size": "feed",
                "quantity": 1,
                "enhance_prompt": True,
                "style_images": ["a1b2", "c3d4"],
            },
            id="reference mode",
        ),
        pytest.param(
            ImageRequest(caption_id=CAPTION_ID, size=Size.PORTRAIT, quantity=3),
            {
                "model": "flux2-flex",
                "size": "portrait",
                "quantity": 3,
                "generation_id": CAPTION_ID,
            },
            id="post mode without a prompt",
        ),
        pytest.param(
            ImageRequest(
                prompt="Use dark background with neon accents",
                caption_id=CAPTION_ID,
                source_post_type="instagram-feed",
                size=Size.FEED,
            ),
            {
                "prompt": "Use dark background with neon accents",
                "model": "flux2-flex",
                "size": "feed",
                "quantity": 1,
                "generation_id": CAPTION_ID,
                "source_post_type": "instagram-feed",
            },
            id="post mode with a prompt",
        ),
        pytest.param(
            ImageRequest(prompt="  ", caption_id=CAPTION_ID),
            {
                "model": "flux2-flex",
                "size": "square",
                "quantity": 1,
                "generation_id": CAPTION_ID,
            },
            id="a blank prompt is no prompt",
        ),
        pytest.param(
            ImageRequest(prompt="half an emoji \ud83d and a whole one \U0001f600"),
            {
                "prompt": "half an emoji � and a whole one \U0001f600",
                "model": "flux2-flex",
                "size": "square",
                "quantity": 1,
            },
            id="what UTF-8 cannot hold is replaced",
        ),
    ],
)
def test_a_submission_says_what_was_asked_and_nothing_else(
    request_: ImageRequest, body: dict[str, object]
) -> None:
    call = calls.submit_images(request_)

    assert call.json == body
    assert (call.method, call.path) == ("POST", "/images/generate")
    assert call.is_paid
    assert call.needs_workspace


@pytest.mark.parametrize(
    ("call", "kind", "method", "path", "params"),
    [
        (
            calls.poll_generation("7a8b"),
            CallKind.POLL,
            "GET",
            "/images/generations/7a8b",
            {},
        ),
        (calls.read_credits(), CallKind.CREDITS, "GET", "/account/credits", {}),
        (
            calls.list_captions(),
            CallKind.CAPTIONS,
            "GET",
            "/content/generations",
            {"limit": "20"},
        ),
        (
            calls.list_captions(cursor="n&x=2", limit=1000, status="completed"),
            CallKind.CAPTIONS,
            "GET",
            "/content/generations",
            {"limit": "100", "cursor": "n&x=2", "status": "completed"},
        ),
        (
            calls.list_captions(limit=0),
            CallKind.CAPTIONS,
            "GET",
            "/content/generations",
            {"limit": "1"},
        ),
        (calls.read_caption("55"), CallKind.CAPTION, "GET", "/content/generations/55", {}),
        (
            calls.upload_media("a.png", b"x", "image/png"),
            CallKind.UPLOAD,
            "POST",
            "/media/upload",
            {},
        ),
    ],
)
def test_only_a_submission_is_paid(
    call: Call[WireModel],
    kind: CallKind,
    method: str,
    path: str,
    params: dict[str, str],
) -> None:
    assert (call.kind, call.method, call.path, call.params) == (kind, method, path, params)
    assert not call.is_paid


def test_only_the_credits_need_no_workspace() -> None:
    assert not calls.read_credits().needs_workspace
    assert calls.poll_generation("1").needs_workspace
    assert calls.upload_media("a.png", b"x", "image/png").needs_workspace
    assert calls.list_captions().needs_workspace


@pytest.mark.parametrize(
    ("untrusted", "path"),
    [
        ("a/../../account", "/images/generations/a%2F..%2F..%2Faccount"),
        ("a?b=c#d", "/images/generations/a%3Fb%3Dc%23d"),
        ("a%2Fb", "/images/generations/a%252Fb"),
        ("é \n", "/images/generations/%C3%A9%20%0A"),
        ("\ud83d", "/images/generations/%EF%BF%BD"),
    ],
)
def test_an_id_is_one_segment_of_the_path(untrusted: str, path: str) -> None:
    assert calls.poll_generation(untrusted).path == path


@pytest.mark.parametrize("untrusted", ["", ".", "..", "x" * 256])
def test_what_cannot_be_an_id_is_refused_before_it_is_sent(untrusted: str) -> None:
    for build in (calls.poll_generation, calls.read_caption):
        with pytest.raises(Rejected) as caught:
            build(untrusted)
        assert caught.value.cause is Cause.NOT_FOUND


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\cat.png", "cat.png"),
        ('a"\r\nX-Evil: 1.png', "a_X-Evil_ 1.png"),
        ("", "picture"),
        ("\n", "picture"),
        ("x" * 300 + ".png", "x" * 96 + ".png"),
    ],
)
def test_a_file_name_fits_a_header(name: str, sent: str) -> None:
    files = calls.upload_media(name, b"x", "image/png").files
    assert files is not None
    assert files["file"].name == sent


def test_a_call_shows_neither_prompt_nor_file() -> None:
    shown = repr(calls.submit_images(ImageRequest(prompt="a secret garden")))
    shown += repr(calls.upload_media("a.png", b"secret bytes", "image/png"))
    assert "secret" not in shown


def test_probes_go_to_the_addresses_whose_scopes_they_find_out_and_pay_nothing() -> None:
    generate, upload = calls.probe_generate(), calls.probe_upload()

    assert (generate.method, generate.path) == ("POST", "/images/generate")
    assert generate.json == {"size": "doctor", "quantity": 0}
    assert (upload.method, upload.path) == ("POST", "/media/upload")
    assert (upload.form, upload.files) == ({"type": "image"}, None)
    for probe in (generate, upload):
        assert probe.kind is CallKind.PROBE
        assert not probe.is_paid
        assert probe.needs_workspace
