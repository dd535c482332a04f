"""Small rules for checking JSON as Slack does; `blocks.py` builds its tables from them.

A rule looks at one value and reports what is wrong with it, with a JSON pointer, in Slack's words
("must be less than 3001 characters [json-pointer:/blocks/1/text/text]").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from bot.sandbox.slack.records import File

Surface = Literal["message", "modal", "home"]


@dataclass
class Report:
    """What one check found. `find_file` looks a Slack file up by id or URL."""

    surface: Surface
    find_file: Callable[[str], File | None]
    is_file_ready: Callable[[File], bool]
    errors: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    characters: int = 0
    has_table: bool = False

    def add(self, words: str, pointer: str) -> None:
        """Note one mistake at a place."""
        self.errors.append(f"{words} [json-pointer:{pointer}]")


Rule = Callable[[Any, str, Report], None]


def text(most: int | None = None, *, least: int = 1, is_counted: bool = False) -> Rule:
    """A string of `least` to `most` characters; counted toward the length of the message or not."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", pointer)
            return
        if len(value) < least:
            report.add(f"must be more than {least - 1} characters", pointer)
        if most is not None and len(value) > most:
            report.add(f"must be less than {most + 1} characters", pointer)
        if is_counted:
            report.characters += len(value)

    return check


def flag(value: Any, pointer: str, report: Report) -> None:
    """A boolean."""
    if not isinstance(value, bool):
        report.add("must provide a boolean", pointer)


def whole(least: int, most: int) -> Rule:
    """A whole number between two bounds, both allowed."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add("must provide a number", pointer)
        elif not least <= value <= most:
            report.add(f"must be between {least} and {most}", pointer)

    return check


def one_of(*words: str) -> Rule:
    """One of these strings."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if value not in words:
            report.add(f"must be a valid enum value ({', '.join(words)})", pointer)

    return check


def matches(pattern: str, words: str) -> Rule:
    """A string that matches the whole pattern; `words` say what is wanted."""
    compiled = re.compile(pattern)

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str) or compiled.fullmatch(value) is None:
            report.add(words, pointer)

    return check


def link(most: int = 3000, *, schemes: Collection[str] = ("http", "https")) -> Rule:
    """An absolute URL with one of these schemes."""
    length = text(most)

    def check(value: Any, pointer: str, report: Report) -> None:
        length(value, pointer, report)
        if not isinstance(value, str):
            return
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.netloc or parts.path)
        except ValueError:
            is_good = False
        if not is_good or any(c.isspace() for c in value):
            report.add("invalid url", pointer)

    return check


def anything(value: Any, pointer: str, report: Report) -> None:
    """Whatever: a field that this stand-in does not look into."""


def list_of(rule: Rule, most: int, *, least: int = 1) -> Rule:
    """A list of `least` to `most` items that each follow the rule."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", pointer)
            return
        if len(value) < least:
            report.add(f"must have at least {least} items", pointer)
        if len(value) > most:
            report.add(f"no more than {most} items allowed", pointer)
            return
        for index, item in enumerate(value):
            rule(item, f"{pointer}/{index}", report)

    return check


def all_of(*rules: Rule) -> Rule:
    """Every rule, in order."""

    def check(value: Any, pointer: str, report: Report) -> None:
        for rule in rules:
            rule(value, pointer, report)

    return check


def shape(
    fields: Mapping[str, Rule],
    *,
    any_of: Collection[str] = (),
    exactly_one_of: Collection[str] = (),
) -> Rule:
    """An object with these fields and no others; `name!` is one that must be there."""
    required = [name[:-1] for name in fields if name.endswith("!")]
    known = {name.removesuffix("!"): rule for name, rule in fields.items()}

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                report.add(f"missing required field: {name}", pointer)
        given = [name for name in (*any_of, *exactly_one_of) if value.get(name) is not None]
        if (any_of or exactly_one_of) and not given:
            wanted = "` or `".join([*any_of, *exactly_one_of])
            report.add(f"must define either `{wanted}`", pointer)
        if exactly_one_of and len(given) > 1:
            report.add(f"must define only one of `{'` or `'.join(exactly_one_of)}`", pointer)
        for name, item in value.items():
            if name not in known:
                report.add(f"invalid additional property: {name}", pointer)
            elif item is not None:
                known[name](item, f"{pointer}/{name}", report)

    return check


def by_type(kinds: Mapping[str, Rule], *, allowed: Collection[str] | None = None) -> Rule:
    """An object whose `type` picks its rule and is `allowed` here (None: every known one)."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            report.add("missing required field: type", pointer)
        elif (
            not isinstance(kind, str)
            or kind not in kinds
            or (allowed is not None and kind not in allowed)
        ):
            report.add(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, report)

    return check
