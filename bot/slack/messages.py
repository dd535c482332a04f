"""Reading what people wrote in Slack: text without Slack's syntax, and the pictures with it. Pure.

Source: https://docs.slack.dev/messaging/formatting-message-text (what `<…>` means).
"""

from __future__ import annotations

import re
from typing import Final

from bot.images.catalogue import PROMPT_MAX_CHARACTERS, STYLE_IMAGES_MAX
from bot.slack.forms.values import Reference
from bot.slack.payloads import SentMessage
from bot.slack.words import unescape

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
    found = [
        Reference.of_file(file.id, file.name or file.title or "Picture")
        for file in message.files
        if file.mimetype in PICTURE_TYPES
    ]
    for block in message.blocks:
        file = block.get("slack_file") or {}
        if block.get("type") == "image" and isinstance(file.get("id"), str):
            title = (block.get("title") or {}).get("text") or "Picture"
            found.append(Reference.of_file(file["id"], str(title)))
    return tuple(found[:STYLE_IMAGES_MAX])
