"""What `/imagine` and a reply in a thread have in common: flags and their values. Pure.

Flags may stand anywhere. Phones turn `--` into a dash (`—`, `–`), so a dash before a word may
begin a flag too; it does so only where the word is, or nearly is, a flag's name, because people
also write dashes. What stands between quotation marks, or after a lone `--`, is never a flag.

All of a text is read, also past what is wrong in it: each fault is a problem, and what is read in
its place is the guess that is offered when it is asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.images.catalogue import DEFAULT_MODEL, MODELS, PROMPT_MAX_CHARACTERS, Model, Size
from bot.images.meaning import (
    AgainstSpec,
    Change,
    Help,
    Kind,
    Misunderstood,
    Options,
    Problem,
    Understood,
)
from bot.images.names import (
    find_model,
    find_shape,
    find_size,
    is_size_name,
    is_whole_model_name,
    suggest_model,
    suggest_size,
)
from bot.images.request import ImageRequest, Rule, SpecViolation
from bot.images.typed import clean, fold
from bot.images.vocabulary import FOLLOWERS, read_words

__all__ = [
    "AgainstSpec",
    "Change",
    "Flag",
    "Help",
    "Misunderstood",
    "Options",
    "Problem",
    "Split",
    "Token",
    "find_model",
    "find_size",
    "join_words",
    "prepare",
    "read_options",
    "split_flags",
    "split_tokens",
    "suggest_model",
    "suggest_size",
]

# What is longer is not read: a prompt of the longest, and as much again for flags and phrases.
TEXT_MAX: Final = 2 * PROMPT_MAX_CHARACTERS
# Of words that did not fit, so many characters are shown.
_CUT_SHOWN: Final = 200


class Flag(StrEnum):
    """The long names of the flags."""

    MODEL = "model"
    SIZE = "size"
    QUANTITY = "quantity"
    ENHANCE = "enhance"
    PRESET = "preset"


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
    """A text taken apart: the flags' values as typed, and everything else, in order. `problems` is
    what is wrong with flags, each with what it is taken for; their values are among `values`."""

    values: dict[Flag, str]
    words: tuple[Token, ...]
    problems: tuple[Misunderstood, ...] = ()


_SHORT: Final = {
    "m": Flag.MODEL,
    "s": Flag.SIZE,
    "n": Flag.QUANTITY,
    "e": Flag.ENHANCE,
    "p": Flag.PRESET,
}
_LONG: Final = {flag.value: flag for flag in Flag}
# What other image makers call them, and the form.
_ALIASES: Final = {
    **dict.fromkeys(("ar", "aspect", "aspect-ratio", "ratio", "orientation"), Flag.SIZE),
    **dict.fromkeys(("format", "shape", "dimensions"), Flag.SIZE),
    **dict.fromkeys(("count", "number", "num", "amount", "how-many", "images"), Flag.QUANTITY),
    **dict.fromkeys(("pictures", "qty"), Flag.QUANTITY),
    **dict.fromkeys(("enhanced", "enhancement", "improve", "enhance-prompt"), Flag.ENHANCE),
    **dict.fromkeys(("prompt-enhancement", "improve-prompt"), Flag.ENHANCE),
}
_ON: Final = read_words(
    "on yes true 1 enabled enable y t yep yeah always ja an oui si sim tak да ✅ ✔ 👍"
)
_OFF: Final = read_words(
    "off no false 0 disabled disable none n f nope never nein aus non nao nee nie uit нет ❌ 👎"
)
# These may begin what the picture shows as well: "--enhance on a hill", "-e no people".
_MAY_BE_WORDS: Final = read_words(
    "on no 1 0 y n t f none an si never always aus nie non ✅ ✔ 👍 ❌ 👎"
)
_NO_PRESET: Final = frozenset({"none", "off", "no"})
# Each kind of opening quotation mark, with what may close it.
_QUOTES: Final = {
    '"': '"”“',
    "“": '”“"',
    "”": "”",
    "„": '“”"',
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
    "＂": "＂",
    "‘": "’",
    "‚": "‘’",
    "'": "'’",
    "’": "’",
    "❝": "❞",
    "❛": "❜",
}
_DASHES: Final = "-—–−‐‑‒―－﹣﹘⁃➖⸺⸻"
_LONG_DASHES: Final = "—–―−‒⸺⸻"
# A flag: a dash or several before a word; `=value` or `:value` may follow, or the word be shut off.
_FLAG = re.compile(
    rf"(?P<dashes>[{_DASHES}]{{1,3}})(?P<name>[A-Za-z][\w-]*?)(?P<number>[0-9]+)?"
    r"(?:(?P<given>[=:])(?P<value>\S*)|[,;.!]*)\Z"
)
# A flag at the end of a word: "fog.--size".
_GLUED = re.compile(
    r"\w\W*(?:--|—)(model|size|quantity|enhance|preset)(?:[=:]\S*)?\Z", re.IGNORECASE
)
_NEARLY_FLAG = re.compile(r"[-—–]{2,3}\w")
_ENDS_BEFORE_QUOTE = re.compile(rf"[{_DASHES}]{{1,3}}[A-Za-z][\w-]*[=:]\Z")
# Code or bold around flags: they were pasted so.
_MARK = r"(?P<mark>```|``|`|\*\*|\*|__|_|~)"
_MARKED = re.compile(
    rf"(?<![\w`*~]){_MARK}(?=[^\s`*~])(?P<inner>[^`*~\n]*?)(?<=[^\s`*~])(?P=mark)(?![\w`*~])"
)
_BEGINS_FLAG = re.compile(rf"(?:\A|\s)(?:[-—–−‑]{{2,3}}|[{_DASHES}])[A-Za-z]")
_SO_MANY: Final = r"[1-9] (?:pictures?|images?|pics?|photos?|bilder)[,;.]?"
_WORD = re.compile(r"\S+")
_TRAILING = ",;."
_VALUE_WORDS_MAX: Final = 8  # "Landscape 16:9 · 1536×864 px", a preset's name


def prepare(text: str) -> str:
    """`text` as it is read: see `typed.clean`; without the code or bold around flags."""

    def unmark(match: re.Match[str]) -> str:
        return match["inner"] if _BEGINS_FLAG.search(match["inner"]) else match.group()

    seen = clean(text).strip()
    return seen if len(seen) > TEXT_MAX else _MARKED.sub(unmark, seen).strip()


def refuse_overlong(text: str, base: ImageRequest) -> AgainstSpec | None:
    """The answer to a text that is too long to be read; None where it is not. What it would have
    made of `base` is not known: all of it counts as the prompt."""
    if len(text) <= TEXT_MAX:
        return None
    too_long = SpecViolation(Rule.PROMPT_TOO_LONG, "prompt")
    return AgainstSpec(base.model_copy(update={"prompt": text}), (too_long,))


def cut_prompt(change: Change) -> Change | None:
    """`change` with as much of its prompt as PowerPost takes, to the last whole word, and what was
    cut among what was understood. None if its prompt is not what is too long."""
    prompt = change.request.prompt or ""
    if len(prompt) <= PROMPT_MAX_CHARACTERS:
        return None
    kept = prompt[:PROMPT_MAX_CHARACTERS]
    at = kept.rfind(" ")
    if not prompt[PROMPT_MAX_CHARACTERS].isspace() and at > PROMPT_MAX_CHARACTERS - 100:
        kept = kept[:at]
    kept = kept.rstrip()
    lost = " ".join(prompt[len(kept) :].split())
    shown = lost if len(lost) <= _CUT_SHOWN else lost[:_CUT_SHOWN].rstrip() + "…"
    request = change.request.model_copy(update={"prompt": kept})
    return Change(request, (*change.understood, Understood(Kind.CUT, shown)), change.options)


# Values ----------------------------------------------------------------------------------------


def read_preset(typed: str) -> str:
    """The name that was typed; empty for no preset at all."""
    name = typed.strip()
    return "" if name.casefold() in _NO_PRESET else name


def read_state(typed: str) -> bool | None:
    """On or off, as a flag with two states is said to be; None for anything else."""
    said = fold(typed.rstrip(_TRAILING + "!"))
    if said in ("", *_ON):
        return True
    return False if said in _OFF else None


def read_quantity(typed: str) -> int | None:
    """The number that `typed` is, allowed or not; None where it is none."""
    bare = unicodedata.normalize("NFKC", typed).rstrip(_TRAILING)
    bare = re.sub(r" (?:pictures?|images?|pics?|photos?|bilder)\Z", "", bare)
    return int(bare) if re.fullmatch(r"[+-]?[0-9]{1,6}", bare) else None


def read_options(values: dict[Flag, str], numbers: dict[str, int] | None = None) -> Options:
    """What the flags name; what names nothing is read as what it is nearest to. `numbers` are the
    words for some."""
    model, size = values.get(Flag.MODEL), values.get(Flag.SIZE)
    quantity, enhance = values.get(Flag.QUANTITY), values.get(Flag.ENHANCE)
    preset = values.get(Flag.PRESET)
    suggested = suggest_model(model) if model else None
    near = suggest_size(size) if size else None
    chosen = Model(suggested) if suggested else None
    return Options(
        model=chosen,
        size=_fit_size(size or "", near, chosen),
        quantity=None if quantity is None else _guess_quantity(quantity, numbers or {}),
        enhance=None if enhance is None else read_state(enhance) is not False,
        preset=None if preset is None else read_preset(preset),
    )


def find_value_problems(values: dict[Flag, str]) -> list[Misunderstood]:
    """What of the flags' values names nothing."""
    found = []
    model, size = values.get(Flag.MODEL), values.get(Flag.SIZE)
    quantity, enhance = values.get(Flag.QUANTITY), values.get(Flag.ENHANCE)
    if model is not None and find_model(model) is None:
        found.append(Misunderstood(Problem.UNKNOWN_MODEL, model, suggest_model(model)))
    if size is not None and find_size(size) is None:
        found.append(Misunderstood(Problem.UNKNOWN_SIZE, size, suggest_size(size)))
    if quantity is not None and read_quantity(quantity) is None:
        found.append(Misunderstood(Problem.BAD_QUANTITY, quantity))
    if enhance is not None and read_state(enhance) is None:
        found.append(Misunderstood(Problem.BAD_STATE, enhance))
    return found


