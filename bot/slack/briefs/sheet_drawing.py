"""Draws a contact sheet: all pictures of a brief, small, each over its label. Opaque, dark on
white, so that it is the same in Slack's light and dark themes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.slack.kit.fonts import find_font
from bot.slack.kit.pictures import Memory

# The square that a picture fits into, and what is between two. In pixels.
SIDE: Final = 320
_GAP: Final = 16
_LABEL_LINES: Final = 2
# Letters are so high where the sheet is as wide as a message on a phone (of 390 pixels).
_PHONE_WIDTH: Final = 330
_PHONE_TEXT: Final = 12
# Contrast on white: 16 (text), 5.3 (the frame of a picture that is not there).
_INK: Final = "#1d1c1d"
_FRAME: Final = "#6b6a6b"
_NOT_THERE: Final = "not available"
_QUALITY: Final = 88


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture (JPEG, at most `SIDE` wide and high) and its label; None: it is not there."""

    label: str
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where so many pictures stand. In pixels."""

    count: int

    @property
    def columns(self) -> int:
        """More, where there are many: letters must stay readable, and the whole not too high."""
        return min(self.count, 3 if self.count <= 24 else 4)

    @property
    def width(self) -> int:
        """Of the sheet."""
        return self.columns * (SIDE + _GAP) + _GAP

    @property
    def text_size(self) -> int:
        """Of the labels."""
        return round(self.width * _PHONE_TEXT / _PHONE_WIDTH)

    @property
    def line_height(self) -> int:
        """Of one line of a label."""
        return round(self.text_size * 1.25)

    @property
    def _step(self) -> int:
        return SIDE + _LABEL_LINES * self.line_height + 2 * _GAP

    @property
    def height(self) -> int:
        """Of the sheet."""
        return -(-self.count // self.columns) * self._step + _GAP

    def corner(self, number: int) -> tuple[int, int]:
        """Left and top of the square of a picture, counted from 0."""
        row, column = divmod(number, self.columns)
        return _GAP + column * (SIDE + _GAP), _GAP + row * self._step


def draw_sheet(tiles: Sequence[Tile], memory: Memory, *, xmp: str) -> bytes:
    """The sheet as a JPEG, with `xmp` in it, which says what it is (bot/images/marks.py). `memory`
    is what others take a part of at the same time."""
    from PIL import Image, ImageDraw  # here, because few starts need it

    layout = Layout(len(tiles))
    with memory.hold(layout.width * layout.height * 4):
        sheet = Image.new("RGB", (layout.width, layout.height), "white")
        pen = ImageDraw.Draw(sheet)
        for number, tile in enumerate(tiles):
            left, top = layout.corner(number)
            if tile.picture is not None:
                with Image.open(io.BytesIO(tile.picture), formats=("JPEG",)) as small:
                    # Each stands on its label.
                    place = left + (SIDE - small.width) // 2, top + SIDE - small.height
                    sheet.paste(small, place)
            else:
                pen.rectangle((left, top, left + SIDE - 1, top + SIDE - 1), outline=_FRAME, width=3)
                font = find_font(_NOT_THERE, layout.text_size)
                middle = left + SIDE // 2, top + SIDE // 2
                pen.text(middle, _NOT_THERE, _INK, font, "mm")
            _write_label(pen.text, tile.label, layout, left + SIDE // 2, top + SIDE + _GAP // 2)
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=_QUALITY, subsampling=0, xmp=xmp.encode())
    return out.getvalue()


def _write_label(
    write: Callable[..., object], label: str, layout: Layout, middle: int, top: int
) -> None:
    font = find_font(label, layout.text_size)
    for number, line in enumerate(wrap(label, SIDE, font.getlength)):
        write((middle, top + number * layout.line_height), line, _INK, font, "ma")


def wrap(label: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """`label` in at most two lines of `width`, cut off where it is longer. Pure."""
    lines: list[str] = []
    rest = " ".join(label.split())
    while rest:
        if len(lines) == _LABEL_LINES - 1:
            return [*lines, _cut(rest, width, measure)]
        end = len(rest)
        while end > 1 and measure(rest[:end].rstrip()) > width:
            end = space if (space := rest.rfind(" ", 0, end)) > 0 else end - 1
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def _cut(text: str, width: float, measure: Callable[[str], float]) -> str:
    if measure(text) <= width:
        return text
    while text and measure(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…"
