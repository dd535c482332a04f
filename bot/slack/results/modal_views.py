"""Small modals over a result: which picture, where to, and are you sure."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from slack_sdk.models.blocks import (
    Block,
    ConversationFilter,
    ConversationSelectElement,
    ImageElement,
    InputBlock,
    Option,
    RadioButtonsElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject, SlackFile
from slack_sdk.models.views import View

from bot.generations.record import Generation, Picture, PictureState
from bot.slack.kit import generation_texts as generation_words
from bot.slack.kit.ids import PickField, ViewId
from bot.slack.kit.message import plain_section


def shown_pictures(generation: Generation) -> list[Picture]:
    """The pictures that are files in Slack."""
    return [
        picture
        for picture in generation.pictures
        if picture.state is PictureState.UPLOADED and picture.slack_file_id is not None
    ]


class ResultContext(BaseModel):
    """What a small modal over a result remembers: the result, and where the click was that opened
    it. Slack keeps it (`private_metadata`); who sends the modal cannot change it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    generation_id: str
    channel_id: str


def show_picking(generation: Generation, channel_id: str) -> View:
    """More like which of them?"""
    return View(
        type="modal",
        callback_id=ViewId.PICK_PICTURE,
        title="More like this",
        submit="Next",
        close="Cancel",
        private_metadata=_remember(generation, channel_id),
        blocks=_which(generation, generation.pictures, "More like which picture?"),
    )


def show_sharing(generation: Generation, channel_id: str) -> View:
    """Share which of them, and where?"""
    channel = ConversationSelectElement(
        action_id=PickField.CHANNEL,
        default_to_current_conversation=True,
        filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
    )
    blocks = [
        *_which(generation, shown_pictures(generation), "Which picture?"),
        InputBlock(block_id=PickField.CHANNEL, label="Share to", element=channel),
    ]
    return View(
        type="modal",
        callback_id=ViewId.SHARE_PICTURE,
        title="Share to channel",
        submit="Share",
        close="Cancel",
        private_metadata=_remember(generation, channel_id),
        blocks=blocks,
    )


def show_deleting(generation: Generation, channel_id: str) -> View:
    """Sure?"""
    count = len(generation.pictures)
    these = "this picture" if count == 1 else f"these {count} pictures"
    sentence = (
        f"Delete {these} and the message? The credits that were used do not come back, "
        "and Slack cannot restore the files. Where they were shared, they vanish too."
    )
    return View(
        type="modal",
        callback_id=ViewId.DELETE_RESULT,
        title="Delete pictures",
        submit="Delete",
        close="Keep",
        private_metadata=_remember(generation, channel_id),
        blocks=[plain_section(sentence)],
    )


def show_notice(sentence: str) -> View:
    """In place of a modal that cannot do its work."""
    return View(
        type="modal",
        callback_id=ViewId.NOTICE,
        title="Imagine",
        close="Close",
        blocks=[plain_section(sentence)],
    )


def _remember(generation: Generation, channel_id: str) -> str:
    context = ResultContext(generation_id=generation.id, channel_id=channel_id)
    return context.model_dump_json()


def _which(generation: Generation, pictures: Sequence[Picture], label: str) -> list[Block]:
    blocks: list[Block] = [_thumbnail(generation, picture) for picture in pictures]
    if len(pictures) > 1:
        options = [Option(value=str(picture.position), text=_name(picture)) for picture in pictures]
        radio = RadioButtonsElement(
            action_id=PickField.PICTURE, options=options, initial_option=options[0]
        )
        blocks.append(InputBlock(block_id=PickField.PICTURE, label=label, element=radio))
    return blocks


def _thumbnail(generation: Generation, picture: Picture) -> Block:
    if picture not in shown_pictures(generation):
        return plain_section(f"{_name(picture).text} (linked only)")
    return SectionBlock(
        text=MarkdownTextObject(text=f"*{_name(picture).text}*"),
        accessory=ImageElement(
            slack_file=SlackFile(id=picture.slack_file_id),
            alt_text=generation_words.picture_alt(generation, picture.position),
        ),
    )


def _name(picture: Picture) -> PlainTextObject:
    return PlainTextObject(text=f"Picture {picture.position}")