def take_size(typed: str, model: Model) -> tuple[Size, str, Misunderstood | None]:
    """The size of `model` that `typed` is taken for; the word for it that has to be repeated with
    it, if it is another; and what is to be asked if `model` has no such shape. ValueError if
    `typed` names no size."""
    shape = find_shape(typed)
    if shape is None:
        raise ValueError(typed)
    if is_size_name(typed):
        return shape.size, "", None
    size, is_fitting = shape.fit(model)
    name = typed.strip(" ,;.()[]{}<>")
    if is_fitting or size not in MODELS[model].dimensions:
        return size, name, None
    nearest = f"{size} {MODELS[model].dimensions[size].ratio}"
    return size, name, Misunderstood(Problem.SIZE_DIFFERS, name, nearest)


def _fit_size(typed: str, near: str | None, model: Model | None) -> Size | None:
    shape = find_shape(typed) if typed else None
    if shape is not None and not is_size_name(typed):
        return shape.fit(model or DEFAULT_MODEL)[0]
    return Size(near) if near else None


def _guess_quantity(typed: str, numbers: dict[str, int]) -> int | None:
    number = read_quantity(typed)
    return numbers.get(fold(typed.rstrip(_TRAILING))) if number is None else number


# Words and quotes ------------------------------------------------------------------------------


