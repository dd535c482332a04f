"""The form of "Use in post", and the message that tells what became of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    DatePickerElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
)
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.views import View

from bot.credits.estimates import Estimate
from bot.generations.record import Generation, Picture
from bot.posts.kinds import KINDS, TITLE_MAX
from bot.posts.record import Post, PostState, Source
from bot.slack.kit.ids import ActionId, BlockId, Field, PostField, ViewId
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.modals import Metadata
from bot.slack.kit.picture_blocks import labelled_picture
from bot.slack.kit.rights import ResultContext
from bot.slack.kit.text import escape, ordinal
from bot.slack.posts import texts

# What Slack lets people type into one field.
TEXT_MAX: Final = 3000
NO_PICTURE: Final = "none"
# Of "captions": the image form's search has this id, and finds the same.
CAPTION_ACTION: Final = Field.CAPTION


class PostContext(ResultContext):
    """What the form remembers beside its result: the zone that its times are by, and the workspace
    of PowerPost's that its captions are searched in (as the image form's context has it)."""

    zone: str = "UTC"
    powerpost_workspace: str | None = None


def usable_pictures(generation: Generation) -> list[Picture]:
    """Those that PowerPost can put into a post. Pure."""
    return [each for each in generation.pictures if each.media_id]


def show_form(
    generation: Generation,
    context: Metadata,
    estimate: Estimate | None,
    zone: str,
    workspace: str | None = None,
    *,
    has_thumbnails: bool = True,
) -> View:
    """Everything that a draft needs; what is not for all is said where it is. `workspace` names
    PowerPost's that it will be in, if there are several."""
    pictures = usable_pictures(generation)
    blocks: list[Block] = []
    if has_thumbnails:
        blocks += [labelled_picture(generation, picture, _name(picture)) for picture in pictures]
    if len(pictures) > 1:
        blocks += [_pick(number, pictures) for number in range(1, len(pictures) + 1)]
    blocks += [
        _types(),
        _source(estimate, len(pictures)),
        _text(),
        _captions(),
        _title(),
        *_plan(zone),
        plain_context(texts.draft_where(workspace)),
    ]
    return View(
        type="modal",
        callback_id=ViewId.POST_FORM,
        title=texts.BUTTON,
        submit="Make the draft",
        close="Cancel",
        private_metadata=context.write(),
        blocks=blocks,
    )


def _name(picture: Picture) -> str:
    chosen = " (chosen in a vote)" if picture.chosen_at is not None else ""
    return f"Picture {picture.position}{chosen}"


def pick_field(number: int) -> str:
    """The block and element of the picture in that place, from 1."""
    return f"{PostField.PICTURE}_{number}"


def _pick(number: int, pictures: Sequence[Picture]) -> Block:
    """Which picture stands in that place: so the order is said, not dragged. What a vote has
    chosen is there at first, and nothing else."""
    options = [_option(str(each.position), _name(each)) for each in pictures]
    none = _option(NO_PICTURE, "No picture")
    chosen = [at for at, each in enumerate(pictures) if each.chosen_at is not None]
    order = chosen or list(range(len(pictures)))
    initial = options[order[number - 1]] if number <= len(order) else none
    if number > 1:
        options = [*options, none]
    element = StaticSelectElement(
        action_id=pick_field(number), options=options, initial_option=initial
    )
    label = f"{ordinal(number)} picture of the post"
    return InputBlock(block_id=pick_field(number), label=label, element=element)


def _types() -> Block:
    options = [
        _option(kind.key, f"{kind.name} (video: text only)" if kind.is_video else kind.name)
        for kind in KINDS.values()
    ]
    element = StaticMultiSelectElement(
        action_id=PostField.TYPES, options=options, placeholder="Pick one or more"
    )
    return InputBlock(
        block_id=PostField.TYPES, label="Post types", element=element, hint=texts.VIDEO_HINT
    )


