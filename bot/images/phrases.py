"""The phrases of a reply that are commands: `again x2`, `use ideogram`, `in portrait`. Pure.

A command is looked for at the beginning and at the end of a reply, never in its middle, and only
where it cannot be part of a description: `use ideogram` is one and `use ideogram letters` is not,
`in portrait` is one and `in a portrait` is not. Everything else is left to the person's words.

The phrases are matched on chunks: one small word for each word of the reply (`split_chunks`). A
comma at a chunk's end stands for every kind of pause after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from bot.images.catalogue import Model, Size
from bot.images.flags import Token


class Said(StrEnum):
    """What a phrase says: the names of the groups in the patterns below."""

    AGAIN = "again"
    QUANTITY = "quantity"
    SIZE = "size"
    MODEL = "model"
    ENHANCE = "enhance"
    PLAIN = "plain"
    PRESET = "preset"
    NO_PRESET = "no_preset"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was said, with the words that said it."""

    said: Said
    words: str


@dataclass(frozen=True, slots=True)
class Peeled:
    """What was found at both ends; what is between is `chunks[start:end]`."""

    findings: tuple[Finding, ...]
    start: int
    end: int


class TooManyPhrases(Exception):
    """More commands than anybody has to give: nothing is to be made of them."""


class _Room(StrEnum):
    """How much room a phrase needs at the end of a reply, after other words."""

    NEVER = "never"  # it stands at the beginning only
    PAUSE = "pause"  # a pause before it: "a darker sky, portrait"
    AND = "and"  # a pause or a conjunction: "a darker sky and use ideogram"
    NONE = "none"  # nothing: "a darker sky in portrait"


