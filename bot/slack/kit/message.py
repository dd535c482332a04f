"""A message: blocks for eyes, and the text that says all of it for everyone else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject

# Characters of a message's text: what chat.postMessage takes, and chat.update.
POST_TEXT_MAX: Final = 40_000
EDIT_TEXT_MAX: Final = 4_000


@dataclass(frozen=True, slots=True)
class Message:
    """What `chat.postMessage`, `chat.update`, a `response_url` and an ack all take."""

    text: str
    blocks: Sequence[Block] = ()

    def to_dict(self) -> dict[str, Any]:
        """Slack's JSON; SlackObjectFormationError for what Slack would refuse."""
        return {"text": self.text, "blocks": [block.to_dict() for block in self.blocks]}


def plain_section(text: str, block_id: str | None = None) -> SectionBlock:
    """Text in which nothing is syntax: no pings, no links, no emoji names."""
    return SectionBlock(block_id=block_id, text=PlainTextObject(text=text, emoji=False))


def mrkdwn_section(text: str, block_id: str | None = None) -> SectionBlock:
    """Text of ours in Slack's syntax."""
    return SectionBlock(block_id=block_id, text=MarkdownTextObject(text=text))


def mrkdwn_context(*texts: str, block_id: str | None = None) -> ContextBlock:
    """Small print of ours in Slack's syntax."""
    elements = [MarkdownTextObject(text=text) for text in texts]
    return ContextBlock(block_id=block_id, elements=elements)


def plain_context(text: str, block_id: str | None = None) -> ContextBlock:
    """Small print in which nothing is syntax."""
    return ContextBlock(block_id=block_id, elements=[PlainTextObject(text=text, emoji=False)])


def cut_text(text: str, most_characters: int) -> str:
    """`text`, escaped for mrkdwn, in at most so many characters; no escape is cut in two. Pure."""
    if len(text) <= most_characters:
        return text
    return re.sub(r"&[a-z]*\Z", "", text[: most_characters - 1]) + "…"
