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
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Final

from bot.images.flags import FlagSet, Split, split_flags
from bot.images.meaning import Problem
from bot.images.tokens import join_words, split_tokens


class By(StrEnum):
    """What a report has a line for each of."""

    USER = "user"
    CHANNEL = "channel"
    MODEL = "model"
    CAMPAIGN = "campaign"
    WORKSPACE = "workspace"  # PowerPost's


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


_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_RELATIVE: Final = {"last": 1, "previous": 1, "past": 1, "this": 0, "current": 0}
_BY_SPELLINGS: Final = {
    **{by.value: by for by in By},
    **{f"{by.value}s": by for by in By},
    **dict.fromkeys(("person", "people", "everyone"), By.USER),
    **dict.fromkeys(("brand", "brands", "client", "clients"), By.WORKSPACE),
}
_PROBLEMS: Final = {
    Problem.UNKNOWN_FLAG: UsageProblem.UNKNOWN_WORD,
    Problem.VALUE_MISSING: UsageProblem.VALUE_MISSING,
    Problem.GIVEN_TWICE: UsageProblem.GIVEN_TWICE,
}
_MENDED_MAX: Final = 4  # words of one command
_YEARS: Final = range(2000, 2101)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})\Z")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})\Z")


def parse_usage(text: str) -> ShowUsage | UsageMisunderstood | None:
    """What `text`, a whole command without spaces around it, asks of the report; None where it
    is no report's."""
    if text[:5].casefold() != "usage" or text[5:6].strip():
        return None
    rest = text[5:].strip()
    split = split_flags(rest, flags=_flags())
    return _read(rest, split) if _is_for_report(rest, split) else None


def mend_usage(text: str, answer: UsageMisunderstood) -> str | None:
    """`text`, which was answered with `answer`, as a command that is understood: each wrong word
    with its nearest right spelling. None if that is not known."""
    for _ in range(_MENDED_MAX):
        if answer.suggestion is None:
            return None
        wrong = answer.typed
        if answer.problem is UsageProblem.UNKNOWN_MONTH and answer.suggestion in _MONTHS:
            wrong = wrong.partition(" ")[0]  # a year may follow
        # Only as a whole word, and after `usage`.
        found = list(re.finditer(rf"(?<!\w){re.escape(wrong)}(?!\w)", text[5:]))
        if not wrong or not found:
            return None
        start, end = (5 + at for at in found[-1].span())
        text = f"{text[:start]}{answer.suggestion}{text[end:]}"
        read = parse_usage(text)
        if not isinstance(read, UsageMisunderstood):
            return text if read else None
        answer = read
    return None


def guess_usage(text: str) -> str:
    """The command that `text` was probably meant as, if its first word is `usage`, or nearly: the
    whole report where no more of it is known."""
    rest = text.partition(" ")[2].strip()
    for said in (f"usage {rest}", f"usage by {rest}", f"usage --month {rest}"):
        read = parse_usage(said.strip())
        if isinstance(read, ShowUsage):
            return said.strip()
        if isinstance(read, UsageMisunderstood) and (mended := mend_usage(said, read)):
            return mended
    return "usage"


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


@cache
def _flags() -> FlagSet:
    names = tuple(flag.value for flag in UsageFlag)
    return FlagSet(names, _is_value, words=frozenset({UsageFlag.BY.value}))


def _is_value(flag: str, typed: str) -> bool:
    return flag == UsageFlag.MONTH and read_month(typed) is not None


def _is_for_report(rest: str, split: Split) -> bool:
    """Whether it begins with a flag, or with nothing but a month."""
    first = next(split_tokens(rest), None)
    if first is None or (split.words and first.is_literal):
        return first is None
    begun = split_flags(first.text, flags=_flags())
    begins = bool(begun.problems or begun.values) and not first.is_literal
    return begins or read_month(rest) is not None


def _read(rest: str, split: Split) -> ShowUsage | UsageMisunderstood:
    for found in split.problems:
        return UsageMisunderstood(_PROBLEMS[found.problem], found.typed, found.suggestion)
    by, month = split.values.get(UsageFlag.BY), split.values.get(UsageFlag.MONTH)
    if split.words:  # without a flag before it, it can only be a month
        month = " ".join([*([month] if month else []), join_words(rest, split.words)])
    if by is not None and by.casefold().strip(",.") not in _BY_SPELLINGS:
        return _misunderstand_by(by)
    wanted = WantedMonth() if month is None else read_month(month)
    if wanted is None:
        return UsageMisunderstood(UsageProblem.UNKNOWN_MONTH, month or "", _find_near(month or ""))
    return ShowUsage(None if by is None else _BY_SPELLINGS[by.casefold().strip(",.")], wanted)


def _find_near(month: str) -> str | None:
    """What was probably meant: `last month` by `last mont`, `november` by `novembr 2026`."""
    first, _, rest = month.casefold().partition(" ")
    if first in _RELATIVE:
        is_near = get_close_matches(rest, ["month"], 1, 0.6)
        return f"{first} month" if is_near else None
    close = get_close_matches(first, _MONTHS, 1, 0.6)
    return close[0] if close else None


def _misunderstand_by(typed: str) -> UsageMisunderstood:
    close = get_close_matches(typed.casefold().strip(",."), list(_BY_SPELLINGS), n=1, cutoff=0.6)
    near = _BY_SPELLINGS[close[0]].value if close else None
    return UsageMisunderstood(UsageProblem.UNKNOWN_BY, typed, near)


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
