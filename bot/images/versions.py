"""Going back to an earlier version, which costs nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from bot.images.lexer import Item
from bot.images.meaning import TakeUp
from bot.images.patterns import compile_pattern, spell
from bot.images.tokens import Token
from bot.images.typed import fold
from bot.images.vocabulary import NTH

# "undo that, please", "undo the last change".
_UNDO: Final = """
    ((polite|make|it|filler|not) ,?)* back (it|filler|version)* (nth (make|version|picture)?)?
    (polite|it|filler)*
"""
# "go back to the 2nd", "back to version 1", "use version 2 again".
_TO_VERSION: Final = r"""
    ((polite|make|it|filler|not|prep|of) ,?)* (?P<BACK>back)? (prep|of|it|filler|article)*
    (?P<NAMED>version number|nth (version|picture)?|(?(BACK)number|(?!))) picture?
    (polite|again|it|filler)* (?P<END>\Z|[,:]|and|(?=with))
"""


def find_version(text: str, tokens: Sequence[Token], items: Sequence[Item]) -> TakeUp | None:
    """The version that `items`, of `tokens` in `text`, go back to; with what else was said."""
    signs, owners = spell(items)
    undo, to_version = _patterns()
    if undo.fullmatch(signs.rstrip(",")):
        return TakeUp(text, steps_back=1)
    match = to_version.match(signs)
    if match is None:
        return None
    named = items[owners[match.end("NAMED") - 1]]
    is_version = bool(match["BACK"]) or len(match["NAMED"]) > 1 or _is_short(named)
    if not is_version or not (match["BACK"] or match.end() == len(signs)):
        return None
    said, after = (items[owners[match.start("END") - 1]].last + 1, match.end())
    rest = text[tokens[items[owners[after]].first].start :] if after < len(signs) else ""
    number = _read_nth(named)
    typed = text[tokens[0].start : tokens[said - 1].end]
    rest = re.sub(r"\A(?:and|und|et|y|e)\b\s*", "", rest)
    return TakeUp(typed, number, steps_back=0 if number else 1, rest=rest)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return compile_pattern(_UNDO), compile_pattern(_TO_VERSION)


def _is_short(named: Item) -> bool:
    """`v2`, `#2`."""
    return re.match("[v#]", named.said) is not None and named.said[-1].isdigit()


def _read_nth(named: Item) -> int | None:
    """The number of a version; None for the one before."""
    if named.options.quantity is not None:
        return named.options.quantity
    digits = re.search("[0-9]{1,2}", named.said)
    nth = {fold(word): number for word, number in NTH.items()}
    return int(digits.group()) if digits else nth.get(fold(named.said))
