"""Patterns over the kinds of words (`lexer`), as one would say them: `make it? model`. Pure.

A pattern is a regular expression in which a word of two letters or more is the name of a kind, or
of a part that patterns have in common. `start` and `end` are those of a clause, `,` is a pause, and
`:` a colon. Spaces say nothing; `*` and `+` are up to nine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.images.lexer import KINDS_READ, Item
from bot.images.vocabulary import KINDS

# Of each kind the character that stands for it while it is matched.
_SIGNS: Final = {kind: chr(ord("Ā") + at) for at, kind in enumerate([*KINDS, *KINDS_READ])}
_EDGE: Final = f"[^,:{_SIGNS['and']}]"
_NAMES: Final = {**_SIGNS, "start": f"(?<!{_EDGE})", "end": f"(?!{_EDGE})"}
_MOST: Final = 9  # of one kind in a row: nobody says more, and no text may take long
_NAME: Final = re.compile("[a-z_]{2,}")


def compile_pattern(source: str, parts: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """The pattern that `source` is; `parts` are those that its names may be, besides kinds.
    KeyError if a name is neither."""
    known = parts or {}
    while (whole := _NAME.sub(lambda name: known.get(name[0], name[0]), source)) != source:
        source = whole
    signs = "".join(_NAME.sub(lambda name: _NAMES[name[0]], source).split())
    bounded = signs.replace("*", f"{{0,{_MOST}}}").replace("+", f"{{1,{_MOST}}}")
    return re.compile(re.sub(r"\((?![?A-Z])", "(?:", bounded))


def spell(items: Sequence[Item]) -> tuple[str, list[int]]:
    """`items` and their pauses as a text for patterns, and which item each character is of."""
    signs, owners = "", list[int]()
    for at, item in enumerate(items):
        signs += _SIGNS[item.kind] + item.pause
        owners += [at] * (1 + len(item.pause))
    return signs, owners
