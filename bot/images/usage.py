"""The grammar of `/imagine usage`: whose use, by what, of which month. Pure.

    /imagine usage
    /imagine usage --by user --month 2026-11
    /imagine usage by model last month

"usage" may begin a prompt, too. It is the report's where nothing follows, or what can only be
meant for the report: a flag, "by", a month. There what is not understood is asked about, and never
becomes a prompt: a prompt costs credits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.images.flags import Token, split_tokens


class By(StrEnum):
    """What a report has a line for each of."""

    USER = "user"
    CHANNEL = "channel"
    MODEL = "model"


class UsageFlag(StrEnum):
    """The flags of the report."""

    BY = "by"
    MONTH = "month"


class UsageProblem(StrEnum):
    """Why words after `usage` cannot be understood."""

    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_BY = "unknown_by"
    UNKNOWN_MONTH = "unknown_month"
    VALUE_MISSING = "value_missing"
    GIVEN_TWICE = "given_twice"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar; `number` 1 to 12."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def words(self) -> str:
        """`November 2026`."""
        return f"{_MONTHS[self.number - 1].capitalize()} {self.year}"

    def before(self) -> Month:
        """The one before."""
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)


@dataclass(frozen=True, slots=True)
class WantedMonth:
    """A month as it was named. Without a year: the last one that has begun; without a number:
    `months_ago`."""

    number: int | None = None
    year: int | None = None
    months_ago: int = 0

    def resolve(self, today: date) -> Month:
        """Which month that is, on a day of the workspace's."""
        now = Month(today.year, today.month)
        if self.number is None:
            return now.before() if self.months_ago else now
        if self.year is not None:
            return Month(self.year, self.number)
        this_year = Month(now.year, self.number)
        return this_year if this_year <= now else Month(now.year - 1, self.number)


@dataclass(frozen=True, slots=True)
class ShowUsage:
    """The person asked what was spent: by themselves, or (`by`) by everyone."""

    by: By | None = None
    month: WantedMonth = WantedMonth()


@dataclass(frozen=True, slots=True)
class UsageMisunderstood:
    """A word after `usage` that we do not know, and the nearest right spelling, if any."""

    problem: UsageProblem
    typed: str
    suggestion: str | None = None


class _MisunderstoodError(Exception):
    def __init__(self, problem: UsageProblem, typed: str, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.answer = UsageMisunderstood(problem, typed, suggestion)


_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_RELATIVE: Final = {"last": 1, "previous": 1, "past": 1, "this": 0, "current": 0}
_BY_SPELLINGS: Final = {
    **{by.value: by for by in By},
    **{f"{by.value}s": by for by in By},
    **dict.fromkeys(("person", "people", "everyone"), By.USER),
}
_YEARS: Final = range(2000, 2101)
_FLAG = re.compile(r"(?:--|[—–]|-)(?P<name>[A-Za-z]+)(?:=(?P<value>\S*))?\Z")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})\Z")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})\Z")


def parse_usage(text: str) -> ShowUsage | UsageMisunderstood | None:
    """What `text`, a whole command without spaces around it, asks of the report; None where it
    is no report's."""
    if text[:5].casefold() != "usage" or text[5:6].strip():
        return None
    rest = list(split_tokens(text))[1:]
    if not _is_for_report(rest):
        return None
    try:
        return _read(rest)
    except _MisunderstoodError as error:
        return error.answer


def read_month(typed: str) -> WantedMonth | None:
    """The month that `typed` names: `2026-11`, `11/2026`, `november`, `nov 2026`, `last month`."""
    words = typed.casefold().strip(" ,.").split()
    if len(words) == 1 and (found := _read_numbers(words[0])):
        return found
    if words and words[0] in _RELATIVE and words[1:] in ([], ["month"]):
        return WantedMonth(months_ago=_RELATIVE[words[0]])
    number = _read_name(words[0]) if words else None
    if number is None or len(words) > 2:
        return None
    if len(words) == 1:
        return WantedMonth(number)
    if not words[1].isdecimal() or int(words[1]) not in _YEARS:
        return None
    return WantedMonth(number, int(words[1]))


