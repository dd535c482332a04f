"""A picture in a message: as a file in Slack, or as a link."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, ImageBlock, ImageElement, SectionBlock
from slack_sdk.models.blocks.basic_components import (
    MarkdownTextObject,
    PlainTextObject,
    SlackFile,
)

from bot.generations.record import Generation, Picture, PictureState
from bot.slack.kit import generation_texts
from bot.slack.kit.links import shown_pictures
from bot.slack.kit.message import mrkdwn_section, plain_section


def picture_block(generation: Generation, picture: Picture, title: str = "") -> Block:
    """A picture under its `title` (what lists call its generation), or its link."""
    if picture.state is not PictureState.UPLOADED or picture.slack_file_id is None:
        return linked_picture_block(generation, picture)
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height}"
    return ImageBlock(
        slack_file=SlackFile(id=picture.slack_file_id),
        alt_text=generation_texts.picture_alt(generation, picture.position),
        title=PlainTextObject(
            text=generation_texts.picture_title(generation, picture.position, pixels, title),
            emoji=False,
        ),
    )


def linked_picture_block(generation: Generation, picture: Picture) -> Block:
    """A picture's link, with why there is no more of it."""
    return mrkdwn_section(generation_texts.linked_picture_mrkdwn(generation, picture.position))


def labelled_picture(generation: Generation, picture: Picture, label: str) -> Block:
    """A picture of a form, beside what the form calls it."""
    if picture not in shown_pictures(generation):
        return plain_section(f"{label} (linked only)")
    return SectionBlock(
        text=MarkdownTextObject(text=f"*{label}*"),
        accessory=ImageElement(
            slack_file=SlackFile(id=picture.slack_file_id),
            alt_text=generation_texts.picture_alt(generation, picture.position),
        ),
    )
