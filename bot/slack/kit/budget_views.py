"""Over budget: what is said of it, with the button that asks for approval."""

from __future__ import annotations

from typing import Final, Self

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement
from slack_sdk.models.views import View

from bot.policy.terms import OverBudget
from bot.slack.kit import budget_texts as texts
from bot.slack.kit.ids import ActionId, BlockId, ViewId
from bot.slack.kit.message import Message, mrkdwn_section, plain_context
from bot.slack.kit.modals import Metadata
from bot.slack.kit.text import escape


class ApprovalContext(Metadata):
    """What a modal about an approval remembers."""

    approval_id: str = ""
    channel_id: str = ""  # where it was opened

    @classmethod
    def read(cls, text: str | None) -> Self:
        """Also of a modal that an older version opened: `id:channel`."""
        if text and not text.startswith("{"):
            approval_id, _, channel_id = text.partition(":")
            return cls(approval_id=approval_id, channel_id=channel_id)
        return super().read(text)


_TITLE: Final = "Over budget"
_ASK: Final = "Ask for approval"


def show_over_budget(error: OverBudget, typed: str = "") -> Message:
    """For the one who asked, alone. `typed` is a command, to be copied and changed."""
    said = texts.over_budget(error)
    blocks: list[Block] = [mrkdwn_section(said, BlockId.BUDGETS)]
    if error.approval_id is not None:
        button = ask_for_approval(error.approval_id)
        blocks.append(ActionsBlock(block_id=BlockId.ACTIONS, elements=[button]))
    if typed:
        # The end of a text that is far too long is of no use, and Slack would refuse it.
        typed = typed if len(typed) <= 2900 else typed[:2900] + "…"
        blocks.append(plain_context(typed))
    return Message("\n".join(filter(None, (said, escape(typed)))), blocks)


def ask_for_approval(approval_id: str) -> ButtonElement:
    """The button that does it."""
    return ButtonElement(
        text=_ASK, action_id=ActionId.ASK_APPROVAL, value=approval_id, style="primary"
    )


def show_over_budget_modal(error: OverBudget) -> View:
    """The same, laid upon the form: going back finds it as it was."""
    can_ask = error.approval_id is not None
    return View(
        type="modal",
        callback_id=ViewId.ASK_APPROVAL if can_ask else ViewId.NOTICE,
        title=_TITLE,
        submit=_ASK if can_ask else None,
        close="Back",
        private_metadata=ApprovalContext(approval_id=error.approval_id or "").write(),
        blocks=[mrkdwn_section(texts.over_budget(error), BlockId.BUDGETS)],
    )
