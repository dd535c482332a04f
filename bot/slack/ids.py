"""Slack's ids that we choose, each once; `manifest.yml` is held against them by a test."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CommandName(StrEnum):
    """Slash commands, as in manifest.yml."""

    IMAGINE = "/imagine"


class BlockId(StrEnum):
    """The blocks of our messages."""

    WHO = "who"
    PROMPT = "prompt"
    STATUS = "status"
    CREDITS = "credits"


# The type of the metadata on our messages; its payload is {"generation": id, "kind": …}.
METADATA_EVENT: Final = "imagine_generation"


class MessageKind(StrEnum):
    """Which of a generation's two messages one is."""

    ROOT = "root"
    RESULT = "result"
