"""What a bot may log while its promises are tried: events as JSON, and no fault of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from bot.settings import Settings
from tests.support.process import BotProcess, start_bot

# Events for the operator that these trials bring about. Everything else of that level is a fault.
EXPECTED: Final = frozenset({"payment.unknown"})
_FAULTS: Final = ("error", "critical")


def find_faults(lines: Iterable[str], expected: frozenset[str] = EXPECTED) -> list[str]:
    """The lines that are no JSON, that hold a traceback, or are errors other than `expected`."""
    return [line for line in lines if _is_fault(line, expected)]


@contextlib.asynccontextmanager
async def start_faultless_bot(
    settings: Settings,
    directory: Path,
    *arguments: str,
    expected: frozenset[str] = EXPECTED,
) -> AsyncIterator[BotProcess]:
    """`tests.support.process.start_bot`, and in the end its log is looked through."""
    async with start_bot(settings, directory, *arguments) as bot:
        yield bot
    if faults := find_faults(bot.lines, expected):
        raise AssertionError(f"faults in the log: {faults[:5]}")


def _is_fault(line: str, expected: frozenset[str]) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return True
    is_error = event.get("level") in _FAULTS and event.get("event") not in expected
    return is_error or "exception" in event or "Traceback" in line