def split_tokens(text: str) -> Iterator[Token]:
    """The words of `text`, and its stretches between quotation marks with the punctuation around
    them, in order."""
    position = 0
    never_closed: set[str] = set()
    while word := _WORD.search(text, position):
        start, end = word.span()
        quoted = _find_quoted(text, start, end, never_closed)
        if quoted is None:
            yield Token(start, end, word.group())
            position = end
            continue
        opening, close = quoted
        if _ENDS_BEFORE_QUOTE.search(text[start:opening]):  # --preset="my brand"
            yield Token(start, opening, text[start:opening])
            start = opening
        position = _end_of_quoted(text, close)
        yield Token(start, position, text[opening + 1 : close], is_literal=True)


def _find_quoted(text: str, start: int, end: int, never_closed: set[str]) -> tuple[int, int] | None:
    """Where the first quotation that begins in this word opens and closes. An apostrophe, and the
    inches of 5", open none: they stand after a letter or number. `never_closed` are the marks that
    nothing closes from here on."""
    for at in range(start, end):
        closing = _QUOTES.get(text[at])
        if closing is None or (at > start and text[at - 1].isalnum()):
            continue
        if text[at] in never_closed:
            continue
        for close in range(at + 1, len(text)):
            if text[close] in closing and _closes(text, at, close):
                return at, close
        never_closed.add(text[at])
    return None


