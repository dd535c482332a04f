"""From PowerPost's WebP to what Slack can show. Pillow, off the event loop, two at a time.

Slack's image block takes png, jpg and gif only (slack-facts.md, "Messages and images").
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from bot.errors import Cause, Rejected

if TYPE_CHECKING:
    from PIL import Image

# All that is unpacked at one time, in both threads.
MEMORY_MAX_BYTES: Final = 150_000_000
# What unpacking and packing take for each pixel at their worst (tests/hostile/test_pictures.py
# measures it): libwebp keeps three pictures beside Pillow's, libjpeg all coefficients of a
# progressive one, and what comes out may be as large as what went in.
_BYTES_PER_PIXEL: Final = {"WEBP": 17, "PNG": 11, "JPEG": 13}
_BYTES_PER_TURNED_PIXEL: Final = 4  # EXIF says that it stands on its side: a copy of it
_BYTES_PER_CMYK_PIXEL: Final = 6
_ORIENTATION: Final = 0x0112
_DPI_MAX: Final = 10_000
JPEG_QUALITY: Final = 92
_C = TypeVar("_C")
_T = TypeVar("_T")
_FORMATS: Final = ("WEBP", "PNG", "JPEG")


@dataclass(frozen=True, slots=True)
class SlackPicture:
    """A picture in a form that Slack shows. `extension` without a dot; pixels."""

    content: bytes
    extension: str
    width: int
    height: int


class Memory:
    """What may be taken at one time, by several threads; who does not fit waits."""

    def __init__(self, most: int = MEMORY_MAX_BYTES) -> None:
        self._most = self._free = most
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def hold(self, number: int) -> Iterator[None]:
        """So many bytes; who needs more than there are has all to itself."""
        number = min(number, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= number)
            self._free -= number
        try:
            yield
        finally:
            with self._changed:
                self._free += number
                self._changed.notify_all()


class PictureConverter:
    """Converts pictures in threads of its own."""

    def __init__(self, sign: Callable[[SlackPicture, bytes], SlackPicture] | None = None) -> None:
        """`sign` puts content credentials into a picture that was made of a file
        (bot/slack/kit/signing.py)."""
        self._sign = sign
        self._memory = Memory()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pictures")

    async def convert(self, content: bytes, xmp: str) -> SlackPicture:
        """See `convert_picture`; signed, if that is wanted."""
        return await self.run(partial(self._convert, xmp=xmp), content)

    def _convert(self, content: bytes, memory: Memory, *, xmp: str) -> SlackPicture:
        picture = convert_picture(content, memory, xmp=xmp)
        return picture if self._sign is None else self._sign(picture, content)

    async def run(self, do: Callable[[_C, Memory], _T], content: _C) -> _T:
        """What `do` makes of a picture (or of several), in a thread; what it holds of the memory,
        others wait for."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, do, content, self._memory)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def convert_picture(content: bytes, memory: Memory | None = None, *, xmp: str) -> SlackPicture:
    """JPEG for an opaque picture, PNG where there is transparency, with `xmp` in it, which says
    what it is (bot/images/marks.py). Colour profile and resolution stay; what else the file carries
    (EXIF, comments, marks of the model that this form has no place for) is left out.

    Raises Rejected: NOT_A_PICTURE for anything else than WebP, PNG or JPEG, TOO_LARGE for what
    would take more than MEMORY_MAX_BYTES (looked at before it is unpacked): some 8 million pixels
    of WebP. `memory` is what others take a part of at the same time.
    """
    with _unpack(content, memory or Memory()) as (opened, profile):
        return _encode(opened, profile, xmp)


def shrink_picture(content: bytes, side: int, memory: Memory | None = None) -> bytes:
    """A JPEG of it that fits into a square of `side` pixels, on white where it is transparent; one
    that is smaller stays as it is. Raises as `convert_picture`."""
    from PIL import Image

    with _unpack(content, memory or Memory()) as (opened, _):
        opened.thumbnail((side, side))
        whole = in_mode(opened, "RGBA")
        ground = Image.new("RGB", whole.size, "white")
        ground.paste(whole, mask=whole)
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return out.getvalue()


