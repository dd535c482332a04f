"""What a reply may say in words instead of flags, and is made at once: the exact phrases. Pure.

There are few, they are said daily, and none can mean something else, since a reply says nothing
besides them (several may be joined: "use ideogram, in portrait"). Whatever else looks like a
setting is asked about (`settings`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.images.catalogue import Model, Size
from bot.images.lexer import Item
from bot.images.meaning import Misunderstood, Options, Problem
from bot.images.names import find_model, suggest_model
from bot.images.options import merge_options
from bot.images.talk import is_talk
from bot.images.vocabulary import RATIOS

AGAIN: Final = frozenset(
    {
        *("again", "once more", "one more time", "more like this", "same", "same again", "redo"),
        *("try again", "retry", "regenerate", "rerun"),
    }
)
# <n> is a number, <model> a model's name (after "use" also the beginning of one), <size> one of the
# four or a ratio. Around it courtesy may stand, and "again" before it: "can you do it again x3?"
EXACT: Final = frozenset(
    {
        *AGAIN,
        *("x<n>", "again <n>", "<n> more", "<n> of them", "<n> pictures", "<n> variations"),
        *("another one", "another"),
        *("use <model>", "with <model>", "in <model>", "switch to <model>", "<model>"),
        *("<size>", "in <size>", "as <size>", "<size> format", "in <size> format", "size <size>"),
        *("in a <size> format", "enhance", "enhance prompt", "enhance the prompt"),
        *("without enhance", "don't enhance"),
    }
)
_LEADS: Final = re.compile(
    r"(?:(?:make|do|try|give|create|generate|redo) (?:(?:it|this|that|me|us) )?)+"
    r"(?=[<ax]|in |with |\Z)"
)
# A team's preset, by a name of one word; others take the flag.
PRESET: Final = re.compile(
    r"use (?:the )?preset (?P<after>[^\s\0]+)"
    r"|use (?:the )?(?!(?:the|an?|my|our|this|that) )(?P<before>[^\s\0]+) preset"
    r"|(?:without|no) (?:an? |the )?preset"
)
_NEGATED: Final = re.compile("without|don't")
_USE: Final = frozenset({"use", "switch"})
_THANKS: Final = frozenset({"thanks", "thank", "thx"})


@dataclass(frozen=True, slots=True)
class Phrases:
    """A reply of exact phrases: the options that they name, the words for the size, and whether
    it says no more than once more."""

    options: Options = field(default_factory=Options)
    is_again: bool = False
    size_typed: str = ""
    problems: tuple[Misunderstood, ...] = ()


def read_phrases(items: Sequence[Item]) -> Phrases | None:
    """What `items` say if they are exact phrases, and courtesy, alone."""
    found = Phrases()
    has_phrase = False
    for clause in split_clauses(items):
        said = _spell(clause)
        if {said, said.removeprefix("again ")} & EXACT or PRESET.fullmatch(said):
            found, has_phrase = _take(found, said, clause), True
        elif not is_talk(clause) or any(item.kind == "quoted" for item in clause):
            return None
        elif _THANKS & {item.said for item in clause} and not has_phrase:
            return None  # "thank you, again"
    return found if has_phrase else None


def split_clauses(items: Sequence[Item]) -> list[list[Item]]:
    """`items` between pauses and conjunctions."""
    clauses: list[list[Item]] = [[]]
    for item in items:
        if item.kind == "and":
            clauses.append([])
            continue
        clauses[-1].append(item)
        if item.pause:
            clauses.append([])
    return clauses


def _spell(clause: Sequence[Item]) -> str:
    """A clause as the table has it, without the courtesy around it."""
    words = list(clause)
    while len(words) > 1 and words[0].kind == "polite" and words[0].said not in _THANKS:
        words = words[1:]
    while len(words) > 1 and words[-1].kind == "polite":
        words = words[:-1]
    is_used = words[0].said in _USE if words else False
    said = " ".join(_spell_item(item, is_used) for item in words)
    return _LEADS.sub("", re.sub("(?:the )?<model>(?: model)?", "<model>", said), count=1)


def _spell_item(item: Item, is_used: bool) -> str:
    if item.kind == "model" or (item.kind == "maybe_model" and is_used):
        is_slip = item.options.model not in (None, find_model(re.sub("v(?=[0-9])", "", item.said)))
        return item.said if is_slip else "<model>"
    if item.said in RATIOS or (item.kind == "shape" and item.said in set(Size)):
        return "<size>"
    return {"times": "x<n>", "number": "<n>", "enhance": "enhance"}.get(item.kind, item.said)


def _take(found: Phrases, said: str, clause: Sequence[Item]) -> Phrases:
    options, problems, size_typed = Options(), list(found.problems), found.size_typed
    for item in clause:
        options = merge_options(options, item.options)
        if item.kind in ("model", "maybe_model") and item.options.model is None:
            near = suggest_model(item.said)
            problems.append(Misunderstood(Problem.UNKNOWN_MODEL, item.said, near))
            options = replace(options, model=Model(near) if near else None)
        size_typed = item.said if item.options.size is not None else size_typed
    if "enhance" in said:
        options = merge_options(options, Options(enhance=not _NEGATED.search(said)))
    if said.startswith("another"):
        options = Options(quantity=1)
    if (preset := PRESET.fullmatch(said)) is not None:
        options = Options(preset=preset["after"] or preset["before"] or "")
    if "<n>" in said and options.quantity is None:
        number = next(item.said for item in clause if item.kind in ("number", "times"))
        problems.append(Misunderstood(Problem.BAD_QUANTITY, number.strip("x")))
    problems += find_conflicts(found.options, options)
    return Phrases(
        merge_options(found.options, options),
        found.is_again or said.startswith("again ") or said in AGAIN,
        size_typed,
        tuple(problems),
    )


def find_conflicts(options: Options, more: Options) -> list[Misunderstood]:
    """What is named twice, and not the same."""
    names = ("model", "size", "quantity", "enhance", "preset")
    return [
        Misunderstood(Problem.GIVEN_TWICE, f"--{name}")
        for name in names
        if None not in (getattr(options, name), getattr(more, name))
        and getattr(options, name) != getattr(more, name)
    ]
