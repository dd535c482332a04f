"""The one finder of what looks like a setting and not like a picture: a size, a model, a number, a
version, what a button does. Pure.

What is found is asked about and never drawn. It is found by patterns over the kinds of words
(`lexer`): "use ideogram" is `make model`. Most words have two lives (a portrait on the wall, a
square table, two pictures in a frame), so a word counts only where nothing else is in its clause,
or beside another that says which life is meant.

A reply changes a picture, so a setting may stand anywhere in it. A command describes one, and a
description names many things: there only the first and the last words are looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import accumulate
from typing import Final

from bot.images.brief import Spread, distinct_names
from bot.images.catalogue import MODELS, QUANTITY_MAX, Model, Size
from bot.images.lexer import Item
from bot.images.meaning import Misunderstood, Options, Problem
from bot.images.names import find_use, suggest_model
from bot.images.options import merge_options
from bot.images.patterns import compile_pattern, spell
from bot.images.vocabulary import GO_ON, HANGING, LIST_SHAPES, NO_WAY_BACK


class Where(StrEnum):
    """In what a setting is looked for."""

    COMMAND = "command"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Setting:
    """Words that look like a setting: the question about them, the option that they name, and the
    positions of the words. Without those, and with `options`, it is the request that is meant;
    unless `has_guess` is False: then it is not clear what is."""

    question: Misunderstood
    options: Options
    positions: frozenset[int]
    has_guess: bool = True


# Before a setting these say nothing without it: "make it in portrait".
_LEADING: Final = (
    *("polite", "prep", "of", "again", "make", "using", "with", "it", "filler", "where", "article"),
)
# These say something of a picture.
_FULL: Final = frozenset(
    ["word", "where", "maybe_model", "quoted", "emoji", "says", "scaling", "person", "use_too"]
)
_MOST: Final = 12  # nobody names more in one text

# The patterns ----------------------------------------------------------------------------------

# See `patterns`. What they have in common:
_SHAPES: Final = "shape|format_shape|ratio|old_ratio"
_ANY_SIZE: Final = f"{_SHAPES}|brand|use|shapes|keyed"
_PARTS: Final = {
    # Any of the words that say nothing of what is in a picture: a clause of these describes none.
    "around": "empty{0,12}?",
    "empty": f"""
        (make|using|polite|filler|with|it|version|prep|of|own|where|article|other|another|picture
        |pictures|not|format|model_word|nth|side|enhance|preset|deed|deed_done|many|back|number
        |times|again|model|other_model|{_ANY_SIZE})
    """,
    "any_size": f"({_ANY_SIZE})",
    "count": "(number|many|another)",
    "lead": "(make|using|with|prep|where|filler|it|polite|again|other|of|article)",
    "link": "(prep|using|with|make)",
    "please": "(polite|filler)*",
}
_SIZES: Final = (
    "start around any_size around end",
    "link? article? format* any_size format+",
    "link format* (shape|format_shape)(?!word|shape|quoted) please",
    "format+ (shape|format_shape)(?!word|shape|quoted) please|article? any_size version please",
    "prep (filler|article)? use? brand use? please end",
    "prep filler? use please end|format+ (use|brand) please end",
    "link? (?<!where)ratio please",
    "keyed please|format_shape please",
)
_MODELS: Final = (
    "start (?!prep maybe_model end) around maybe_model around end",
    "(link|filler|article|model_word|again)* model model_word? please",
    "link filler* other_model model_word? please",
    "start around other_model around end",
    "(using|make it? link?) filler* maybe_model model_word?"
    " (?=end|and|link|article|not|again|polite) please",
    "link? filler* model_word maybe_model please|link filler maybe_model model_word please",
)
_NUMBERS: Final = (
    "(make|polite|using|it|filler|prep|article)* count (of|it|other|again|filler)* pictures"
    "(?! where| prep (article|filler)) (of it?)?",
    "(make|article)* (count|pictures) pictures_of",
    "(make|polite|it)* times again? (make it)? (of it?)? please",
)
_OTHERS: Final = (
    # Improving the prompt, and presets.
    "start (make|polite|it|filler|using|prep|not|with|own|article)* enhance"
    " (make|polite|it|filler|using|prep|not|with|own)* end",
    "(not (with|using)?|with|using|make) filler? enhance (filler|own)* please end",
    "(using|make|with|not) (filler|article)* (preset word?|word preset) please end",
)
_COMMAND: Final = (
    r"\A polite* (again|back|own|enhance|preset)+ polite* :|\A polite* again+ polite* ,",
    r"\A (polite|again)* lead+ maybe_model model_word? (of|prep)? (?=article|filler|[:])",
    "(with|using|make it? with?) filler* maybe_model please end",
    r"\A (link format?)? (shape|format_shape) (?=article|[:])",
    "start (polite|filler)* (make (it|filler)* number|number (again|of it)|again number)"
    " (polite|again|it|filler|of|prep|make)* end",
    "(?<=[,:]|and) (polite|make|filler|not|using)* (deed it(?!word)|deed (filler|it)+ (picture|own"
    r"|pictures)|deed_done) .{0,40}? \Z",
)
_REPLY: Final = (
    # What is done with a picture.
    "start (polite|make|filler|not|using)* (deed it(?!word)|deed (filler|it)+ (picture|own"
    "|pictures)|deed_done) .{0,40}? end",
    "start (link|article|filler|polite|it|format)* use_too (polite|format)* end",
    "(?<!where)old_ratio",
    # How many.
    "start (make|filler|it|polite|not)* picture picture please end",
    "start lead* count (again|other|picture|it|of)* please end",
    "start (make|polite|it|filler)* (number|another) (?=link (word|other))",
    "start lead* number again link",
    "start lead* another (?=and|link)",
    "count of it (?=end|and|any_size|polite)",
    "start (make|filler|it|polite|not)* (again|other|another|article|number)+ (filler|it|prep)*"
    " picture around end",
    "start around pictures around end",
    # Versions, other models and sizes.
    "(using|make) prep? filler? maybe_model model_word?",
    "start (polite|make|it|filler|not)* back (?=prep|version|filler|polite|nth|number|not|picture"
    "|it|where|again|article|end) .{0,40}? end",
    "start around (version|nth|back) around end|start around side around (picture|version)"
    " around end|start around (picture|version) around side around end",
    "nth (version|picture)|version (number|nth)|(using|make) (filler|it)* nth end"
    "|prep (filler|it)* nth end",
    "start around model_word around end|start around (other|another) format+ around end",
    "start polite* make it filler other please end",
    "start (make|polite|it|filler|article)* again (again|polite|it|filler|article|number|picture"
    "|prep|make)* end",
    "start around (deed|deed_done|own|enhance|preset) around end|start polite* not it please end",
)


@cache
def _patterns(where: Where) -> tuple[re.Pattern[str], ...]:
    own = _COMMAND if where is Where.COMMAND else _REPLY
    sources = (*_SIZES, *_MODELS, *_NUMBERS, *_OTHERS, *own)
    return tuple(compile_pattern(source, _PARTS) for source in sources)


# Finding ---------------------------------------------------------------------------------------


def find_settings(items: Sequence[Item], where: Where, current: Model) -> list[Setting]:
    """All that looks like a setting, in order; `current` is the model that is used now."""
    signs, owners = spell(items)
    found: list[Setting] = []
    while len(found) < _MOST and (span := _find_next(signs, owners, items, where)) is not None:
        start, end = span
        matched = items[owners[start] : owners[end - 1] + 1]
        found.append(_ask(matched, current, where))
        signs = signs[:start] + "," * (end - start) + signs[end:]
    return sorted(found, key=lambda setting: min(setting.positions))


def find_positions(found: Sequence[Setting], items: Sequence[Item]) -> frozenset[int]:
    """The positions of what was found, and of the words beside that say nothing without it."""
    positions = frozenset[int]().union(*(setting.positions for setting in found))
    dropped = {at for at, item in enumerate(items) if item.first in positions}
    for at in sorted(dropped):
        before = at - 1
        while before >= 0 and before not in dropped and _leads(items[before]):
            dropped.add(before)
            before -= 1
        after = at + 1
        while after < len(items) and after not in dropped:
            is_first = all(each in dropped for each in range(after))
            if items[after].kind not in ("polite", *(("and", "prep", "of") if is_first else ())):
                break
            dropped.add(after)
            after += 1
    taken = (items[at] for at in dropped)
    return positions | {at for item in taken for at in range(item.first, item.last + 1)}


def _leads(item: Item) -> bool:
    return item.kind == "and" or (item.kind in _LEADING and not item.pause)


def is_empty(items: Sequence[Item]) -> bool:
    """Whether nothing in `items` says what a picture shows; "make it newer" does."""
    kinds = {item.kind for item in items}
    return not kinds & _FULL and not kinds >= {"make", "other"}


def _find_next(
    signs: str, owners: Sequence[int], items: Sequence[Item], where: Where
) -> tuple[int, int] | None:
    first, last = _find_edges(signs)
    clauses = _Clauses(items)
    for pattern in _patterns(where):
        for match in pattern.finditer(signs):
            start, end = match.span()
            is_apart = where is Where.COMMAND and start > first and end < last
            if start == end or is_apart:
                continue
            if not _is_thing(items, clauses, owners[start], owners[end - 1] + 1, where):
                return start, end
    return None


def _find_edges(signs: str) -> tuple[int, int]:
    """Where the text begins and ends, besides courtesy and what joins."""
    edge = _edge()
    first, last = edge.match(signs), edge.match(signs[::-1])
    return (first.end() if first else 0), len(signs) - (last.end() if last else 0)


@cache
def _edge() -> re.Pattern[str]:
    return compile_pattern("(and|polite|[,:])*")


class _Clauses:
    """Where each clause of `items` begins and ends, and what of these is in it. Counted once: a
    text may have thousands of words that look like a setting, all in one clause."""

    def __init__(self, items: Sequence[Item]) -> None:
        ends = [number for number, item in enumerate(items, 1) if _ends_clause(item)]
        self._ends = [*ends, len(items)]
        self._counts = {
            "says": _count(item.kind == "says" for item in items),
            "scaling": _count(item.kind == "scaling" for item in items),
            "hanging": _count(item.said in HANGING for item in items),
            "no way back": _count(item.said in NO_WAY_BACK for item in items),
        }

    def has_before(self, what: str, first: int) -> bool:
        """Whether it stands in the clause of `first`, before that."""
        return self._has(what, self._begin(first), first)

    def has(self, what: str, first: int, end: int) -> bool:
        """Whether it stands in the clauses from that of `first` to the one that ends with or after
        `end`."""
        return self._has(what, self._begin(first), self._ends[bisect_left(self._ends, end)])

    def _begin(self, first: int) -> int:
        number = bisect_right(self._ends, first)
        return self._ends[number - 1] if number else 0

    def _has(self, what: str, begin: int, end: int) -> bool:
        counts = self._counts[what]
        return counts[max(begin, end)] > counts[begin]


def list_several(items: Iterable[Item]) -> Spread:
    """The sizes and models that `items` name, as far as they name several: "a story and youtube".
    That is asked about, like anything that flags do not say."""
    sizes, models = list[str](), list[Model]()
    for item in items:
        if item.options.size is not None and find_use(item.said) is not None:
            sizes.append(item.said)
        if item.options.model is not None:
            models.append(item.options.model)
    named, drawn = distinct_names(sizes), tuple(dict.fromkeys(models))
    return Spread(sizes=named if len(named) > 1 else (), models=drawn if len(drawn) > 1 else ())


def name_several(question: Misunderstood, several: Spread) -> Misunderstood:
    """`question`, with all that its words may mean."""
    if question.problem in (Problem.NAMES_SIZE, Problem.GIVEN_TWICE) and several.sizes:
        suggestion = " + ".join(several.sizes)
        return replace(question, problem=Problem.NAMES_SIZE, suggestion=suggestion)
    if question.problem in (Problem.NAMES_MODEL, Problem.GIVEN_TWICE) and several.models:
        suggestion = " + ".join(MODELS[model].name for model in several.models)
        return replace(question, problem=Problem.NAMES_MODEL, suggestion=suggestion)
    return question


def _count(flags: Iterable[bool]) -> list[int]:
    """How many are true before each place, and in all."""
    return [0, *accumulate(map(int, flags))]


def _is_thing(items: Sequence[Item], clauses: _Clauses, first: int, end: int, where: Where) -> bool:
    """Whether the words from `first` to `end` name a thing in the picture after all."""
    kinds = {item.kind for item in items[first:end]}
    if clauses.has_before("says", first):  # a sign that says it
        return True
    if kinds & {"times", "number"} and clauses.has("scaling", first, end):
        return True  # zoom x2, a BMW x3
    if where is Where.COMMAND and items[first].kind == "article" and "model" in kinds:
        return True
    if "pictures" in kinds and clauses.has_before("hanging", first):
        return True
    if "back" in kinds:
        return clauses.has("no way back", first, end)
    if first and {item.said for item in items[first:end]} == {"more"}:  # "less, and more"
        return True
    is_alone = end - first == 1 and items[first].said in LIST_SHAPES
    return is_alone and _is_in_list(items, first, where)


def _is_in_list(items: Sequence[Item], at: int, where: Where) -> bool:
    """Whether a size alone in its clause is one of the things that describe a picture."""
    said = items[at].said
    if where is Where.COMMAND and said not in set(Size) and at:
        return True
    if at == 0:  # the first: "portrait, oil on canvas"
        return len(items) > 2 and not _goes_on(items[1])
    if where is Where.COMMAND:  # the last
        while items[at - 1].kind in ("and", "again"):
            at -= 1
        return said != "square" and any(item.pause for item in items[: at - 1])
    # The second of two things: "add a circle and square".
    article, thing, joint = [None, None, None, *items][at : at + 3]
    is_two = joint is not None and joint.said in ("and", "or", "&") and not (thing and thing.pause)
    return is_two and article is not None and article.kind in ("article", "filler")


def _ends_clause(item: Item) -> bool:
    return bool(item.pause) or item.kind == "and"


def _goes_on(item: Item) -> bool:
    is_led = item.kind in ("article", "filler", "times")
    return item.said in GO_ON or item.said.endswith("er") or is_led


# The question ----------------------------------------------------------------------------------


def _ask(matched: Sequence[Item], current: Model, where: Where) -> Setting:
    """The question about words that look like a setting."""
    kinds = {item.kind for item in matched}
    options = _read_together(matched, kinds, current)
    question = _choose_question(matched, kinds, options)
    positions = frozenset(at for item in matched for at in range(item.first, item.last + 1))
    sizes = {item.options.size for item in matched if item.options.size is not None}
    is_vague = bool(kinds & {"other_model", "nth", "back", "many"}) or len(sizes) > 1
    is_vague = is_vague or ("version" in kinds and not sizes)
    is_denied = "not" in kinds and not kinds & {"enhance", "preset"}
    is_unknown = question.problem is Problem.UNKNOWN_MODEL
    if options.quantity is not None and not 1 <= options.quantity <= QUANTITY_MAX:
        is_unknown = is_unknown or where is Where.REPLY
    return Setting(question, options, positions, not (is_vague or is_denied or is_unknown))


def _read_together(matched: Sequence[Item], kinds: set[str], current: Model) -> Options:
    """The options of single words, and what only the words together name."""
    options = Options()
    for item in matched:
        options = merge_options(options, item.options)
    if "enhance" in kinds:
        options = merge_options(options, Options(enhance="not" not in kinds))
    if "preset" in kinds:
        names = [item.said for item in matched if item.kind == "word"]
        if names or "not" in kinds:
            options = merge_options(options, Options(preset="" if "not" in kinds else names[0]))
    if "model_word" in kinds and options.model is None and not kinds & {"other_model", "model"}:
        following = list(MODELS)[(list(MODELS).index(current) + 1) % len(MODELS)]
        return Options(model=following)
    if "again" in kinds and options == Options():
        return Options(quantity=1)
    return options


def _choose_question(matched: Sequence[Item], kinds: set[str], options: Options) -> Misunderstood:
    def typed(*of: str) -> str:
        return next(item.said for item in matched if item.kind in of)

    whole = " ".join(item.said for item in matched)
    if kinds & {"other_model", "model", "maybe_model"}:
        said = typed("other_model", "model", "maybe_model")
        if options.model is None or "other_model" in kinds:
            return Misunderstood(Problem.UNKNOWN_MODEL, said, suggest_model(said))
        return Misunderstood(Problem.NAMES_MODEL, said, MODELS[options.model].name)
    if "model_word" in kinds and options.model is not None:
        return Misunderstood(Problem.OTHER_MODEL, whole, MODELS[options.model].name)
    if kinds & {"nth", "version", "back", "side"} and options.size is None:
        return Misunderstood(Problem.NAMES_VERSION, whole)
    if options.size is not None:
        said = next(item.said for item in matched if item.options.size is not None)
        return Misunderstood(Problem.NAMES_SIZE, said, options.size)
    if kinds & {"brand", "format"} and not kinds & {"number", "times", "many"}:
        return Misunderstood(Problem.UNKNOWN_SIZE, whole)
    if options.quantity is not None:
        return Misunderstood(Problem.NAMES_NUMBER, whole, str(options.quantity))
    is_many = bool(kinds & {"many", "pictures"}) and not kinds & {"deed", "deed_done"}
    return Misunderstood(Problem.NAMES_NUMBER if is_many else Problem.COMMAND_WORD, whole)
