"""The one reader of flags: for `/imagine`, for a reply in a thread, for `/imagine usage`. Pure.

Flags may stand anywhere. Phones turn `--` into a dash (`—`, `–`), so a dash before a word may
begin a flag too; it does so only where the word is, or nearly is, a flag's name, because people
also write dashes. What stands between quotation marks, or after a lone `--`, is never a flag.

All of a text is read, also past what is wrong in it: each fault is a problem, and what is read in
its place is the guess that is offered when it is asked about.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Final

from bot.images.campaigns import campaign_key, find_slip, index_campaigns, is_none, may_go_on
from bot.images.catalogue import MODELS
from bot.images.meaning import Misunderstood, Problem
from bot.images.names import (
    find_misspelt_size,
    find_model,
    find_shape,
    find_use,
    is_size_name,
    is_whole_model_name,
    split_list,
)
from bot.images.showing import find_show
from bot.images.tokens import DASHES, TEXT_MAX, Token, split_tokens
from bot.images.typed import fold
from bot.images.vocabulary import FOLLOWERS, MAY_BE_WORDS, OFF, ON

__all__ = ["IMAGE_FLAGS", "TEXT_MAX", "Flag", "FlagSet", "Split", "split_flags"]


class Flag(StrEnum):
    """The long names of the flags of a request."""

    MODEL = "model"
    SIZE = "size"
    QUANTITY = "quantity"
    ENHANCE = "enhance"
    PRESET = "preset"
    SHOW = "show"
    FOR = "for"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, eq=False)
class FlagSet:
    """The flags that a text may have, by their long names. `other_names` are their letters and
    what else people call them; those in `words` also stand without dashes. `is_value` says
    whether words are one whole value of a flag: only so does a value take more than one. Flags in
    `states` are on or off, and `negated` is what `--no-…` says."""

    names: tuple[str, ...]
    is_value: Callable[[str, str], bool]
    other_names: Mapping[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    negated: Mapping[str, str] = field(default_factory=dict)

    def find(self, name: str, *, is_dash: bool = False) -> str | None:
        """The flag of that name; after a dash, which people also write, fewer names are one."""
        if name in self.names:
            return name
        return None if is_dash and len(name) > 1 else self.other_names.get(name)

    def find_near(self, name: str) -> str | None:
        """The flag that was probably meant."""
        close = get_close_matches(name, self.names, n=1, cutoff=0.6)
        return close[0] if close else None


@dataclass(frozen=True, slots=True)
class Split:
    """A text taken apart: the flags' values as typed, and everything else, in order. `problems` is
    what is wrong with flags, each with what it is taken for; their values are among `values`."""

    values: dict[str, str]
    words: tuple[Token, ...]
    problems: tuple[Misunderstood, ...] = ()


_LONG_DASHES: Final = "—–―−‒⸺⸻"
# A flag: a dash or several before a word; `=value` or `:value` may follow, or the word be shut off.
_FLAG: Final = re.compile(
    rf"(?P<dashes>[{DASHES}]{{1,3}})(?P<name>[A-Za-z][\w-]*?)(?P<number>[0-9]+)?"
    r"(?:(?P<given>[=:])(?P<value>\S*)|[,;.!]*)\Z"
)
# A flag at the end of a word: "fog.--size".
_GLUED: Final = re.compile(r"\w\W*(?:--|—)(?P<name>[a-z]+)(?:[=:]\S*)?\Z", re.IGNORECASE)
_NEARLY_FLAG: Final = re.compile(r"[-—–]{2,3}\w")
_TRAILING: Final = ",;."
_VALUE_WORDS_MAX: Final = 8  # "Landscape 16:9 · 1536×864 px", a preset's name
_REST_MAX: Final = 2  # words of a name that nobody knows
_LIST_WORDS_MAX: Final = 24  # "instagram feed, instagram story and youtube thumbnail"
# These take several values, and a list of them is one value: "feed, portrait and landscape".
LISTED: Final = frozenset({Flag.MODEL, Flag.SIZE, Flag.FOR})
_JOINT: Final = re.compile(r"[,;]\s|\s(?!\s)(?:[,;|]|and|und|et|&|\+)\s")
_SO_MANY: Final = re.compile(r"[1-9] (?:pictures?|images?|pics?|photos?|bilder)[,;.]?")


def _is_image_value(flag: str, typed: str) -> bool:
    if flag == Flag.MODEL:
        # A beginning of several words is one if no word of the prompt can be in it, or if it ends
        # in the model's version: `flux 2`, `gpt image 1.5`.
        is_begun = " " in typed and find_model(typed) is not None
        is_sure = typed.replace(" ", "").isalpha() or typed[-1:].isdigit()
        return is_whole_model_name(typed) or (is_begun and is_sure)
    if flag == Flag.SHOW:
        return find_show(typed) is not None
    if flag == Flag.FOR:
        return find_use(typed) is not None
    return flag == Flag.SIZE and find_shape(typed) is not None


def _is_list(reading: _Reading, flag: str, typed: str) -> bool:
    """Whether `typed` lists several values, spelt rightly or nearly."""
    names = split_list(typed) if flag in LISTED else []
    if flag == Flag.FOR and len(names) < 2:
        names = typed.split()  # "instagram-feed youtube"
    if len(names) < 2:
        return False
    return all(
        reading.is_value(flag, name)
        or (flag == Flag.MODEL and " " not in name and find_model(name) is not None)
        or (number > 0 and flag == Flag.SIZE and find_misspelt_size(name) is not None)
        for number, name in enumerate(names)
    )


IMAGE_FLAGS: Final = FlagSet(
    tuple(Flag),
    _is_image_value,
    {
        "m": Flag.MODEL,
        "s": Flag.SIZE,
        "n": Flag.QUANTITY,
        "e": Flag.ENHANCE,
        "p": Flag.PRESET,
        "c": Flag.CAMPAIGN,
        # What other image makers call them, and the form.
        **dict.fromkeys(("ar", "aspect", "aspect-ratio", "ratio", "orientation"), Flag.SIZE),
        **dict.fromkeys(("format", "shape", "dimensions"), Flag.SIZE),
        **dict.fromkeys(("count", "number", "num", "amount", "how-many", "images"), Flag.QUANTITY),
        **dict.fromkeys(("pictures", "qty"), Flag.QUANTITY),
        **dict.fromkeys(("enhanced", "enhancement", "improve", "enhance-prompt"), Flag.ENHANCE),
        **dict.fromkeys(("prompt-enhancement", "improve-prompt"), Flag.ENHANCE),
        **dict.fromkeys(("use", "uses", "place", "places", "platform", "platforms"), Flag.FOR),
        **dict.fromkeys(("models",), Flag.MODEL),
        **dict.fromkeys(("sizes", "formats"), Flag.SIZE),
    },
    states=frozenset({Flag.ENHANCE}),
    negated={Flag.PRESET: "none", Flag.CAMPAIGN: "none", Flag.ENHANCE: "off"},
)


@dataclass
class _Reading:
    """A text while its flags are found."""

    flags: FlagSet
    tokens: list[Token]
    preset_names: frozenset[str]
    campaigns: Mapping[str, str] = field(default_factory=dict)  # by their keys
    values: dict[str, str] = field(default_factory=dict)
    words: list[Token] = field(default_factory=list)
    problems: list[Misunderstood] = field(default_factory=list)
    index: int = 0

    def at(self, index: int) -> Token | None:
        """The token so many after the next one."""
        index += self.index
        return self.tokens[index] if index < len(self.tokens) else None

    def is_flag(self, token: Token | None) -> bool:
        """Whether it begins a flag."""
        if token is None or token.is_literal:
            return False
        return _read_flag(self.flags, token.text) is not None

    def doubt(self, problem: Problem, typed: str, suggestion: str | None = None) -> None:
        """Note what is wrong."""
        self.problems.append(Misunderstood(problem, typed, suggestion))

    def is_value(self, flag: str, typed: str) -> bool:
        """Whether words are a whole value of the flag."""
        if flag == Flag.PRESET:
            return fold(typed.rstrip(_TRAILING)) in self.preset_names
        if flag == Flag.CAMPAIGN:
            return campaign_key(typed.rstrip(_TRAILING)) in self.campaigns
        return self.flags.is_value(flag, typed)


@dataclass(frozen=True, slots=True)
class _Found:
    flag: str
    value: str | None
    typed: str
    suggestion: str | None = None  # it was another word, and is probably this
    is_negated: bool = False


def split_flags(
    text: str,
    preset_names: Sequence[str] = (),
    flags: FlagSet = IMAGE_FLAGS,
    campaign_names: Sequence[str] = (),
) -> Split:
    """The flags' values, and what is no flag. `preset_names` and `campaign_names` are those of
    several words that may be typed without quotes."""
    presets, campaigns = frozenset(map(fold, preset_names)), index_campaigns(campaign_names)
    reading = _Reading(flags, list(split_tokens(text)), presets, campaigns)
    while (token := reading.at(0)) is not None:
        reading.index += 1
        if token.is_literal:
            reading.words.append(token)
        elif (flag := _find_apart(reading, token)) is not None:
            reading.index += 1
            _take_value(reading, _Found(flag, None, f"{token.text} {flag}", f"--{flag}"))
        elif token.text == "--":  # by custom, the end of the flags
            rest = reading.tokens[reading.index :]
            reading.words.extend(Token(t.start, t.end, t.text, is_literal=True) for t in rest)
            break
        else:
            _take_word(reading, token)
    return Split(reading.values, tuple(reading.words), tuple(reading.problems))


def _take_word(reading: _Reading, token: Token) -> None:
    """A flag, with its value, or a word."""
    found = _read_flag(reading.flags, token.text)
    if isinstance(found, _Found) and not _is_said(reading, token, found):
        _take_value(reading, found)
        return
    if isinstance(found, _Found):
        found = None
    if found is not None:
        reading.problems.append(found)
        bare = token.text.lstrip(DASHES)
        token = Token(token.end - len(bare), token.end, bare)
    reading.words.append(token)


def _is_said(reading: _Reading, token: Token, found: _Found) -> bool:
    """Whether it is how people write, and no flag: "a gift —for you"."""
    if found.flag != Flag.FOR or found.value or token.text[0] not in _LONG_DASHES:
        return False
    following = reading.at(0)
    return following is None or not _is_listed(reading, found.flag, following.text)


def _is_listed(reading: _Reading, flag: str, typed: str) -> bool:
    """Whether a word is a value, or lists values."""
    return reading.is_value(flag, typed) or _is_list(reading, flag, typed)


def _find_apart(reading: _Reading, token: Token) -> str | None:
    """The flag that stands apart from its dashes, with a value after it: "— size portrait"."""
    name, value = reading.at(0), reading.at(1)
    if token.text.strip(DASHES) or name is None or value is None or name.is_literal:
        return None
    flag = reading.flags.find(name.text.casefold(), is_dash=True)
    is_named = flag == Flag.MODEL and find_model(value.text) is not None
    return flag if flag and (is_named or _is_listed(reading, flag, value.text)) else None


def _take_value(reading: _Reading, found: _Found) -> None:
    flag, value = found.flag, found.value
    token = reading.at(0)
    if not value and token is not None and token.text in ("=", ":"):
        reading.index += 1  # "--size = portrait"
    if found.suggestion is not None:
        reading.doubt(Problem.UNKNOWN_FLAG, found.typed, found.suggestion)
    if flag in reading.flags.states:
        if value is None:
            value = _take_state(reading, found.typed)
        elif found.is_negated and _read_state(reading.at(0)):
            reading.doubt(Problem.BAD_STATE, found.typed)
    elif not value and ((token := reading.at(0)) is None or reading.is_flag(token)):
        reading.doubt(Problem.VALUE_MISSING, f"--{flag}")
        return
    else:
        value = _take_words(reading, flag, value)
    if flag in reading.values:
        reading.doubt(Problem.GIVEN_TWICE, f"--{flag}")
    reading.values[flag] = value or ""


def _read_state(token: Token | None) -> str:
    """The state that a word says; empty for none."""
    if token is None or token.is_literal:
        return ""
    said = fold(token.text.rstrip(_TRAILING + "!"))
    return said if said in ON | OFF else ""


def _take_state(reading: _Reading, typed: str) -> str:
    """The state that is said after a flag with two of them. Some words for it may as well begin
    what the picture shows: that is asked, unless nothing else can be meant."""
    token = reading.at(0)
    said = _read_state(token)
    if token is None or not said:
        return ""
    following = reading.at(1)
    has_words_after = following is not None and not reading.is_flag(following)
    has_pause = token.text[-1:] in tuple(_TRAILING + "!")
    is_sure = said not in MAY_BE_WORDS or not has_words_after or has_pause
    if is_sure or (not reading.words and said in ("on", "no")):
        reading.index += 1
        return said
    reading.doubt(Problem.VALUE_OR_WORD, f"{typed} {token.text}", said)
    return ""


def _take_words(reading: _Reading, flag: str, given: str | None) -> str:
    """The value after a flag: the longest row of words that is one, else the next word; after
    `given=`, the words that make a longer one of it (`--model=nano banana 2`)."""
    rows = [given] if given else []
    most = _LIST_WORDS_MAX if flag in LISTED else _VALUE_WORDS_MAX
    for token in reading.tokens[reading.index :][:most]:
        if rows and (token.is_literal or reading.is_flag(token)):
            break
        rows.append(f"{rows[-1]} {token.text}" if rows else token.text)
        if token.is_literal:
            break
    whole = rows[:_VALUE_WORDS_MAX]
    longest = max((at for at, row in enumerate(whole) if reading.is_value(flag, row)), default=0)
    listed = max((at for at, row in enumerate(rows) if _is_list(reading, flag, row)), default=0)
    is_list = listed > longest
    longest = max(longest, listed)
    if flag == Flag.MODEL and not is_list and not is_whole_model_name(rows[longest]):
        longest = max(longest, _find_nearest(rows) if not given else 0)
    taken = longest + (not given)
    if flag == Flag.QUANTITY and len(rows) > 1 and _SO_MANY.fullmatch(rows[1]):
        after = reading.at(2)
        if not given and (after is None or reading.is_flag(after)):  # as the form says it
            longest, taken = 1, 2
    if is_list:
        longest, taken = _take_rest(reading, rows, longest, taken)
    last = reading.at(taken - 1) if taken else None
    if flag == Flag.CAMPAIGN:
        return _take_campaign(reading, rows, longest, taken)
    reading.index += taken
    if is_list:
        _doubt_list(reading, flag, rows[longest])
        if flag == Flag.FOR and len(split_list(rows[longest])) < 2:
            return ",".join(rows[longest].split())
    else:
        _doubt_more(reading, flag, rows[longest], last if longest else None)
    return rows[longest]


def _take_campaign(reading: _Reading, rows: Sequence[str], longest: int, taken: int) -> str:
    """A known name as it is spelt; a new one as typed. Where a new one ends cannot be seen without
    quotes, unless nothing follows that may belong to it: that is asked. After the picture's words
    all that is left is taken for it, else its first word."""
    name = rows[longest].rstrip(_TRAILING)
    known = reading.campaigns.get(campaign_key(name))
    token, following = reading.at(taken - 1) if taken else None, reading.at(taken)
    reading.index += taken
    if known is not None or is_none(name) or (token is not None and token.is_literal):
        return known or _mend_campaign(reading, name)
    has_pause = rows[longest][-1:] in tuple(_TRAILING)
    is_open = following is not None and not following.is_literal and not reading.is_flag(following)
    if has_pause or not is_open or following is None or not may_go_on(following.text):
        return _mend_campaign(reading, name)
    after = reading.at(len(rows) - 1 - longest)
    if reading.words and (after is None or reading.is_flag(after)):
        reading.index += len(rows) - 1 - longest
        name = rows[-1].rstrip(_TRAILING)
    reading.doubt(Problem.CAMPAIGN_OR_WORDS, rows[-1], name)
    return name


def _mend_campaign(reading: _Reading, name: str) -> str:
    near = find_slip(name, reading.campaigns)
    if near is None:
        return name
    reading.doubt(Problem.NEARLY_CAMPAIGN, name, near)
    return near


def _take_rest(reading: _Reading, rows: Sequence[str], longest: int, taken: int) -> tuple[int, int]:
    """A list with what else is named in it after a comma, though nobody knows that: it is asked
    about. Only if nothing follows but another flag."""
    rest = reading.tokens[reading.index + taken :][: _REST_MAX + 1]
    number = next((at for at, token in enumerate(rest) if reading.is_flag(token)), len(rest))
    is_end = number < len(rest) or len(rest) <= _REST_MAX
    is_open = rows[longest].endswith((",", ";")) and 0 < number <= _REST_MAX and is_end
    return (longest + number, taken + number) if is_open else (longest, taken)


def _find_nearest(rows: Sequence[str]) -> int:
    """Which row was probably meant as a model's name, if none of them is all of it."""
    known = [facts.name.casefold() for facts in MODELS.values()]
    for at in range(min(4, len(rows)) - 1, 0, -1):
        if get_close_matches(rows[at].casefold(), known, n=1, cutoff=0.85):
            return at
    return 0


