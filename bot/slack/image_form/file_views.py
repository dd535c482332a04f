"""Forms where the bot may not look at files: they say so in place of a field for them."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, InputBlock
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from bot.slack.kit import failure_texts as failures
from bot.slack.kit.message import plain_context


def without_file_inputs(view: View) -> View:
    """`view` as it can be used without the scope `files:read`: `file_input` needs it.

    https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
    """
    view.blocks = [_replace(block) for block in view.blocks or []]
    return view


def _replace(block: Block) -> Block:
    is_file_input = isinstance(block, InputBlock) and isinstance(block.element, FileInputElement)
    return plain_context(failures.NO_FILES_HERE, block.block_id) if is_file_input else block
