"""Names of campaigns: how they are read and compared, and which known one was meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bot.images.typed import clean, fold

CAMPAIGN_MAX: Final = 60  # characters
_KEY_MAX: Final = 255
# Of shorter names, too many are one slip apart.
_SLIP_MIN: Final = 4
_NONE: Final = frozenset({"none", "off", "no", "no campaign"})
_FLAG: Final = re.compile(r"campaign|[-—–‒―−]\s*c\b", re.IGNORECASE)
# What a name seldom goes on with, and a prompt often begins with.
_BEGINS_PROMPT: Final = frozenset(
    {"a", "an", "the", "two", "three", "four", "my", "our", "some", "ein", "eine", "un", "une"}
)


def read_campaign(typed: str) -> str:
    """The name that was typed; empty for no campaign at all, and for what is blank."""
    name = " ".join(clean(typed).split()).strip(" ,;")
    return "" if name.casefold() in _NONE else name


def campaign_key(name: str) -> str:
    """The same for names that are one: however they are spaced, capitalised and accented. At most
    255 characters."""
    folded = "".join(fold(name).split()) or "".join(clean(name).split())
    return folded[:_KEY_MAX]


def is_none(typed: str) -> bool:
    """Whether it says that no campaign is wanted."""
    return typed.strip(" ,;").casefold() in _NONE


def may_name_campaign(text: str) -> bool:
    """Whether a command or reply may have the flag: else nobody has to look up what is known."""
    return _FLAG.search(text) is not None


def may_go_on(word: str) -> bool:
    """Whether a name without quotes may have `word` after it as a part of it."""
    return fold(word).strip(" ,.;:") not in _BEGINS_PROMPT


def index_campaigns(names: Iterable[str]) -> dict[str, str]:
    """Each name by its key; of two that are one, the first."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(campaign_key(name), name)
    return found


def find_slip(typed: str, known: Mapping[str, str]) -> str | None:
    """The one known name that is one letter away from `typed`: left out, added, changed, or two
    that changed places. None if it is known itself, and if several are as near. Other digits are
    another campaign: Spring 27 and Spring 28."""
    key = campaign_key(typed)
    if key in known or len(key) < _SLIP_MIN:
        return None
    near = [name for other, name in known.items() if _is_slip(key, other)]
    return near[0] if len(near) == 1 else None


def _is_slip(key: str, other: str) -> bool:
    if abs(len(key) - len(other)) > 1 or _digits(key) != _digits(other):
        return False
    shorter, longer = sorted((key, other), key=len)
    at = next(
        (at for at, pair in enumerate(zip(shorter, longer, strict=False)) if len({*pair}) > 1), None
    )
    if at is None:
        return True  # one more at the end
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    is_changed = shorter[at + 1 :] == longer[at + 1 :]
    is_swapped = shorter[at : at + 2] == longer[at : at + 2][::-1]
    return is_changed or (is_swapped and shorter[at + 2 :] == longer[at + 2 :])


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
