"""What people type, made the same however it came to us: one normaliser for all of it. Pure.

`clean` is for everything that is read: commands, replies, forms, rules, presets. `fold` is for
comparing: of two texts that look alike to a person, it makes the same one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# What separates lines; any other white space is a space.
_LINES: Final = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_SPACES: Final = re.compile(r"[^\S\n ]")
_ZWNJ: Final = "\u200c"
_ZWJ: Final = "\u200d"
_EMOJI_STYLE: Final = "\ufe0f"
# Never seen, and no neighbour is seen otherwise for it: controls; marks, overrides and isolates of
# direction; zero-width spaces, the soft hyphen, the byte order mark; fillers, a blank of Braille
# and vowels that are never written, though Unicode files them under letters, symbols and marks.
_GONE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e001f"
    "\U000e0080-\U000e00ff\U000e01f0-\U000e0fff\ud800-\udfff]"
)
# Scripts whose letters a joiner or non-joiner changes: Arabic to N'Ko, the Indic ones, Tibetan,
# Myanmar, Khmer, Mongolian, and their supplements.
_JOINING: Final = (
    "\u0600-\u07ff\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1b00-\u1bff\u1c00-\u1c4f"
    "\ua840-\ua87f\ua8e0-\ua8ff\ua980-\ua9df\uaae0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010a5f\U00011000-\U000113ff\U00011480-\U000119ff"
)
# What may be part of an emoji: symbols, the variants of their skin, and the keycaps' frame.
_EMOJI: Final = "\u2190-\u2bff\u3030\u303d\u3297\u3299\u20e3\U0001f000-\U0001fbff"
_HAN: Final = "\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Not seen themselves, but they change how their neighbours look, where they stand beside such:
# joiners, the styles and variants of characters, and the letters of a flag.
_NEEDED: Final = re.compile(
    f"(?P<kept>(?<=[{_EMOJI}{_EMOJI_STYLE}])\u200d(?=[{_EMOJI}])"
    f"|(?<=[{_JOINING}])(?:\u200d|\u200c(?=[{_JOINING}]))"
    f"|(?<=[{_EMOJI}0-9#*\xa9\xae\u2122\u203c\u2049\u2139])[\ufe0e\ufe0f]"
    f"|(?<=[{_HAN}])[\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?<=[\u1800-\u18af])[\u180b-\u180f]"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007f]+)"
    "|[\u200c\u200d\ufe00-\ufe0f\u180b-\u180f\U000e0100-\U000e01ef\U000e0020-\U000e007f]+?"
)

_TRADE_MARKS: Final = re.compile("[™®©℠℗]|(?<=\\w)\\((?:tm|r|c)\\)")
# Letters that do not come apart into a Latin one and its accent.
_LATIN: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i"}) | (
    str.maketrans({"ð": "d", "æ": "ae", "œ": "oe", "þ": "th"})
)
# Letters of Greek and Cyrillic that look like Latin ones, once in lower case: in a word that mixes
# the scripts they are meant to be taken for them. https://www.unicode.org/reports/tr39/
_LOOKALIKES: Final = str.maketrans("асԁеһіјӏорԛѕѵԝхуαβεικνορτυχ", "acdehijlopqsvwxyabeiknoptux")
_NAME_MAX: Final = 100
_MARKUP: Final = re.compile(r"[*_~`|]+")
_PLAIN_LETTER: Final = re.compile("[a-z]")


def clean(text: str) -> str:
    """`text` as a person sees it: composed, without what is not seen, each white space one that
    can be typed. Joiners stay in emoji and in scripts that need them; nothing turns the direction
    of what stands around it."""
    if text.isascii() and text.isprintable():
        return text
    composed = _GONE.sub("", unicodedata.normalize("NFC", _LINES.sub("\n", text)))
    return _SPACES.sub(" ", _NEEDED.sub(lambda found: found["kept"] or "", composed))


def is_blank(text: str | None) -> bool:
    """Whether there is nothing in `text` to be seen."""
    return not text or not clean(text).strip()


def fold(text: str) -> str:
    """`text` for comparing: without case, accents of Latin letters, trade marks, formatting and
    what is not seen; compatible forms (ｆｕｌｌ width, ligatures, circled letters) are the plain
    ones, and letters of another script that pass for Latin ones are those. One space between
    words."""
    bare = _TRADE_MARKS.sub("", clean(text).casefold())
    bare = bare.replace(_ZWJ, "").replace(_ZWNJ, "").replace(_EMOJI_STYLE, "")
    taken_apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", bare)).casefold()
    plain = unicodedata.normalize("NFC", _drop_accents(taken_apart)).translate(_LATIN)
    words = _MARKUP.sub(" ", plain).split()
    return " ".join(map(_read_as_latin, words))


@lru_cache(maxsize=2048)
def squash(name: str) -> str:
    """A name for comparing, however it is spaced, hyphenated and capitalised. What is far too long
    for one is none: empty."""
    if len(name) > _NAME_MAX:
        return ""
    if name.isascii() and name.isalnum():
        return name.casefold()
    return re.sub(r"[\W_]+", "", fold(name))


def _drop_accents(taken_apart: str) -> str:
    """Without the marks on Latin letters: elsewhere they make other letters."""
    if not any(map(unicodedata.combining, taken_apart)):
        return taken_apart
    kept: list[str] = []
    is_latin = False
    for character in taken_apart:
        if unicodedata.combining(character):
            if is_latin:
                continue
        else:
            is_latin = "a" <= character <= "z" or "\u00df" <= character <= "\u024f"
        kept.append(character)
    return "".join(kept)


def _read_as_latin(word: str) -> str:
    """`word` with the letters that pass for Latin ones, if it has Latin ones, too."""
    return word.translate(_LOOKALIKES) if _PLAIN_LETTER.search(word) else word
