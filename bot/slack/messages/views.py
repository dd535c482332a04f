"""The first message in somebody's direct message with the bot."""

from __future__ import annotations

from bot.slack.kit.ids import CommandName
from bot.slack.kit.message import Message, mrkdwn_context, mrkdwn_section
from bot.slack.kit.text import NOTHING_SPENT

_EXAMPLES = (
    "a lighthouse in fog, soft morning light",
    "poster for a harbour tour, bold letters --model ideogram-3 --size portrait",
    "four cups of tea from above --quantity 4",
)


def show_welcome() -> Message:
    """What the bot does, three commands to try, and what they cost: said before it is spent."""
    intro = (
        "Hello! I make pictures from words. Send one of these here, or in a channel; the pictures "
        "come into a thread, with what they cost."
    )
    examples = "\n".join(f"`{CommandName.IMAGINE} {example}`" for example in _EXAMPLES)
    more = (
        f"`{CommandName.IMAGINE} help` explains everything, `{CommandName.IMAGINE}` alone opens a "
        f"form. Pictures are made by AI, through PowerPost. {NOTHING_SPENT}"
    )
    return Message(
        "\n".join((intro, examples, more)),
        [mrkdwn_section(intro), mrkdwn_section(examples), mrkdwn_context(more)],
    )
