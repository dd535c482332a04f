"""The grammar of `/imagine`: one untrusted string in, what the person meant out. Pure.

    /imagine a lighthouse in fog --model ideogram-3 --size landscape --quantity 2 --enhance
    /imagine "a sign that says --open--" -m nano-banana-2 -s portrait -n 4 -e

Flags may stand anywhere. Phones turn `--` into a dash (`—`, `–`), so a dash before a word may
begin a flag too; it does so only where the word is, or nearly is, a flag's name, because people
also write dashes. What stands between double quotes is never a flag. What is not a flag is the
prompt, to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from bot.images.catalogue import MODELS, Model, Size
from bot.images.request import ImageRequest, Violation, find_violations


class Flag(StrEnum):
    """The long names of the flags."""

    MODEL = "model"
    SIZE = "size"
    QUANTITY = "quantity"
    ENHANCE = "enhance"


class Problem(StrEnum):
    """Why a command cannot be understood."""

    UNKNOWN_FLAG = "unknown_flag"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_SIZE = "unknown_size"
    BAD_QUANTITY = "bad_quantity"
    VALUE_MISSING = "value_missing"
    GIVEN_TWICE = "given_twice"


@dataclass(frozen=True, slots=True)
class Help:
    """The person asked how it works, or said nothing."""


@dataclass(frozen=True, slots=True)
class ShowCredits:
    """The person asked for the balance."""


@dataclass(frozen=True, slots=True)
class Generate:
    """The person asked for pictures, and the specification allows it."""

    request: ImageRequest


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


Command = Help | ShowCredits | Generate | Misunderstood | Forbidden

_SHORT: Final = {"m": Flag.MODEL, "s": Flag.SIZE, "n": Flag.QUANTITY, "e": Flag.ENHANCE}
_LONG: Final = {flag.value: flag for flag in Flag}
_QUOTES: Final = {'"': '"', "“": "”", "„": "“", "«": "»"}
# A flag: two hyphens or a dash before a word, or one hyphen before a letter; `=value` may follow.
_FLAG = re.compile(r"(?P<dashes>--|[—–]|-)(?P<name>[A-Za-z][\w-]*)(?:=(?P<value>\S*))?\Z")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str
    is_quoted: bool = False


def parse_command(text: str) -> Command:
    """What `text`, the command's unescaped `text` as Slack sent it, asks for."""
    stripped = text.strip()
    match stripped.casefold():
        case "" | "help" | "-h" | "--help" | "—help" | "–help" | "?":
            return Help()
        case "credits" | "balance":
            return ShowCredits()
    try:
        values, prompt = _split_flags(stripped)
        request = _build_request(values, prompt)
    except _MisunderstoodError as error:
        return error.answer
    violations = find_violations(request)
    return Forbidden(request, tuple(violations)) if violations else Generate(request)


class _MisunderstoodError(Exception):
    def __init__(self, problem: Problem, typed: str, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.answer = Misunderstood(problem, typed, suggestion)


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


def _nearest(typed: str, spellings: dict[str, str]) -> str | None:
    if typed in spellings:
        return spellings[typed]
    close = get_close_matches(typed, list(spellings), n=1, cutoff=0.6)
    return spellings[close[0]] if close else None


def _squash(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while word := _WORD.search(text, position):
        start, end = word.span()
        closing = _QUOTES.get(text[start])
        close = text.find(closing, start + 1) if closing else -1
        if close > 0 and (close + 1 == len(text) or text[close + 1].isspace()):
            yield _Token(start, close + 1, text[start + 1 : close], is_quoted=True)
            position = close + 1
        else:
            yield _Token(start, end, word.group())
            position = end


def _split_flags(text: str) -> tuple[dict[Flag, str], str]:
    """The flags' values, and the prompt: everything else, with its spacing."""
    values: dict[Flag, str] = {}
    kept: list[tuple[int, int]] = []
    tokens = list(_tokens(text))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.text == "--" and not token.is_quoted:  # by custom, the end of the flags
            kept.extend((t.start, t.end) for t in tokens[index:])
            break
        read = None if token.is_quoted else _read_flag(token.text)
        if read is None:
            kept.append((token.start, token.end))
            continue
        flag, value = read
        if flag in values:
            raise _MisunderstoodError(Problem.GIVEN_TWICE, f"--{flag}")
        if flag is not Flag.ENHANCE and value is None:
            if index == len(tokens) or _is_flag(tokens[index]):
                raise _MisunderstoodError(Problem.VALUE_MISSING, f"--{flag}")
            value = tokens[index].text
            index += 1
        values[flag] = value or ""
    return values, _join(text, kept, tokens)


def _join(text: str, kept: list[tuple[int, int]], tokens: list[_Token]) -> str:
    """The kept stretches of `text`: their own spacing where they touch, one space where a flag
    stood between them. A prompt that is one quoted string loses its quotes."""
    if len(kept) == 1:
        only = next(token for token in tokens if token.start == kept[0][0])
        return only.text.strip()
    starts = [token.start for token in tokens]
    prompt = ""
    for number, (start, end) in enumerate(kept):
        if number:
            before = kept[number - 1]
            touch = starts.index(start) == starts.index(before[0]) + 1
            prompt += text[before[1] : start] if touch else " "
        prompt += text[start:end]
    return prompt.strip()


def _is_flag(token: _Token) -> bool:
    if token.is_quoted:
        return False
    try:
        return _read_flag(token.text) is not None
    except _MisunderstoodError:
        return True


def _read_flag(word: str) -> tuple[Flag, str | None] | None:
    """The flag that `word` is, with the value after `=`; None for a word of the prompt."""
    match = _FLAG.match(word)
    if match is None:
        return None
    dashes, name, value = match["dashes"], match["name"].casefold(), match["value"]
    flag = _LONG.get(name) or (_SHORT.get(name) if len(name) == 1 else None)
    if flag is not None:
        return flag, value
    close = get_close_matches(name, list(_LONG), n=1, cutoff=0.6)
    if dashes in "—–" and not close:
        return None  # a dash before a word is how people write
    suggestion = f"--{close[0]}" if close else None
    raise _MisunderstoodError(Problem.UNKNOWN_FLAG, word, suggestion)


def _build_request(values: dict[Flag, str], prompt: str) -> ImageRequest:
    fields: dict[str, object] = {"prompt": prompt or None, "enhance_prompt": Flag.ENHANCE in values}
    if (typed := values.get(Flag.MODEL)) is not None:
        model = find_model(typed)
        if model is None:
            raise _MisunderstoodError(Problem.UNKNOWN_MODEL, typed, suggest_model(typed))
        fields["model"] = model
    if (typed := values.get(Flag.SIZE)) is not None:
        size = find_size(typed)
        if size is None:
            raise _MisunderstoodError(Problem.UNKNOWN_SIZE, typed, suggest_size(typed))
        fields["size"] = size
    if (typed := values.get(Flag.QUANTITY)) is not None:
        if not re.fullmatch(r"[+-]?[0-9]{1,6}", typed):
            raise _MisunderstoodError(Problem.BAD_QUANTITY, typed)
        fields["quantity"] = int(typed)
    return ImageRequest.model_validate(fields)
