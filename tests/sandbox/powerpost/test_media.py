"""POST /media/upload: JPEG, PNG or WebP by their bytes, at most 10 MB."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from bot.sandbox.powerpost.service import PowerPost
from tests.support.powerpost_stand_in import Clock

MEGABYTE = 1024 * 1024


def make_image(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 10), (200, 30, 40)).save(file, kind)
    return file.getvalue()


async def upload(
    client: httpx.AsyncClient, content: bytes, *, name: str = "photo", kind: str = "image"
) -> httpx.Response:
    return await client.post("/media/upload", files={"file": (name, content)}, data={"type": kind})


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
async def test_the_answer_describes_the_file_by_its_bytes(
    client: httpx.AsyncClient, kind: str, mime_type: str
) -> None:
    content = make_image(kind)
    response = await upload(client, content, name="whatever.bin")
    answer = response.json()
    assert response.status_code == 200
    assert isinstance(answer.pop("media_id"), str)
    assert answer == {
        "type": "image",
        "file_name": "whatever.bin",
        "file_size": len(content),
        "mime_type": mime_type,
        "created_at": "2026-01-10T18:30:00Z",
    }


async def test_an_uploaded_image_is_what_style_images_takes_and_it_tints_the_picture(
    client: httpx.AsyncClient, powerpost: PowerPost, clock: Clock
) -> None:
    media_id = (await upload(client, make_image("PNG"))).json()["media_id"]
    body = {"prompt": "a fox", "style_images": [media_id]}
    answer = (await client.post("/images/generate", json=body)).json()
    (image,) = powerpost.generations[answer["image_generation_id"]].images
    assert image.drawing.tints == ((200, 30, 40),)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!doctype html><title>Sign in</title>", id="a login page"),
        pytest.param(b"GIF89a" + b"\x00" * 40, id="GIF"),
        pytest.param(b"%PDF-1.7", id="PDF"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40, id="a video as image"),
    ],
)
async def test_other_bytes_are_400(client: httpx.AsyncClient, content: bytes) -> None:
    response = await upload(client, content, name="photo.jpg")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_10_megabytes_are_accepted_and_a_byte_more_is_413(client: httpx.AsyncClient) -> None:
    image = make_image("PNG")
    largest = image + b"\x00" * (10 * MEGABYTE - len(image))
    assert (await upload(client, largest)).status_code == 200
    response = await upload(client, largest + b"\x00")
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "FILE_TOO_LARGE"


async def test_a_broken_picture_of_the_right_kind_is_accepted(client: httpx.AsyncClient) -> None:
    assert (await upload(client, make_image("PNG")[:40])).status_code == 200


@pytest.mark.parametrize(
    "request_parts",
    [
        pytest.param({"files": {"file": b"x"}}, id="no type"),
        pytest.param({"files": {"file": b"x"}, "data": {"type": "audio"}}, id="unknown type"),
        pytest.param({"files": {"other": b"x"}, "data": {"type": "image"}}, id="no file"),
        pytest.param({"data": {"file": "x", "type": "image"}}, id="not multipart"),
        pytest.param({"json": {"type": "image"}}, id="JSON"),
        pytest.param({"content": b""}, id="nothing"),
        pytest.param(
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, id="no boundary"
        ),
        pytest.param(
            {"content": b"--a", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
            id="wrong boundary",
        ),
        pytest.param({"files": [("file", b"x"), ("file", b"y")]}, id="two files"),
    ],
)
async def test_a_malformed_form_is_400(
    client: httpx.AsyncClient, request_parts: dict[str, Any]
) -> None:
    response = await client.post("/media/upload", **request_parts)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_a_video_can_be_uploaded_but_is_no_style_image(client: httpx.AsyncClient) -> None:
    video = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40
    answer = (await upload(client, video, kind="video")).json()
    assert answer["mime_type"] == "video/mp4"
    body = {"prompt": "x", "style_images": [answer["media_id"]]}
    assert (await client.post("/images/generate", json=body)).status_code == 400