def parse_month(typed: str) -> Month | None:
    """`2026-11`, as `str(Month)` writes it."""
    found = _read_numbers(typed)
    if found is None or found.year is None or found.number is None:
        return None
    return Month(found.year, found.number)


def _is_for_report(rest: list[Token]) -> bool:
    if not rest:
        return True
    first = rest[0]
    if first.is_literal:
        return False
    is_by = first.text.casefold() == UsageFlag.BY
    return is_by or _FLAG.match(first.text) is not None or _is_month(rest)


def _is_month(rest: list[Token]) -> bool:
    return read_month(" ".join(token.text for token in rest)) is not None


def _read(rest: list[Token]) -> ShowUsage:
    said: dict[UsageFlag, str] = {}
    for flag, words in _group(rest):
        if flag in said:
            raise _MisunderstoodError(UsageProblem.GIVEN_TWICE, f"--{flag}")
        if not words:
            raise _MisunderstoodError(UsageProblem.VALUE_MISSING, f"--{flag}")
        said[flag] = " ".join(words)
    by, month = said.get(UsageFlag.BY), said.get(UsageFlag.MONTH)
    return ShowUsage(
        None if by is None else _read_by(by),
        WantedMonth() if month is None else _read_wanted_month(month),
    )


def _group(rest: list[Token]) -> Iterator[tuple[UsageFlag, list[str]]]:
    """Each flag with the words after it. `by` takes one; whatever else follows is a month."""
    tokens = list(rest)
    while tokens:
        flag, words = _read_flag(tokens.pop(0))
        most = 1 if flag is UsageFlag.BY else 3
        while tokens and len(words) < most and not _begins_flag(tokens[0]):
            words.append(tokens.pop(0).text)
        yield flag, words


def _begins_flag(token: Token) -> bool:
    return not token.is_literal and (
        _FLAG.match(token.text) is not None or token.text.casefold() == UsageFlag.BY
    )


def _read_flag(token: Token) -> tuple[UsageFlag, list[str]]:
    match = None if token.is_literal else _FLAG.match(token.text)
    if match is None:
        is_by = token.text.casefold() == UsageFlag.BY
        # Without a flag before it, it can only be a month.
        return (UsageFlag.BY, []) if is_by else (UsageFlag.MONTH, [token.text])
    names = {flag.value: flag for flag in UsageFlag}
    flag = names.get(match["name"].casefold())
    if flag is None:
        close = get_close_matches(match["name"].casefold(), list(names), n=1, cutoff=0.6)
        suggestion = f"--{close[0]}" if close else None
        raise _MisunderstoodError(UsageProblem.UNKNOWN_WORD, token.text, suggestion)
    return flag, [match["value"]] if match["value"] else []


def _read_by(typed: str) -> By:
    wanted = typed.casefold().strip(",.")
    if (by := _BY_SPELLINGS.get(wanted)) is not None:
        return by
    close = get_close_matches(wanted, list(_BY_SPELLINGS), n=1, cutoff=0.6)
    suggestion = _BY_SPELLINGS[close[0]].value if close else None
    raise _MisunderstoodError(UsageProblem.UNKNOWN_BY, typed, suggestion)


def _read_wanted_month(typed: str) -> WantedMonth:
    if (month := read_month(typed)) is not None:
        return month
    close = get_close_matches(typed.casefold().partition(" ")[0], _MONTHS, n=1, cutoff=0.6)
    raise _MisunderstoodError(UsageProblem.UNKNOWN_MONTH, typed, close[0] if close else None)


def _read_numbers(word: str) -> WantedMonth | None:
    if match := _YEAR_FIRST.match(word):
        year, number = int(match[1]), int(match[2])
    elif match := _MONTH_FIRST.match(word):
        number, year = int(match[1]), int(match[2])
    else:
        return None
    return WantedMonth(number, year) if 1 <= number <= 12 and year in _YEARS else None


def _read_name(word: str) -> int | None:
    """The month that a word is, or the first three or more letters of it."""
    if len(word) < 3:
        return None
    found = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(word)]
    return found[0] if len(found) == 1 else None
