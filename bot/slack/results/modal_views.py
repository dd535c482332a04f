"""Small modals over a result: which picture, where to, what else, and are you sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.views import View

from bot.generations.record import Generation, Picture
from bot.slack.kit import generation_texts
from bot.slack.kit.ids import ActionId, PickField, Strength, ViewId
from bot.slack.kit.links import shown_pictures
from bot.slack.kit.message import plain_section
from bot.slack.kit.picture_blocks import labelled_picture
from bot.slack.kit.rights import ResultContext
from bot.slack.kit.sections import Section
from bot.slack.kit.thumbnails import show_thumbnails
from bot.slack.results import texts as thread_texts

_STRENGTHS: Final = (
    (Strength.OPEN, "As the model sees fit"),
    (Strength.CLOSE, "Close: the same subject, composition and style"),
    (Strength.LOOSELY, "Loosely: only its mood"),
)


def show_picking(generation: Generation, channel_id: str, *, has_thumbnails: bool = True) -> View:
    """More like which of them, and how close? It shows what will be the reference."""
    return View(
        type="modal",
        callback_id=ViewId.PICK_PICTURE,
        title="More like this",
        submit="Next",
        close="Cancel",
        private_metadata=_remember(generation, channel_id),
        blocks=[
            *_which(
                generation,
                generation.pictures,
                "More like which picture?",
                has_thumbnails=has_thumbnails,
            ),
            _how_close(),
        ],
    )


def show_more(
    generation: Generation,
    sections: Mapping[ActionId, Section],
    context: ResultContext,
    *,
    has_thumbnails: bool = True,
) -> View:
    """The pictures, and all that can be done with them for which the menu has no room."""
    blocks: list[Block] = []
    if has_thumbnails:
        blocks += show_thumbnails(
            "more",
            (
                (picture.slack_file_id, generation_texts.picture_alt(generation, picture.position))
                for picture in shown_pictures(generation)
            ),
        )
    offered = False
    for action_id, section in sections.items():
        if said := section.describe(generation):
            offered = True
            button = ButtonElement(text=section.button, action_id=action_id)
            text = PlainTextObject(text=said, emoji=False)
            blocks.append(SectionBlock(text=text, accessory=button))
    if not offered:
        blocks.append(plain_section(thread_texts.NOTHING_MORE))
    return View(
        type="modal",
        callback_id=ViewId.MORE,
        title="These pictures",
        close="Close",
        private_metadata=context.write(),
        blocks=blocks,
    )


def name_alt_field(position: int) -> str:
    """The input of one picture's alt text: its block and its element."""
    return f"alt_text_{position}"


def show_alt_texts(
    generation: Generation, context: ResultContext, *, has_thumbnails: bool = True
) -> View:
    """An input for each picture, with its alt text as it is."""
    blocks: list[Block] = []
    for picture in generation.pictures:
        if has_thumbnails:
            blocks.append(labelled_picture(generation, picture, _name(picture).text))
        name = name_alt_field(picture.position)
        element = PlainTextInputElement(
            action_id=name,
            multiline=True,
            max_length=generation_texts.ALT_MAX,
            initial_value=generation_texts.picture_alt(generation, picture.position),
        )
        label = f"Alt text of picture {picture.position}"
        if len(generation.pictures) == 1:
            label = "Alt text"
        blocks.append(
            InputBlock(
                block_id=name,
                label=label,
                optional=True,
                element=element,
                hint=thread_texts.ALT_TEXT_HINT,
            )
        )
    return View(
        type="modal",
        callback_id=ViewId.ALT_TEXT,
        title="Alt text",
        submit="Save",
        close="Cancel",
        private_metadata=context.write(),
        blocks=blocks,
    )


