"""What people call models and sizes, in the words that they see here and in their own. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Final

from bot.images.catalogue import MODELS, SOURCE_POST_TYPES, Model, Size
from bot.images.typed import fold, squash
from bot.images.vocabulary import FORMATS_ONLY, NAME_NO_SLIPS, PLAIN_SHAPES, SHAPES, USES

# Width to height, as it is usual for each size.
USUAL_RATIOS: Final = {
    Size.SQUARE: 1.0,
    Size.FEED: 4 / 5,
    Size.PORTRAIT: 9 / 16,
    Size.LANDSCAPE: 16 / 9,
}
# A shape is the asked one if its width to height is that near: 896×1152 is called 4:5, and is 0.78.
_NEAR: Final = 0.04
_RATIO: Final = re.compile(
    r"(\d{1,5}(?:\.\d{1,3})?) ?(?:[:x/∶]|by|to|auf) ?(\d{1,5}(?:\.\d{1,3})?)(?: ?(?:px|pixels?))?"
)
_NAME_MAX: Final = 100  # no name is longer
_SPELT: Final = {
    "portrait": Size.PORTRAIT,
    "vertical": Size.PORTRAIT,
    "hochformat": Size.PORTRAIT,
    "landscape": Size.LANDSCAPE,
    "horizontal": Size.LANDSCAPE,
    "querformat": Size.LANDSCAPE,
    "square": Size.SQUARE,
}
_PUNCTUATION: Final = " \t\n,;.!?…。、，；！？()[]{}<>"
# What stands between the names of a list: "feed, portrait and 16:9", "{feed|portrait}".
_BETWEEN: Final = re.compile(r"[,;|、，；]|(?<=\s)(?:and|und|et|y|e|en|og|och|i|&|\+)(?=\s)")


@dataclass(frozen=True, slots=True)
class Shape:
    """A size as somebody named it. `ratio` (width to height) if they named one, or a use that
    has one."""

    size: Size
    ratio: float | None = None

    def fit(self, model: Model) -> tuple[Size, bool]:
        """The size of `model` that comes nearest, and whether that is what was asked for."""
        dimensions = MODELS[model].dimensions
        if self.ratio is None:
            return self.size, True
        distances = {
            size: abs(math.log(pixels.width / pixels.height / self.ratio))
            for size, pixels in dimensions.items()
        }
        nearest = min(distances, key=lambda size: distances[size])
        return nearest, distances[nearest] <= _NEAR


# Places by their brands alone, which are words elsewhere: "x" in a prompt, "for linkedin".
_ONLY_USES: Final = {
    "x": Shape(Size.LANDSCAPE, 16 / 9),
    "linkedin": Shape(Size.FEED, 4 / 5),
}


def find_model(typed: str) -> Model | None:
    """The model that `typed` names: its id, its name, or a beginning that only one model has."""
    wanted = squash(typed)
    if not wanted:
        return None
    names = _model_names()
    if wanted in names:
        return names[wanted]
    begun = {model for name, model in names.items() if name.startswith(wanted)}
    return begun.pop() if len(begun) == 1 else None


def is_whole_model_name(typed: str) -> bool:
    """Whether `typed` is all of a model's id or name, and not only a beginning of it."""
    return squash(typed) in _model_names()


def find_shape(typed: str) -> Shape | None:
    """The shape that `typed` names: a size's name, a ratio, pixels, a use, or a word for it."""
    bare = typed.replace("×", "x").strip(_PUNCTUATION)
    if len(bare) > _NAME_MAX:
        return None
    if match := _RATIO.fullmatch(fold(bare)):
        width, height = float(match[1]), float(match[2])
        return _shape_of_ratio(width / height) if width and height else None
    return _shapes().get(squash(bare))


def split_list(typed: str) -> list[str]:
    """The names that `typed` lists, as they stand there: one, if it is no list."""
    names = [name.strip(" \t\n.!?()[]{}<>") for name in _BETWEEN.split(typed)]
    return [part for name in names if name for part in _split_slashes(name)] or [typed]


def _split_slashes(name: str) -> list[str]:
    """The names of `feed/portrait`; `16/9` is none of these."""
    parts = [part.strip() for part in name.split("/")] if len(name) <= _NAME_MAX else [name]
    is_list = all(find_use(part) is not None or find_model(part) is not None for part in parts)
    return parts if len(parts) > 1 and is_list else [name]


def suggest_use(typed: str) -> str | None:
    """The use, or else the size, whose spelling is nearest to `typed`, if any is near."""
    wanted = squash(typed)
    uses = {use: use for names in USES.values() for use in names}
    uses |= {squash(kind): kind for kind in SOURCE_POST_TYPES}
    close = get_close_matches(wanted, list(uses), n=1, cutoff=0.75)
    return uses[close[0]] if close else suggest_size(typed)


def find_use(typed: str) -> Shape | None:
    """The shape of what something is made for, as `--for` takes it: a use, or any other shape."""
    return _ONLY_USES.get(squash(typed)) or find_shape(typed)


def find_size(typed: str) -> Size | None:
    """The size that `typed` names, in any case and in whatever words."""
    shape = find_shape(typed)
    return None if shape is None else shape.size


