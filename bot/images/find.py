"""The grammar of `/imagine find`: what pictures are looked for. Pure.

    /imagine find harbour
    /imagine find harbour at dawn --by @ann --in #design --since 2026-11-01 --rating good
    /imagine find "a way home"

"find" may begin a prompt, too ("find a way home in the fog"). It is the library's if what follows
looks like a search: few words, and none that makes a picture. All else is asked about, and neither
searched nor paid for by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Final

from bot.images.catalogue import Model, Size
from bot.images.flags import IMAGE_FLAGS, Flag, FlagSet, Split, split_flags
from bot.images.meaning import Problem
from bot.images.names import find_model, find_shape, suggest_model, suggest_size
from bot.images.tokens import Token, join_words, split_tokens
from bot.images.typed import fold
from bot.images.usage import Month, WantedMonth, read_month


class FindFlag(StrEnum):
    """The filters of a search."""

    BY = "by"
    IN = "in"
    CAMPAIGN = "campaign"
    MODEL = "model"
    SIZE = "size"
    SINCE = "since"
    UNTIL = "until"
    RATING = "rating"


class FindProblem(StrEnum):
    """Why a filter cannot be understood."""

    UNKNOWN_FLAG = "unknown_flag"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_SIZE = "unknown_size"
    UNKNOWN_DAY = "unknown_day"
    UNKNOWN_RATING = "unknown_rating"
    NO_CAMPAIGN = "no_campaign"
    VALUE_MISSING = "value_missing"
    GIVEN_TWICE = "given_twice"


@dataclass(frozen=True, slots=True)
class Find:
    """What is looked for, as it was typed: who (`me`, `@ann`, `<@U1>`) and where (`#design`,
    `here`) are found out later, and days by the calendar of the workspace."""

    words: str = ""
    by: str | None = None
    where: str | None = None
    campaign: str | None = None
    model: Model | None = None
    size: Size | None = None
    since: str | None = None
    until: str | None = None
    rating: str | None = None  # "good", "bad", "chosen"


@dataclass(frozen=True, slots=True)
class FindMisunderstood:
    """A filter that we do not understand, and the nearest right spelling, if any."""

    problem: FindProblem
    typed: str
    suggestion: str | None = None


_WORD: Final = "find"
_WORDS_MAX: Final = 5
# After "find" these begin a sentence: "find a way home", "find me something".
_NO_SEARCH: Final = frozenset(
    {"a", "an", "me", "us", "my", "our", "your", "yourself", "out", "it", "that", "this", "him"}
)
_RATINGS: Final = {
    **dict.fromkeys(("good", "up", "+1", ":+1:", ":thumbsup:", "👍", "liked"), "good"),
    **dict.fromkeys(("bad", "down", "-1", ":-1:", ":thumbsdown:", "👎", "disliked"), "bad"),
    **dict.fromkeys(("chosen", "picked", "winner", "won", ":trophy:", "🏆"), "chosen"),
}
_PROBLEMS: Final = {
    Problem.UNKNOWN_FLAG: FindProblem.UNKNOWN_FLAG,
    Problem.VALUE_MISSING: FindProblem.VALUE_MISSING,
    Problem.GIVEN_TWICE: FindProblem.GIVEN_TWICE,
}
# "by @ann" and "in #design" need no dashes: nothing else begins like that.
_BY_SOMEBODY: Final = re.compile(r"(?<!\S)(?:by|from)\s+(?=<?@\S)", re.IGNORECASE)
# A name may have several words: "by @Ada Park". Whether it does is found out later.
_LONG_NAME: Final = re.compile(r"(?<=--by )@\S+(?:\s+[^\W\d_a-z][\w'’.-]*){1,3}(?!\S)")
_IN_CHANNEL: Final = re.compile(r"(?<!\S)in\s+(?=<?#\S)", re.IGNORECASE)
_AGO: Final = re.compile(r"(\d{1,4}) (day|week|month)s?(?: ago)?")
_DAYS: Final = {"day": 1, "week": 7, "month": 30}
_RELATIVE: Final = {"today": 0, "yesterday": 1, "last week": 7, "last month": 30, "last year": 365}


def parse_find(text: str, campaign_names: Sequence[str] = ()) -> Find | FindMisunderstood | None:
    """What `text`, a whole command without spaces around it, looks for; None if it is no search,
    or may be none."""
    word, _, rest = text.partition(" ")
    if word.casefold().rstrip(":") != _WORD:
        return None
    rest = _IN_CHANNEL.sub("--in ", _BY_SOMEBODY.sub("--by ", rest.strip()))
    rest = _LONG_NAME.sub(lambda found: f'"{found.group()}"', rest)
    split = split_flags(rest, flags=_flags(), campaign_names=campaign_names)
    if _makes_pictures(rest, split) or _is_sentence(rest, split):
        return None
    return _read(rest, split)


def guess_find(text: str) -> str:
    """The command that `text`, whose first word is `find`, was probably meant as: all of it is
    looked for."""
    rest = text.partition(" ")[2].replace('"', " ")
    return f'{_WORD} "{" ".join(rest.split())}"' if rest.strip() else _WORD


def read_day(typed: str, today: date, *, is_end: bool = False) -> date | None:
    """The day that `typed` names: `2026-11-03`, `3 days ago`, `yesterday`, or of a month
    (`2026-11`, `november`) the first one; with `is_end` the last one."""
    said = fold(typed).strip(" ,.")
    if said in _RELATIVE and not (said == "last month" and is_end):
        return today - timedelta(days=_RELATIVE[said])
    if match := _AGO.fullmatch(said):
        return today - timedelta(days=int(match[1]) * _DAYS[match[2]])
    try:
        return date.fromisoformat(said)
    except ValueError:
        month = read_month(said)
    return _of_month(month, today, is_end=is_end) if month else None


def _of_month(wanted: WantedMonth, today: date, *, is_end: bool) -> date:
    month = wanted.resolve(today)
    first = date(month.year, month.number, 1)
    if not is_end:
        return first
    after = Month(month.year + month.number // 12, month.number % 12 + 1)
    return date(after.year, after.number, 1) - timedelta(days=1)


@cache
def _flags() -> FlagSet:
    others = {
        "c": FindFlag.CAMPAIGN,
        "m": FindFlag.MODEL,
        "s": FindFlag.SIZE,
        **dict.fromkeys(("person", "user", "from", "who"), FindFlag.BY),
        **dict.fromkeys(("channel", "where"), FindFlag.IN),
        **dict.fromkeys(("after", "start"), FindFlag.SINCE),
        **dict.fromkeys(("before", "end", "to"), FindFlag.UNTIL),
        **dict.fromkeys(("rated", "thumbs"), FindFlag.RATING),
    }
    return FlagSet(tuple(flag.value for flag in FindFlag), _is_value, others)


def _is_value(flag: str, typed: str) -> bool:
    match flag:
        case FindFlag.MODEL | FindFlag.SIZE:
            return IMAGE_FLAGS.is_value(flag, typed)
        case FindFlag.SINCE | FindFlag.UNTIL:
            return read_day(typed, date(2000, 1, 1)) is not None
    return False


def _makes_pictures(rest: str, split: Split) -> bool:
    """Whether a flag of a request is in it that no search has: "--enhance", "-n 3"."""
    if not split.problems:
        return False
    ours = {flag.value for flag in FindFlag}
    of_image = split_flags(rest)
    return bool(set(of_image.values) - ours - {Flag.SHOW})


def _is_sentence(rest: str, split: Split) -> bool:
    words = split.words
    if not words or all(token.is_literal for token in words):
        return False
    first = fold(words[0].text).strip(",.;:!?")
    is_begun = first in _NO_SEARCH and len(words) > 1 and rest.startswith(words[0].text)
    return is_begun or len(words) > _WORDS_MAX or _ends_sentence(words[-1])


def _ends_sentence(token: Token) -> bool:
    return token.text[-1:] in (".", "!", "?")


def _read(rest: str, split: Split) -> Find | FindMisunderstood:
    for found in split.problems:
        if found.problem in _PROBLEMS:
            return FindMisunderstood(_PROBLEMS[found.problem], found.typed, found.suggestion)
    given = split.values
    checks = (_check_model, _check_size, _check_days, _check_rating)
    for check in checks:
        if (problem := check(given)) is not None:
            return problem
    shape = find_shape(given.get(FindFlag.SIZE, ""))
    return Find(
        words=_plain(join_words(rest, split.words)),
        by=given.get(FindFlag.BY),
        where=given.get(FindFlag.IN),
        campaign=given.get(FindFlag.CAMPAIGN),
        model=find_model(given.get(FindFlag.MODEL, "")),
        size=shape.size if shape else None,
        since=given.get(FindFlag.SINCE),
        until=given.get(FindFlag.UNTIL),
        rating=_RATINGS.get(fold(given.get(FindFlag.RATING, ""))),
    )


def _plain(words: str) -> str:
    return " ".join(token.text for token in split_tokens(words))


def _check_model(given: dict[str, str]) -> FindMisunderstood | None:
    typed = given.get(FindFlag.MODEL)
    if typed is None or find_model(typed) is not None:
        return None
    return FindMisunderstood(FindProblem.UNKNOWN_MODEL, typed, suggest_model(typed))


def _check_size(given: dict[str, str]) -> FindMisunderstood | None:
    typed = given.get(FindFlag.SIZE)
    if typed is None or find_shape(typed) is not None:
        return None
    return FindMisunderstood(FindProblem.UNKNOWN_SIZE, typed, suggest_size(typed))


def _check_days(given: dict[str, str]) -> FindMisunderstood | None:
    for flag in (FindFlag.SINCE, FindFlag.UNTIL):
        typed = given.get(flag)
        if typed is not None and read_day(typed, date(2000, 1, 1)) is None:
            near = get_close_matches(fold(typed), [*_RELATIVE, *_MONTHS], 1, 0.6)
            return FindMisunderstood(FindProblem.UNKNOWN_DAY, typed, near[0] if near else None)
    return None


_MONTHS: Final = [Month(2000, number).words.partition(" ")[0].lower() for number in range(1, 13)]


def _check_rating(given: dict[str, str]) -> FindMisunderstood | None:
    typed = given.get(FindFlag.RATING)
    if typed is None or fold(typed) in _RATINGS:
        return None
    near = get_close_matches(fold(typed), ["good", "bad", "chosen"], 1, 0.5)
    return FindMisunderstood(FindProblem.UNKNOWN_RATING, typed, near[0] if near else None)
