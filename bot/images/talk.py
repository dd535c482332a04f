"""Texts that are meant for people or for the bot, and say nothing of what a picture shows: thanks,
reactions, questions, that it is enough. Pure.

None of it ever spends a credit. Tables hold the set phrases of several languages; what no table can
hold is told by its form: a verb that draws nothing, with "it" ("frame it" draws, "pin it" does
not).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Final

from bot.images.lexer import Item
from bot.images.sayings import COURTESY, DRAWING, ENOUGH, PEOPLE_TALK, PRAISE, VOTE
from bot.images.tokens import EMOJI, LITERAL, Word
from bot.images.typed import fold
from bot.images.vocabulary import OF_REFUSALS, REFUSALS, table


class Talk(StrEnum):
    """What a text is about, besides a picture."""

    ENOUGH = "enough"  # nothing (more) is to be made
    TALK = "talk"  # it reacts, or speaks to people
    VOTE = "vote"  # people shall vote on the pictures
    DEED = "deed"  # something is to be done with a picture


# One of these, and otherwise only the words below it, is a reaction: it never spends a credit.
_REACTIONS: Final = table(
    """
    thanks thank thx ty tysm cheers please pls plz kudos congrats congratulations bravo danke
    merci nice great good better best bad worse meh cool awesome perfect amazing beautiful
    gorgeous lovely love loved excellent brilliant fantastic wonderful super superb neat sweet
    impressive incredible insane crazy fun funny hilarious cute epic fab fabulous stunning
    terrific pretty fine sure true lol lmao rofl wow whoa woah yay omg ugh yikes ew wtf damn dang
    hmm hm oh ah aha oops sorry ok okay k kk yes yeah yep yup no nope not hi hello hey bye agreed
    exactly indeed +1 100 10/10 stop cancel wait nevermind never delete undo test testing ping
    credits balance history status help who can can't could would will lgtm thanx thnx tx gracias
    beaucoup vielen dank
    """
)
_FILLERS: Final = table(
    """
    i i'm im you u we me us my your it it's its that that's thats this these those they them is
    are was were be been the a an so very really much too all for to of and but or do did does
    done have had has just again like likes liked looks look looking mind one ones at as with what
    how here there everyone team bot imagine job work works well picture pictures image images pic
    pics now always already today only use here's there's what's bitte gern svp stp s'il te vous
    plaît plait por favor per favore alstublieft пожалуйста お願いします
    """
)
_LAUGHTER: Final = re.compile(r"a?(?:ha|he|hi){2,}h?|(?:lo)+l|mm+|xd")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_QUESTION: Final = re.compile(
    r"(?!what (?:about|if)\b|what's about\b|how about\b|why not\b|where's the\b)"
    r"(?:who|whose|when|where|why|what|what's|which|how|(?:are|do|did|have) you)\b"
)
# These are questions without a question mark too.
_PLAIN_QUESTION: Final = re.compile(
    r"(?:who (?:is|are|made|did)|why (?:is|are|was|were|do|does|did)|when (?:is|will|do|does)"
    r"|what (?:is|are|was|does|do|did|can|model|size|prompt)"
    r"|how (?:do|does|did|can|much|many|long))\b"
)
_WORDS_MAX: Final = 12
_LENGTH_MAX: Final = 120
# With the colours of skin that an emoji has.
_PUNCTUATION: Final = re.compile('[.,;:!?…。、！？，¡¿()"“”\U0001f3fb-\U0001f3ff]+')
_VERB_ALONE: Final = re.compile(
    r"(?:(?:can|could|would|will) (?:you|i|we) |i want to |i'd like to |let's |just )?"
    r"(?P<verb>[a-z]+) (?:it|this|that|them|these|those|both|everything"
    r"|(?:this|that|the|my|last|all|both)(?: (?:one|ones|picture|image|photo|pic|pictures|images"
    r"|request|job|result|prompt|link|file|settings|editor|form|draft))+)"
    r"(?: (?:now|again|here|first))?"
)


def is_talk(words: Iterable[Word | Item]) -> bool:
    """Whether `words` thank, react or greet, say nothing, or ask something of the bot."""
    said = " ".join(word.said for word in words if word.said != EMOJI).split()
    return all(is_reaction(word) or _spellings(word) & _FILLERS for word in said)


def is_question(words: Sequence[Word], text: str) -> bool:
    """Whether `text`, whose words these are, asks something that no picture can answer."""
    has_mark = text.rstrip().endswith(("?", "？"))
    pattern = _QUESTION if has_mark else _PLAIN_QUESTION
    start = 1 if words and words[0].said in COURTESY else 0
    return bool(pattern.match(" ".join(word.said for word in words[start : start + 4])))


def is_wordless(words: Sequence[Word | Item]) -> bool:
    """Whether no letter and nothing quoted is in `words`."""
    return not any(word.said == LITERAL or any(map(str.isalpha, word.said)) for word in words)


def is_reaction(said: str) -> bool:
    """Whether a word thanks or reacts."""
    return bool(_spellings(said) & _REACTIONS) or bool(_LAUGHTER.fullmatch(said))


def asks_for_nothing(words: Sequence[Word]) -> bool:
    """Whether a whole reply wants nothing (more) to be made: "please don't make another one",
    "enough for today". A wish about the picture ("no text", "don't make it so dark") has words of
    its own."""
    said = {word.said for word in words if word.said not in ("", EMOJI)}
    return bool(said & REFUSALS) and said <= (REFUSALS | OF_REFUSALS)


def find_talk(text: str) -> Talk | None:
    """What `text`, all of it, is, if it is nothing that could be drawn."""
    said = _plain(text)
    if not said or len(said) > _LENGTH_MAX or said.count(" ") >= _WORDS_MAX:
        return None
    ways = _without_courtesy(said)
    if _phrases(ENOUGH).intersection(ways):
        return Talk.ENOUGH
    if _phrases(VOTE).intersection(ways):
        return Talk.VOTE
    bare = ways[-1]
    if _phrases(PRAISE).intersection(ways) or PEOPLE_TALK.fullmatch(bare):
        return Talk.TALK
    match = _VERB_ALONE.fullmatch(bare)
    return Talk.DEED if match is not None and match["verb"] not in DRAWING else None


def _spellings(word: str) -> set[str]:
    """`word`, and what it may be when it is drawn out: "niiice", "thank youuu"."""
    if _DRAWN_OUT.search(word) is None:
        return {word}
    return {word} | {_DRAWN_OUT.sub(short, word) for short in (r"\1", r"\1\1")}


def _plain(text: str) -> str:
    return " ".join(_PUNCTUATION.sub(" ", fold(text).replace("’", "'")).split())


def _without_courtesy(said: str) -> list[str]:
    """`said` without some of the courtesy around it, in every way; without all of it last."""
    words = said.split()
    first = next((at for at, word in enumerate(words[:-1]) if word not in COURTESY), len(words) - 1)
    last = next((at for at in range(len(words) - 1, first, -1) if words[at] not in COURTESY), first)
    return [
        " ".join(words[start:end])
        for start in range(first + 1)
        for end in range(len(words), last, -1)
    ]


@cache
def _phrases(phrases: str) -> frozenset[str]:
    """The phrases of a table, as they are compared."""
    return frozenset(filter(None, (_plain(phrase) for phrase in re.split(r"[|\n]", phrases))))