def _source(estimate: Estimate | None, pictures: int) -> Block:
    options = [_option(source, label) for source, label in texts.SOURCES.items()]
    options.append(_option(Source.WRITTEN, texts.written_label(estimate)))
    return InputBlock(
        block_id=PostField.SOURCE,
        label="Where the text comes from",
        hint=texts.written_hint(estimate, pictures),
        element=RadioButtonsElement(
            action_id=PostField.SOURCE, options=options, initial_option=options[0]
        ),
    )


def _text() -> Block:
    return InputBlock(
        block_id=PostField.TEXT,
        label="Text",
        optional=True,
        hint="If PowerPost writes it: what the post is about. Left empty, the picture's prompt.",
        element=PlainTextInputElement(
            action_id=PostField.TEXT, multiline=True, max_length=TEXT_MAX
        ),
    )


def _captions() -> Block:
    return InputBlock(
        block_id=PostField.CAPTIONS,
        label="Captions",
        optional=True,
        hint="Those that PowerPost wrote earlier. Each post type gets its platform's.",
        element=ExternalDataSelectElement(
            action_id=CAPTION_ACTION, placeholder="Search your captions", min_query_length=0
        ),
    )


def _title() -> Block:
    return InputBlock(
        block_id=PostField.TITLE,
        label="Title",
        optional=True,
        hint=f"YouTube needs one, of at most {TITLE_MAX} characters. PowerPost's captions for it "
        "bring their own.",
        element=PlainTextInputElement(action_id=PostField.TITLE),
    )


def _plan(zone: str) -> list[Block]:
    day = DatePickerElement(action_id=PostField.DAY, placeholder="No day")
    at = TimePickerElement(action_id=PostField.TIME, placeholder="No time")
    return [
        InputBlock(
            block_id=PostField.DAY,
            label="Plan it in PowerPost's calendar: day",
            optional=True,
            element=day,
        ),
        InputBlock(
            block_id=PostField.TIME,
            label="Time",
            optional=True,
            hint=f"By the clocks of {zone}. An entry is a note: it publishes nothing.",
            element=at,
        ),
    ]


def show_outcome(
    post: Post, *, look: str = "", estimate: Estimate | None = None, is_elsewhere: str = ""
) -> Message:
    """What became of a draft, in its thread. `look` (mrkdwn): how it stands at PowerPost;
    `is_elsewhere` (mrkdwn): why it is told somewhere else."""
    said = texts.outcome(post)
    words = texts.words_of(post)
    small_print = [*texts.details(post), *([look] if look else [])]
    small_print += [is_elsewhere] if is_elsewhere else []
    blocks: list[Block] = [mrkdwn_section(said, BlockId.WHO)]
    if words:
        blocks.append(plain_section(f"“{words}”", BlockId.PROMPT))
    if small_print:
        blocks.append(mrkdwn_context(*small_print))
    if post.request_id and post.state is not PostState.DRAFTED:
        blocks.append(plain_context(f"PowerPost's support asks for: {post.request_id}"))
    blocks.append(ActionsBlock(block_id=BlockId.ACTIONS, elements=[_button(post, estimate)]))
    quoted = [f"“{escape(words)}”"] if words else []
    return Message(" ".join([said, *quoted, *small_print]), blocks)


def _button(post: Post, estimate: Estimate | None) -> ButtonElement:
    if post.state is PostState.DRAFTED:
        return ButtonElement(text="Check state", action_id=ActionId.CHECK_POST, value=post.id)
    return ButtonElement(
        text="Make it again",
        action_id=ActionId.POST_AGAIN,
        value=post.id,
        confirm=ConfirmObject(
            title="Make it again?",
            text=PlainTextObject(text=texts.again_confirm(post, estimate)),
            confirm="Make it",
            deny="Not now",
        ),
    )


def _option(value: str, label: str) -> Option:
    return Option(value=value, text=PlainTextObject(text=label))
