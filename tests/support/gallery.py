"""Small pictures for tests that do not look at them: to draw and to convert one of full size takes
50 ms of CPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.sandbox.powerpost.gallery import Gallery
from bot.sandbox.powerpost.pictures import Drawing, draw_picture

_SMALLER: Final = 8


def draw_small(drawing: Drawing) -> bytes:
    """The same picture, an eighth as wide and as high."""
    width, height = drawing.width // _SMALLER, drawing.height // _SMALLER
    return draw_picture(replace(drawing, width=width, height=height))


def make_small_gallery() -> Gallery:
    """A gallery of such pictures."""
    return Gallery(draw_small)
