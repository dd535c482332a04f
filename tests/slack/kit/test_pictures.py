"""Pictures into forms that Slack shows; what is none is refused, whatever its bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pyexiv2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.errors import Cause, Rejected
from bot.images.catalogue import Model
from bot.images.marks import GENERATED, Mark, write_xmp
from bot.sandbox.powerpost.pictures import make_picture_bomb
from bot.slack.kit.pictures import PictureConverter, convert_picture


def encode(picture: Image.Image, kind: str = "WEBP", **options: Any) -> bytes:
    """A file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def open_again(content: bytes) -> Image.Image:
    """What Slack would see."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
XMP = write_xmp(Mark(NOON, Model.IDEOGRAM_3, "gen-1", "media-1"))
convert = partial(convert_picture, xmp=XMP)
RED = Image.new("RGB", (40, 20), (200, 30, 30))
CLEAR = Image.new("RGBA", (40, 20), (200, 30, 30, 0))
SOLID = Image.new("RGBA", (40, 20), (200, 30, 30, 255))
HALF = Image.new("RGBA", (40, 20), (200, 30, 30, 254))
PALETTE = Image.new("P", (40, 20))


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        pytest.param(encode(RED), "jpg", id="webp"),
        pytest.param(encode(RED, lossless=True), "jpg", id="lossless webp"),
        pytest.param(encode(SOLID, lossless=True), "jpg", id="webp with an alpha that hides none"),
        pytest.param(encode(CLEAR, lossless=True), "png", id="webp with alpha"),
        pytest.param(encode(HALF, lossless=True), "png", id="webp that lets a little through"),
        pytest.param(encode(RED, "PNG"), "jpg", id="png"),
        pytest.param(encode(CLEAR, "PNG"), "png", id="png with alpha"),
        pytest.param(encode(PALETTE, "PNG", transparency=0), "png", id="palette with alpha"),
        pytest.param(encode(PALETTE, "PNG"), "jpg", id="palette"),
        pytest.param(encode(RED.convert("L"), "PNG"), "jpg", id="grey"),
        pytest.param(encode(RED.convert("LA"), "PNG"), "jpg", id="grey with alpha"),
        pytest.param(encode(RED.convert("1"), "PNG"), "jpg", id="black and white"),
        pytest.param(encode(RED, "JPEG"), "jpg", id="jpeg"),
        pytest.param(encode(RED.convert("CMYK"), "JPEG"), "jpg", id="cmyk"),
        pytest.param(encode(RED.convert("L"), "JPEG"), "jpg", id="grey jpeg"),
        pytest.param(
            encode(RED, save_all=True, append_images=[CLEAR.convert("RGB")]), "jpg", id="animated"
        ),
    ],
)
def test_opaque_becomes_jpeg_and_transparent_png(content: bytes, extension: str) -> None:
    converted = convert(content)
    seen = open_again(converted.content)

    assert converted.extension == extension
    assert seen.format == {"jpg": "JPEG", "png": "PNG"}[extension]
    assert seen.mode == {"jpg": "RGB", "png": "RGBA"}[extension]
    assert seen.size == (converted.width, converted.height) == (40, 20)


def test_colours_stay() -> None:
    seen = open_again(convert(encode(RED, lossless=True)).content)

    pixel = seen.getpixel((20, 10))
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) <= 4 for a, b in zip(pixel, (200, 30, 30), strict=True))


def test_a_picture_that_says_it_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right

    converted = convert(encode(RED, "JPEG", exif=exif))

    assert (converted.width, converted.height) == (20, 40)
    assert dict(open_again(converted.content).getexif()) == {}


def test_what_else_the_file_carries_is_left_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"

    assert b"a secret place" not in convert(encode(RED, exif=exif)).content


def test_a_profile_is_kept_only_where_it_is_true_of_the_result() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    kept = convert(encode(RED, icc_profile=profile))
    dropped = convert(encode(RED.convert("CMYK"), "JPEG", icc_profile=profile))

    assert open_again(kept.content).info.get("icc_profile") == profile
    assert "icc_profile" not in open_again(dropped.content).info


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(encode(RED), id="an opaque one becomes a JPEG"),
        pytest.param(encode(CLEAR, lossless=True), id="one that lets through a PNG"),
    ],
)
def test_another_reader_finds_the_mark_of_generated_media_in_the_file(content: bytes) -> None:
    with pyexiv2.ImageData(convert(content).content) as read:
        said = read.read_xmp()

    assert said["Xmp.iptcExt.DigitalSourceType"] == GENERATED
    assert said["Xmp.iptcExt.AISystemUsed"] == "Ideogram 3.0"
    assert said["Xmp.iptcExt.AISystemVersionUsed"] == "ideogram-3"
    assert said["Xmp.dc.identifier"] == "gen-1"
    assert said["Xmp.iptcExt.DigImageGUID"] == "media-1"
    assert said["Xmp.xmp.CreateDate"] == "2026-11-27T12:00:00Z"
    assert "Xmp.iptcExt.AIPromptInformation" not in said


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_resolution_stays(kind: str) -> None:
    seen = open_again(convert(encode(RED, kind, dpi=(300, 300))).content)

    assert [round(each) for each in seen.info["dpi"]] == [300, 300]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<!doctype html><title>Sign in</title>", id="a page"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 ", id="the beginning of a webp"),
        pytest.param(encode(RED)[:-20], id="a webp that was cut"),
        pytest.param(encode(RED, "PNG")[:-30], id="a png that was cut"),
        pytest.param(encode(RED, "GIF"), id="a gif"),
        pytest.param(encode(RED, "BMP"), id="a bmp"),
        pytest.param(encode(RED, "TIFF"), id="a tiff"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="an svg"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        convert(content)
    assert caught.value.cause is Cause.NOT_A_PICTURE


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(make_picture_bomb(), id="a bomb"),
        pytest.param(encode(Image.new("1", (8000, 5001)), "PNG"), id="just over the limit"),
    ],
)
def test_more_pixels_than_memory_has_room_for_are_refused(content: bytes) -> None:
    assert len(content) < 1_000_000
    with pytest.raises(Rejected) as caught:
        convert(content)
    assert caught.value.cause is Cause.TOO_LARGE


SEEDS = [
    encode(RED),
    encode(CLEAR, lossless=True),
    encode(RED, "PNG"),
    encode(RED, "JPEG"),
    encode(PALETTE, "PNG", transparency=0),
]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 200),
)
def test_a_file_that_was_damaged_is_a_picture_or_refused_and_nothing_else(
    seed: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(seed)
    for place, value in changes:
        content[place % len(content)] = value
    try:
        converted = convert(bytes(content[: len(content) - cut]))
    except Rejected as error:
        assert error.cause in (Cause.NOT_A_PICTURE, Cause.TOO_LARGE)  # noqa: PT017
    else:
        assert open_again(converted.content).size == (converted.width, converted.height)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_more_than_be_refused(content: bytes) -> None:
    with pytest.raises(Rejected):
        convert(content)


async def test_the_converter_works_beside_the_loop() -> None:
    converter = PictureConverter()

    converted = await converter.convert(encode(RED), XMP)
    converter.close()

    assert converted.extension == "jpg"
