"""Letters for what is drawn with Pillow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from PIL import ImageFont

# The letters of more languages than Pillow's own font has, if the machine has them.
_FONTS: Final = (
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Regular.ttf",
    "Arial Unicode.ttf",
)


def find_font(text: str, size: int) -> Any:
    """The first that has all letters of `text`; where none has, the first."""
    fonts = _load_fonts(size)
    return next((font for font in fonts if _has_letters(font, text)), fonts[0])


@functools.lru_cache(maxsize=8)
def _load_fonts(size: int) -> list[Any]:
    from PIL import ImageFont

    fonts: list[Any] = [ImageFont.load_default(size)]
    for name in _FONTS:
        try:
            fonts.append(ImageFont.truetype(name, size))
        except OSError:
            continue
    return fonts


def _has_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    missing = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) if letter.isalnum())
