"""Media in a workspace: uploads checked by their bytes, and the colour they lend to pictures.

Source: PowerPost's page on POST /media/upload: images are JPEG, PNG or WebP, at most 10 MB.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image

from bot.sandbox.powerpost.errors import ApiError, file_too_large, invalid

MAX_IMAGE_BYTES = 10 * 1024 * 1024
# The page names no limit for videos that we know of; this one only bounds memory.
MAX_VIDEO_BYTES = 64 * 1024 * 1024

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Media:
    """Something that was uploaded or generated; `media_id` is what style_images takes."""

    media_id: str
    workspace_id: str
    type: str  # "image" or "video"
    file_name: str
    file_size: int  # bytes
    mime_type: str
    created_at: float  # Unix seconds
    colour: Colour  # the average of an image's pixels
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields of the form, with the file's bytes; what was left out is empty."""

    type: str
    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the bytes of an accepted file say."""

    type: str
    mime_type: str
    colour: Colour


def inspect_upload(upload: Upload) -> Inspection:
    """Check an upload by its bytes. Raises ApiError 400 or 413. Slow: call it in a thread."""
    if upload.type not in ("image", "video"):
        raise invalid("type must be image or video")
    if not upload.content:
        raise invalid("file is required and must not be empty")
    limit = MAX_IMAGE_BYTES if upload.type == "image" else MAX_VIDEO_BYTES
    if len(upload.content) > limit:
        raise file_too_large(limit)
    mime_type = sniff(upload.content)
    if mime_type is None or not mime_type.startswith(upload.type + "/"):
        raise _unsupported(upload.type)
    colour = average_colour(upload.content) if upload.type == "image" else (128, 128, 128)
    return Inspection(upload.type, mime_type, colour)


def _unsupported(kind: str) -> ApiError:
    supported = "JPEG, PNG or WebP" if kind == "image" else "MP4, MOV or WebM"
    return invalid(f"Unsupported file: must be {supported}")


def sniff(content: bytes) -> str | None:
    """The MIME type that the first bytes tell, or None."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/quicktime" if content[8:10] == b"qt" else "video/mp4"
    if content.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm"
    return None


def average_colour(content: bytes) -> Colour:
    """The mean colour of an image; of bytes that cannot be decoded, one made from their hash.

    PowerPost's page promises a check of the kind of file, not of its soundness.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                image.draft("RGB", (64, 64))  # JPEG only: decodes a fraction
                pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        digest = hashlib.sha256(content).digest()
        return digest[0], digest[1], digest[2]
    if not isinstance(pixel, tuple):  # RGB pixels are tuples; said for the type checker
        return 128, 128, 128
    return int(pixel[0]), int(pixel[1]), int(pixel[2])