@contextlib.contextmanager
def _unpack(content: bytes, memory: Memory) -> Iterator[tuple[Image.Image, bytes | None]]:
    """A picture that stands upright, with its colour profile where that is to be kept. Whatever is
    wrong with it, also while it is used, is raised as Rejected."""
    from PIL import Image  # with the first picture, and never in a role of web

    try:
        with _open(content, memory) as unpacked:
            yield unpacked
    except Rejected:
        raise
    except Image.DecompressionBombError as error:
        raise Rejected(Cause.TOO_LARGE, "decompression bomb") from error
    # Pillow's readers raise whatever a broken file leads them to: struct's errors, zlib's, theirs.
    except Exception as error:
        raise Rejected(Cause.NOT_A_PICTURE, type(error).__name__) from error


@contextlib.contextmanager
def _open(content: bytes, memory: Memory) -> Iterator[tuple[Image.Image, bytes | None]]:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
        needed = _estimate_bytes(opened) + 2 * len(content)
        if needed > MEMORY_MAX_BYTES:
            raise Rejected(Cause.TOO_LARGE, f"{opened.width}x{opened.height} pixels")
        with memory.hold(needed):
            profile = _profile_to_keep(opened)
            ImageOps.exif_transpose(opened, in_place=True)
            opened.load()
            yield opened, profile


def _estimate_bytes(picture: Image.Image) -> int:
    each = _BYTES_PER_PIXEL[picture.format or ""]
    if picture.getexif().get(_ORIENTATION, 1) != 1:
        each += _BYTES_PER_TURNED_PIXEL
    if picture.mode == "CMYK":
        each += _BYTES_PER_CMYK_PIXEL
    return picture.width * picture.height * each


def _profile_to_keep(picture: Image.Image) -> bytes | None:
    """The colour profile, where it is still true of the picture after it has become RGB."""
    profile = picture.info.get("icc_profile")
    is_rgb = picture.mode in ("RGB", "RGBA", "P", "PA")
    return profile if is_rgb and isinstance(profile, bytes) else None


def _encode(picture: Image.Image, profile: bytes | None, xmp: str) -> SlackPicture:
    out = io.BytesIO()
    if is_transparent(picture):
        extension = "png"
        save_png(in_mode(picture, "RGBA"), out, xmp, profile, _resolution(picture))
    else:
        extension = "jpg"
        in_mode(picture, "RGB").save(
            out,
            "JPEG",
            quality=JPEG_QUALITY,
            subsampling=0,
            icc_profile=profile,
            xmp=xmp.encode(),
            **_resolution(picture),
        )
    return SlackPicture(out.getvalue(), extension, picture.width, picture.height)


def save_png(
    picture: Image.Image,
    out: io.BytesIO,
    xmp: str,
    profile: bytes | None = None,
    resolution: Mapping[str, tuple[float, float]] = MappingProxyType({}),
) -> None:
    """A PNG with `xmp` where readers look for it (Pillow has no `xmp=` for PNG)."""
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", xmp)
    picture.save(
        out, "PNG", icc_profile=profile, compress_level=6, pnginfo=chunks, **dict(resolution)
    )


def _resolution(picture: Image.Image) -> dict[str, tuple[float, float]]:
    """Pixels an inch, if the file says so."""
    across, down = picture.info.get("dpi") or (0, 0)
    if not all(1 <= each <= _DPI_MAX for each in (across, down)):
        return {}
    return {"dpi": (float(across), float(down))}


def in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """`picture` in `mode`; itself if it is so already, where Pillow would make a copy."""
    return picture if picture.mode == mode else picture.convert(mode)


def is_transparent(picture: Image.Image) -> bool:
    """Whether any pixel lets something through: many WebP files have an alpha that is all 255."""
    if not picture.has_transparency_data:
        return False
    lowest, _ = in_mode(picture, "RGBA").getchannel("A").getextrema()
    return isinstance(lowest, int) and lowest < 255
