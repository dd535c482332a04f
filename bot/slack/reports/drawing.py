"""Draws the chart of a report. The picture is opaque, dark on white, so that it is the same in
Slack's light and dark themes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from bot.slack.kit.fonts import find_font

# Contrast on white: 5.7 and 5.3 (bars), 16 (text).
_BAR: Final = "#1264a3"
_BAR_OF_OTHERS: Final = "#6b6a6b"
_INK: Final = "#1d1c1d"
# In pixels.
_WIDTH: Final = 1200
_MARGIN: Final = 24
_ROW: Final = 84
_THICK: Final = 54
_LABELS_END: Final = 420
_BARS_END: Final = 1030
_HEAD: Final = 110
_FOOT: Final = 96
_TITLE, _TEXT = 44, 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is of, how long it is, and the number at its end. `is_rest` for what is
    many in one."""

    label: str
    value: float
    text: str
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars from above to below, with a title over them and a note below."""

    title: str
    note: str
    bars: tuple[Bar, ...]


def draw(chart: Chart) -> bytes:
    """The chart as a PNG."""
    from PIL import Image, ImageDraw  # here, because few starts need it

    height = _HEAD + _ROW * len(chart.bars) + _FOOT
    image = Image.new("RGB", (_WIDTH, height), "white")
    pen = ImageDraw.Draw(image)

    def write(x: int, y: float, text: str, anchor: str, size: int = _TEXT) -> None:
        pen.text((x, y), text, _INK, find_font(text, size), anchor)

    write(_MARGIN, _HEAD / 2, chart.title, "lm", _TITLE)
    longest = max((bar.value for bar in chart.bars), default=0.0)
    for number, bar in enumerate(chart.bars):
        middle = _HEAD + _ROW * (number + 0.5)
        share = max(bar.value, 0.0) / longest if longest > 0 else 0.0
        end = _LABELS_END + round(share * (_BARS_END - _LABELS_END))
        box = (_LABELS_END, middle - _THICK / 2, end, middle + _THICK / 2)
        pen.rectangle(box, _BAR_OF_OTHERS if bar.is_rest else _BAR)
        write(_LABELS_END - 16, middle, bar.label, "rm")
        write(end + 12, middle, bar.text, "lm")
    write(_MARGIN, height - _FOOT / 2, chart.note, "lm")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
