"""The words of `/imagine history`."""

from __future__ import annotations

from typing import Final

from bot.generations.record import Generation, State
from bot.images.catalogue import MODELS
from bot.slack.words.generation import prompt_of
from bot.slack.words.text import credit_count, date_mrkdwn, escape, picture_count, shorten

_STATE_WORDS: Final = {
    State.ACCEPTED: "waiting",
    State.SUBMITTING: "waiting",
    State.PROCESSING: "generating",
    State.FINISHED: "being brought here",
    State.DELIVERED: "done",
    State.FAILED: "failed, refunded",
    State.REFUSED: "not started, nothing spent",
    State.UNKNOWN: "outcome unknown",
}


def history_mrkdwn(generation: Generation, link: str | None) -> str:
    """One line of the history: prompt, what it was, what became of it."""
    prompt = escape(shorten(prompt_of(generation), 120))
    if len(prompt) > 160:  # twenty of them have to fit into one message, escapes and all
        prompt = escape(shorten(prompt_of(generation), 30))
    title = f"<{link}|{prompt}>" if link else f"*{prompt}*"
    state = "deleted" if generation.deleted_at else _STATE_WORDS[generation.state]
    count = picture_count(generation.request.quantity)
    parts = [date_mrkdwn(generation.accepted_at), state, count]
    parts.append(MODELS[generation.request.model].name)
    if generation.credits_used is not None:
        parts.append(credit_count(generation.credits_used))
    return f"{title}\n{' · '.join(parts)}"


def history_unavailable() -> str:
    """The database is away."""
    return "I cannot read your history right now. Please try again in a minute."


def no_history() -> str:
    """Nothing was made yet, or nothing is older."""
    return "There is nothing here yet. Send /imagine and what the picture should show."
