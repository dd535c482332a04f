"""The kinds of the words of a text: each word, or a few together, is an item of one kind. Pure.

Most kinds are listed with their words in `vocabulary.KINDS`. These are read here, with the option
that they name:

    shape          a size that may be a thing as well: `portrait`; `shapes`, several: `squares`
    format_shape   one that may not: `Hochformat`
    ratio          `16:9`, pixels; `old_ratio`, which other things have, too: `4:3`
    brand, use     where pictures go: `youtube`, `story`; `use_too`, a thing as well: `cinema`
    model          a model; `maybe_model`, an everyday word that begins one: `flux`;
                   `other_model`, none of ours
    number, times  `3`, `x3`; `another`
    keyed          an option with its value: `size=square`
    quoted, emoji  what was quoted; an emoji or a mention
    word           any other word
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from bot.images.catalogue import Model, Size
from bot.images.meaning import Options
from bot.images.names import (
    find_misspelt_model,
    find_misspelt_size,
    find_model,
    find_shape,
    find_size_word,
    find_usual,
    is_format_word,
)
from bot.images.options import read_state
from bot.images.tokens import EMOJI, LITERAL, Word
from bot.images.typed import squash
from bot.images.vocabulary import (
    BRANDS,
    JOINED_DEEDS,
    KINDS,
    NTH,
    NUMBERS,
    PHRASES,
    RATIOS,
    THINGS_TOO,
)

_WORDS_MAX: Final = 4  # of one item
_EVERYDAY: Final = frozenset({"flux", "gpt", "nano"})
_PIXELS: Final = re.compile(r"[0-9]{3,4}[x/][0-9]{3,4}(?:px)?|[0-9]{3,4}p")
_TIMES: Final = re.compile(r"x ?(?P<after>[0-9]+)|(?P<before>[0-9]{1,2}) ?x")
_TIMES_SAID: Final = re.compile(r"(?P<number>\w+) (?:times|mal|fois|veces|volte|vezes|keer|razy)")
_NTH: Final = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th|e|ª|º)|#[0-9]{1,2}|v\.?[0-9]{1,2}")
# The whole of a script's word, or with what only says that it is wanted.
_IN_SCRIPTS: Final = re.compile(
    r"(?P<size>縦長|横長|縦向き|横向き|正方形|竖版|横版|竖屏|横屏|竖图|横图|竖向|横向|豎版|橫版|세로"
    r"|가로|정사각형|แนวตั้ง|แนวนอน)(?:で|に|です|にして|にしてください|でお願いします|로|으로)?"
)
_NAMES_MODEL_AFTER: Final = re.compile(r"用(?P<name>[a-z0-9 .-]{2,20})")
_KEYED: Final = re.compile(
    r"/?(?:(?P<size>size|ar|ratio|format|orientation)|(?P<model>model)"
    r"|(?P<quantity>quantity|count|qty|n)|(?P<enhance>enhance)|(?P<preset>preset))"
    r"[=:](?P<value>.+)"
)


# Before "one", so that it is no number: "the second one".
_BEFORE_ONE: Final = ("filler", "it", "nth", "other", "another", "side")
_NOTHING: Final = Options()
# Those of no table.
KINDS_READ: Final = (
    *("shape", "format_shape", "shapes", "ratio", "old_ratio", "brand", "use", "use_too"),
    *("model", "maybe_model", "other_model", "number", "times", "another", "keyed"),
    *("quoted", "emoji", "word"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """Words of one kind: the positions `first` to `last` of a text's words, the option that they
    name, and whether something follows it only after a pause (a comma or a colon)."""

    kind: str
    first: int
    last: int
    said: str
    options: Options = _NOTHING
    pause: str = ""


def read_items(words: Sequence[Word]) -> list[Item]:
    """`words` as items, in order; punctuation that stands alone is a pause."""
    keys = [squash(word.said) for word in words]
    items: list[Item] = []
    at = 0
    while at < len(words):
        if not words[at].said:
            if items:
                items[-1] = _with_pause(items[-1], words[at].pause)
            at += 1
            continue
        item = _read_item(words, keys, at, items[-1].kind if items else "")
        items.append(_with_pause(item, words[item.last].pause))
        at = item.last + 1
    return [
        replace(item, pause="") if item.pause == ":" and _is_key(item, after) else item
        for item, after in zip(items, [*items[1:], None][: len(items)], strict=True)
    ]


def _is_key(item: Item, after: Item | None) -> bool:
    """Whether an option's name stands before its value: "size: square"."""
    is_named = after is not None and (after.options != _NOTHING or item.kind == "preset")
    return item.kind in ("format", "model_word", "preset", "enhance") and is_named


