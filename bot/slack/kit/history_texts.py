"""The words of `/imagine history`."""

from __future__ import annotations

from typing import Final

from bot.credits.amounts import amount
from bot.credits.ledger import Bill
from bot.errors import Cause
from bot.generations.record import Generation, State
from bot.images.catalogue import MODELS
from bot.slack.kit.generation_texts import (
    base_of,
    count_shown,
    label_of,
    linked_picture_mrkdwn,
    upstream_prompt,
)
from bot.slack.kit.text import (
    credit_count,
    escape,
    moment_mrkdwn,
    ordinal,
    picture_count,
    shorten,
)

_STATE_WORDS: Final = {
    State.ACCEPTED: "waiting",
    State.SUBMITTING: "sent to PowerPost, no answer yet",
    State.PROCESSING: "generating",
    State.FINISHED: "being brought here",
    State.DELIVERED: "done",
    State.FAILED: "failed",
    State.REFUSED: "not started, nothing spent",
    State.UNKNOWN: "outcome unknown",
}


def history_mrkdwn(
    generation: Generation, link: str | None, bill: Bill | None = None, version: int = 1
) -> str:
    """One line of the history: prompt, when and where, what it was, what became of it, and its
    credits less what came back. Without a `bill` the ledger has nothing of it."""
    label = escape(shorten(label_of(generation), 120))
    if len(label) > 160:  # twenty of them have to fit into one message, escapes and all
        label = escape(shorten(label_of(generation), 30))
    title = f"<{link}|{label}>" if link else f"*{label}*"
    if base := base_of(generation):
        title += f", a version of “{escape(shorten(base, 40))}”"
    request = generation.request
    parts = [moment_mrkdwn(generation.accepted_at), _where(generation)]
    if generation.part is not None:
        parts.append(f"number {generation.part} of a brief")
    if version > 1:
        parts.append(f"{ordinal(version)} version")
    parts += [_state(generation), _pictures(generation), MODELS[request.model].name]
    parts.append(f"{request.size} {request.dimensions.ratio}")
    if generation.campaign:
        parts.append(f"Campaign: {escape(generation.campaign)}")
    if bill is not None:
        parts.append(bill_words(bill))
    elif generation.credits_used is not None:
        parts.append(credit_count(generation.credits_used))
    lines = [title, " · ".join(parts)]
    if said := upstream_prompt(generation, 60):
        lines.append(escape(said))
    if generation.state is State.DELIVERED and generation.deleted_at is None:
        lines += _links(generation)
    return "\n".join(lines)


def _where(generation: Generation) -> str:
    """The channel that it was asked for in."""
    channel_id = generation.place.channel_id
    return f"<#{channel_id}>" if channel_id.startswith(("C", "G")) else "direct message"


def _state(generation: Generation) -> str:
    """What became of it: "done" only if it is seen in Slack."""
    if generation.deleted_at:
        return "deleted"
    if generation.cause is Cause.NOT_FOUND and generation.state is State.PROCESSING:
        return "accepted by PowerPost, which can't find it now; I keep asking"
    if generation.state is not State.DELIVERED or not generation.pictures:
        return _STATE_WORDS[generation.state]
    shown = count_shown(generation)
    if generation.result_ts is None:
        return "made, not shown: Slack did not take it"
    if shown == len(generation.pictures):
        return _STATE_WORDS[generation.state]
    return f"made, {len(generation.pictures) - shown} only linked"


def _links(generation: Generation) -> list[str]:
    """Where the pictures of a result are that Slack did not take."""
    if generation.result_ts is not None:
        return []
    return [linked_picture_mrkdwn(generation, each.position) for each in generation.pictures]


def _pictures(generation: Generation) -> str:
    """`2 of 3 pictures` where not all came."""
    wanted = picture_count(generation.request.quantity)
    has_ended = generation.state in (State.FINISHED, State.DELIVERED)
    if not has_ended or not generation.pictures_missing:
        return wanted
    return f"{len(generation.pictures)} of {wanted}"


def bill_words(bill: Bill) -> str:
    """`8 credits (4 came back)`, and `12 credits (4 expected back)` before that."""
    said = credit_count(round(bill.taken - bill.back, 6) + 0.0)
    notes = [
        f"{amount(credits_)} {what}"
        for credits_, what in ((bill.back, "came back"), (bill.coming_back, "expected back"))
        if round(credits_, 6) > 0
    ]
    return f"{said} ({', '.join(notes)})" if notes else said


# The database is away.
HISTORY_UNAVAILABLE: Final = "I can't read your history right now. Please try again in a minute."


# Nothing was made yet, or nothing is older.
NO_HISTORY: Final = "There's nothing here yet. Send /imagine and what the picture should show."