def _closes(text: str, opening: int, close: int) -> bool:
    after = text[close + 1 : close + 2]
    if after.isalnum():
        return False
    # An apostrophe after a space begins another quotation, and closes none.
    is_single = text[opening] in "'’‘‚"
    return not (is_single and (close == opening + 1 or text[close - 1].isspace()))


def _end_of_quoted(text: str, close: int) -> int:
    """After the punctuation that belongs to what was quoted."""
    end = close + 1
    while end < len(text) and text[end] in ".,;:!?…)]}*_`~。、，；！？":
        end += 1
    return end


def join_words(text: str, words: Sequence[Token]) -> str:
    """`words` as they stood in `text`: their own spacing where they touch, one space where
    something was taken out between them. One quoted string alone loses its quotes."""
    if len(words) == 1 and _is_bare(text, words[0]):
        return words[0].text.strip()
    joined = ""
    for number, word in enumerate(words):
        if number:
            gap = text[words[number - 1].end : word.start]
            joined += gap if not gap or gap.isspace() else " "
        joined += text[word.start : word.end]
    return joined.strip()


def _is_bare(text: str, token: Token) -> bool:
    """Whether there is nothing around the quotation marks of a quoted token."""
    return not token.is_literal or len(token.text) + 2 >= token.end - token.start


# Flags -----------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """A text while its flags are found."""

    tokens: list[Token]
    preset_names: Sequence[str]
    values: dict[Flag, str] = field(default_factory=dict)
    words: list[Token] = field(default_factory=list)
    problems: list[Misunderstood] = field(default_factory=list)
    index: int = 0

    @property
    def next(self) -> Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None


@dataclass(frozen=True, slots=True)
class _Found:
    flag: Flag
    value: str | None
    typed: str
    suggestion: str | None = None  # it was another word, and is probably this
    is_negated: bool = False


def split_flags(text: str, preset_names: Sequence[str] = ()) -> Split:
    """The flags' values, and what is no flag. `preset_names` are those of several words that may
    be typed without quotes."""
    reading = _Reading(list(split_tokens(text)), preset_names)
    while (token := reading.next) is not None:
        reading.index += 1
        if (flag := _find_apart(reading, token)) is not None:
            said = f"{token.text} {flag}"
            reading.index += 1
            _take_value(reading, _Found(flag, None, said, f"--{flag}"))
            continue
        if token.text == "--" and not token.is_literal:  # by custom, the end of the flags
            rest = reading.tokens[reading.index :]
            reading.words.extend(Token(t.start, t.end, t.text, is_literal=True) for t in rest)
            break
        found = None if token.is_literal else _read_flag(token.text)
        if found is None:
            reading.words.append(token)
        elif isinstance(found, Misunderstood):
            reading.problems.append(found)
            bare = token.text.lstrip(_DASHES)
            reading.words.append(Token(token.end - len(bare), token.end, bare))
        else:
            _take_value(reading, found)
    return Split(reading.values, tuple(reading.words), tuple(reading.problems))


def _find_apart(reading: _Reading, token: Token) -> Flag | None:
    """The flag that stands apart from its dashes, with a value after it: "— size portrait"."""
    if token.is_literal or token.text.strip(_DASHES) or reading.index + 1 >= len(reading.tokens):
        return None
    name, value = reading.tokens[reading.index : reading.index + 2]
    flag = None if name.is_literal else _LONG.get(name.text.casefold())
    is_value = (flag is Flag.SIZE and find_size(value.text) is not None) or (
        flag is Flag.MODEL and find_model(value.text) is not None
    )
    return flag if is_value else None


def _take_value(reading: _Reading, found: _Found) -> None:
    flag, value = found.flag, found.value
    token = reading.next
    if not value and token is not None and token.text in ("=", ":"):
        reading.index += 1  # "--size = portrait"
    if found.suggestion is not None:
        problem = Misunderstood(Problem.UNKNOWN_FLAG, found.typed, found.suggestion)
        reading.problems.append(problem)
    if flag is Flag.ENHANCE and value is None:
        value = _take_state(reading, found.typed)
    elif flag is Flag.ENHANCE and found.is_negated and _names_state(reading.next):
        reading.problems.append(_doubt_negation(found.typed))
    elif not value:
        token = reading.next
        if token is None or _is_flag(token):
            reading.problems.append(Misunderstood(Problem.VALUE_MISSING, f"--{flag}"))
            return
        value = _take_words(reading, flag)
    elif flag in (Flag.MODEL, Flag.SIZE):
        value = _take_more(reading, flag, value)
    if flag in (Flag.MODEL, Flag.SIZE):
        _doubt_follower(reading, value or "")
    if flag in reading.values:
        reading.problems.append(Misunderstood(Problem.GIVEN_TWICE, f"--{flag}"))
    reading.values[flag] = value or ""