def _with_pause(item: Item, pause: str) -> Item:
    return replace(item, pause=pause) if pause and not item.pause else item


def _read_item(words: Sequence[Word], keys: Sequence[str], at: int, before: str) -> Item:
    most = 1
    while most < _WORDS_MAX and at + most < len(words) and words[at + most].said:
        if words[at + most - 1].pause or words[at + most].said in (LITERAL, EMOJI):
            break
        most += 1
    if words[at].said in (LITERAL, EMOJI):
        return Item("quoted" if words[at].said == LITERAL else "emoji", at, at, words[at].said)
    for count in range(most, 0, -1):
        said = " ".join(word.said for word in words[at : at + count])
        key = "".join(keys[at : at + count])
        found = _read_several(said, key) if count > 1 else _read_one(said, key, before)
        if found is not None:
            return Item(found[0], at, at + count - 1, said, found[1])
    return Item("word", at, at, words[at].said)


_Kind = tuple[str, Options]


def _read_several(said: str, key: str) -> _Kind | None:
    """What several words are together."""
    if (kind := _phrases().get(key)) is not None:
        return kind, Options()
    if (found := _read_model(said)) is not None:
        return found
    if (match := _TIMES_SAID.fullmatch(said)) and (number := _count(match["number"])) is not None:
        return "times", Options(quantity=number)
    if said[0].isdigit() or said[0] == "x":
        return _read_ratio(said) or _read_times(said)
    use = find_usual(said) if said.count(" ") == 1 else None
    kind = "brand" if said.split()[0] in BRANDS else "use"
    return (kind, Options(size=use.size)) if use else None


def _read_one(said: str, key: str, before: str) -> _Kind | None:
    """What one word is."""
    kind = _phrases().get(key) or _kinds().get(key or said)
    return (
        _read_keyed(said)
        or _read_number(said, before)
        or ((kind, Options()) if kind else None)
        or _read_model(said)
        or _read_size(said, key)
    )


def _read_keyed(said: str) -> _Kind | None:
    """An option that is named with its value, without dashes: `size=square`, `n=3`."""
    match = _KEYED.fullmatch(said) if "=" in said or ":" in said else None
    if match is None:
        return None
    value = match["value"]
    if match["size"] and (shape := find_shape(value)) is not None:
        return "keyed", Options(size=shape.size)
    if match["model"] and (model := find_model(value)) is not None:
        return "keyed", Options(model=model)
    if match["quantity"] and re.fullmatch("[0-9]{1,2}", value):
        return "keyed", Options(quantity=int(value))
    if match["enhance"] and (state := read_state(value)) is not None:
        return "keyed", Options(enhance=state)
    return ("keyed", Options(preset=value)) if match["preset"] else None


def _read_number(said: str, before: str) -> _Kind | None:
    if said in ("one", "1") and before in _BEFORE_ONE:
        return "picture", Options()  # "the second one"
    if (number := _count(said)) is not None:
        return "number", Options(quantity=number)
    if said == "another":
        return "another", Options(quantity=1)
    if re.fullmatch(r"[0-9]+[.,][0-9]+", said):
        return "number", Options()
    if _NTH.fullmatch(said):
        return "nth", Options()
    return _read_ratio(said) or _read_times(said)


def _count(said: str) -> int | None:
    return NUMBERS.get(said, int(said) if re.fullmatch("[+-]?[0-9]{1,3}", said) else None)


def _read_times(said: str) -> _Kind | None:
    match = _TIMES.fullmatch(said)
    if match is None:
        return None
    number = match["after"] or match["before"]
    return "times", Options(quantity=int(number) if len(number) < 7 else None)


