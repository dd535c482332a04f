"""The phrases of a reply that are commands, such as `again x2`, `use ideogram`, `in portrait`,
and the words that are only talk. Pure.

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


class _Room(StrEnum):
    """How much room a phrase needs at the end of a reply, after other words."""

    PAUSE = "pause"  # a pause before it: "a darker sky, portrait"
    AND = "and"  # a pause or a conjunction: "a darker sky and use ideogram"
    NONE = "none"  # nothing: "a darker sky in portrait"


@dataclass(frozen=True, slots=True)
class _Phrase:
    pattern: re.Pattern[str]
    room: _Room


NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        ["one another", "two twice", "three thrice", "four", "five", "six", "seven", "eight"], 1
    )
    for word in words.split()
}
_CONJUNCTIONS: Final = frozenset({"and", "but", "then", "also", "plus", "&", "+"})
# After these, `x2` says how large and not how many: "zoom x2", "scaled by x2".
_SCALING: Final = frozenset("zoom zoomed in out scale scaled by magnify bigger larger".split())
# Words of their own besides beginnings of models' names: "a city in flux", "a robot with gpt".
_EVERYDAY: Final = frozenset({"flux", "gpt", "nano"})
_WINDOW: Final = 12  # no phrase has more words
_LITERAL: Final = "\0"
_WORDLESS: Final = "☺,"  # an emoji or a mention: says nothing, and is a pause

_PUNCTUATION: Final = ".,;:!?…·-–—_*~`|/\\'\"“”„«»()[]{}<>=&+#。、！？，；"
_PAUSES: Final = ",.;!?…。、！？，；"
_WRAPPING: Final = "*_~`'\"“”()[]{}"
_SHORTCODES = re.compile(r"(?::[^\s:]+:)+[.,!?]*|<[@#!][^>\s]*>[.,!?:]*")
_SMILEYS: Final = frozenset({":d", ":-d", "xd", ":p", ";p", ":-p", ":o", "<3"})


def split_chunks(text: str, words: Sequence[Token]) -> list[str]:
    """The chunk of each of `words`, which stand in `text`."""
    chunks = []
    for number, word in enumerate(words):
        chunk = _LITERAL if word.is_literal else _chunk(word.text)
        gap = text[word.end : words[number + 1].start] if number + 1 < len(words) else ""
        is_pause = "\n" in gap or bool(gap.strip())  # a new line, or a flag that was taken out
        chunks.append(chunk + "," if is_pause and not chunk.endswith(",") else chunk)
    return chunks


def _chunk(word: str) -> str:
    if _SHORTCODES.fullmatch(word) or word.casefold() in _SMILEYS:
        return _WORDLESS
    if not any(character.isalnum() for character in word):
        if word in _CONJUNCTIONS:
            return word
        return "," if all(character in _PUNCTUATION for character in word) else _WORDLESS
    bare = word.casefold().replace("’", "'").replace("×", "x").strip(_WRAPPING)
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
_ANY: Final = r"(?=[, ]|\Z)"
_LATER: Final = r"(?: (?:instead|this time|now|next|for this|for this one))?"

_NUMBER: Final = rf"(?P<quantity>[+-]?[0-9]+|{'|'.join(NUMBERS)})"
_GIVE: Final = (
    r"(?:(?:make|generate|create|do|run|give|show|get)(?: me| us)?|i want|i need|i'd like"
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

# Tried in this order: at the beginning of what is left, then at its end.
_PHRASES: Final = tuple(
    _Phrase(re.compile(pattern), room)
    for room, pattern in [
        # Courtesy. "thanks again" must not spend a credit.
        (_Room.PAUSE, rf"{_THANKS}(?: (?:again|so much|very much|a lot))*(?: for [^,]*)?{_END}"),
        (_Room.PAUSE, rf"{_THANKS}, again{_END}"),
        (_Room.PAUSE, rf"(?:ok|okay|yes|yeah|yep|yup|no|nope|hi|hello|hey|wow|lol|hm+|oh){_END}"),
        (_Room.PAUSE, rf"(?:ok|okay|yes|yeah|hey|hi|now)(?= (?:again|once|please|can|use|x[0-9]))"),
        (_Room.PAUSE, rf"(?P<question>(?:can|could|would|will) (?:you|u))(?: just)?{_ANY}"),
        (_Room.NONE, rf"(?:please|pls|plz|☺){_ANY}"),
        (_Room.PAUSE, rf"(?:instead|this time){_END}"),
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
        (_Room.PAUSE, rf"(?P<again>(?:some |a few )?more(?: of (?:them|these|those))?){_END}"),
        # How many.
        (_Room.NONE, rf"x(?P<quantity>[0-9]+)(?! (?:{'|'.join(sorted(_SCALING))})){_ANY}"),
        (_Room.PAUSE, rf"(?:x (?P<quantity>[0-9]+)){_END}"),
        (_Room.PAUSE, rf"(?P<quantity>[0-9]+)x{_END}"),
        (_Room.PAUSE, rf"(?P<quantity>twice|thrice){_END}"),
        (_Room.PAUSE, rf"{_NUMBER} times{_END}"),
        (_Room.AND, rf"quantity[ =]{_NUMBER}{_NEXT}"),
        (
            _Room.AND,
            rf"(?:{_GIVE} )?{_NUMBER} more(?: {_PICTURES}| ones?| of (?:them|these|those)"
            rf"| like (?:this|that|these|those))?(?! and){_NEXT}",
        ),
        (_Room.AND, rf"(?:{_GIVE} )?{_NUMBER} of (?:them|these|those){_FEW}"),
        (_Room.AND, rf"(?:{_GIVE} )?{_NUMBER}(?: other| new| different)? {_PICTURES}{_FEW}"),
        (_Room.AND, rf"{_GIVE} {_NUMBER}{_END}"),
        (_Room.AND, rf"(?:{_GIVE} )?another {_NUMBER}(?: {_PICTURES}| ones?)?{_FEW}"),
        (_Room.AND, rf"(?:{_GIVE} )?(?P<quantity>another)(?: one| {_PICTURES})?{_FEW}"),
        # The size. A thing in the picture has an article, a size has none.
        (_Room.PAUSE, rf"(?:{_SIZE}(?:{_FORMAT})?|{_RATIO}){_LATER}{_END}"),
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
        (_Room.PAUSE, rf"{_STRONG}{_LATER}{_END}"),
        (_Room.AND, rf"{_USE} ?(?:the )?{_STRONG}(?: model)?{_LATER}{_NEXT}"),
        (_Room.AND, rf"{_USE} ?(?:the )?{_WEAK}(?: model)?{_LATER}{_NEXT}"),
        (_Room.NONE, rf"(?:using|with|in|via) (?:the )?{_STRONG}(?: model)?{_LATER}{_NEXT}"),
        (_Room.PAUSE, rf"with (?:the )?{_WEAK}(?: model)?{_LATER}{_END}"),
        (_Room.AND, rf"with the {_WEAK} model{_LATER}{_NEXT}"),
        # Improving the prompt.
        (_Room.PAUSE, rf"(?P<enhance>enhanced?){_FEW}"),
        (_Room.PAUSE, r"(?P<enhance>enhance)(?= (?:x[0-9]+|again)(?:[, ]|\Z))"),
        (_Room.AND, rf"(?P<enhance>{_ENHANCE}{_OF_PROMPT}|improve{_OF_PROMPT}){_NEXT}"),
        (_Room.NONE, rf"(?P<enhance>with (?:prompt )?{_ENHANCE}(?:{_OF_PROMPT})?){_FEW}"),
        (
            _Room.NONE,
            rf"(?P<plain>(?:without|no|not|don't|dont|do not)(?: the| any)?(?: prompt)? {_ENHANCE}"
            rf"(?:{_OF_PROMPT}| it)?){_NEXT}",
        ),
        (_Room.PAUSE, rf"(?P<plain>enhance(?:ment)? off){_END}"),
    ]
)


# Peeling ---------------------------------------------------------------------------------------


def peel_phrases(chunks: Sequence[str]) -> Peeled:
    """Take the commands and the courtesy off both ends of a reply, until none is there."""
    findings: list[Finding] = []
    start, end = 0, len(chunks)
    while start < end:
        if chunks[start].rstrip(",") in _CONJUNCTIONS or chunks[start] == ",":
            start += 1
        elif chunks[end - 1].rstrip(",") in _CONJUNCTIONS or chunks[end - 1] == ",":
            end -= 1
        elif (match := _match_beginning(chunks[start:end][: _WINDOW + 1])) is not None:
            findings += _read_match(match)
            start += len(match.group().split())
        elif (match := _match_end(chunks[max(start, end - _WINDOW - 1) : end])) is not None:
            findings += _read_match(match)
            end -= len(match.group().split())
        else:
            break
    return Peeled(tuple(findings), start, end)


def _match_beginning(chunks: Sequence[str]) -> re.Match[str] | None:
    text = " ".join(chunks)
    matches = (phrase.pattern.match(text) for phrase in _PHRASES)
    return next((match for match in matches if match), None)


def _match_end(chunks: Sequence[str]) -> re.Match[str] | None:
    for first in range(len(chunks)):
        text = " ".join(chunks[first:]).rstrip(",")
        before = chunks[first - 1] if first else ","
        for phrase in _PHRASES:
            if not _has_room(phrase.room, before):
                continue
            match = phrase.pattern.fullmatch(text)
            if match and not (before in _SCALING and Said.QUANTITY in match.groupdict()):
                return match
    return None


def _has_room(room: _Room, before: str) -> bool:
    if room is _Room.NONE or before.endswith(","):
        return True
    return room is _Room.AND and before in _CONJUNCTIONS


def _read_match(match: re.Match[str]) -> list[Finding]:
    return [Finding(Said(name), words) for name, words in match.groupdict().items() if words]


# Talk ------------------------------------------------------------------------------------------

# One of these, and otherwise only the words below it, is a reaction: it never spends a credit.
_REACTIONS: Final = frozenset(
    """
    thanks thank thx ty tysm cheers please pls plz kudos congrats congratulations bravo danke merci
    nice great good better best bad worse meh cool awesome perfect amazing beautiful gorgeous lovely
    love loved excellent brilliant fantastic wonderful super superb neat sweet impressive incredible
    insane crazy fun funny hilarious cute epic fab fabulous stunning terrific pretty fine sure true
    lol lmao rofl wow whoa woah yay omg ugh yikes ew wtf damn dang hmm hm oh ah aha oops sorry
    ok okay k kk yes yeah yep yup no nope not hi hello hey bye agreed exactly indeed +1 100 10/10
    stop cancel wait nevermind never delete undo test testing ping credits balance history status
    help who can could would will
    """.split()
)
_FILLERS: Final = frozenset(
    """
    i i'm im you u we me us my your it it's its that that's thats this these those they them is are
    was were be been the a an so very really much too all for to of and but or do did does done have
    had has just again like likes liked looks look looking mind one ones at as with what how here
    there everyone team bot imagine job work works well picture pictures image images pic pics now
    always already today here's there's what's
    """.split()
)
_LAUGHTER = re.compile(r"a?(?:ha|he|hi){2,}h?|(?:lo)+l|mm+|xd")
_QUESTION = re.compile(
    r"(?!what (?:about|if)\b|what's about\b|how about\b|why not\b|where's the\b)"
    r"(?:who|whose|when|where|why|what|what's|which|how|(?:are|do|did|have) you)\b"
)


def is_talk(chunks: Sequence[str]) -> bool:
    """Whether `chunks` thank, react or greet, say nothing, or ask something of the bot."""
    words = [word for chunk in chunks if (word := chunk.rstrip(",")) not in ("", "☺", _LITERAL)]
    if any(chunk.rstrip(",") == _LITERAL for chunk in chunks):
        return False
    return all(_is_reaction(word) or word in _FILLERS for word in words)


def has_reaction(chunks: Sequence[str]) -> bool:
    """Whether one of `chunks` reacts, so that they are more than pointing: "like this"."""
    return any(_is_reaction(chunk.rstrip(",")) for chunk in chunks)


def is_question(chunks: Sequence[str], text: str) -> bool:
    """Whether `text`, whose chunks these are, asks something that no picture can answer."""
    return text.rstrip().endswith(("?", "？")) and bool(_QUESTION.match(" ".join(chunks)))


def is_wordless(chunks: Sequence[str]) -> bool:
    """Whether no letter and nothing quoted is in `chunks`."""
    return not any(chunk.startswith(_LITERAL) or any(map(str.isalpha, chunk)) for chunk in chunks)


def _is_reaction(word: str) -> bool:
    """Whether `word` is a reaction, drawn out or not: "niiice", "hahaha"."""
    spellings = {word, re.sub(r"(.)\1{2,}", r"\1", word), re.sub(r"(.)\1{2,}", r"\1\1", word)}
    return bool(spellings & _REACTIONS) or bool(_LAUGHTER.fullmatch(word))
