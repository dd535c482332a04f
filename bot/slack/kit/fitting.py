"""From what people send to what PowerPost takes as a reference: upright, sRGB, JPEG or PNG, 10 MB.

Phones send HEIC, programs TIFF and 16 bits, printers CMYK. Each is unpacked here before anything
is paid, so that what is broken is found out in time. What else a file carries (where a photo was
taken, by whom) does not go on.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.errors import Cause, Rejected
from bot.slack.kit.pictures import JPEG_QUALITY, Memory, in_mode, is_transparent

if TYPE_CHECKING:
    from PIL import Image

# powerpost-neighbours.md, "Media": JPEG, PNG and WebP, at most 10 MB.
REFERENCE_MAX_BYTES: Final = 10 * 1024 * 1024
# Style is seen in less: no model draws a longer side (catalogue.py).
SIDE_MAX_PX: Final = 2048
# tests/hostile/test_fitting.py measures it.
UNPACKED_MAX_BYTES: Final = 370_000_000
# What unpacking takes for each pixel at its worst, until there is a picture of SIDE_MAX_PX.
_BYTES_PER_PIXEL: Final = {
    "AVIF": 9.8,
    "BMP": 6.0,
    "GIF": 6.0,
    "HEIF": 7.6,
    "PNG": 6.0,
    "TIFF": 6.7,
    "WEBP": 17.0,
}
_MORE_BYTES_PER_PIXEL: Final = {"P": 5.5, "PA": 5.5, "RGBA": 3.0}  # by what is unpacked
_JPEG: Final = ("JPEG", "MPO")  # MPO: several in one file, as some phones make them
_FORMATS: Final = ("JPEG", *_BYTES_PER_PIXEL)
_BYTES_PER_READ_PIXEL: Final = 8.0
_BYTES_PER_COEFFICIENT: Final = 2
_SHRINK: Final = 0.75
_TILE_TAGS: Final = (322, 323)  # TIFF 6.0, section 15: TileWidth and TileLength


@dataclass(frozen=True, slots=True)
class FittedPicture:
    """A picture that PowerPost takes. `mime_type` is image/jpeg or image/png."""

    content: bytes
    mime_type: str


def fit_picture(content: bytes, memory: Memory | None = None) -> FittedPicture:
    """The picture, the first one of several: JPEG, or PNG if something shows through.

    Raises Rejected: REFERENCE_NOT_A_PICTURE for what cannot be read to its end,
    REFERENCE_TOO_LARGE for what would take more than UNPACKED_MAX_BYTES (looked at before it is
    unpacked). `memory` is what others take a part of at the same time.
    """
    from PIL import Image  # here and below: with the first picture

    _prepare()
    try:
        return _fit(content, memory or Memory())
    except Rejected:
        raise
    except Image.DecompressionBombError as error:
        raise Rejected(Cause.REFERENCE_TOO_LARGE, "decompression bomb") from error
    # Pillow's readers raise whatever a broken file leads them to: struct's errors, zlib's, theirs.
    except Exception as error:
        raise Rejected(Cause.REFERENCE_NOT_A_PICTURE, type(error).__name__) from error


def _prepare() -> None:
    """Teach Pillow HEIC. May be repeated."""
    from PIL import Image
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    # Of 90 million pixels and more; what it takes is looked at below.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def _fit(content: bytes, memory: Memory) -> FittedPicture:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        opened.draft(None, _find_target(opened))  # a JPEG is made smaller while it is read
        needed = int(_estimate_bytes(opened)) + 2 * len(content)
        if needed > UNPACKED_MAX_BYTES:
            raise Rejected(Cause.REFERENCE_TOO_LARGE, f"{opened.width}x{opened.height} pixels")
        with memory.hold(needed):
            return _encode(_make_srgb(_make_upright(opened)))


def _find_target(picture: Image.Image) -> tuple[int, int]:
    """The size that it will have, or its own if that is smaller."""
    scale = min(1.0, SIDE_MAX_PX / max(picture.size))
    return max(1, int(picture.width * scale)), max(1, int(picture.height * scale))


def _estimate_bytes(picture: Any) -> float:
    pixels = picture.width * picture.height
    if picture.format not in _JPEG:
        tile = getattr(picture, "tag_v2", {})
        tile_pixels = int(tile.get(_TILE_TAGS[0], 0)) * int(tile.get(_TILE_TAGS[1], 0))
        each = _BYTES_PER_PIXEL[picture.format] + _MORE_BYTES_PER_PIXEL.get(picture.mode, 0.0)
        return float(max(pixels, tile_pixels) * each)
    read = pixels * _BYTES_PER_READ_PIXEL
    if not picture.info.get("progressive"):
        return float(read)
    # libjpeg keeps all coefficients of a progressive one, in its whole size.
    scale = picture.decoderconfig[0] if picture.decoderconfig else 1
    of_each = [across * down for _, across, down, _ in picture.layer]
    share = sum(of_each) / max(of_each)
    return float(read + pixels * scale**2 * share * _BYTES_PER_COEFFICIENT)


def _make_upright(opened: Image.Image) -> Image.Image:
    """With 8 bits a channel, no larger than SIDE_MAX_PX, the right way up."""
    from PIL import ImageOps

    opened.load()
    picture = opened
    if picture.mode in ("P", "PA", "1"):  # whose pixels cannot be mixed
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((SIDE_MAX_PX, SIDE_MAX_PX))
    picture = _in_eight_bits(picture)
    ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Pillow cuts off what is above 255; grey of more bits is scaled instead."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    wide = picture.convert("F")
    lowest, highest = wide.getextrema()
    if not isinstance(lowest, float) or not isinstance(highest, float):
        raise TypeError("more than one channel")
    white = _find_white(picture.mode, highest)
    grey = wide.point(lambda value: value * (255.0 / white) + 0.0).convert("L")
    grey.info = picture.info
    return grey


def _find_white(mode: str, highest: float) -> float:
    """What white is in a grey picture of `mode`, whose brightest pixel is `highest`."""
    if mode == "F":
        return 1.0 if highest <= 1.0 else max(255.0, highest)
    return 65535.0 if mode.startswith("I;16") or 255.0 < highest <= 65535.0 else max(255.0, highest)


def _make_srgb(picture: Image.Image) -> Image.Image:
    """In the colours that a screen shows, by the profile in the file; RGB or RGBA."""
    from PIL import ImageCms

    mode = "RGBA" if picture.has_transparency_data else "RGB"
    profile = picture.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        source = "RGBA" if picture.mode in ("RGBA", "LA") else picture.mode
        # A broken profile, or one of other colours than the picture's: then without it.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            made = ImageCms.profileToProfile(
                in_mode(picture, source),
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGBA" if source == "RGBA" else "RGB",
            )
            if made is not None:
                return made
    return in_mode(picture, mode)


def _encode(picture: Image.Image) -> FittedPicture:
    """In at most REFERENCE_MAX_BYTES, smaller if need be."""
    while True:
        fitted = _encode_once(picture)
        if len(fitted.content) <= REFERENCE_MAX_BYTES:
            return fitted
        width, height = (max(1, int(side * _SHRINK)) for side in picture.size)
        picture = picture.resize((width, height))


def _encode_once(picture: Image.Image) -> FittedPicture:
    out = io.BytesIO()
    picture.info.clear()  # PNG would write comments and more from here
    if is_transparent(picture):
        in_mode(picture, "RGBA").save(out, "PNG", compress_level=6)
        return FittedPicture(out.getvalue(), "image/png")
    in_mode(picture, "RGB").save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return FittedPicture(out.getvalue(), "image/jpeg")