def is_size_name(typed: str) -> bool:
    """Whether `typed` is the specification's own name of a size."""
    return len(typed) <= _NAME_MAX and fold(typed.strip(_PUNCTUATION)) in set(Size)


def is_format_word(word: str) -> bool:
    """Whether `word` means a picture's format, and nothing that could be in a picture."""
    return squash(word) in _formats_only()


def suggest_model(typed: str) -> str | None:
    """The id of the model whose spelling is nearest to `typed`, if any is near."""
    names = _model_names()
    if (found := find_model(typed)) is not None:
        return found.value
    close = get_close_matches(squash(typed), list(names), n=1, cutoff=0.6)
    return names[close[0]].value if close else None


def suggest_size(typed: str) -> str | None:
    """The size nearest to `typed`: what it names, or by spelling."""
    if (found := find_size(typed)) is not None:
        return found.value
    known = {size.value: size for size in Size} | PLAIN_SHAPES
    known |= {"vertical": Size.PORTRAIT, "horizontal": Size.LANDSCAPE}
    close = get_close_matches(squash(typed), list(known), n=1, cutoff=0.6)
    return known[close[0]].value if close else None


@lru_cache(maxsize=2048)
def find_misspelt_size(word: str) -> Size | None:
    """The size that `word` was surely meant to be: `protrait`, `landscpae`. Other words of the
    same kind (`portraits`, `squared`, `landscaping`) are words."""
    bare = squash(word)
    if len(bare) < 5 or bare in NAME_NO_SLIPS or any(bare.startswith(name) for name in _SPELT):
        return None
    close = _find_slip(bare, _SPELT)
    return _SPELT[close] if close else None


@lru_cache(maxsize=2048)
def find_misspelt_model(words: str) -> Model | None:
    """The model that `words` were surely meant to be: `ideogarm`, `nano bananna`."""
    wanted = squash(words)
    if len(wanted) < 6 or wanted in NAME_NO_SLIPS:
        return None
    known = _misspelt_models()
    close = _find_slip(wanted, known)
    return known[close] if close else None


def _find_slip(typed: str, known: Collection[str]) -> str | None:
    """Which of `known` was surely meant by another spelling of it, with the same first letter."""
    near = [name for name in known if name[0] == typed[0] and abs(len(name) - len(typed)) <= 3]
    close = get_close_matches(typed, near, n=1, cutoff=0.8) if near else []
    return close[0] if close else None


@cache
def _misspelt_models() -> dict[str, Model]:
    firsts = {"ideogram": Model.IDEOGRAM_3, "nanobanana": Model.NANO_BANANA_2}
    return _model_names() | firsts | {"gptimage": Model.GPT_IMAGE_1_5}


@cache
def _model_names() -> dict[str, Model]:
    names = {squash(model.value): model for model in MODELS}
    return names | {squash(facts.name): model for model, facts in MODELS.items()}


@cache
def _shapes() -> dict[str, Shape]:
    """Each spelling, squashed, with its shape."""
    found = {squash(word): Shape(size) for size, words in SHAPES.items() for word in words}
    for (size, ratio), uses in USES.items():
        found |= {use: Shape(size, ratio) for use in uses}
    for kind in SOURCE_POST_TYPES:  # as a result names it
        shape = found.get(squash(kind)) or Shape(Size.FEED, 4 / 5)
        found[squash(kind)] = shape
    found |= {word: Shape(size) for word, size in PLAIN_SHAPES.items()}
    found |= {size.value: Shape(size) for size in Size}
    for facts in MODELS.values():  # as the form and the first message name it
        for size, pixels in facts.dimensions.items():
            width_by_height = f"{pixels.width}x{pixels.height}"
            for said in (pixels.ratio, width_by_height, f"{pixels.ratio}{width_by_height}"):
                name = squash(f"{size}{said}")
                found[name] = found[f"{name}px"] = Shape(size)
    for size, words in SHAPES.items():
        for word in words:
            found.setdefault(squash(f"{word}format"), Shape(size))
            found.setdefault(squash(f"format{word}"), Shape(size))
    return found


@cache
def _formats_only() -> frozenset[str]:
    return frozenset(squash(word) for word in FORMATS_ONLY)


def _shape_of_ratio(ratio: float) -> Shape:
    """The size whose usual shape comes nearest."""
    nearest = min(USUAL_RATIOS, key=lambda size: abs(math.log(USUAL_RATIOS[size] / ratio)))
    return Shape(nearest, ratio)


@cache
def _size_words() -> dict[str, Size]:
    found = {squash(word): size for size, words in SHAPES.items() for word in words}
    found |= {name: shape.size for name, shape in _shapes().items() if name.endswith("format")}
    return found | {size.value: size for size in Size} | PLAIN_SHAPES


def find_size_word(word: str) -> Size | None:
    """The size that `word` means wherever a picture's shape is spoken of: not a use (`story`),
    and no number."""
    return _size_words().get(squash(word))


def find_usual(word: str) -> Shape | None:
    """The shape that is usual for a use: `story`, `youtube`."""
    shape = _shapes().get(squash(word))
    return shape if shape is not None and shape.ratio is not None else None
