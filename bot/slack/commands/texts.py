"""The words that answer a mention, or a direct message, of which no picture is made."""

from __future__ import annotations

from typing import Final

from bot.slack.kit.text import shorten


def hint(*, is_direct: bool) -> str:
    """Nothing was said that could be drawn. Plain text."""
    mention = "" if is_direct else "@Imagine "
    return (
        f"I make pictures from words. Say what one should show, such as: {mention}a lighthouse in "
        "fog. To change a picture, reply in its thread."
    )


# There is no prompt beside the pictures.
SAY_WHAT: Final = (
    "Say what the picture should show, together with these: they guide its style. Or open "
    "the form, which has them already."
)


LIST_UNSURE: Final = "Shall I make the prompts of this list?"
ONE_LIST: Final = "Send one list at a time."


def words_left_out(words: str) -> str:
    """A list came with words of a prompt. Plain text."""
    return f"The list has its own prompts, so I would leave out “{shorten(words, 200)}”."


# It may be a prompt, or meant for people.
UNSURE: Final = "Shall I make a picture of this? I am not sure that it is meant for me, so I ask."


# A mention in a thread of which the bot has made nothing.
NOTHING_IN_THREAD: Final = (
    "I have made nothing in this thread that I could change, but I can make a new picture here. "
    "Say what it should show; or open the menu of a message and choose “Make an image of this”."
)
