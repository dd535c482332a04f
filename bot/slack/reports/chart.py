"""The chart of a report, drawn in a process that ends with it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import structlog

from bot.credits.reports import OTHERS, Report, take_top
from bot.slack.kit.text import shorten
from bot.slack.reports import texts as words
from bot.slack.reports.drawing import Bar, Chart

BARS_MAX: Final = 12
_LABEL_MAX: Final = 24
_DRAWING_SECONDS: Final = 60.0

log = structlog.get_logger()


class ChartPainter:
    """One chart at a time: each takes about a second of a core, and 80 MB."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def paint(self, chart: Chart) -> bytes | None:
        """The PNG; None where it could not be drawn, which is logged."""
        async with self._turn:
            try:
                async with asyncio.timeout(_DRAWING_SECONDS):
                    return await _run(json.dumps(asdict(chart)).encode())
            except (TimeoutError, OSError) as error:
                log.warning("chart_not_drawn", error=type(error).__name__)
                return None


def plan_chart(report: Report, names: Mapping[str, str]) -> Chart:
    """The bars of a report: those that cost most, and one for all the others."""
    bars = tuple(
        Bar(
            shorten(words.key_words(report.by, line.key, names), _LABEL_MAX),
            line.credits,
            words.number(line.credits),
            is_rest=line.key == OTHERS,
        )
        for line in take_top(report.lines, BARS_MAX)
    )
    return Chart(words.chart_title(report), words.chart_note(report), bars)


async def _run(document: bytes) -> bytes | None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.slack.reports.drawing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # What it complains of holds names of people.
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        picture, _ = await process.communicate(document)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        log.warning("chart_not_drawn", exit_code=process.returncode)
        return None
    return picture
