"""Many prompts at once: one on each line, or the rows of a CSV file. Pure.

    prompt;name;size
    "a kite, in the wind";Kite;feed,story
    a harbour at {dawn|dusk};Harbour;

The first row names the columns: `prompt`, and any of COLUMNS. Cells are between commas, semicolons
or tabs, and in quotes if they have one of these. Each row that cannot be made is named by its
number, as a spreadsheet shows it, with the reason. A file is UTF-8, or UTF-16 with its mark.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.images.brief import PICTURES_MAX, Row, Spread, distinct_names, plan
from bot.images.catalogue import DEFAULT_MODEL, PROMPT_MAX_CHARACTERS, QUANTITY_MAX
from bot.images.names import (
    find_model,
    find_size,
    find_use,
    split_list,
    suggest_model,
    suggest_size,
    suggest_use,
)
from bot.images.options import read_preset, read_quantity
from bot.images.request import ImageRequest
from bot.images.typed import clean, fold
from bot.images.variants import read_template

FILE_MAX_BYTES: Final = 1_000_000
COLUMNS: Final = ("prompt", "name", "model", "size", "for", "quantity", "preset", "campaign")
_DELIMITERS: Final = ",;\t"
_NAME_MAX: Final = 60
_ROWS_READ_MAX: Final = 10_000  # of more the number is not said any more
_COLUMNS_MAX: Final = 100
_NAMES_MAX: Final = 20  # models, sizes or places in one cell


class ListProblem(StrEnum):
    """Why a list, or a row of it, cannot be made."""

    NOT_TEXT = "not_text"  # no UTF-8
    EMPTY = "empty"
    NO_COLUMNS = "no_columns"  # the first row names no column "prompt"
    UNKNOWN_COLUMN = "unknown_column"  # nearly one of ours
    TOO_MANY_ROWS = "too_many_rows"  # typed is their number
    TOO_MANY_NAMES = "too_many_names"  # in one cell; typed is their number
    # Of a row:
    PROMPT_MISSING = "prompt_missing"
    PROMPT_TOO_LONG = "prompt_too_long"  # typed is its length
    UNCLOSED = "unclosed"  # a brace with a bar has no counterpart
    CELLS_LEFT = "cells_left"  # it has more cells than there are columns
    BAD_QUOTES = "bad_quotes"  # they are not closed, or something stands after them
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_SIZE = "unknown_size"
    UNKNOWN_USE = "unknown_use"
    BAD_QUANTITY = "bad_quantity"
    UNKNOWN_PRESET = "unknown_preset"
    SIZE_DIFFERS = "size_differs"  # its model lacks its size; suggested is the nearest


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with the row `number` (None: with the whole list): what was typed, and what was
    probably meant."""

    number: int | None
    problem: ListProblem
    typed: str = ""
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class PromptList:
    """The rows that can be made, in order, and what is wrong with the others. `ignored` are columns
    that mean nothing here."""

    rows: tuple[Row, ...] = ()
    faults: tuple[RowFault, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def is_hopeless(self) -> bool:
        """Whether the list as a whole is at fault: no row can be left out to mend it."""
        return not self.rows or any(fault.number is None for fault in self.faults)


def read_lines(text: str) -> PromptList:
    """One prompt on each line that is not empty."""
    lines = [(number, line.strip()) for number, line in enumerate(clean(text).split("\n"), 1)]
    cells = [(number, {"prompt": line}) for number, line in lines if line]
    return _read_rows(cells, None)


def read_csv(content: bytes, preset_names: Collection[str] | None = None) -> PromptList:
    """The rows of a file. `preset_names` are those that may be used; None: that is not known."""
    text = _decode(content)
    if text is None:
        return _fail(ListProblem.NOT_TEXT)
    text, delimiter = _find_delimiter(text)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next((record for record in records if any(map(str.strip, record))), None)
    except csv.Error:
        return _fail(ListProblem.NO_COLUMNS)
    if header is None:
        return _fail(ListProblem.EMPTY)
    if len(header) > _COLUMNS_MAX:
        return _fail(ListProblem.NO_COLUMNS)
    columns = [fold(cell) for cell in header]
    if faults := _check_header(header, columns):
        return PromptList((), tuple(faults))
    cells, faults = _take_cells(records, columns, first=2)
    found = _read_rows(cells, preset_names)
    ignored = tuple(
        name.strip()
        for name, column in zip(header, columns, strict=True)
        if column and column not in COLUMNS
    )
    all_faults = sorted((*faults, *found.faults), key=lambda fault: fault.number or 0)
    return PromptList(found.rows, tuple(all_faults), ignored)


def _fail(problem: ListProblem, typed: str = "") -> PromptList:
    return PromptList((), (RowFault(None, problem, typed),))


def _decode(content: bytes) -> str | None:
    """The text of a file; None if it is none, or in an encoding that does not say which it is."""
    is_utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _find_delimiter(text: str) -> tuple[str, str]:
    """What stands between the cells, by the first row; and `text` without a line that says it, as
    Excel writes one (`sep=;`)."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        return rest, first.strip()[4]

    def count(delimiter: str) -> int:
        names = [fold(name.strip('" \r')) for name in first.split(delimiter, _COLUMNS_MAX)]
        return sum(name in COLUMNS for name in names) * 100 + len(names)

    return text, max(_DELIMITERS, key=count)


def _check_header(header: Sequence[str], columns: Sequence[str]) -> list[RowFault]:
    near = [
        RowFault(None, ListProblem.UNKNOWN_COLUMN, typed.strip(), close[0])
        for typed, column in zip(header, columns, strict=True)
        if column not in COLUMNS
        and (close := get_close_matches(column, COLUMNS, n=1, cutoff=0.75))
        and close[0] not in columns
    ]
    if near or "prompt" in columns:
        return near
    return [RowFault(None, ListProblem.NO_COLUMNS)]


def _take_cells(
    records: Iterator[list[str]], columns: Sequence[str], first: int
) -> tuple[list[tuple[int, dict[str, str]]], list[RowFault]]:
    """The cells of each row by their columns, with its number; rows without any are left out."""
    cells, faults = list[tuple[int, dict[str, str]]](), list[RowFault]()
    number = first - 1
    while len(cells) + len(faults) <= _ROWS_READ_MAX:
        number += 1
        try:
            record = [cell.strip() for cell in next(records)]
        except StopIteration:
            return cells, faults
        except csv.Error:  # what follows cannot be told apart any more
            return cells, [*faults, RowFault(number, ListProblem.BAD_QUOTES)]
        if not any(record):
            continue
        if any(record[len(columns) :]):
            left = next(cell for cell in record[len(columns) :] if cell)
            faults.append(RowFault(number, ListProblem.CELLS_LEFT, left))
            continue
        named = zip(columns, record, strict=False)
        cells.append((number, {column: cell for column, cell in named if column in COLUMNS}))
    return cells, faults


# A row ----------------------------------------------------------------------------------------


def _read_rows(
    cells: Sequence[tuple[int, Mapping[str, str]]], preset_names: Collection[str] | None
) -> PromptList:
    if not cells:
        return _fail(ListProblem.EMPTY)
    if len(cells) > PICTURES_MAX:
        return _fail(ListProblem.TOO_MANY_ROWS, str(len(cells)))
    rows, faults = list[Row](), list[RowFault]()
    for number, named in cells:
        row, fault = _read_row(number, named, preset_names)
        if fault is not None:
            faults.append(fault)
        else:
            rows.append(row)
    return PromptList(tuple(rows), tuple(faults))


def _read_row(
    number: int, cells: Mapping[str, str], preset_names: Collection[str] | None
) -> tuple[Row, RowFault | None]:
    """The row, and the first thing that is wrong with it; what is wrong is left out of the row."""
    faults: list[RowFault] = []

    def read(
        column: str,
        find: Callable[[str], object],
        suggest: Callable[[str], str | None],
        problem: ListProblem,
    ) -> list[str]:
        names = split_list(cells[column]) if cells.get(column) else []
        if len(names) > _NAMES_MAX:
            faults.append(RowFault(number, ListProblem.TOO_MANY_NAMES, str(len(names))))
            return []
        wrong = [name for name in names if find(name) is None]
        # Only the first fault of a row is said, and to look for what was meant takes time.
        faults.extend(RowFault(number, problem, name, suggest(name)) for name in wrong[:1])
        return [name for name in names if name not in wrong]

    prompt = clean(cells.get("prompt", ""))
    faults += _check_prompt(number, prompt)
    models = read("model", find_model, suggest_model, ListProblem.UNKNOWN_MODEL)
    sizes = read("size", find_size, suggest_size, ListProblem.UNKNOWN_SIZE)
    uses = read("for", find_use, suggest_use, ListProblem.UNKNOWN_USE)
    quantity, preset = cells.get("quantity", ""), cells.get("preset", "")
    faults += _check_quantity(number, quantity)
    faults += _check_preset(number, preset, preset_names)
    row = Row(
        number=number,
        prompt=prompt,
        name=clean(cells.get("name", ""))[:_NAME_MAX],
        models=tuple(dict.fromkeys(found for name in models if (found := find_model(name)))),
        sizes=distinct_names(sizes),
        uses=distinct_names(uses),
        quantity=read_quantity(quantity) if quantity else None,
        preset=read_preset(preset) if preset else None,
        campaign=clean(cells.get("campaign", ""))[:_NAME_MAX] or None,
    )
    faults += _check_sizes(row)
    return row, next(iter(faults), None)


def _check_prompt(number: int, prompt: str) -> list[RowFault]:
    template = read_template(prompt)
    if not prompt.strip():
        return [RowFault(number, ListProblem.PROMPT_MISSING)]
    if len(prompt) > PROMPT_MAX_CHARACTERS:
        return [RowFault(number, ListProblem.PROMPT_TOO_LONG, str(len(prompt)))]
    return [RowFault(number, ListProblem.UNCLOSED, prompt)] if template.is_unsure else []


def _check_quantity(number: int, typed: str) -> list[RowFault]:
    quantity = read_quantity(typed) if typed else 1
    is_right = quantity is not None and 1 <= quantity <= QUANTITY_MAX
    return [] if is_right else [RowFault(number, ListProblem.BAD_QUANTITY, typed)]


def _check_preset(number: int, typed: str, names: Collection[str] | None) -> list[RowFault]:
    known = {fold(name): name for name in names or ()}
    if names is None or not read_preset(typed) or fold(typed) in known:
        return []
    close = get_close_matches(fold(typed), list(known), n=1, cutoff=0.6)
    suggestion = known[close[0]] if close else None
    return [RowFault(number, ListProblem.UNKNOWN_PRESET, typed, suggestion)]


def _check_sizes(row: Row) -> list[RowFault]:
    """What a row itself asks a model for that has no such size."""
    if not row.models or not (row.sizes or row.uses):
        return []
    single = row.model_copy(update={"prompt": "-"})
    spread = plan(ImageRequest(prompt="-"), Spread(rows=(single,)), DEFAULT_MODEL)
    return [
        RowFault(row.number, ListProblem.SIZE_DIFFERS, f"{each.model}, {each.typed}", each.size)
        for each in spread.misfits
    ]
