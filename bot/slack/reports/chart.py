"""The chart of a report: what is in it, and drawing it beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from bot.credits.reports import OTHERS, Report, take_top
from bot.slack.kit.text import number, shorten
from bot.slack.reports import texts
from bot.slack.reports.drawing import Bar, Chart, draw

BARS_MAX: Final = 12
_LABEL_MAX: Final = 24

log = structlog.get_logger()


async def paint(chart: Chart) -> bytes | None:
    """The PNG; None where it could not be drawn, which is logged."""
    try:
        return await asyncio.to_thread(draw, chart)
    except Exception as error:  # noqa: BLE001 - the numbers are all in the table
        log.warning("chart.draw_failed", error=type(error).__name__)
        return None


def plan_chart(report: Report, names: Mapping[str, str]) -> Chart:
    """The bars of a report: those that cost most, and one for all the others."""
    bars = tuple(
        Bar(
            shorten(texts.key_words(report.by, line.key, names), _LABEL_MAX),
            line.credits,
            number(line.credits),
            is_rest=line.key == OTHERS,
        )
        for line in take_top(report.lines, BARS_MAX)
    )
    return Chart(texts.chart_title(report), texts.chart_note(report), bars)
