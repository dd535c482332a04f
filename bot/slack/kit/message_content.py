"""Reading what people wrote in Slack: text without Slack's syntax, and the pictures with it. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text (what `<…>` means).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from bot.errors import Cause
from bot.generations.record import RefusedFile, SlackFile
from bot.images.catalogue import PROMPT_MAX_CHARACTERS
from bot.images.typed import clean
from bot.slack.kit.emoji import replace_names
from bot.slack.kit.files import may_be_picture
from bot.slack.kit.payloads import UNNAMED, MessageFile, SentMessage, read_message_files
from bot.slack.kit.rich_text import (
    is_forwarded,
    list_attachments,
    list_blocks,
    read_attachments,
    read_blocks,
)
from bot.slack.kit.text import unescape

# What the picker of lists offers.
LIST_EXTENSIONS: Final = ("csv", "tsv")
_SYNTAX = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<[@#]([UWCG][A-Z0-9]+)(?:\|[^<>]*)?>")
_LINK_ALONE = re.compile(r"\s*(<https?://[^<>]*>\s*)+")
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


@dataclass(frozen=True, slots=True)
class Attached:
    """The files of a message: those that may be pictures, those that cannot be used, and those that
    may be lists of prompts."""

    files: tuple[SlackFile, ...] = ()
    left_out: tuple[RefusedFile, ...] = ()
    lists: tuple[SlackFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A message's words as a prompt. `cut` is what PowerPost would not take any more."""

    prompt: str
    cut: str = ""


def words_of(message: SentMessage) -> Words:
    """What a person reads in a message: its text, and that of what was forwarded with it; blocks
    and attachments if it has no text."""
    is_link = _LINK_ALONE.fullmatch(message.text) is not None
    text = "" if is_link and message.attachments else message.text
    own = plain_text(text) if text.strip() else read_blocks(list(message.blocks), plain_text)
    attached = read_attachments(message.attachments, plain_text, is_all=not own.strip())
    whole = "\n".join(part for part in (own, attached) if part.strip())
    return prompt_from(whole or plain_text(message.text))


def prompt_from(text: str) -> Words:
    """Plain text as a prompt, as long as PowerPost takes."""
    lines = (" ".join(line.split()) for line in clean(text).strip().splitlines())
    whole = "\n".join(lines)
    return Words(whole[:PROMPT_MAX_CHARACTERS], whole[PROMPT_MAX_CHARACTERS:])


def attached_to(message: SentMessage) -> Attached:
    """The pictures of a message and of those that are forwarded with it: attached, or shown in
    image blocks."""
    files, blocks = list(message.files), list(message.blocks)
    for attachment in list_attachments(message.attachments):
        if is_forwarded(attachment):
            files += read_message_files(attachment.get("files"))
        blocks += list_blocks(attachment)
    each_once: dict[str, MessageFile] = {}
    for file in (*files, *_list_shown(blocks)):
        each_once.setdefault(file.id, file)
    return sort_files(each_once.values())


def _list_shown(blocks: Iterable[Any]) -> Iterator[MessageFile]:
    """The files that image blocks show, by their titles."""
    for block in blocks:
        if not isinstance(block, dict) or block.get("type") != "image":
            continue
        file, title = block.get("slack_file"), block.get("title")
        if isinstance(file, dict) and isinstance(file.get("id"), str):
            name = title.get("text") if isinstance(title, dict) else None
            yield MessageFile(id=file["id"], title=str(name or UNNAMED))


def sort_files(files: Iterable[MessageFile]) -> Attached:
    """What may be used of `files`, in their order, and what may not: no picture, or gone. What they
    are is known for sure when they are fetched. More than PowerPost takes may be among them."""
    usable, left_out, lists = [], [], []
    for file in files:
        name = file.name or file.title or UNNAMED
        if file.mode in ("tombstone", "hidden_by_limit"):
            left_out.append(RefusedFile(file_id=file.id, name=name, cause=Cause.REFERENCE_GONE))
        elif _may_be_list(name, file.mimetype):
            lists.append(SlackFile(file_id=file.id, name=name))
        elif may_be_picture(file.mimetype):
            usable.append(SlackFile(file_id=file.id, name=name))
        else:
            cause = Cause.REFERENCE_NOT_A_PICTURE
            left_out.append(RefusedFile(file_id=file.id, name=name, cause=cause))
    return Attached(tuple(usable), tuple(left_out), tuple(lists))


def _may_be_list(name: str, mime_type: str) -> bool:
    """Whether a file may be a list of prompts: Slack calls some of them plain text."""
    if mime_type.startswith("image/"):
        return False
    is_named = name.casefold().endswith(tuple(f".{each}" for each in LIST_EXTENSIONS))
    return is_named or mime_type in ("text/csv", "text/tab-separated-values")
