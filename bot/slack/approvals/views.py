"""Over budget: what is said of it, the card for the approvers, and the small modals."""

from __future__ import annotations

from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InputBlock,
    PlainTextInputElement,
)
from slack_sdk.models.views import View

from bot.generations.approval import Approval, ApprovalState
from bot.slack.approvals import texts
from bot.slack.kit import generation_texts
from bot.slack.kit.budget_views import ApprovalContext
from bot.slack.kit.ids import ActionId, ApprovalField, BlockId, ViewId
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.text import escape, shorten

REASON_MAX: Final = 500
_ANSWERED: Final = "Approval"


def show_answer(sentence: str, approval: Approval | None) -> Message:
    """What asking came to, in place of the offer; with what was asked for."""
    blocks: list[Block] = [mrkdwn_section(sentence)]
    if approval is None:
        return Message(sentence, blocks)
    prompt = shorten(generation_texts.prompt_of(approval.new), 300)
    return Message(f"{sentence} “{escape(prompt)}”", [*blocks, plain_context(prompt)])


def show_answer_modal(sentence: str) -> View:
    """What it came to; closing it closes the form below, too."""
    return View(
        type="modal",
        callback_id=ViewId.NOTICE,
        title=_ANSWERED,
        close="Close",
        clear_on_close=True,
        blocks=[mrkdwn_section(sentence)],
    )


def show_card(approval: Approval) -> Message:
    """What the approvers see, before and after."""
    new = approval.new
    wanted = generation_texts.wanted_of(new)
    title = texts.card_title(approval, wanted)
    prompt = generation_texts.prompt_of(new)
    price = texts.card_price(approval)
    blocks: list[Block] = [
        mrkdwn_section(title, BlockId.WHO),
        plain_section(prompt, BlockId.PROMPT),
        mrkdwn_section(price, BlockId.BUDGETS),
    ]
    if approval.state is ApprovalState.ASKED:
        blocks.append(_decision(approval))
        end = texts.card_small_print(approval)
    else:
        end = texts.status(approval)
    blocks.append(mrkdwn_context(end, block_id=BlockId.STATUS))
    if reason := texts.reason(approval):
        blocks.append(plain_section(reason, BlockId.DECISION))
    said = f"{title}: “{escape(prompt)}”. {price} {end} {escape(reason)}".strip()
    return Message(said, blocks)


def _decision(approval: Approval) -> ActionsBlock:
    approve = ButtonElement(
        text="Approve", action_id=ActionId.APPROVE, value=approval.id, style="primary"
    )
    deny = ButtonElement(text="Deny…", action_id=ActionId.DENY, value=approval.id, style="danger")
    return ActionsBlock(block_id=BlockId.ACTIONS, elements=[approve, deny])


def show_denial(approval: Approval, channel_id: str) -> View:
    """Why not? `channel_id` is where Deny was pressed."""
    prompt = shorten(generation_texts.prompt_of(approval.new), 300)
    reason = PlainTextInputElement(
        action_id=ApprovalField.REASON, multiline=True, max_length=REASON_MAX
    )
    return View(
        type="modal",
        callback_id=ViewId.DENY_APPROVAL,
        title="Deny the request",
        submit="Deny",
        close="Cancel",
        private_metadata=ApprovalContext(approval_id=approval.id, channel_id=channel_id).write(),
        blocks=[
            plain_section(prompt),
            InputBlock(
                block_id=ApprovalField.REASON,
                label="Reason",
                hint="The person who asked will see it.",
                element=reason,
            ),
        ],
    )


def show_outcome(approval: Approval) -> Message:
    """For the one who asked: in the thread where they did, or in a direct message."""
    said = texts.outcome(approval)
    prompt = shorten(generation_texts.prompt_of(approval.new), 300)
    reason = texts.reason(approval)
    blocks: list[Block] = [mrkdwn_section(said)]
    if reason:
        blocks.append(plain_section(reason, BlockId.DECISION))
    blocks.append(plain_context(prompt, BlockId.PROMPT))
    parts = (said, escape(reason), f"“{escape(prompt)}”")
    return Message(" ".join(filter(None, parts)), blocks)
