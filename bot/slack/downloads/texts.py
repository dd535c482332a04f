"""The words of taking pictures out. Plain text."""

from __future__ import annotations

from typing import Final

from bot.slack.kit.text import picture_count

NOTHING_THERE: Final = "There is no picture here to download."
TOO_MANY: Final = "I'm packing as many as I can for you. Please ask again in a minute."
FAILED: Final = (
    "I couldn't bring the ZIP file to Slack. The pictures are still where they were. "
    "Please try again."
)


def packing(count: int) -> str:
    """Where they will come."""
    return f"I'm packing {picture_count(count)}. You'll find the ZIP file in our direct message."


def begun(count: int) -> str:
    """The message in the direct message, before the files."""
    return f"Here come {picture_count(count)} as a ZIP file: originals, marked files, and a list."


def comment(part: int, count: int, missing: int) -> str:
    """With each file; `missing` pictures PowerPost does not hand out any more."""
    said = picture_count(count) if part == 1 else f"{picture_count(count)} more (part {part})"
    if missing:
        said += (
            f". {picture_count(missing)} couldn't be fetched: PowerPost's links work for "
            "7 days. They are still in Slack."
        )
    return said