@dataclass(frozen=True)
class _Phrase:
    source: str
    room: _Room

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when the first reply comes: all of them together take 15 ms."""
        return re.compile(self.source)


NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        ["one another", "two twice", "three thrice", "four", "five", "six", "seven", "eight"], 1
    )
    for word in words.split()
}
_CONJUNCTIONS: Final = frozenset({"and", "but", "then", "also", "plus", "&", "+"})
# After these, `x2` says how large and not how many: "zoom x2", "scaled by x2".
_SCALING: Final = frozenset(
    {"zoom", "zoomed", "in", "out", "scale", "scaled", "by", "magnify", "bigger", "larger"}
)
# Before these, too: "x2 bigger". "x1 in blue" says how many.
_SCALED: Final = frozenset({"zoom", "bigger", "larger", "wider", "taller", "smaller", "scale"})
# After these, what is named is not wanted: "not in portrait", "without using ideogram".
_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "don't", "dont", "without", "of", "than", "isn't", "stop", "avoid"}
)
# After these come the words of a sign: "a sign that says again please".
_SAYING: Final = frozenset(
    {"say", "says", "saying", "read", "reads", "reading", "word", "words", "text", "titled"}
)
# Words of their own besides beginnings of models' names: "a city in flux", "a robot with gpt".
_EVERYDAY: Final = frozenset({"flux", "gpt", "nano"})
_WINDOW: Final = 12  # no phrase has more words
# There are not so many things to say; to look for more would take the time of everybody else.
PHRASES_MAX: Final = 40
LITERAL: Final = "\0"
_WORDLESS: Final = "☺,"  # an emoji or a mention: says nothing, and is a pause

_PUNCTUATION: Final = ".,;:!?…·-–—_*~`|/\\'\"“”„«»()[]{}<>=&+#。、！？，；"
_PAUSES: Final = ",.;!?…。、！？，；"
_WRAPPING: Final = "*_~`'\"“”()[]{}"
_SHORTCODES = re.compile(r"(?::[^\s:]+:)+[.,!?]*|<[@#!][^>\s]*>[.,!?:]*")
_WIDE_BY_X = re.compile(r"\b(16|9)[x/](9|16)\b")  # no fraction, and no beam of wood
_SMILEYS: Final = frozenset({":d", ":-d", "xd", ":p", ";p", ":-p", ":o", "<3"})


def split_chunks(text: str, words: Sequence[Token]) -> list[str]:
    """The chunk of each of `words`, which stand in `text`."""
    chunks = []
    for number, word in enumerate(words):
        chunk = _chunk(word.text)
        if word.is_literal:
            chunk = "," if chunk == "," else LITERAL
        gap = text[word.end : words[number + 1].start] if number + 1 < len(words) else ""
        is_pause = "\n" in gap or bool(gap.strip())  # a new line, or a flag that was taken out
        is_pause = is_pause or text[word.end :].lstrip().startswith("(")
        chunks.append(chunk + "," if is_pause and not chunk.endswith(",") else chunk)
    return chunks


def _chunk(word: str) -> str:
    if _SHORTCODES.fullmatch(word) or word.casefold() in _SMILEYS:
        return _WORDLESS
    if not any(character.isalnum() for character in word):
        if word in _CONJUNCTIONS:
            return word
        if word == "×":
            return "x"
        return "," if all(c in _PUNCTUATION or c.isspace() for c in word) else _WORDLESS
    bare = word.casefold().replace("’", "'").replace("×", "x").strip(_WRAPPING)
    bare = _WIDE_BY_X.sub(r"\1:\2", bare)
    has_pause = bare[-1:] in tuple(_PAUSES)
    return bare.rstrip(_PAUSES + ":").strip(_WRAPPING) + ("," if has_pause else "")


# The patterns ----------------------------------------------------------------------------------

_END: Final = r"(?=,|\Z| (?:please|pls|plz|instead|this time)(?:,|\Z))"
# What may follow a command at the beginning. Another word would make it part of a description.
_NEXT: Final = (
    r"(?=,|\Z| (?:and|but|with|without|in|as|using|use|via|then|plus|please|pls|plz|again|once"
    r"|x[0-9]+|make|prompt|instead|this time|enhance)(?:[, ]|\Z))"
)
_FEW: Final = r"(?=,|\Z| (?:please|pls|plz|but)(?:[, ]|\Z))"  # of several things in the picture?
# Nothing else is left. People write "portrait, oil on canvas, 85 mm" and mean no size.
_ALONE: Final = r"(?=,?\Z)"
_PLEASE: Final = r"(?: (?:please|pls|plz|instead|this time))"
_ANY: Final = r"(?=[, ]|\Z)"
_LATER: Final = r"(?: (?:instead|this time|now|next|for this|for this one))?"

_NUMBER: Final = rf"(?P<quantity>[+-]?[0-9]+|{'|'.join(NUMBERS)})"
_GIVE: Final = (
    r"(?:(?:make|generate|create|do|run|give|show|get)(?: me| us| it| this| that)?|i want|i need"
    r"|i'd like"
    r"|i would like|we need|let's have|can (?:i|we) (?:have|get|see))"
)
_PICTURES: Final = r"(?:pictures?|images?|versions?|variations?|variants?|options?|takes?)"

_SIZE: Final = rf"(?P<size>{'|'.join(Size)})"
_UNFED: Final = rf"(?P<size>{'|'.join(size for size in Size if size is not Size.FEED)})"
_RATIO: Final = r"(?P<size>1:1|4:5|5:4|9:16|16:9|2:3|3:2|3:4|4:3|21:9|1:2|2:1)"
_FORMAT: Final = r" (?:format|mode|orientation|size|aspect ratio|aspect|ratio|version|crop)"
_SHAPE: Final = (
    r"(?:(?:make|turn|change|switch|render|do|redo|try|crop|put|set)"
    r"(?: it| this| that| them| (?:the )?(?:picture|image|size|format))?(?: in| as| to| into)?"
    r"|in|as|to|use|using|go)"
)

_USE: Final = (
    r"(?:use|using|try|via|go with|(?:switch|change)(?: the)?(?: model)? to|model[ =]"
    r"|(?:do|run|make|redo|try) (?:it|this|that) (?:with|in|on|using))"
)
_WITH: Final = r"(?:use|using|with|try|switch to|change to)"
_ENHANCE: Final = r"(?:enhanc(?:e|ed|ing|ement|ements)|improv(?:e|ed|ing) (?:the )?prompt)"
_OF_PROMPT: Final = r" (?:the |my )?prompt"

_THANKS: Final = r"(?:thanks|thank you|thank u|thx|ty|tysm|cheers)"


def _describe_models() -> tuple[str, str]:
    """Patterns of the models' names that name nothing else, and of the everyday words.

    From the ids: `nano-banana-2` gives `nano banana`, `nano-banana 2`, `nanobanana2`, `nano 2`.
    Versions that do not exist match too, so that they are answered and not drawn.
    """
    strong: list[str] = []
    weak: list[str] = []
    version = r"[ .-]?v?[0-9]+(?:\.[0-9]+)?"
    for model in Model:
        parts = re.findall(r"[a-z]+|[0-9.]+", model.value)
        at = next(number for number, part in enumerate(parts) if part[0].isdigit())
        first, *rest = parts[:at]
        name = first + "".join(f"[ -]?{part}" for part in rest)
        tail = "".join(f"[ -]?{part}" for part in parts[at + 1 :])
        with_tail = f"(?:{tail})?" if tail else ""
        strong.append(f"{first}{version}{with_tail}")
        if rest or first not in _EVERYDAY:
            strong.append(f"{name}(?:{version})?{with_tail}")
        elif tail:
            strong.append(first + tail)
        if first in _EVERYDAY:
            weak.append(first)
    return f"(?P<model>{'|'.join(strong)})", f"(?P<model>{'|'.join(weak)})"


_STRONG, _WEAK = _describe_models()
# A model's name wherever it stands, and a beginning of one after a word that wants a model there.
MODEL_NAMED: Final = re.compile(rf"(?<!\S){_STRONG}(?=[ ,]|\Z)")
MODEL_WANTED: Final = re.compile(
    rf"(?<!\S)(?:use|using|via|try|switch to|change to|model) (?:the )?{_WEAK}(?=[ ,]|\Z)"
)

# Tried in this order: at the beginning of what is left, then at its end.
_PHRASES: Final = tuple(
    _Phrase(source, room)
    for room, source in [
        # Courtesy. "thanks again" must not spend a credit.
        (_Room.PAUSE, rf"{_THANKS}, again{_END}"),
        (_Room.PAUSE, rf"{_THANKS}(?: (?:again|so much|very much|a lot))*(?: for [^,\0]*)?{_END}"),
        (_Room.NEVER, rf"(?:ok|okay|yes|yeah|yep|yup|no|nope|hi|hello|hey|wow|lol|hm+|oh){_END}"),
        (_Room.NEVER, r"(?:ok|okay|yes|yeah|hey|hi|now)(?= (?:again|once|please|can|use|x[0-9]))"),
        (_Room.PAUSE, rf"(?P<question>(?:can|could|would|will) (?:you|u))(?: just)?{_ANY}"),
        (_Room.NONE, rf"(?:please|pls|plz){_ANY}"),
        (_Room.NEVER, rf"(?:instead|this time){_END}"),
        # Again, with or without a number.
        (
            _Room.AND,
            r"(?P<again>(?:(?:once|try|do|run|go|make|generate|draw|create)(?: it| this| that)? )?"
            rf"again)(?:,? {_NUMBER}(?: times)?{_NEXT})?{_ANY}",
        ),
        (_Room.AND, rf"(?P<again>once more|one more time|(?:the )?same again){_ANY}"),
        (
            _Room.AND,
            r"(?P<again>(?:redo|re-do|retry|rerun|re-run|regenerate|repeat)(?: it| this| that)?)"
            + _NEXT,
        ),
        (_Room.AND, rf"(?P<again>(?:the )?same(?: thing| one| picture| image| prompt)?){_NEXT}"),
        (
            _Room.NEVER,
            r"(?P<again>(?:some |a few )?more(?: (?:of|like) (?:this|that|them|these|those))?)"
            rf"{_ALONE}",
        ),
        # How many.
        (_Room.NONE, rf"x(?P<quantity>[0-9]+)(?! (?:{'|'.join(sorted(_SCALED))})){_ANY}"),
        (_Room.PAUSE, rf"(?:x (?P<quantity>[0-9]+)){_END}"),
        (_Room.PAUSE, rf"(?P<quantity>[0-9]+)x{_END}"),
        (_Room.PAUSE, rf"(?P<quantity>twice|thrice){_END}"),
        (_Room.PAUSE, rf"(?:(?:do|run|make) (?:it|this|that) )?{_NUMBER} times{_END}"),
        (_Room.AND, rf"quantity[ =]{_NUMBER}{_NEXT}"),
        (
            _Room.AND,
            rf"(?:{_GIVE} )?{_NUMBER} more(?: {_PICTURES}| ones?| of (?:them|these|those)"
            rf"| like (?:this|that|these|those))?(?! (?:and|in|as)){_NEXT}",
        ),
        (_Room.AND, rf"(?:{_GIVE} )?{_NUMBER} of (?:them|these|those){_FEW}"),
        (_Room.AND, rf"(?:{_GIVE} )?{_NUMBER}(?: other| new| different)? {_PICTURES}{_FEW}"),
        (_Room.AND, rf"{_GIVE} {_NUMBER}{_END}"),
        (_Room.AND, rf"(?:{_GIVE} )?another {_NUMBER}(?: {_PICTURES}| ones?)?{_FEW}"),
        (_Room.AND, rf"(?:{_GIVE} )?(?P<quantity>another)(?: one| {_PICTURES})?{_FEW}"),
        # The size. A thing in the picture has an article, a size has none.
        (_Room.NEVER, rf"{_SIZE}(?:{_FORMAT})?{_ALONE}"),
        (_Room.PAUSE, rf"{_SIZE}(?:{_FORMAT})?{_PLEASE}{_END}"),
        (_Room.PAUSE, rf"{_RATIO}{_LATER}{_END}"),
        (_Room.AND, rf"{_UNFED}{_FORMAT}{_NEXT}"),
        (_Room.AND, rf"(?:aspect )?(?:size|ratio|format)[ =](?:{_SIZE}){_NEXT}"),
        (_Room.AND, rf"(?:aspect )?(?:size|ratio|format)[ =](?:{_RATIO}){_NEXT}"),
        (_Room.NONE, rf"(?:in|as) (?:{_UNFED}(?:{_FORMAT})?){_NEXT}"),
        (_Room.NONE, rf"(?:in|as) (?:(?:an? |the )?{_SIZE}{_FORMAT}){_NEXT}"),
        (_Room.NONE, rf"(?:in|as) {_RATIO}(?:{_FORMAT})?{_NEXT}"),
        (_Room.AND, rf"{_SHAPE} {_SIZE}(?:{_FORMAT})?{_LATER}{_NEXT}"),
        (_Room.AND, rf"{_SHAPE} {_RATIO}(?:{_FORMAT})?{_LATER}{_NEXT}"),
        (_Room.AND, rf"{_SHAPE} (?:an? |the ){_SIZE}{_FORMAT}{_LATER}{_NEXT}"),
        # The model.
        (_Room.NEVER, rf"{_STRONG}(?: model)?{_ALONE}"),
        (_Room.PAUSE, rf"{_STRONG}(?: model)?{_PLEASE}{_END}"),
        (_Room.AND, rf"{_USE} ?(?:the )?{_STRONG}(?: model)?{_LATER}{_NEXT}"),
        (_Room.AND, rf"{_USE} ?(?:the )?{_WEAK}(?: model)?{_LATER}{_NEXT}"),
        (_Room.NONE, rf"(?:using|with|in|via) (?:the )?{_STRONG}(?: model)?{_LATER}{_NEXT}"),
        (_Room.PAUSE, rf"with (?:the )?{_WEAK}(?: model)?{_LATER}{_END}"),
        (_Room.AND, rf"with the {_WEAK} model{_LATER}{_NEXT}"),
        # Improving the prompt.
        (_Room.NEVER, rf"(?P<enhance>enhance){_ALONE}"),
        (_Room.PAUSE, rf"(?P<enhance>enhance){_PLEASE}{_END}"),
        (_Room.AND, rf"(?P<enhance>{_ENHANCE}{_OF_PROMPT}|improve{_OF_PROMPT}){_NEXT}"),
        (_Room.NONE, rf"(?P<enhance>(?:with|use) (?:prompt )?{_ENHANCE}(?:{_OF_PROMPT})?){_FEW}"),
        (
            _Room.NONE,
            rf"(?P<plain>(?:without|no|not|don't|dont|do not)(?: the| any)?(?: prompt)? {_ENHANCE}"
            rf"(?:{_OF_PROMPT}| it)?){_NEXT}",
        ),
        (_Room.PAUSE, rf"(?P<plain>enhance(?:ment)? off){_END}"),
        # A team's preset, by a name of one word; others take the flag.
        (_Room.AND, rf"{_WITH} (?:the )?preset (?P<preset>[^ ,\0]+){_LATER}{_NEXT}"),
        (
            _Room.AND,
            rf"{_WITH} (?:the )?(?P<preset>(?!(?:preset|the|a|my|our|this|that) )[^ ,\0]+) preset"
            rf"{_LATER}{_NEXT}",
        ),
        (_Room.AND, rf"(?P<no_preset>(?:without|no) (?:a |the |any )?presets?){_LATER}{_NEXT}"),
    ]
)


# Peeling ---------------------------------------------------------------------------------------


def peel_phrases(chunks: Sequence[str]) -> Peeled:
    """Take the commands and the courtesy off both ends of a reply, until none is there. Raises
    TooManyPhrases above PHRASES_MAX."""
    findings: list[Finding] = []
    start, end, peeled = 0, len(chunks), 0
    while start < end:
        if peeled > PHRASES_MAX:
            raise TooManyPhrases
        if chunks[start].rstrip(",") in _CONJUNCTIONS or chunks[start] == ",":
            start += 1
        elif chunks[end - 1].rstrip(",") in _CONJUNCTIONS or chunks[end - 1] == ",":
            end -= 1
        elif (match := _match_beginning(chunks, start, end)) is not None:
            findings += _read_match(match)
            peeled += 1
            start += len(match.group().split())
        elif (match := _match_end(chunks, start, end)) is not None:
            findings += _read_match(match)
            peeled += 1
            end -= len(match.group().split())
        else:
            break
    return Peeled(tuple(findings), start, end)


def _match_beginning(chunks: Sequence[str], start: int, end: int) -> re.Match[str] | None:
    window = list(chunks[start : min(end, start + _WINDOW)])
    if start + _WINDOW < end:
        window.append(LITERAL)  # more follows
    text = " ".join(window)
    matches = (phrase.pattern.match(text) for phrase in _PHRASES)
    return next((match for match in matches if match), None)


def _match_end(chunks: Sequence[str], start: int, end: int) -> re.Match[str] | None:
    for first in range(max(start, end - _WINDOW), end):
        text = " ".join(chunks[first:end]).rstrip(",")
        before = chunks[first - 1] if first > start else ","
        for phrase in _PHRASES:
            match = phrase.pattern.fullmatch(text) if _has_room(phrase.room, before) else None
            if match and not (before in _SCALING and Said.QUANTITY in match.groupdict()):
                return match
    return None


def _has_room(room: _Room, before: str) -> bool:
    if room is _Room.NEVER or before in _SAYING or before in _NEGATIONS:
        return False
    return (
        room is _Room.NONE
        or before.endswith(",")
        or (room is _Room.AND and before in _CONJUNCTIONS)
    )


def _read_match(match: re.Match[str]) -> list[Finding]:
    return [Finding(Said(name), words) for name, words in match.groupdict().items() if words]
