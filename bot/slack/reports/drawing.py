"""Draws the chart of a report: a process of its own, JSON in, a PNG out.

`python -m bot.slack.reports.drawing`, because matplotlib takes 56 MB and never gives them back. The
picture is opaque, dark on white, so that it is the same in Slack's light and dark themes.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Contrast on white: 5.7 and 5.3 (bars), 16 (text).
_BAR: Final = "#1264a3"
_BAR_OF_OTHERS: Final = "#6b6a6b"
_INK: Final = "#1d1c1d"
_WIDTH_INCHES: Final = 6.0
_DPI: Final = 200  # 1,200 pixels wide
_LABEL_POINTS: Final = 9
# The letters of more languages than matplotlib's own font has, where the machine has them.
_FONTS: Final = ("Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans Arabic", "Noto Sans Hebrew")


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


def read_chart(document: dict[str, Any]) -> Chart:
    """From what `dataclasses.asdict` makes of one."""
    bars = tuple(Bar(**bar) for bar in document["bars"])
    return Chart(document["title"], document["note"], bars)


def draw(chart: Chart) -> bytes:
    """The chart as a PNG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    mpl.rcParams["font.family"] = ["DejaVu Sans", *(name for name in _FONTS if name in known)]
    height = 1.3 + 0.42 * len(chart.bars)
    figure = Figure(figsize=(_WIDTH_INCHES, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.35, 0.45 / height, 0.51, (height - 1.05) / height))
    _draw_bars(axes, chart.bars)
    # Without mathematics: a name may have dollar signs.
    figure.text(
        0.02, 1 - 0.38 / height, chart.title, size=13, weight="bold", color=_INK
    ).set_parse_math(False)
    figure.text(0.02, 0.16 / height, chart.note, size=9, color=_INK).set_parse_math(False)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _draw_bars(axes: Axes, bars: Sequence[Bar]) -> None:
    places = range(len(bars))
    colours = [_BAR_OF_OTHERS if bar.is_rest else _BAR for bar in bars]
    axes.barh(places, [max(bar.value, 0.0) for bar in bars], height=0.66, color=colours)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    longest = max((bar.value for bar in bars), default=0.0)
    axes.set_xlim(0, longest if longest > 0 else 1)
    axes.set_axis_off()
    for place, bar in zip(places, bars, strict=True):
        end = (max(bar.value, 0.0), place)
        axes.annotate(
            bar.text,
            end,
            (6, 0),
            textcoords="offset points",
            va="center",
            color=_INK,
            size=_LABEL_POINTS,
            parse_math=False,
        )
        axes.annotate(
            bar.label,
            (0, place),
            (-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            color=_INK,
            size=_LABEL_POINTS,
            parse_math=False,
        )


def main() -> None:
    """Draw what standard input says, to standard output."""
    sys.stdout.buffer.write(draw(read_chart(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
