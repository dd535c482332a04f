"""The root message in the channel: who asked, the prompt, and the live status line."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.credits.estimates import Estimate
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation
from bot.generations.usage import Usage
from bot.slack.kit import generation_texts
from bot.slack.kit.ids import ActionId, BlockId
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.text import escape
from bot.slack.results.result_views import linked_picture_block


def show_root(
    generation: Generation, progress: Progress, estimate: Estimate | None = None
) -> Message:
    """The root message while the generation is under way, with its price: an `estimate` until
    PowerPost has said what it took. Of what partly comes back, neither is the price."""
    if generation.is_refund_due:
        status = generation_texts.progress_mrkdwn(progress)
    else:
        status = generation_texts.progress_mrkdwn(progress, estimate, generation.credits_used)
    root = _root(generation, status)
    if progress.phase is not Phase.IN_LINE:
        return root
    cancel = ButtonElement(text="Cancel", action_id=ActionId.CANCEL, value=generation.id)
    return Message(
        root.text, [*root.blocks, ActionsBlock(block_id=BlockId.ACTIONS, elements=[cancel])]
    )


def show_ended_root(generation: Generation, usage: Usage) -> Message:
    """The root message for good."""
    return _root(generation, generation_texts.outcome_mrkdwn(generation, usage))


def show_linking_root(generation: Generation, usage: Usage) -> Message:
    """The root message for good, where no message with the pictures could be posted: their links
    stand here."""
    root = show_ended_root(generation, usage)
    links = [linked_picture_block(generation, picture) for picture in generation.pictures]
    # The links first: a text that is too long is cut at its end.
    text = generation_texts.links_text(generation, usage)
    return Message(text, [*root.blocks, *links])


def show_deleted_root(generation: Generation) -> Message:
    """The root message after its pictures were taken away."""
    return _root(generation, generation_texts.deleted_mrkdwn(generation))


def _root(generation: Generation, status: str) -> Message:
    asked = generation_texts.asked_mrkdwn(generation)
    prompt = generation_texts.prompt_of(generation)
    understood = escape(generation.understood or "")
    said = f" {understood}." if understood else ""
    blocks: list[Block] = [
        mrkdwn_section(asked, BlockId.WHO),
        plain_section(prompt, BlockId.PROMPT),
    ]
    if generation.understood:
        blocks.append(plain_context(generation.understood, BlockId.UNDERSTOOD))
    blocks.append(mrkdwn_context(status, block_id=BlockId.STATUS))
    return Message(f"{asked}: “{escape(prompt)}”.{said} {status}", blocks)
