"""Tells what a file is by its bytes, as Slack does: MIME type and, for pictures, the pixels."""

from __future__ import annotations

import struct

SHOWN_BY_SLACK = frozenset({"image/png", "image/jpeg", "image/gif"})
"""What an image block may show; WebP is not among them (node-slack-sdk#1482)."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"isom", b"mp41", b"mp42", b"qt  "), "video/mp4"),
}
"""ISO/IEC 14496-12: the brand of a file that begins with an `ftyp` box."""
_FILETYPES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/tiff": "tiff",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "video/mp4": "mp4",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/csv": "csv",
    "text/plain": "text",
}


def sniff_mimetype(content: bytes, name: str = "") -> str:
    """The MIME type by the first bytes; text by being UTF-8; else application/octet-stream."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "application/octet-stream")
    for signature, mimetype in _SIGNATURES:
        if content.startswith(signature):
            return mimetype
    try:
        content[:4096].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < min(len(content), 4096) - 4:
            return "application/octet-stream"
    if content[:256].lstrip().startswith(b"<svg"):
        return "image/svg+xml"
    return "text/csv" if name.lower().endswith(".csv") else "text/plain"


def name_filetype(mimetype: str) -> str:
    """Slack's short word for a MIME type ("png"); "binary" for what it does not know."""
    return _FILETYPES.get(mimetype, "binary")


def read_picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP; (0, 0) for anything else."""
    readers = {
        "image/png": _read_png,
        "image/jpeg": _read_jpeg,
        "image/gif": _read_gif,
        "image/webp": _read_webp,
    }
    reader = readers.get(sniff_mimetype(content))
    if reader is None:
        return 0, 0
    try:
        return reader(content)
    except (struct.error, IndexError):
        return 0, 0


def _read_png(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return int(width), int(height)


def _read_gif(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", content[6:10])
    return int(width), int(height)


def _read_webp(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    width, height = struct.unpack("<HH", content[26:30])
    return int(width) & 0x3FFF, int(height) & 0x3FFF


def _read_jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            at += 1
            continue
        marker = content[at + 1]
        if marker in {0xFF, 0x01} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return 0, 0
