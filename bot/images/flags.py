"""What `/imagine` and a reply in a thread have in common: flags, their values, the answers. Pure.

Flags may stand anywhere. Phones turn `--` into a dash (`—`, `–`), so a dash before a word may
begin a flag too; it does so only where the word is, or nearly is, a flag's name, because people
also write dashes. What stands between double quotes, or after a lone `--`, is never a flag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.images.catalogue import MODELS, PROMPT_MAX_CHARACTERS, Model, Size
from bot.images.request import ImageRequest, Rule, Violation

# What is longer is not read: a prompt of the longest, and as much again for flags and phrases.
TEXT_MAX: Final = 2 * PROMPT_MAX_CHARACTERS


class Flag(StrEnum):
    """The long names of the flags."""

    MODEL = "model"
    SIZE = "size"
    QUANTITY = "quantity"
    ENHANCE = "enhance"
    PRESET = "preset"


class Problem(StrEnum):
    """Why words cannot be understood."""

    UNKNOWN_FLAG = "unknown_flag"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_SIZE = "unknown_size"
    BAD_QUANTITY = "bad_quantity"
    VALUE_MISSING = "value_missing"
    GIVEN_TWICE = "given_twice"


@dataclass(frozen=True, slots=True)
class Help:
    """The person asked how it works."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A word that we do not know: what was typed, and the nearest right spelling, if any."""

    problem: Problem
    typed: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Understood, but the specification forbids it."""

    request: ImageRequest
    violations: tuple[Violation, ...]


class MisunderstoodError(Exception):
    """Ends the reading of a text; `answer` is what it was ended by."""

    def __init__(self, problem: Problem, typed: str, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.answer = Misunderstood(problem, typed, suggestion)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or one quoted stretch without its quotes, and where it stood.

    A literal token is never a flag or a command: it was quoted, or stood after `--`.
    """

    start: int
    end: int
    text: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """A text taken apart: the flags' values as typed, and everything else, in order."""

    values: dict[Flag, str]
    words: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """What was named of a request; None is what was not. `preset` is what a team calls one, and ""
    for none at all."""

    model: Model | None = None
    size: Size | None = None
    quantity: int | None = None
    enhance: bool | None = None
    preset: str | None = None

    @property
    def said(self) -> frozenset[str]:
        """The fields of the request that were named."""
        fields = {
            "model": self.model,
            "size": self.size,
            "quantity": self.quantity,
            "enhance_prompt": self.enhance,
        }
        return frozenset(name for name, value in fields.items() if value is not None)


_SHORT: Final = {
    "m": Flag.MODEL,
    "s": Flag.SIZE,
    "n": Flag.QUANTITY,
    "e": Flag.ENHANCE,
    "p": Flag.PRESET,
}
_LONG: Final = {flag.value: flag for flag in Flag}
_OFF: Final = frozenset({"off", "no", "false", "0"})
_NO_PRESET: Final = frozenset({"none", "off", "no"})
_QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»"}
# A flag: two hyphens or a dash before a word, or one hyphen before a letter; `=value` may follow.
_FLAG = re.compile(r"(?P<dashes>--|[—–]|-)(?P<name>[A-Za-z][\w-]*)(?:=(?P<value>\S*))?\Z")
_WORD = re.compile(r"\S+")


def refuse_overlong(text: str, base: ImageRequest) -> Forbidden | None:
    """The answer to a text that is too long to be read; None where it is not. What it would have
    made of `base` is not known: all of it counts as the prompt."""
    if len(text) <= TEXT_MAX:
        return None
    too_long = Violation(Rule.PROMPT_TOO_LONG, "prompt")
    return Forbidden(base.model_copy(update={"prompt": text}), (too_long,))


def find_model(typed: str) -> Model | None:
    """The model that `typed` names: its id, its name, or a beginning that only one model has."""
    wanted = _squash(typed)
    if not wanted:
        return None
    names = {model: (_squash(model.value), _squash(facts.name)) for model, facts in MODELS.items()}
    exact = [model for model, known in names.items() if wanted in known]
    begun = [model for model, known in names.items() if any(n.startswith(wanted) for n in known)]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def find_size(typed: str) -> Size | None:
    """The size that `typed` names, in any case."""
    return next((size for size in Size if size.value == typed.casefold()), None)


def suggest_model(typed: str) -> str | None:
    """The id of the model whose spelling is nearest to `typed`, if any is near."""
    spellings = {_squash(model.value): model.value for model in Model}
    spellings |= {_squash(facts.name): model.value for model, facts in MODELS.items()}
    return _nearest(_squash(typed), spellings)


def suggest_size(typed: str) -> str | None:
    """The size nearest to `typed`: by spelling, by its ratio, or by what people call it."""
    spellings = {size.value: size.value for size in Size} | {
        "1:1": "square",
        "4:5": "feed",
        "9:16": "portrait",
        "16:9": "landscape",
        "vertical": "portrait",
        "tall": "portrait",
        "story": "portrait",
        "horizontal": "landscape",
        "wide": "landscape",
        "widescreen": "landscape",
    }
    return _nearest(typed.casefold(), spellings)


