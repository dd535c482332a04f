"""What people send becomes what PowerPost takes: upright, sRGB, JPEG or PNG, at most 10 MB."""

from __future__ import annotations

import functools
import io
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw

from bot.errors import Cause, Rejected
from bot.slack.kit.fitting import REFERENCE_MAX_BYTES, SIDE_MAX_PX, fit_picture
from tests.support.measured_pictures import noisy

pillow_heif.register_heif_opener()

RED = (200, 30, 30)
BLUE = (20, 40, 210)


def two_halves(mode: str = "RGB", size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", size, RED)
    ImageDraw.Draw(picture).rectangle((size[0] // 2, 0, *size), fill=BLUE)
    return picture.convert(mode)


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def look_at(content: bytes) -> tuple[str, Image.Image]:
    """MIME type and picture, as PowerPost would see them."""
    fitted = fit_picture(content)
    seen = Image.open(io.BytesIO(fitted.content))
    seen.load()
    assert {"JPEG": "image/jpeg", "PNG": "image/png"}[str(seen.format)] == fitted.mime_type
    return fitted.mime_type, seen


def is_near(picture: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether the pixel is of about that colour."""
    pixel = picture.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 40 for a, b in zip(pixel, colour, strict=True))


def turned(orientation: int = 6) -> Image.Exif:
    """What a phone writes when it is held upright; with where the photo was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif


CLEAR = two_halves("RGBA")
CLEAR.putpixel((0, 0), (0, 0, 0, 0))
FRAMES = {"save_all": True, "append_images": [Image.new("RGB", (80, 40), "green")]}


@pytest.mark.parametrize(
    ("picture", "kind", "options", "mime_type"),
    [
        pytest.param(two_halves(), "HEIF", {}, "image/jpeg", id="heic"),
        pytest.param(two_halves(), "AVIF", {}, "image/jpeg", id="avif"),
        pytest.param(two_halves(), "GIF", {}, "image/jpeg", id="gif"),
        pytest.param(two_halves(), "GIF", FRAMES, "image/jpeg", id="animated gif"),
        pytest.param(two_halves(), "TIFF", {}, "image/jpeg", id="tiff"),
        pytest.param(two_halves(), "TIFF", {"compression": "tiff_lzw"}, "image/jpeg", id="lzw"),
        pytest.param(two_halves("CMYK"), "TIFF", {}, "image/jpeg", id="cmyk tiff"),
        pytest.param(two_halves(), "BMP", {}, "image/jpeg", id="bmp"),
        pytest.param(two_halves("CMYK"), "JPEG", {}, "image/jpeg", id="cmyk"),
        pytest.param(two_halves("YCbCr"), "JPEG", {}, "image/jpeg", id="jpeg"),
        pytest.param(two_halves(), "JPEG", {"progressive": True}, "image/jpeg", id="progressive"),
        pytest.param(two_halves(), "MPO", FRAMES, "image/jpeg", id="two jpegs in one"),
        pytest.param(two_halves(), "PNG", {}, "image/jpeg", id="png"),
        pytest.param(two_halves(), "PNG", FRAMES, "image/jpeg", id="animated png"),
        pytest.param(two_halves("P"), "PNG", {}, "image/jpeg", id="palette"),
        pytest.param(two_halves(), "WEBP", {}, "image/jpeg", id="webp"),
        pytest.param(two_halves(), "WEBP", FRAMES, "image/jpeg", id="animated webp"),
        pytest.param(two_halves("RGBA"), "PNG", {}, "image/jpeg", id="alpha that hides none"),
        pytest.param(CLEAR, "PNG", {}, "image/png", id="transparent png"),
        pytest.param(CLEAR, "WEBP", {"lossless": True}, "image/png", id="transparent webp"),
        pytest.param(CLEAR, "GIF", {}, "image/png", id="transparent gif"),
        pytest.param(CLEAR, "TIFF", {}, "image/png", id="transparent tiff"),
        pytest.param(CLEAR, "HEIF", {"quality": 100}, "image/png", id="transparent heic"),
        pytest.param(CLEAR, "AVIF", {"quality": 100}, "image/png", id="transparent avif"),
    ],
)
def test_what_phones_and_programs_write_is_read(
    picture: Image.Image, kind: str, options: dict[str, Any], mime_type: str
) -> None:
    found, seen = look_at(encode(picture, kind, **options))

    assert found == mime_type
    assert seen.size == (80, 40)
    assert seen.mode == ("RGBA" if mime_type == "image/png" else "RGB")
    assert is_near(seen, (20, 20), RED)
    assert is_near(seen, (60, 20), BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_photo_comes_out_upright_and_says_no_more_where_it_was_taken(kind: str) -> None:
    content = encode(two_halves(), kind, exif=turned().tobytes())
    _, seen = look_at(content)

    assert seen.size == (40, 80)  # turned clockwise: red is at the top
    assert is_near(seen, (20, 20), RED)
    assert is_near(seen, (20, 60), BLUE)
    assert not seen.getexif()
    assert not seen.info.get("exif")


@pytest.mark.parametrize("orientation", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255])
def test_each_orientation_is_taken(orientation: int) -> None:
    _, seen = look_at(encode(two_halves(), "JPEG", exif=turned(orientation)))

    assert seen.size == ((40, 80) if orientation in (5, 6, 7, 8) else (80, 40))


@pytest.mark.parametrize(
    ("white", "middle", "mode", "kind"),
    [
        (65535, 32768, "I;16", "PNG"),
        (65535, 32768, "I;16", "TIFF"),
        (65535, 32768, "I", "TIFF"),
        (1.0, 0.5, "F", "TIFF"),
        (255, 128, "L", "PNG"),
    ],
)
def test_grey_of_16_bits_keeps_its_middle(
    white: float, middle: float, mode: str, kind: str
) -> None:
    picture = Image.new(mode, (60, 20), middle)
    picture.paste(white, (40, 0, 60, 20))
    _, seen = look_at(encode(picture, kind))

    assert is_near(seen, (10, 10), (128, 128, 128))
    assert is_near(seen, (50, 10), (255, 255, 255))


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Its red is green: who ignores the profile shows another colour.
SWAPPED = SRGB.replace(b"rXYZ", b"kXYZ").replace(b"gXYZ", b"rXYZ").replace(b"kXYZ", b"gXYZ")
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_those_of_the_profile_and_the_profile_goes(kind: str, mode: str) -> None:
    picture = CLEAR if mode == "RGBA" and kind != "JPEG" else two_halves()
    options = {"lossless": True} if kind == "WEBP" else {}
    _, seen = look_at(encode(picture, kind, icc_profile=SWAPPED, **options))

    assert is_near(seen, (20, 20), (30, 200, 30))
    assert "icc_profile" not in seen.info


@pytest.mark.parametrize("profile", [b"", b"no profile", SRGB[:200], LAB])
@pytest.mark.parametrize("mode", ["RGB", "L", "LA", "RGBA", "P"])
def test_a_profile_that_is_broken_or_of_other_colours_changes_nothing(
    profile: bytes, mode: str
) -> None:
    _, seen = look_at(encode(two_halves(mode), "PNG", icc_profile=profile))

    assert seen.size == (80, 40)
    if mode not in ("L", "LA"):
        assert is_near(seen, (20, 20), RED)


def test_what_is_larger_than_10_mb_is_made_smaller() -> None:
    content = encode(noisy(2600, "RGBA"), "PNG", compress_level=0)
    fitted = fit_picture(content)

    assert len(content) > 2 * REFERENCE_MAX_BYTES
    assert len(fitted.content) <= REFERENCE_MAX_BYTES
    assert fitted.mime_type == "image/png"


def test_a_photo_of_108_million_pixels_is_made_smaller() -> None:
    content = encode(Image.new("RGB", (12000, 9000), RED), "JPEG")
    _, seen = look_at(content)

    assert seen.size == (SIDE_MAX_PX, 1536)


def test_an_ordinary_picture_keeps_its_pixels() -> None:
    _, seen = look_at(encode(Image.new("RGB", (1200, 1600), RED), "JPEG"))

    assert seen.size == (1200, 1600)


KINDS = ("AVIF", "BMP", "GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP")


@functools.cache
def encode_whole(kind: str) -> bytes:
    """A file with nothing wrong."""
    return encode(Image.effect_noise((300, 200), 90).convert("RGB"), kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_half_a_picture_is_found_out(kind: str, share: float) -> None:
    content = encode_whole(kind)
    with pytest.raises(Rejected) as raised:
        fit_picture(content[: int(len(content) * share)])

    assert raised.value.cause is Cause.REFERENCE_NOT_A_PICTURE


def test_a_png_with_a_broken_middle_is_found_out() -> None:
    content = bytearray(encode_whole("PNG"))
    content[len(content) // 2 : len(content) // 2 + 40] = bytes(40)
    with pytest.raises(Rejected) as raised:
        fit_picture(bytes(content))

    assert raised.value.cause is Cause.REFERENCE_NOT_A_PICTURE


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<!DOCTYPE html><title>Sign in</title>", id="a page"),
        pytest.param(b"%PDF-1.7\n", id="pdf"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42", id="video"),
        pytest.param(b"\x00\x00\x00\x18ftypheic", id="the beginning of heic"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="what runs programs"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected) as raised:
        fit_picture(content)

    assert raised.value.cause is Cause.REFERENCE_NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF", "BMP"])
def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked(kind: str) -> None:
    flat = Image.new("L" if kind == "PNG" else "1", (12000, 12000))
    options = {"compression": "group4"} if kind == "TIFF" else {}
    with pytest.raises(Rejected) as raised:
        fit_picture(encode(flat, kind, **options))

    assert raised.value.cause is Cause.REFERENCE_TOO_LARGE


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=12),
)
def test_whatever_the_bytes_it_is_a_picture_or_a_refusal(
    kind: str, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(encode_whole(kind))
    for at, value in changes:
        content[at % len(content)] = value
    try:
        fitted = fit_picture(bytes(content))
    except Rejected:
        return
    assert fitted.mime_type in ("image/jpeg", "image/png")
