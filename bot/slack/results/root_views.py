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
from bot.slack.kit.picture_blocks import linked_picture_block
from bot.slack.kit.text import escape, shorten


def show_root(
    generation: Generation, progress: Progress, estimate: Estimate | None = None
) -> Message:
    """The root message while the generation is under way, with its price: an `estimate` until
    PowerPost has said what it took. Of what partly comes back, neither is the price."""
    if generation.is_refund_due:
        status = generation_texts.progress_mrkdwn(progress)
    else:
        status = generation_texts.progress_mrkdwn(progress, estimate, generation.credits_used)
    root = _root(generation, status, generation_texts.comes_where(generation))
    if progress.phase is not Phase.IN_LINE:
        return root
    cancel = ButtonElement(text="Cancel", action_id=ActionId.CANCEL, value=generation.id)
    return Message(
        root.text, [*root.blocks, ActionsBlock(block_id=BlockId.ACTIONS, elements=[cancel])]
    )


def show_ended_root(generation: Generation, usage: Usage, link: str | None = None) -> Message:
    """The root message for good, with a `link` to the pictures."""
    return _root(generation, generation_texts.outcome_mrkdwn(generation, usage, link))


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


def _root(generation: Generation, status: str, where: str = "") -> Message:
    asked = generation_texts.asked_mrkdwn(generation)
    label = generation_texts.label_of(generation)
    base = generation_texts.base_of(generation)
    of_base = f"A version of “{shorten(base, 150)}”" if base else ""
    understood = escape(generation.understood or "")
    said = f" {understood}." if understood else ""
    blocks: list[Block] = [
        mrkdwn_section(asked, BlockId.WHO),
        plain_section(label, BlockId.PROMPT),
    ]
    if of_base:
        blocks.append(plain_context(of_base, BlockId.BASE))
    if generation.understood:
        blocks.append(plain_context(generation.understood, BlockId.UNDERSTOOD))
    small_print = [each for each in (status, where) if each]
    blocks.append(mrkdwn_context(*small_print, block_id=BlockId.STATUS))
    whose = f" {escape(of_base)}." if of_base else ""
    return Message(f"{asked}: “{escape(label)}”.{whose}{said} {' · '.join(small_print)}", blocks)