def _take_state(reading: _Reading, typed: str) -> str:
    """The state that is said after a flag with two of them. Some words for it may as well begin
    what the picture shows: that is asked, unless nothing else can be meant."""
    token = reading.next
    if token is None or token.is_literal:
        return ""
    said = fold(token.text.rstrip(_TRAILING + "!"))
    if said not in _ON | _OFF:
        return ""
    following = reading.tokens[reading.index + 1 : reading.index + 2]
    has_words_after = bool(following) and not _is_flag(following[0])
    has_pause = token.text[-1:] in tuple(_TRAILING + "!")
    is_sure = said not in _MAY_BE_WORDS or not has_words_after or has_pause
    if is_sure or (not reading.words and said in ("on", "no")):
        reading.index += 1
        return said
    problem = Misunderstood(Problem.VALUE_OR_WORD, f"{typed} {token.text}", said)
    reading.problems.append(problem)
    return ""


def _names_state(token: Token | None) -> bool:
    if token is None or token.is_literal:
        return False
    return fold(token.text.rstrip(_TRAILING + "!")) in _ON | _OFF


def _take_words(reading: _Reading, flag: Flag) -> str:
    """The value after a flag: the longest row of words that is a name, else the next word."""
    tokens = reading.tokens[reading.index : reading.index + _VALUE_WORDS_MAX]
    rows = [1]
    for count in range(2, len(tokens) + 1):
        if any(token.is_literal or _is_flag(token) for token in tokens[:count]):
            break
        rows.append(count)
    names = [" ".join(token.text for token in tokens[:count]) for count in rows]
    count = next((n for n in reversed(rows) if _is_name(flag, names[n - 1], reading)), 0)
    if flag is Flag.MODEL and not is_whole_model_name(names[max(count, 1) - 1]):
        count = max(count, _count_nearest(names))
    count = count or 1
    reading.index += count
    after = reading.next
    last = tokens[count - 1].text
    if flag is Flag.MODEL and count > 1 and last.isdigit() and after and _is_plural(after):
        reading.problems.append(Misunderstood(Problem.VALUE_OR_WORD, f"{last} {after.text}", last))
    return names[count - 1]


def _take_more(reading: _Reading, flag: Flag, value: str) -> str:
    """A value after `=`, with the words that make a longer name of it: `--model=nano banana 2`."""
    tokens = reading.tokens[reading.index : reading.index + _VALUE_WORDS_MAX]
    longest, names = 0, [value]
    for count, token in enumerate(tokens, 1):
        if token.is_literal or _is_flag(token):
            break
        names.append(f"{names[-1]} {token.text}")
        longest = count if _is_name(flag, names[-1], reading) else longest
    reading.index += longest
    return names[longest]


def _doubt_follower(reading: _Reading, value: str) -> None:
    """A word after a value that is perhaps more of its name: `--model flux pro`."""
    token = reading.next
    if token is None or token.is_literal:
        return
    word = fold(token.text).strip(_TRAILING)
    following = reading.tokens[reading.index + 1 : reading.index + 2]
    is_choice = word in ("or", "and", "/") and bool(following) and is_size_name(following[0].text)
    if word in FOLLOWERS or is_choice:
        said = Misunderstood(Problem.VALUE_OR_WORD, f"{value} {token.text}", token.text)
        reading.problems.append(said)


def _is_name(flag: Flag, typed: str, reading: _Reading) -> bool:
    match flag:
        case Flag.MODEL:
            # A beginning of several words is one only if no word of the prompt can be in it.
            is_begun = find_model(typed) is not None and typed.replace(" ", "").isalpha()
            return is_whole_model_name(typed) or is_begun or _is_model_and_version(typed)
        case Flag.SIZE:
            return find_shape(typed) is not None
        case Flag.QUANTITY:  # as the form says it
            end = reading.index + typed.count(" ") + 1
            is_last = end >= len(reading.tokens) or _is_flag(reading.tokens[end])
            return is_last and re.fullmatch(_SO_MANY, typed) is not None
        case Flag.PRESET:
            return fold(typed.rstrip(_TRAILING)) in {fold(name) for name in reading.preset_names}
        case _:
            return False


