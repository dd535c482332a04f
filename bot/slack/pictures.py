"""From PowerPost's WebP to what Slack can show. Pillow, off the event loop, two at a time.

Slack's image block takes png, jpg and gif only (slack-facts.md, "Messages and images").
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.errors import Cause, Rejected

if TYPE_CHECKING:
    from PIL import Image

PIXELS_MAX: Final = 40_000_000
JPEG_QUALITY: Final = 92
_FORMATS: Final = ("WEBP", "PNG", "JPEG")


@dataclass(frozen=True, slots=True)
class SlackPicture:
    """A picture in a form that Slack shows. `extension` without a dot; pixels."""

    content: bytes
    extension: str
    width: int
    height: int


class PictureConverter:
    """Converts pictures in threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")

    async def convert(self, content: bytes) -> SlackPicture:
        """See `convert_picture`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, convert_picture, content)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def convert_picture(content: bytes) -> SlackPicture:
    """JPEG for an opaque picture, PNG where there is transparency; what else the file carries
    (EXIF, comments) is left out.

    Raises Rejected: NOT_A_PICTURE for anything else than WebP, PNG or JPEG, TOO_LARGE for more
    than 40 million pixels (looked at before they are unpacked).
    """
    from PIL import Image  # here and below: with the first picture, and never in a role of web

    try:
        return _convert(content)
    except Rejected:
        raise
    except Image.DecompressionBombError as error:
        raise Rejected(Cause.TOO_LARGE, "decompression bomb") from error
    # Pillow's readers raise whatever a broken file leads them to: struct's errors, zlib's, theirs.
    except Exception as error:
        raise Rejected(Cause.NOT_A_PICTURE, type(error).__name__) from error


def _convert(content: bytes) -> SlackPicture:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        if opened.width * opened.height > PIXELS_MAX:
            raise Rejected(Cause.TOO_LARGE, f"{opened.width}x{opened.height} pixels")
        profile = _profile_to_keep(opened)
        picture = ImageOps.exif_transpose(opened)
        picture.load()
        return _encode(picture, profile)


def _profile_to_keep(picture: Image.Image) -> bytes | None:
    """The colour profile, where it is still true of the picture after it has become RGB."""
    profile = picture.info.get("icc_profile")
    is_rgb = picture.mode in ("RGB", "RGBA", "P", "PA")
    return profile if is_rgb and isinstance(profile, bytes) else None


def _encode(picture: Image.Image, profile: bytes | None) -> SlackPicture:
    out = io.BytesIO()
    if _is_transparent(picture):
        extension = "png"
        picture.convert("RGBA").save(out, "PNG", icc_profile=profile, compress_level=6)
    else:
        extension = "jpg"
        picture.convert("RGB").save(
            out, "JPEG", quality=JPEG_QUALITY, subsampling=0, icc_profile=profile
        )
    return SlackPicture(out.getvalue(), extension, picture.width, picture.height)


def _is_transparent(picture: Image.Image) -> bool:
    """Whether any pixel lets something through: many WebP files have an alpha that is all 255."""
    if not picture.has_transparency_data:
        return False
    lowest, _ = picture.convert("RGBA").getchannel("A").getextrema()
    return isinstance(lowest, int) and lowest < 255
