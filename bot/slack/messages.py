"""Reading what people wrote in Slack: text without Slack's syntax, and the pictures with it. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text (what `<…>` means).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bot.generations.record import SlackFile
from bot.images.catalogue import PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX
from bot.images.typed import clean
from bot.slack.emoji import replace_names
from bot.slack.forms.values import Reference, distinct
from bot.slack.payloads import UNNAMED, MessageFile, SentMessage
from bot.slack.words.text import unescape

_SYNTAX = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<[@#]([UWCG][A-Z0-9]+)(?:\|[^<>]*)?>")
# Code, and what is bold, struck or slanted, by the marks around it: they open after a space or
# punctuation, and close before one.
_CODE = re.compile(r"```\n?(.+?)\n?```|`([^`\n]+)`", re.DOTALL)
_FORMATTED = tuple(
    re.compile(
        rf"(?<![\w{mark}]){mark}(?=[^\s{mark}])([^{mark}\n]*[^\s{mark}]){mark}(?![\w{mark}])"
    )
    for mark in (r"\*", "_", "~")
)
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:(?:[•◦▪▫‣⁃]|>(?:>>)?)[ \t]*)+")
# What PowerPost takes as a reference.
PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def plain_text(text: str, names: Mapping[str, str] = _NO_NAMES) -> str:
    """What a person reads of a message: links by their label; people and channels by their names,
    as far as they are among `names` (id -> name) or stand beside them; emoji; no marks of
    formatting, lists and quotes; no escapes."""

    def replace(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        if target.startswith("@"):
            return (label or names.get(target[1:], "")).removeprefix("@")
        if target.startswith("#"):
            name = label or names.get(target[1:], "")
            return f"#{name.removeprefix('#')}" if name else ""
        if target.startswith("!"):
            return label or ""
        return label or target.removeprefix("mailto:")

    return replace_names(_unmark(unescape(_SYNTAX.sub(replace, text))))


def read_typed(text: str) -> str:
    """What a person typed after a command: Slack escapes it, and sends emoji by their names. Marks
    of formatting are what was typed."""
    return replace_names(unescape(text))


def mentioned_in(text: str) -> tuple[str, ...]:
    """The ids of people and channels that a message names without their names."""
    return tuple(dict.fromkeys(match[1] for match in _MENTION.finditer(text)))


def _unmark(text: str) -> str:
    bare = _CODE.sub(lambda match: match[1] or match[2], _LINE_MARK.sub("", text))
    for pattern in (*_FORMATTED, *_FORMATTED):  # they may be within each other
        bare = pattern.sub(r"\1", bare)
    return bare


def prompt_from(text: str, names: Mapping[str, str] = _NO_NAMES) -> str:
    """A message's text as a prompt, cut to what PowerPost takes."""
    lines = (" ".join(line.split()) for line in clean(plain_text(text, names)).strip().splitlines())
    return "\n".join(lines)[:PROMPT_MAX_CHARACTERS]


def pictures_of(message: SentMessage) -> tuple[Reference, ...]:
    """The first four pictures of a message: attached, or shown in image blocks."""
    found = [Reference.of_file(file.file_id, file.name) for file in pick_pictures(message.files)]
    for block in message.blocks:
        file, title = block.get("slack_file"), block.get("title")
        if block.get("type") == "image" and isinstance(file, dict) and "id" in file:
            name = title.get("text") if isinstance(title, dict) else None
            found.append(Reference.of_file(str(file["id"]), str(name or UNNAMED)))
    return distinct(found)[:STYLE_IMAGES_MAX]


def pick_pictures(files: Iterable[MessageFile]) -> tuple[SlackFile, ...]:
    """Those that are pictures, or may be: what they are is looked at when they are fetched."""
    return tuple(
        SlackFile(file_id=file.id, name=file.name or file.title or UNNAMED)
        for file in files
        if file.mimetype in PICTURE_TYPES or file.is_hidden
    )
