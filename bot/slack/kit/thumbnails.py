"""Small pictures in views, of files in Slack: shown where Slack takes them, left out where not.

Slack refuses a whole view for one file that is gone, so a view with thumbnails may have to be sent
once more without them (bot/slack/kit/modals.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from slack_sdk.models.blocks import Block, ContextBlock, ImageElement
from slack_sdk.models.blocks.basic_components import SlackFile
from slack_sdk.models.views import View

from bot.slack.kit.text import shorten

_PREFIX: Final = "thumbnails_"
_MOST: Final = 10  # elements of a context block (slack-facts.md, "Messages and images")
_ALT_MAX: Final = 200


def show_thumbnails(name: str, files: Iterable[tuple[str | None, str]]) -> list[Block]:
    """A row of the pictures whose ids are known, each with what it is called; `name` is the row's,
    unique in its view. Nothing if there are none."""
    shown = [
        ImageElement(slack_file=SlackFile(id=file_id), alt_text=_name(said))
        for file_id, said in files
        if file_id
    ]
    return [ContextBlock(block_id=f"{_PREFIX}{name}", elements=shown[:_MOST])] if shown else []


def _name(said: str) -> str:
    return shorten(said, _ALT_MAX) or "A picture"


def without_thumbnails(view: View) -> View | None:
    """`view` without those rows; None if it has none."""
    blocks = view.blocks or []
    kept = [block for block in blocks if not str(block.block_id or "").startswith(_PREFIX)]
    if len(kept) == len(blocks):
        return None
    view.blocks = kept
    return view
