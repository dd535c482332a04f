"""What is said in a thread beside results: examples, refusals of a reply, shared pictures."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ImageBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject, SlackFile

from bot.generations.record import Generation, Picture
from bot.slack.kit import generation_texts
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_section,
)
from bot.slack.kit.text import NOTHING_SPENT, escape, shorten
from bot.slack.results import texts as thread_texts
from bot.slack.results.result_views import buttons_of


def show_examples(sentence: str) -> Message:
    """A sentence, and three replies that work."""
    examples = "\n".join(thread_texts.REPLY_EXAMPLES)
    return Message(
        text=f"{escape(sentence)}\n{escape(examples)}\n{NOTHING_SPENT}",
        blocks=[
            plain_section(sentence),
            plain_section(examples),
            mrkdwn_context(NOTHING_SPENT),
        ],
    )


def show_deed(sentence: str, generation: Generation) -> Message:
    """The words that asked for it, answered with the button or menu that does it."""
    blocks: list[Block] = [plain_section(sentence), *buttons_of(generation)]
    return Message(escape(sentence), blocks)


def show_taken_up(generation: Generation, version: int) -> Message:
    """Which version a person is back at, and what can be done with it."""
    prompt = escape(shorten(generation_texts.prompt_of(generation), 300))
    options = escape(generation_texts.options(generation.whole_request))
    said = thread_texts.taken_up(version, f"“{prompt}” · {options}")
    return Message(said, [mrkdwn_section(said), *buttons_of(generation)])


def show_shared(generation: Generation, picture: Picture, sharer: str) -> Message:
    """A picture in a channel, with its prompt and who made it."""
    said = generation_texts.shared_mrkdwn(generation, sharer)
    prompt = generation_texts.prompt_of(generation)
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height}"
    title = generation_texts.picture_title(generation, picture.position, pixels)
    return Message(
        text=f"{said}: “{escape(prompt)}”. {generation_texts.made_by(generation)}.",
        blocks=[
            mrkdwn_section(said),
            plain_section(prompt),
            ImageBlock(
                slack_file=SlackFile(id=picture.slack_file_id),
                alt_text=generation_texts.picture_alt(generation, picture.position),
                title=PlainTextObject(text=title, emoji=False),
            ),
            mrkdwn_context(generation_texts.made_by(generation)),
        ],
    )