def _read_ratio(said: str) -> _Kind | None:
    """A ratio or pixels: `16:9`, `16 x 9`, `1080x1920px`."""
    if not said[0].isdigit():
        return None
    bare = re.sub(r"(?<=[0-9]) ?(?:[x×/∶:*]|by) ?(?=[0-9])", "x", said)
    ratio = re.sub("x", ":", bare)
    is_ratio = ratio in RATIOS and (ratio in ("16:9", "9:16") or ":" in said or " by " in said)
    if not is_ratio and not _PIXELS.fullmatch(bare):
        return None
    shape = find_shape(bare)
    kind = "ratio" if _PIXELS.fullmatch(bare) or ratio in ("16:9", "9:16") else "old_ratio"
    return kind, Options(size=shape.size if shape else None)


def _read_model(said: str) -> _Kind | None:
    if said in _EVERYDAY:
        return "maybe_model", Options(model=find_model(said))
    if match := _NAMES_MODEL_AFTER.fullmatch(said):
        said = match["name"]
    if said[0] in "fgin" and _strong_names().fullmatch(said):
        return "model", Options(model=find_model(re.sub(r"v(?=[0-9])", "", said)))
    words = said.split()
    is_apart = len(words) > 1 and any(
        squash(word) in _kinds() or find_misspelt_model(word) for word in words
    )
    misspelt = find_misspelt_model(said) if len(words) < 3 and not is_apart else None
    return ("model", Options(model=misspelt)) if misspelt else None


def _read_size(said: str, key: str) -> _Kind | None:
    if said.endswith("s") and said[:-1] in set(Size):
        return "shapes", Options(size=Size(said[:-1]))
    size = find_size_word(said) or find_misspelt_size(said)
    if size is not None:
        return "format_shape" if is_format_word(said) else "shape", Options(size=size)
    if match := _IN_SCRIPTS.fullmatch(said):
        return "format_shape", Options(size=find_size_word(match["size"]))
    if key in BRANDS:
        use = find_usual(said)
        return "brand", Options(size=use.size if use else None)
    use = None if said[0].isdigit() else find_usual(said)
    kind = "use_too" if key in THINGS_TOO else "use"
    return (kind, Options(size=use.size)) if use else None


@cache
def _strong_names() -> re.Pattern[str]:
    """The models' names that name nothing else. From the ids: `nano-banana-2` gives `nano banana`,
    `nano-banana 2`, `nanobanana2`, `nano 2`. Versions that do not exist match too, so that they
    are answered and not drawn."""
    names: list[str] = []
    version = r"[ .-]?v?[0-9]+(?:\.[0-9]+)?"
    for model in Model:
        parts = re.findall(r"[a-z]+|[0-9.]+", model.value)
        at = next(number for number, part in enumerate(parts) if part[0].isdigit())
        first, *rest = parts[:at]
        tail = "".join(f"[ -]?{part}" for part in parts[at + 1 :])
        with_tail = f"(?:{tail})?" if tail else ""
        names.append(f"{first}{version}{with_tail}")
        if rest or first not in _EVERYDAY:
            name = first + "".join(f"[ -]?{part}" for part in rest)
            names.append(f"{name}(?:{version})?{with_tail}")
        elif tail:
            names.append(first + tail)
    return re.compile("|".join(names))


@cache
def _kinds() -> dict[str, str]:
    """The kind of each word that is listed, squashed."""
    found = {
        squash(f"{verb}{thing}"): "deed_done"
        for things, verbs in JOINED_DEEDS.items()
        for thing in things.split()
        for verb in verbs.split()
    }
    found |= dict.fromkeys(map(squash, NTH), "nth")
    for kind, words in reversed(KINDS.items()):
        found |= {squash(word) or word: kind for word in words.split()}
    return found


@cache
def _phrases() -> dict[str, str]:
    """The same for several words together."""
    return {
        squash(phrase): kind
        for kind, phrases in PHRASES.items()
        for phrase in re.split(r"[|\n]", phrases)
        if phrase.strip()
    }