def _doubt_more(reading: _Reading, flag: str, value: str, last: Token | None) -> None:
    """A word after a value that is perhaps more of its name, or to which the value's end belongs:
    `--model flux pro`, `--model ideogram 3 foxes`."""
    token = reading.at(0)
    if flag not in (Flag.MODEL, Flag.SIZE) or token is None or token.is_literal:
        return
    word = fold(token.text).strip(_TRAILING)
    is_plural = len(word) > 2 and word.endswith("s")
    if flag == Flag.MODEL and last is not None and last.text.isdigit() and is_plural:
        reading.doubt(Problem.VALUE_OR_WORD, f"{last.text} {token.text}", last.text)
    following = reading.at(1)
    is_choice = word in ("or", "and", "/") and following and is_size_name(following.text)
    if word in FOLLOWERS or is_choice:
        reading.doubt(Problem.VALUE_OR_WORD, f"{value} {token.text}", token.text)


def _doubt_list(reading: _Reading, flag: str, value: str) -> None:
    """Words after a list with spaces, of which the last name may begin what the picture shows:
    `--size feed, portrait of a king`."""
    token, last = reading.at(0), split_list(value)[-1].split()[-1]
    if flag == Flag.MODEL or token is None or reading.is_flag(token) or last[0].isdigit():
        return
    if _JOINT.search(value) or (flag == Flag.FOR and len(split_list(value)) < 2):
        reading.doubt(Problem.LIST_OR_WORD, f"{value} {token.text}", last)


