"""The words of a reply that are only talk: thanks, reactions, greetings, questions. Pure.

Talk never spends a credit. It works on the chunks of `phrases`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.images.phrases import LITERAL


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of these, and otherwise only the words below it, is a reaction: it never spends a credit.
_REACTIONS: Final = _words(
    """
    thanks thank thx ty tysm cheers please pls plz kudos congrats congratulations bravo danke merci
    nice great good better best bad worse meh cool awesome perfect amazing beautiful gorgeous lovely
    love loved excellent brilliant fantastic wonderful super superb neat sweet impressive incredible
    insane crazy fun funny hilarious cute epic fab fabulous stunning terrific pretty fine sure true
    lol lmao rofl wow whoa woah yay omg ugh yikes ew wtf damn dang hmm hm oh ah aha oops sorry
    ok okay k kk yes yeah yep yup no nope not hi hello hey bye agreed exactly indeed +1 100 10/10
    stop cancel wait nevermind never delete undo test testing ping credits balance history status
    help who can can't could would will lgtm thanx thnx tx gracias beaucoup vielen dank
    """
)
_FILLERS: Final = _words(
    """
    i i'm im you u we me us my your it it's its that that's thats this these those they them is are
    was were be been the a an so very really much too all for to of and but or do did does done have
    had has just again like likes liked looks look looking mind one ones at as with what how here
    there everyone team bot imagine job work works well picture pictures image images pic pics now
    always already today only use here's there's what's
    bitte gern svp stp s'il te vous plaît plait por favor per favore alstublieft пожалуйста
    お願いします
    """
)
_LAUGHTER = re.compile(r"a?(?:ha|he|hi){2,}h?|(?:lo)+l|mm+|xd")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_QUESTION = re.compile(
    r"(?!what (?:about|if)\b|what's about\b|how about\b|why not\b|where's the\b)"
    r"(?:who|whose|when|where|why|what|what's|which|how|(?:are|do|did|have) you)\b"
)
# These are questions without a question mark too.
_PLAIN_QUESTION = re.compile(
    r"(?:who (?:is|are|made|did)|why (?:is|are|was|were|do|does|did)|when (?:is|will|do|does)"
    r"|what (?:is|are|was|does|do|did|can|model|size|prompt)"
    r"|how (?:do|does|did|can|much|many|long))\b"
)


def is_talk(chunks: Sequence[str]) -> bool:
    """Whether `chunks` thank, react or greet, say nothing, or ask something of the bot."""
    words = [word for chunk in chunks if (word := chunk.rstrip(",")) not in ("", "☺", LITERAL)]
    if any(chunk.rstrip(",") == LITERAL for chunk in chunks):
        return False
    return all(_is_reaction(word) or _spellings(word) & _FILLERS for word in words)


def has_reaction(chunks: Sequence[str]) -> bool:
    """Whether one of `chunks` reacts, so that they are more than pointing: "like this"."""
    return any(_is_reaction(chunk.rstrip(",")) for chunk in chunks)


def is_question(chunks: Sequence[str], text: str) -> bool:
    """Whether `text`, whose chunks these are, asks something that no picture can answer."""
    has_mark = text.rstrip().endswith(("?", "？"))
    pattern = _QUESTION if has_mark else _PLAIN_QUESTION
    return bool(pattern.match(" ".join(chunks[:4])))


def is_wordless(chunks: Sequence[str]) -> bool:
    """Whether no letter and nothing quoted is in `chunks`."""
    return not any(chunk.startswith(LITERAL) or any(map(str.isalpha, chunk)) for chunk in chunks)


def _is_reaction(word: str) -> bool:
    return bool(_spellings(word) & _REACTIONS) or bool(_LAUGHTER.fullmatch(word))


def _spellings(word: str) -> set[str]:
    """`word`, and what it may be when it is drawn out: "niiice", "thank youuu"."""
    if _DRAWN_OUT.search(word) is None:
        return {word}
    return {word} | {_DRAWN_OUT.sub(short, word) for short in (r"\1", r"\1\1")}