def _how_close() -> Block:
    """PowerPost takes no strength: only the prompt can say it."""
    options = [Option(value=value, text=PlainTextObject(text=text)) for value, text in _STRENGTHS]
    radio = RadioButtonsElement(
        action_id=PickField.STRENGTH, options=options, initial_option=options[0]
    )
    return InputBlock(
        block_id=PickField.STRENGTH,
        label="How close to it?",
        hint="This becomes a sentence of the prompt, which you can change in the form.",
        element=radio,
    )


def show_sharing(
    generation: Generation,
    channel_id: str,
    list_in: str | None = None,
    *,
    has_thumbnails: bool = True,
) -> View:
    """Share which of them, where, and with what words? What was made aside goes where it was asked
    for, unless another channel is chosen. `list_in`: the conversation of the list that it was
    pressed in."""
    asked_in = generation.place.for_channel_id
    channel = ConversationSelectElement(
        action_id=PickField.CHANNEL,
        initial_conversation=asked_in,
        default_to_current_conversation=None if asked_in else True,
        filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
    )
    note = PlainTextInputElement(
        action_id=PickField.NOTE, multiline=True, max_length=thread_texts.NOTE_MAX
    )
    hint = thread_texts.SHARED_INTO_THREAD if generation.place.for_thread_ts else None
    blocks = [
        *_which_ones(generation, shown_pictures(generation), has_thumbnails=has_thumbnails),
        InputBlock(block_id=PickField.CHANNEL, label="Share to", element=channel, hint=hint),
        InputBlock(
            block_id=PickField.NOTE,
            label="Note",
            optional=True,
            element=note,
            hint="Shown above the pictures, as you write it.",
        ),
    ]
    return View(
        type="modal",
        callback_id=ViewId.SHARE_PICTURE,
        title="Share to channel",
        submit="Share",
        close="Cancel",
        private_metadata=_remember(generation, channel_id, list_in),
        blocks=blocks,
    )


def show_deleting(generation: Generation, channel_id: str) -> View:
    """Sure?"""
    count = len(generation.pictures)
    these = "this picture" if count == 1 else f"these {count} pictures"
    message = " and the message"
    if generation.brief_id is not None:
        message = f", and the contact sheet that shows {'it' if count == 1 else 'them'}"
    sentence = (
        f"Delete {these}{message}? You don't get the credits back, and Slack can't "
        "restore the files. They also disappear from channels where they were shared."
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


def _remember(generation: Generation, channel_id: str, list_in: str | None = None) -> str:
    context = ResultContext(generation_id=generation.id, channel_id=channel_id, list_in=list_in)
    return context.write()


def _which(
    generation: Generation,
    pictures: Sequence[Picture],
    label: str,
    *,
    has_thumbnails: bool = True,
) -> list[Block]:
    blocks: list[Block] = []
    if has_thumbnails:
        blocks += [
            labelled_picture(generation, picture, _name(picture).text) for picture in pictures
        ]
    if len(pictures) > 1:
        options = [Option(value=str(picture.position), text=_name(picture)) for picture in pictures]
        radio = RadioButtonsElement(
            action_id=PickField.PICTURE, options=options, initial_option=options[0]
        )
        blocks.append(InputBlock(block_id=PickField.PICTURE, label=label, element=radio))
    return blocks


def _which_ones(
    generation: Generation, pictures: Sequence[Picture], *, has_thumbnails: bool
) -> list[Block]:
    """Any of them, and all until somebody unticks one; nothing to tick if there is only one."""
    blocks: list[Block] = []
    if has_thumbnails:
        blocks += [
            labelled_picture(generation, picture, _name(picture).text) for picture in pictures
        ]
    if len(pictures) > 1:
        options = [Option(value=str(picture.position), text=_name(picture)) for picture in pictures]
        ticks = CheckboxesElement(
            action_id=PickField.PICTURES, options=options, initial_options=options
        )
        blocks.append(InputBlock(block_id=PickField.PICTURES, label="Pictures", element=ticks))
    return blocks


def _name(picture: Picture) -> PlainTextObject:
    return PlainTextObject(text=f"Picture {picture.position}")
