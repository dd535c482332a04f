"""The words of what is wrong with a list of prompts. Plain text."""

from __future__ import annotations

from typing import Final

from bot.images.brief import PICTURES_MAX
from bot.images.catalogue import PROMPT_MAX_CHARACTERS, QUANTITY_MAX
from bot.images.lists import COLUMNS, ListProblem, PromptList, RowFault
from bot.slack.kit.text import clean_line, joined, shorten

_SHOWN: Final = 6
_MOST: Final = 600  # characters: it stands in a form's `private_metadata`, too

UNREADABLE: Final = (
    "I couldn't get this file from Slack. Wait until it is uploaded, and try again; it must be a "
    "CSV file of at most 1 MB."
)


def faults(found: PromptList, *, is_file: bool) -> str:
    """What is wrong with it, row by row."""
    said = ""
    for number, fault in enumerate(found.faults):
        sentence = _name(fault, is_file=is_file)
        if number and len(said) + len(sentence) > _MOST:
            return f"{said} {len(found.faults) - number} more are wrong, too."
        said = f"{said} {sentence}".strip()
    return said


def ignored(found: PromptList) -> str:
    """Columns that mean nothing here; empty if all do."""
    if not found.ignored:
        return ""
    names = joined(f"“{shorten(name, 30)}”" for name in found.ignored[:_SHOWN])
    return f"I left out the columns {names}, which mean nothing to me."


def _name(fault: RowFault, *, is_file: bool) -> str:
    where = "Row" if is_file else "Line"
    said = _explain(fault)
    return said if fault.number is None else f"{where} {fault.number}: {said}"


def _explain(fault: RowFault) -> str:
    typed = shorten(clean_line(fault.typed), 60)
    meant = f" Did you mean {fault.suggestion}?" if fault.suggestion else ""
    columns = joined(COLUMNS)
    return {
        ListProblem.NOT_TEXT: "The list isn't UTF-8 text. Save it as “CSV UTF-8”.",
        ListProblem.EMPTY: "There is no prompt in the list.",
        ListProblem.NO_COLUMNS: (
            f"The first row must name the columns: prompt, and any of {columns}."
        ),
        ListProblem.UNKNOWN_COLUMN: f"I don't know the column “{typed}”.{meant}",
        ListProblem.TOO_MANY_ROWS: (
            f"The list has {typed} rows, and at most {PICTURES_MAX} pictures are made at once. "
            "Split it into several lists."
        ),
        ListProblem.PROMPT_MISSING: "it has no prompt.",
        ListProblem.PROMPT_TOO_LONG: (
            f"its prompt has {typed} characters, and at most {PROMPT_MAX_CHARACTERS:,} are taken."
        ),
        ListProblem.UNCLOSED: f"in “{typed}” a brace has no counterpart.",
        ListProblem.CELLS_LEFT: (
            f"“{typed}” is in no column. Put a prompt that has the separator in it in quotes."
        ),
        ListProblem.BAD_QUOTES: "its quotes don't match, so nothing after it could be read.",
        ListProblem.UNKNOWN_MODEL: f"there is no model “{typed}”.{meant}",
        ListProblem.UNKNOWN_SIZE: f"there is no size “{typed}”.{meant}",
        ListProblem.UNKNOWN_USE: f"I don't know which size “{typed}” needs.{meant}",
        ListProblem.TOO_MANY_NAMES: f"{typed} names stand in one cell. Leave some out.",
        ListProblem.BAD_QUANTITY: f"“{typed}” isn't a number from 1 to {QUANTITY_MAX}.",
        ListProblem.UNKNOWN_PRESET: f"there is no preset “{typed}” here.{meant}",
        ListProblem.SIZE_DIFFERS: (
            f"that model has no such size ({typed}); its nearest is {fault.suggestion}."
        ),
    }[fault.problem]
