"""The pictures: a coloured card with the prompt on it, marked "sandbox", never a model's.

Same prompt, number, model, size and references: same picture. Everything here is pure and takes
some 20 ms: call it in a thread.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import itertools
import math
import random
import re
import textwrap
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

THUMBNAIL_PX: Final = 384  # the longer side
_TINT: Final = 0.5  # how much of a card's colour the style references decide
_FONT: Final = (
    Path(__file__).parent.parent / "page" / "static" / "fonts" / "lato-latin-700-normal.woff2"
)
# The prompt's size, as shares of the card's shorter side: the largest that fits.
_TEXT_SIZES: Final = (0.11, 0.085, 0.065, 0.05, 0.04, 0.03)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that decides what a picture looks like."""

    prompt: str
    model: str
    width: int  # pixels
    height: int
    number: int  # from 1
    quantity: int
    tints: tuple[Colour, ...] = ()  # of the style references
    is_transparent: bool = False
    take: int = 0  # how often the same was asked for before: each time another picture


def draw_picture(drawing: Drawing) -> bytes:
    """The full picture as WebP, in exactly the dimensions that were asked for."""
    file = io.BytesIO()
    _paint(drawing).save(file, "WEBP", quality=80, method=0)
    return file.getvalue()


def draw_thumbnail(drawing: Drawing) -> bytes:
    """A JPEG whose longer side has 384 pixels."""
    share = THUMBNAIL_PX / max(drawing.width, drawing.height)
    width, height = round(drawing.width * share), round(drawing.height * share)
    image = _paint(replace(drawing, width=width, height=height, is_transparent=False))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def make_picture_bomb() -> bytes:
    """A valid WebP of 16384 x 16384 pixels in 28 bytes; to decode it takes a gigabyte.

    Lossless WebP: a header with the dimensions, no transforms, no colour cache, and five prefix
    codes of a single symbol each, so that a pixel takes no bits at all.
    """
    dimensions = (16384 - 1) | (16384 - 1) << 14
    single_symbol_code = 0b0001  # "simple", one symbol, of one bit, zero
    bits, length = dimensions, 14 + 14 + 1 + 3  # then alpha hint and version, both zero
    length += 3  # no transform, no colour cache, no meta prefix codes
    for _ in range(5):
        bits |= single_symbol_code << length
        length += 4
    data = b"\x2f" + bits.to_bytes(math.ceil(length / 8), "little")
    data += b"\x00" * (len(data) % 2)
    chunk = b"WEBPVP8L" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(chunk).to_bytes(4, "little") + chunk


def choose_colour(drawing: Drawing) -> Colour:
    """A card's colour, which also stands for it if it is a style reference itself."""
    generator = _make_random(drawing)
    rgb = colorsys.hls_to_rgb(generator.random(), generator.choice((0.25, 0.32, 0.8)), 0.5)
    own = tuple(round(255 * part) for part in rgb)
    if not drawing.tints:
        return own[0], own[1], own[2]
    tint = [sum(parts) / len(drawing.tints) for parts in zip(*drawing.tints, strict=True)]
    red, green, blue = (round(a + (b - a) * _TINT) for a, b in zip(own, tint, strict=True))
    return red, green, blue


def _make_random(drawing: Drawing) -> random.Random:
    text = f"{drawing.prompt}\n{drawing.model}\n{drawing.number}\n{drawing.take}"
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return random.Random(digest)  # noqa: S311 - it picks colours, not keys


def _paint(drawing: Drawing) -> Image.Image:
    size, unit = (drawing.width, drawing.height), min(drawing.width, drawing.height)
    paper = choose_colour(drawing)
    ink = 0 if _measure_luminance(paper) > 0.18 else 255  # either has a contrast of 4.5 at least
    shade = tuple((7 * part + 255 - ink) // 8 for part in paper)  # away from the ink
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    generator = _make_random(drawing)
    for _ in range(3):
        x, y = generator.random() * drawing.width, generator.random() * drawing.height
        draw.circle((x, y), unit * generator.uniform(0.15, 0.5), fill=shade)
    margin = unit * 0.09
    box = (drawing.width - 2 * margin, drawing.height - 4 * margin)
    font, lines = _fit(_show(drawing.prompt), box, unit)
    middle = (drawing.width / 2, (drawing.height - margin) / 2)
    colour = (ink, ink, ink)
    draw.text(middle, "\n".join(lines), colour, font, "mm", align="center")
    label = f"sandbox · {drawing.model} · {drawing.width} × {drawing.height}"
    label += f" · {drawing.number} of {drawing.quantity}"
    foot = (drawing.width / 2, drawing.height - margin)
    draw.text(foot, label, colour, _load_font(max(8, round(unit * 0.027))), "mm")
    if drawing.is_transparent:
        alpha = Image.new("L", size)
        edges = (margin / 2, margin / 2, drawing.width - margin / 2, drawing.height - margin / 2)
        ImageDraw.Draw(alpha).rounded_rectangle(edges, radius=margin, fill=255)
        image.putalpha(alpha)
    return image


def _measure_luminance(colour: Colour) -> float:
    """WCAG's relative luminance."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _fit(text: str, box: tuple[float, float], unit: int) -> tuple[Font, list[str]]:
    """The largest font in which `text` fits into the box, and its lines; at the smallest it is
    cut off."""
    for share, letter in itertools.product(_TEXT_SIZES, "nW"):
        size = max(8, round(unit * share))
        font = _load_font(size)
        lines = textwrap.wrap(text, max(1, int(box[0] / font.getlength(letter))))
        most = max(1, int(box[1] / (size * 1.3)))
        if len(lines) <= most and all(font.getlength(line) <= box[0] for line in lines):
            return font, lines
    return font, [*lines[: most - 1], f"{lines[most - 1][:-1]}…"] if lines[most:] else lines


def _show(prompt: str) -> str:
    """As much of the prompt as the font has letters for: without accents that it does not have,
    and "…" for the rest."""
    decomposed = (c if _has_glyph(c) else unicodedata.normalize("NFKD", c) for c in prompt)
    letters = (c for c in "".join(decomposed) if not unicodedata.combining(c))
    shown = "".join(c if c.isspace() or _has_glyph(c) else "…" for c in letters)
    if not any(c.isalnum() for c in shown):
        return "(a prompt that this font can’t show)"
    return re.sub("…{2,}", "…", " ".join(shown.split()))


@lru_cache(4096)
def _has_glyph(character: str) -> bool:
    font = _load_font(16)
    mask = bytes(font.getmask(character)) if character.isprintable() else b""
    return character == " " or mask not in (b"", bytes(font.getmask("\uffff")))


@cache
def _load_font(size: int) -> Font:
    try:
        return ImageFont.truetype(_FONT, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError:  # a Pillow without WOFF2
        return ImageFont.load_default(size)
