"""What is asked back, privately: what was understood, and two ways to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, InteractiveElement

from bot.credits.estimates import Estimate
from bot.generations.record import NewGeneration
from bot.slack.kit.answer_views import EDIT
from bot.slack.kit.ids import ActionId, BlockId, CommandName
from bot.slack.kit.message import Message, mrkdwn_context, plain_context, plain_section
from bot.slack.kit.show_texts import SHOWN
from bot.slack.kit.text import NOTHING_SPENT, escape
from bot.slack.questions import texts

# The end of a text that is far too long is of no use, and Slack would refuse it.
_COPIED_MAX = 2900


@dataclass(frozen=True, slots=True)
class Offer:
    """What a button makes, what is said of that, and its price."""

    new: NewGeneration
    would: str
    estimate: Estimate | None = None


def show_question(
    sentences: Sequence[str],
    new: NewGeneration,
    *,
    offer: Offer | None = None,
    other: Offer | None = None,
    typed: str = "",
) -> Message:
    """Why it is asked; if something was understood, what it would make and a button that makes just
    that, and one for the `other`; and one that opens the form. `typed` is a command, to be copied
    and mended."""
    said = "\n".join(sentences)
    blocks: list[Block] = [plain_section(said)]
    parts = [escape(said)]
    buttons: list[InteractiveElement] = []
    if offer is not None:
        new, would = offer.new, offer.would
        if new.choice is not None and new.choice.show is not None:
            would = f"{would} Shown {SHOWN[new.choice.show]}."
        if new.campaign:
            # A brief is a list: at the end of its last line it would seem to be of that one.
            between = "\n" if new.parts else " · "
            would = f"{would}{between}Campaign: {new.campaign}"
        if new.understood:
            would = f"{new.understood}.\n{would}"
        blocks.append(plain_section(would, BlockId.UNDERSTOOD))
        parts.append(escape(would))
        verb = texts.MAKE if other is None else texts.this_way(new, other.new)
        label = texts.make_it(offer.estimate, verb)
        buttons.append(_button(label, ActionId.MAKE_ASKED, new, is_primary=True))
    if other is not None:
        label = texts.make_it(other.estimate, texts.other_way(new, other.new))
        buttons.append(_button(label, ActionId.MAKE_OTHER, other.new))
    edit = EDIT if new.request.prompt or new.sources.references else texts.OPEN_FORM
    buttons.append(_button(edit, ActionId.OPEN_ASKED, new))
    blocks.append(ActionsBlock(block_id=BlockId.ACTIONS, elements=buttons))
    if typed:
        copied = f"{CommandName.IMAGINE} {typed}"
        copied = copied if len(copied) <= _COPIED_MAX else copied[:_COPIED_MAX] + "…"
        blocks.append(plain_context(copied))
        parts.append(escape(copied))
    small_print = f"{NOTHING_SPENT} `{CommandName.IMAGINE} help` shows everything."
    blocks.append(mrkdwn_context(small_print))
    return Message("\n".join([*parts, small_print]), blocks)


def _button(
    label: str, action_id: ActionId, new: NewGeneration, *, is_primary: bool = False
) -> ButtonElement:
    style = "primary" if is_primary else None
    return ButtonElement(text=label, action_id=action_id, value=new.id, style=style)
