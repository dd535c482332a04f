"""The chart: what is in it, and that it is drawn, or done without."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.credits.reports import Line, shape_report
from bot.images.usage import By, Month
from bot.slack.reports.chart import BARS_MAX, paint, plan_chart
from bot.slack.reports.drawing import Bar, Chart
from bot.slack.reports.texts import chart_alt

NOVEMBER = Month(2026, 11)


def test_the_bars_are_those_that_cost_most_and_all_others() -> None:
    lines = [Line(f"U{n}", float(100 - n), 0.0, 1, 1) for n in range(30)]
    chart = plan_chart(shape_report(By.USER, NOVEMBER, lines), {"U0": "Ada " * 20})

    assert len(chart.bars) == BARS_MAX
    assert chart.bars[0].label == "Ada Ada Ada Ada Ada Ada…"
    assert chart.bars[1] == Bar("U1", 99.0, "99")
    assert chart.bars[-1] == Bar("all others", 1520.0, "1,520", is_rest=True)
    assert chart.title == "Credits in November 2026, by person"
    assert chart.note == "2,565 credits in all, refunds taken off."


def test_the_words_for_a_chart_say_its_numbers_and_fit_into_slacks_limit() -> None:
    report = shape_report(By.USER, NOVEMBER, [Line("U1", 9.0, 0.0, 1, 1)])

    assert "Ada 9 and Ben 4.5." in chart_alt(report, [("Ada", 9.0), ("Ben", 4.5)])
    assert len(chart_alt(report, [("N" * 90, 1.0)] * 40)) == 2000


@pytest.mark.parametrize(
    "bars",
    [
        (),
        (Bar("Nothing", 0.0, "0"),),
        (Bar("$x^{2$ _under \\frac", 12.5, "12.5"), Bar("东京 🎨", -1.0, "-1", is_rest=True)),
    ],
)
async def test_whatever_people_are_called_it_is_drawn(bars: tuple[Bar, ...]) -> None:
    content = await paint(Chart("Credits", "A note, $5 and $6", bars))

    assert content is not None
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    assert picture.width == 1200
    assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


async def test_a_chart_that_cannot_be_drawn_is_done_without() -> None:
    broken = Chart("Credits", "A note", (Bar("Ada", "nine", "?"),))  # type: ignore[arg-type]

    assert await paint(broken) is None
