"""The words of taking pictures out. Plain text."""

from __future__ import annotations

from typing import Final

from bot.generations.record import Generation
from bot.slack.kit.text import picture_count

NOTHING_THERE: Final = "There is no picture here to download."
TOO_MANY: Final = "I'm packing as many as I can for you. Please ask again in a minute."
FAILED: Final = (
    "I couldn't bring the ZIP file to Slack. The pictures are still where they were. "
    "Please try again."
)
NO_SUCH_CAMPAIGN: Final = "Choose a campaign from the list."
WHAT_A_CAMPAIGN_HAS: Final = (
    "Your own pictures, and those of the channels that you are in, as ZIP files in our direct "
    "message: the originals as long as PowerPost hands them out (7 days), the files marked as made "
    "by AI, and a list for a spreadsheet."
)


def describe_campaign(generation: Generation) -> str:
    """Beside the button, under a result; nothing, if it is of no campaign."""
    if not generation.campaign:
        return ""
    return (
        f"Campaign: {generation.campaign}. All pictures of it that you can see, as ZIP files with "
        "a list."
    )


def packing(count: int) -> str:
    """Where they will come."""
    return f"I'm packing {picture_count(count)}. You'll find the ZIP file in our direct message."


def packing_campaign(name: str) -> str:
    """The same; how many they are is not known yet."""
    return f"I'm packing the pictures of {name}. You'll find them in our direct message."


_NOT_WHOLE: Final = (
    "Slack doesn't tell me every channel that you are in, so some of those pictures may be missing."
)


def nothing_of(name: str, *, is_whole: bool) -> str:
    """None of a campaign's pictures is theirs to see."""
    said = f"There is no picture of {name} that you can see."
    return said if is_whole else f"{said} {_NOT_WHOLE}"


def begun(
    count: int, name: str = "", *, left_out: int = 0, is_whole: bool = True, is_cut: bool = False
) -> str:
    """The message in the direct message, before the files. `left_out` pictures were deleted;
    `is_whole`: Slack says which channels the person is in; `is_cut`: there are older ones."""
    of = f" of {name}" if name else ""
    said = [
        f"Here come {picture_count(count)}{of} as a ZIP file: originals, files marked as made by "
        "AI, and a list."
    ]
    if is_cut:
        said.append("These are the newest; older ones are left out.")
    if left_out:
        said.append(f"{picture_count(left_out).capitalize()} left out, deleted since.")
    if not is_whole:
        said.append(_NOT_WHOLE)
    return " ".join(said)


def comment(part: int, count: int, missing: int) -> str:
    """With each file; `missing` pictures are neither at PowerPost nor in Slack."""
    said = picture_count(count) if part == 1 else f"{picture_count(count)} more (part {part})"
    if missing:
        said += (
            f". {picture_count(missing)} couldn't be fetched: PowerPost's links work for "
            "7 days, and Slack didn't hand out the file either."
        )
    return said