def read_model(typed: str) -> Model:
    """The model that `typed` names. MisunderstoodError where it names none."""
    model = find_model(typed)
    if model is None:
        raise MisunderstoodError(Problem.UNKNOWN_MODEL, typed, suggest_model(typed))
    return model


def read_size(typed: str) -> Size:
    """The size that `typed` names. MisunderstoodError where it names none."""
    size = find_size(typed.rstrip(",;."))
    if size is None:
        raise MisunderstoodError(Problem.UNKNOWN_SIZE, typed, suggest_size(typed))
    return size


def read_quantity(typed: str) -> int:
    """The number that `typed` is, allowed or not. MisunderstoodError where it is none."""
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", typed.rstrip(",;.")):
        raise MisunderstoodError(Problem.BAD_QUANTITY, typed)
    return int(typed.rstrip(",;."))


def read_preset(typed: str) -> str:
    """The name that was typed; empty for no preset at all."""
    name = typed.strip()
    return "" if name.casefold() in _NO_PRESET else name


def read_options(values: dict[Flag, str]) -> Options:
    """What the flags name. MisunderstoodError at the first value that names nothing."""
    model, size = values.get(Flag.MODEL), values.get(Flag.SIZE)
    quantity, enhance = values.get(Flag.QUANTITY), values.get(Flag.ENHANCE)
    preset = values.get(Flag.PRESET)
    return Options(
        model=None if model is None else read_model(model),
        size=None if size is None else read_size(size),
        quantity=None if quantity is None else read_quantity(quantity),
        enhance=None if enhance is None else enhance.casefold() not in _OFF,
        preset=None if preset is None else read_preset(preset),
    )


def split_tokens(text: str) -> Iterator[Token]:
    """The words of `text`, and its stretches between double quotes, in order."""
    position = 0
    while word := _WORD.search(text, position):
        start, end = word.span()
        closing = _QUOTES.get(text[start])
        close = text.find(closing, start + 1) if closing else -1
        if close > 0 and (close + 1 == len(text) or text[close + 1].isspace()):
            yield Token(start, close + 1, text[start + 1 : close], is_literal=True)
            position = close + 1
        else:
            yield Token(start, end, word.group())
            position = end


def split_flags(text: str) -> Split:
    """The flags' values, and what is no flag. MisunderstoodError for a flag that is wrong."""
    values: dict[Flag, str] = {}
    words: list[Token] = []
    tokens = list(split_tokens(text))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.text == "--" and not token.is_literal:  # by custom, the end of the flags
            words.extend(Token(t.start, t.end, t.text, is_literal=True) for t in tokens[index:])
            break
        read = None if token.is_literal else _read_flag(token.text)
        if read is None:
            words.append(token)
            continue
        flag, value = read
        if flag in values:
            raise MisunderstoodError(Problem.GIVEN_TWICE, f"--{flag}")
        if flag is not Flag.ENHANCE and not value:
            if index == len(tokens) or _is_flag(tokens[index]):
                raise MisunderstoodError(Problem.VALUE_MISSING, f"--{flag}")
            value = tokens[index].text
            index += 1
        values[flag] = value or ""
    return Split(values, tuple(words))


def join_words(text: str, words: Sequence[Token]) -> str:
    """`words` as they stood in `text`: their own spacing where they touch, one space where
    something was taken out between them. One quoted string alone loses its quotes."""
    if len(words) == 1:
        return words[0].text.strip()
    joined = ""
    for number, word in enumerate(words):
        if number:
            gap = text[words[number - 1].end : word.start]
            joined += gap if gap.isspace() else " "
        joined += text[word.start : word.end]
    return joined.strip()


def _nearest(typed: str, spellings: dict[str, str]) -> str | None:
    if typed in spellings:
        return spellings[typed]
    close = get_close_matches(typed, list(spellings), n=1, cutoff=0.6)
    return spellings[close[0]] if close else None


def _squash(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _is_flag(token: Token) -> bool:
    if token.is_literal:
        return False
    try:
        return _read_flag(token.text) is not None
    except MisunderstoodError:
        return True


def _read_flag(word: str) -> tuple[Flag, str | None] | None:
    """The flag that `word` is, with the value after `=`; None for what is no flag."""
    match = _FLAG.match(word)
    if match is None:
        return None
    dashes, name, value = match["dashes"], match["name"].casefold(), match["value"]
    if name == f"no-{Flag.ENHANCE}":
        return Flag.ENHANCE, "off"
    if name == f"no-{Flag.PRESET}":
        return Flag.PRESET, "none"
    flag = _LONG.get(name) or (_SHORT.get(name) if len(name) == 1 else None)
    if flag is not None:
        return flag, value
    close = get_close_matches(name, list(_LONG), n=1, cutoff=0.6)
    if dashes in "—–" and not close:
        return None  # a dash before a word is how people write
    suggestion = f"--{close[0]}" if close else None
    raise MisunderstoodError(Problem.UNKNOWN_FLAG, word, suggestion)
