"""The root message in the channel: who asked, the prompt, and the live status line."""

from __future__ import annotations

from bot.generations.money import Usage
from bot.generations.ports import Progress
from bot.generations.record import Generation
from bot.slack import words
from bot.slack.ids import BlockId
from bot.slack.views.message import Message, mrkdwn_context, mrkdwn_section, plain_section


def show_root(generation: Generation, progress: Progress) -> Message:
    """The root message while the generation is under way."""
    return _root(generation, words.progress_mrkdwn(progress))


def show_ended_root(generation: Generation, usage: Usage) -> Message:
    """The root message for good."""
    return _root(generation, words.outcome_mrkdwn(generation, usage))


def _root(generation: Generation, status: str) -> Message:
    asked = words.asked_mrkdwn(generation)
    prompt = words.prompt_of(generation)
    return Message(
        text=f"{asked}: “{words.escape(prompt)}”. {status}",
        blocks=[
            mrkdwn_section(asked, BlockId.WHO),
            plain_section(prompt, BlockId.PROMPT),
            mrkdwn_context(status, block_id=BlockId.STATUS),
        ],
    )
