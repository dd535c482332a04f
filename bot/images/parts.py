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
    """What `text` begins with, if that names one of several."""
    match = _pattern().match(text[:_TEXT_MAX])
    if match is None:
        return None
    said = match["nth"].casefold()
    digits = re.match(r"\d+", said)
    nth = {fold(word): number for word, number in NTH.items()}
    number = LAST if said == "last" else int(digits[0]) if digits else nth[fold(said)]
    return NamedPart(number, text[match.end() :].strip())


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, NTH), key=len, reverse=True))
    return re.compile(
        rf"\s*(?:(?:make|take|use|change|for|in|on)\s+)?(?:the\s+)?"
        rf"(?:(?:{_NOUN}|no\.?|nr\.?)\s*)?\#?"
        rf"(?P<nth>[1-9]\d?(?:st|nd|rd|th)?\b|(?:{words})\b|last\b)"
        rf"(?:\s+{_NOUN}\b)?"
        r"(?:\s*[,:;.–—-]\s*|(?=\s+(?:with|without|but|as|in|and|again|please)\b)|\s*\Z)",
        re.IGNORECASE,
    )
