"""Which one of a brief somebody speaks of, by its number: only read in a brief's own thread. Pure.

the second one with a darker sky      number 3: no text      #4 as portrait      the last one
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.images.typed import fold
from bot.images.vocabulary import NTH

LAST: Final = -1
_TEXT_MAX: Final = 100  # so far the number stands at the beginning
_NOUN: Final = r"(?:one|picture|image|photo|version|number|request)"


@dataclass(frozen=True, slots=True)
class NamedPart:
    """Its number, counted from 1, or LAST; `rest` is what else was said."""

    number: int
    rest: str


def find_part(text: str) -> NamedPart | None:
    """What `text` begins with, if that names one of several, and surely only that one: not a list
    or range of them, a ratio, a list's own numbers, or a way to speak ("first and foremost")."""
    match = _pattern().match(text[:_TEXT_MAX])
    if match is None:
        return None
    rest = text[match.end() :].strip()
    if _more().match(rest):
        return None
    said = (match["nth"] or match["digits"] or match["bare"]).casefold()
    digits = re.match(r"\d+", said)
    nth = {fold(word): number for word, number in NTH.items()}
    number = LAST if said == "last" else int(digits[0]) if digits else nth[fold(said)]
    return NamedPart(number, re.sub(r"\A[,:;–—-]\s*", "", rest))


@cache
def _pattern() -> re.Pattern[str]:
    """A number with a noun or a sign, or a bare one before a comma or a colon, or alone."""
    words = "|".join(sorted(map(re.escape, NTH), key=len, reverse=True))
    before = rf"\s*(?:(?:make|take|use|change|for|in|on)\s+)?(?:the\s+)?(?:{_NOUN}\s+)?"
    return re.compile(
        rf"{before}(?P<nth>[1-9]\d?(?:st|nd|rd|th)?|{words}|last)\s+{_NOUN}\b"
        rf"|{before}(?:{_NOUN}|no\.?|nr\.?|\#)\s*\#?(?P<digits>[1-9]\d?)\b(?![.:/x×%]\d)"
        r"|\s*(?P<bare>[1-9]\d?(?:st|nd|rd|th)?)(?=\s*(?:,\s+\D|:\s+\D|\Z))",
        re.IGNORECASE,
    )


@cache
def _more() -> re.Pattern[str]:
    """Another number right after it."""
    words = "|".join(map(re.escape, NTH))
    joins = r"(?:and|or|to|und|,|&|\+|/|-|–|—|;)"
    return re.compile(rf"(?:{joins}\s*)+(?:the\s+|#)?(?:\d|(?:{words}|last)\b)", re.IGNORECASE)
