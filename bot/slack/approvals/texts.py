"""The words of budgets that have not enough left, and of asking for approval. mrkdwn, but for what
people typed, which goes into blocks that know no syntax."""

from __future__ import annotations

from typing import Final

from bot.generations.approval import ASKED_MAX, OFFERED_MAX, Approval, ApprovalState, Verdict
from bot.slack.kit.budget_texts import about, left
from bot.slack.kit.generation_texts import mention
from bot.slack.kit.text import NOTHING_SPENT, joined, moment_mrkdwn


def asked(approval: Approval, verdict: Verdict) -> str:
    """What asking for approval came to."""
    match verdict:
        case Verdict.DONE:
            return (
                f"Asked for approval. I'll tell you {_told_where(approval)} when it's decided. If "
                f"nobody decides, it expires {moment_mrkdwn(approval.expires_at)}. {NOTHING_SPENT}"
            )
        case Verdict.NOBODY:
            return f"There's nobody left who can approve it. Ask an admin. {NOTHING_SPENT}"
        case Verdict.TOO_MANY:
            return (
                f"You already have {ASKED_MAX} requests waiting for approval, which is the limit. "
                f"Ask again when one of them is decided. {NOTHING_SPENT}"
            )
        case _:
            return f"You have asked for this already. {status(approval)}"


def _told_where(approval: Approval) -> str:
    """As it is said in a form, too, which is nowhere."""
    place = approval.new.place
    if place.thread_ts is None:
        return "in a direct message"
    is_channel = place.channel_id.startswith(("C", "G"))
    return f"in the thread in <#{place.channel_id}>" if is_channel else "in our direct message"


# The offer to ask is somebody else's.
NOT_REQUESTER: Final = "Only the person who asked for these pictures can ask for approval."


# The offer to ask is too old.
OFFER_GONE: Final = (
    f"That is too long ago: I keep your last {OFFERED_MAX} requests over a budget, for a day. "
    f"Please send it again. {NOTHING_SPENT}"
)


def card_title(approval: Approval, wants: str) -> str:
    """`wants` is what was asked for: pictures and options, escaped."""
    return f":raising_hand: <@{approval.requester}> asks for approval: {wants}"


def card_price(approval: Approval) -> str:
    """What it would take, where it would be shown, and the budgets."""
    place = approval.new.place
    is_channel = place.channel_id.startswith(("C", "G"))
    where = f"It would be made in <#{place.channel_id}>." if is_channel else "It's only for them."
    if place.for_channel_id is not None:
        where = f"It would be shown to them alone first. They asked in <#{place.for_channel_id}>."
    lines = [f"{about(approval.shortfalls[0])} {where}"] if approval.shortfalls else [where]
    return "\n".join([*lines, *(left(each, is_own=False) for each in approval.shortfalls)])


def card_small_print(approval: Approval) -> str:
    """Below the buttons."""
    ends = moment_mrkdwn(approval.expires_at)
    return f"Nobody can approve their own request. If nobody decides, it expires {ends}."


def status(approval: Approval) -> str:
    """Where it stands."""
    by = f" by {mention(approval.decided_by)}" if approval.decided_by else ""
    match approval.state:
        case ApprovalState.OFFERED | ApprovalState.ASKED:
            return ":hourglass_flowing_sand: *Waiting* for a decision"
        case ApprovalState.APPROVED:
            return f":white_check_mark: *Approved*{by}"
        case ApprovalState.DENIED:
            return f":no_entry: *Denied*{by}"
        case ApprovalState.EXPIRED:
            return ":hourglass: *Ended*: nobody decided within 24 hours"
        case ApprovalState.UNREACHED:
            return ":no_entry: *Not asked*: nobody who may approve could be reached"


def outcome(approval: Approval) -> str:
    """For the one who asked."""
    who = f"<@{approval.requester}>"
    match approval.state:
        case ApprovalState.APPROVED:
            return (
                f":white_check_mark: {who}, <@{approval.decided_by}> approved your request. "
                f"The pictures are being made{_where(approval)}."
            )
        case ApprovalState.DENIED:
            return (
                f":no_entry: {who}, <@{approval.decided_by}> denied your request. {NOTHING_SPENT}"
            )
        case ApprovalState.EXPIRED:
            return (
                f":hourglass: {who}, nobody decided on your request within 24 hours, so it has "
                f"ended. {NOTHING_SPENT}"
            )
        case _:
            return (
                f":no_entry: {who}, I couldn't reach anybody who can approve your request. Tell "
                f"an admin of this workspace: I may have to be invited to the approval channel. "
                f"{NOTHING_SPENT}"
            )


def _where(approval: Approval) -> str:
    channel_id = approval.new.place.channel_id
    return f" in <#{channel_id}>" if channel_id.startswith(("C", "G")) else " here"


def reason(approval: Approval) -> str:
    """Why it was denied. Plain text; empty where it was not."""
    return f"Reason: {approval.reason}" if approval.reason else ""


def not_decided(verdict: Verdict, approval: Approval | None, approvers: tuple[str, ...]) -> str:
    """Why a click on a card did nothing."""
    match verdict:
        case Verdict.OWN:
            return "You can't decide on your own request."
        case Verdict.NOT_APPROVER if approvers:
            return f"Only {joined(f'<@{who}>' for who in approvers)} can decide on this."
        case Verdict.NOT_APPROVER:
            return "You can't decide on this. Ask an admin to name you as an approver."
        case Verdict.ENDED if approval is not None and approval.decided_at is not None:
            return f"That is decided already: {status(approval)}."
        case Verdict.ENDED:
            return "That has ended: nobody decided within 24 hours."
        case _:
            return "I don't know that request any more."


def not_approved(why: str) -> str:
    """The rules forbid it by now. `why` is plain text, escaped."""
    return f"This can't be approved because the rules don't allow it. {why}"
