"""Reading what people wrote in Slack: text without Slack's syntax, and the pictures with it. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text (what `<…>` means).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.generations.record import SlackFile
from bot.images.catalogue import PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX
from bot.slack.forms.values import Reference, distinct
from bot.slack.payloads import UNNAMED, MessageFile, SentMessage
from bot.slack.words.text import unescape

_SYNTAX = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
# What PowerPost takes as a reference.
PICTURE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})


def plain_text(text: str) -> str:
    """What a person reads: links by their label, people and groups left out, no escapes."""

    def replace(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        if target.startswith(("@", "!")):
            return label or ""
        if target.startswith("#"):
            return f"#{label}" if label else ""
        return label or target

    return unescape(_SYNTAX.sub(replace, text))


def prompt_from(text: str) -> str:
    """A message's text as a prompt, cut to what PowerPost takes."""
    lines = (" ".join(line.split()) for line in plain_text(text).strip().splitlines())
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
