"""A typed text as words: quoted stretches, what is said between pauses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.images.catalogue import PROMPT_MAX_CHARACTERS
from bot.images.typed import clean

# What is longer is not read: a prompt of the longest, and as much again for flags and phrases.
TEXT_MAX: Final = 2 * PROMPT_MAX_CHARACTERS
DASHES: Final = "-—–−‐‑‒―－﹣﹘⁃➖⸺⸻"

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
# Code or bold around flags: they were pasted so.
_MARK: Final = r"(?P<mark>```|``|`|\*\*|\*|__|_|~)"
_MARKED: Final = re.compile(
    rf"(?<![\w`*~]){_MARK}(?=[^\s`*~])(?P<inner>[^`*~\n]*?)(?<=[^\s`*~])(?P=mark)(?![\w`*~])"
)
_BEGINS_FLAG: Final = re.compile(rf"(?:\A|\s)(?:[-—–−‑]{{2,3}}|[{DASHES}])[A-Za-z]")
_ENDS_BEFORE_QUOTE: Final = re.compile(rf"[{DASHES}]{{1,3}}[A-Za-z][\w-]*[=:]\Z")
_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or one quoted stretch without its quotes, and where it stood.

    A literal token is never a flag or a command: it was quoted, or stood after `--`.
    """

    start: int
    end: int
    text: str
    is_literal: bool = False


def prepare(text: str) -> str:
    """`text` as it is read: see `typed.clean`; without the code or bold around flags, unless they
    are quoted."""
    seen = clean(text).strip()
    if len(seen) > TEXT_MAX or not _MARKED.search(seen):
        return seen
    quoted = [(token.start, token.end) for token in split_tokens(seen) if token.is_literal]

    def unmark(match: re.Match[str]) -> str:
        is_quoted = any(start < match.start() < end for start, end in quoted)
        is_flag = not is_quoted and _BEGINS_FLAG.search(match["inner"])
        return match["inner"] if is_flag else match.group()

    return _MARKED.sub(unmark, seen).strip()


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


# What is said ----------------------------------------------------------------------------------

_PUNCTUATION: Final = frozenset(".,;:!?…·-–—_*~`|/\\'\"“”„«»()[]{}<>=#。、！？，；")
_PAUSES: Final = ".,;!?…。、！？，；"
_WRAPPING: Final = "*_~`'\"“”()[]{}<>"
_SHORTCODES: Final = re.compile(r"(?::[^\s:]+:)+[.,!?]*|<[@#!][^>\s]*>[.,!?:]*")
_SMILEYS: Final = frozenset({":d", ":-d", "xd", ":p", ";p", ":-p", ":o", "<3"})
_JOINTS: Final = frozenset("&+")
LITERAL: Final = "\0"
EMOJI: Final = "☺"  # or a mention: it says nothing, and is a pause


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it is compared: in lower case, without the punctuation around it; LITERAL if it
    was quoted, EMOJI for what says nothing, empty for punctuation alone. `pause` is what follows
    it: a comma for any kind of pause, a colon, or nothing."""

    said: str
    pause: str = ""


def read_words(text: str, tokens: Sequence[Token]) -> list[Word]:
    """The word of each of `tokens`, which stand in `text`. A new line, a bracket, and a flag that
    was taken out are pauses too."""
    words = []
    for number, token in enumerate(tokens):
        word = _read_word(token.text)
        if token.is_literal:
            word = Word("" if not word.said else LITERAL)
        after = tokens[number + 1].start if number + 1 < len(tokens) else len(text)
        gap = text[token.end : after]
        is_last = number + 1 == len(tokens)
        is_pause = not is_last and ("\n" in gap or bool(gap.strip()))
        is_pause = is_pause or (gap.lstrip() or text[after : after + 1]).startswith(("(", "["))
        words.append(Word(word.said, ",") if is_pause and not word.pause else word)
    return words


def _read_word(typed: str) -> Word:
    if _SHORTCODES.fullmatch(typed) or typed.casefold() in _SMILEYS:
        return Word(EMOJI, ",")
    if not any(character.isalnum() for character in typed):
        if typed in _JOINTS:
            return Word(typed)
        if typed == "×":
            return Word("x")
        is_empty = all(each in _PUNCTUATION or each.isspace() for each in typed)
        return Word("" if is_empty else EMOJI, ",")
    bare = typed.casefold().replace("’", "'").replace("×", "x").strip(_WRAPPING)
    pause = "," if bare[-1:] in tuple(_PAUSES) else ":" if bare[-1:] in (":", "：") else ""
    return Word(bare.strip(_PAUSES + ":：").strip(_WRAPPING), pause)
