"""What is said in a thread beside results: examples, refusals of a reply, shared pictures."""

from __future__ import annotations

from slack_sdk.models.blocks import ImageBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject, SlackFile

from bot.generations.record import Generation, Picture
from bot.slack import words
from bot.slack.views.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_section,
)


def show_examples(sentence: str) -> Message:
    """A sentence, and three replies that work."""
    examples = "\n".join(words.REPLY_EXAMPLES)
    return Message(
        text=f"{words.escape(sentence)}\n{words.escape(examples)}\n{words.NOTHING_SPENT}",
        blocks=[
            plain_section(sentence),
            plain_section(examples),
            mrkdwn_context(words.NOTHING_SPENT),
        ],
    )


def show_shared(generation: Generation, picture: Picture, sharer: str) -> Message:
    """A picture in a channel, with its prompt and who made it."""
    said = words.shared_mrkdwn(generation, sharer)
    prompt = words.prompt_of(generation)
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height}"
    title = words.picture_title(generation, picture.position, pixels)
    return Message(
        text=f"{said}: “{words.escape(prompt)}”. {words.made_by(generation)}.",
        blocks=[
            mrkdwn_section(said),
            plain_section(prompt),
            ImageBlock(
                slack_file=SlackFile(id=picture.slack_file_id),
                alt_text=words.picture_alt(generation, picture.position),
                title=PlainTextObject(text=title, emoji=False),
            ),
            mrkdwn_context(words.made_by(generation)),
        ],
    )