@lru_cache(maxsize=512)
def _read_flag(flags: FlagSet, typed: str) -> _Found | Misunderstood | None:
    """The flag that a word is, with the value after `=`; None for what is no flag."""
    bare = unicodedata.normalize("NFKC", typed.strip("`*~"))
    if bare[:1] in tuple("([{") and bare[1:2] in tuple(DASHES):
        bare = bare[1:].rstrip(")]}")
    name = bare.casefold()
    if name in flags.words:
        return _Found(name, None, typed)
    if name[:1] == "/" and name[1:] in flags.names:
        return _Found(name[1:], None, typed, f"--{name[1:]}")
    match = _FLAG.match(bare)
    if match is not None:
        return _read_name(flags, typed, match)
    glued = _GLUED.search(bare)
    if glued and glued["name"].casefold() in flags.names:
        return Misunderstood(Problem.UNKNOWN_FLAG, typed, f"--{glued['name'].casefold()}")
    if _NEARLY_FLAG.match(bare):  # two dashes and no name: `--4k`, `--size/portrait`
        near = flags.find_near(re.sub(r"[^a-z].*", "", name.lstrip(DASHES)))
        return Misunderstood(Problem.UNKNOWN_FLAG, typed, near and f"--{near}")
    return None


def _read_name(flags: FlagSet, typed: str, match: re.Match[str]) -> _Found | Misunderstood | None:
    """The flag that is named after dashes."""
    name, value = match["name"].casefold(), match["value"] if match["given"] else None
    kind = flags.find(re.sub(r"\A(?:no|without)-", "", name))
    if kind is not None and kind in flags.negated and name.startswith(("no-", "without-")):
        if value:  # `--no-enhance=off` says no twice
            return Misunderstood(Problem.BAD_STATE, typed)
        return _Found(kind, flags.negated[kind], f"--{name}", is_negated=True)
    if match["number"]:
        if flags.find(name) == Flag.QUANTITY and name == "n" and value is None:
            return _Found(Flag.QUANTITY, match["number"], typed)
        name += match["number"]
    is_dash = len(match["dashes"]) == 1 and match["dashes"] in _LONG_DASHES
    if (flag := flags.find(name, is_dash=is_dash)) is not None:
        return _Found(flag, value, f"--{flag}")
    if (near := flags.find_near(name)) is not None:
        return _Found(near, value, typed, f"--{near}")
    # A dash before a word is how people write.
    return None if is_dash else Misunderstood(Problem.UNKNOWN_FLAG, typed)