def _is_model_and_version(typed: str) -> bool:
    """`flux 2`, `FLUX.2`, `gpt image 1.5`: a beginning that ends in a model's version."""
    return " " in typed and typed[-1:].isdigit() and find_model(typed) is not None


def _count_nearest(names: Sequence[str]) -> int:
    """How many words were probably meant as a model's name, if none of them is all of it."""
    known = [facts.name.casefold() for facts in MODELS.values()]
    for count in range(min(4, len(names)), 1, -1):
        if get_close_matches(names[count - 1].casefold(), known, n=1, cutoff=0.85):
            return count
    return 1


def _is_plural(token: Token) -> bool:
    word = token.text.rstrip(_TRAILING)
    return not token.is_literal and len(word) > 2 and word.casefold().endswith("s")


def _is_flag(token: Token) -> bool:
    return not token.is_literal and _read_flag(token.text) is not None


@lru_cache(maxsize=512)
def _read_flag(typed: str) -> _Found | Misunderstood | None:
    """The flag that a word is, with the value after `=`; None for what is no flag."""
    bare = unicodedata.normalize("NFKC", typed.strip("`*~"))
    if bare[:1] in tuple("([{") and bare[1:2] in tuple(_DASHES):
        bare = bare[1:].rstrip(")]}")
    match = _FLAG.match(bare)
    if bare.startswith("/") and bare[1:].casefold() in _LONG:
        return _Found(_LONG[bare[1:].casefold()], None, typed, f"--{bare[1:].casefold()}")
    if match is None and (glued := _GLUED.search(bare)):
        return Misunderstood(Problem.UNKNOWN_FLAG, typed, f"--{glued[1].casefold()}")
    if match is None:
        return _doubt_flag(typed) if _NEARLY_FLAG.match(bare) else None
    dashes, name = match["dashes"], match["name"].casefold()
    value = match["value"] if match["given"] else None
    if (off := _read_negation(name, value)) is not None:
        return off if off.flag is not Flag.ENHANCE or not value else _doubt_negation(typed)
    if match["number"]:
        if name == "n" and value is None:
            return _Found(Flag.QUANTITY, match["number"], typed)
        name += match["number"]
    is_word_dash = len(dashes) == 1 and dashes in _LONG_DASHES
    flag = _LONG.get(name) or (_SHORT.get(name) if len(name) == 1 else None)
    flag = flag or (None if is_word_dash else _ALIASES.get(name))
    if flag is not None:
        return _Found(flag, value, f"--{flag}")
    close = get_close_matches(name, list(_LONG), n=1, cutoff=0.6)
    if is_word_dash and not close:
        return None  # a dash before a word is how people write
    if close:
        return _Found(_LONG[close[0]], value, typed, f"--{close[0]}")
    return Misunderstood(Problem.UNKNOWN_FLAG, typed)


def _doubt_flag(typed: str) -> Misunderstood:
    """Two dashes and no flag's name: `--4k`, `--size/portrait`."""
    name = re.sub(r"[^a-z].*", "", typed.casefold().lstrip(_DASHES))
    close = get_close_matches(name, list(_LONG), n=1, cutoff=0.6)
    return Misunderstood(Problem.UNKNOWN_FLAG, typed, f"--{close[0]}" if close else None)


def _read_negation(name: str, value: str | None) -> _Found | None:
    kind = name.removeprefix("no-") if name.startswith("no-") else name.removeprefix("without-")
    if kind == name:
        return None
    if kind == Flag.PRESET:
        return _Found(Flag.PRESET, "none", f"--{name}")
    if kind == Flag.ENHANCE or _ALIASES.get(kind) is Flag.ENHANCE:
        return _Found(Flag.ENHANCE, "off", f"--{name}", is_negated=True)
    return None


def _doubt_negation(typed: str) -> Misunderstood:
    """`--no-enhance=off` says no twice."""
    return Misunderstood(Problem.BAD_STATE, typed)
