"""The message in the thread: the pictures with their cost, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextActionsBlock,
    InteractiveElement,
    Option,
    OverflowMenuElement,
)
from slack_sdk.models.blocks.basic_components import (
    ConfirmObject,
    FeedbackButtonObject,
    PlainTextObject,
)
from slack_sdk.models.blocks.block_elements import FeedbackButtonsElement

from bot.credits.estimates import Estimate
from bot.generations.record import Generation, Picture, State
from bot.generations.usage import Usage
from bot.images.showing import Show
from bot.slack.kit import failure_texts as failures
from bot.slack.kit import generation_texts, price_texts
from bot.slack.kit.budget_views import ask_for_approval
from bot.slack.kit.ids import ActionId, BlockId, MenuChoice, Opinion
from bot.slack.kit.message import Message, mrkdwn_context, mrkdwn_section, plain_context
from bot.slack.kit.picture_blocks import picture_block
from bot.slack.kit.text import escape, picture_count, shorten
from bot.slack.results.quotes import Quote

_ASKS_NOTHING: Final = Quote()


@dataclass(frozen=True, slots=True)
class Lineage:
    """Which version a generation is (2 or more), and where the one that it was made from is."""

    version: int
    parent_link: str | None
    reply_link: str | None = None  # to what a person said, if it answers that


@dataclass(frozen=True, slots=True)
class ReplyHint:
    """How replies change a picture, said once to a person in a thread; in a direct message they
    need no mention."""

    is_direct: bool


def show_result(
    generation: Generation,
    usage: Usage,
    lineage: Lineage | None = None,
    quote: Quote = _ASKS_NOTHING,
    hint: ReplyHint | None = None,
) -> Message:
    """ONE message: an image block per picture, a line with the credits, and what can be done."""
    intro = f"<@{generation.place.user_id}> {generation_texts.result_intro(generation)}"
    blocks: list[Block] = [mrkdwn_section(intro, BlockId.WHO)]
    blocks += [picture_block(generation, picture) for picture in generation.pictures]
    if said := generation_texts.upstream_mrkdwn(generation):
        blocks.append(mrkdwn_section(said))
    if said := generation_texts.upstream_prompt(generation):
        blocks.append(plain_context(said))
    blocks.append(
        mrkdwn_context(
            f":coin: {generation_texts.usage_text(usage)}",
            *([f"Campaign: {escape(generation.campaign)}"] if generation.campaign else []),
            generation_texts.made_by(generation),
            block_id=BlockId.CREDITS,
        )
    )
    text = generation_texts.result_text(generation, usage)
    if generation.campaign:
        text = f"{text} Campaign: {escape(generation.campaign)}."
    if generation.show is Show.ME:
        said = generation_texts.preview_mrkdwn(generation)
        blocks.append(mrkdwn_context(said))
        text = f"{text} {said}."
    if lineage is not None:
        said = generation_texts.lineage_mrkdwn(
            lineage.version, lineage.parent_link, lineage.reply_link, generation.understood
        )
        blocks.append(mrkdwn_context(said, block_id=BlockId.LINEAGE))
        text = f"{text} {said}."
    if hint is not None:
        said = generation_texts.reply_hint(generation, is_direct=hint.is_direct)
        blocks.append(plain_context(said, BlockId.HINT))
        text = f"{text} {escape(said)}"
    if generation.request_id and generation_texts.upstream_mrkdwn(generation):
        blocks.append(plain_context(failures.support_text(generation.request_id)))
    blocks += [_actions(generation, quote), _feedback(generation)]
    return Message(text, blocks)


def show_late_pictures(generation: Generation, pictures: Sequence[Picture]) -> Message:
    """Pictures that the result only linked, shown after all."""
    intro = f"<@{generation.place.user_id}> {generation_texts.late_intro(len(pictures))}"
    blocks = [picture_block(generation, picture) for picture in pictures]
    return Message(
        f"{intro} “{escape(generation_texts.prompt_of(generation))}”",
        [mrkdwn_section(intro, BlockId.WHO), *blocks],
    )


def show_failure(
    generation: Generation,
    usage: Usage,
    *,
    is_private: bool = False,
    quote: Quote = _ASKS_NOTHING,
) -> Message:
    """What went wrong, what it cost, what to do; small, the id that support asks for."""
    said = failures.failure_mrkdwn(generation, usage)
    text = said if is_private else f"<@{generation.place.user_id}> {said}"
    blocks: list[Block] = [mrkdwn_section(text, BlockId.WHO)]
    if is_private:
        blocks.append(plain_context(f"You asked for: {_typed(generation)}"))
        if where := failures.where_mrkdwn(generation):
            blocks.append(mrkdwn_context(where))
            text = f"{text} {where}"
    if generation.request_id:
        support = failures.support_text(generation.request_id)
        blocks.append(plain_context(support))
        text = f"{text} {escape(support)}"
    buttons: list[InteractiveElement] = [_button("Edit", ActionId.EDIT, generation)]
    if generation.state is State.FAILED:
        buttons.insert(0, _regenerate(generation, quote))
    buttons[:0] = _ways_on(generation)
    blocks.append(ActionsBlock(block_id=BlockId.ACTIONS, elements=buttons))
    return Message(text, blocks)


def _ways_on(generation: Generation) -> list[InteractiveElement]:
    """What may become of it after all."""
    if generation.state is State.UNKNOWN:
        return [_button("Look again", ActionId.LOOK_AGAIN, generation)]
    if generation.over_budget and (approval_id := generation.over_budget.approval_id):
        return [ask_for_approval(approval_id)]
    return []


def _actions(generation: Generation, quote: Quote) -> Block:
    """One row that stays readable on a phone; what is rarely used is in the menu."""
    elements: list[InteractiveElement] = [
        _regenerate(generation, quote),
        _button("Edit", ActionId.EDIT, generation),
    ]
    if generation.show is Show.ME:
        share = _button("Share", ActionId.SHARE, generation)
        share.style = "primary"
        elements.insert(0, share)
    if missing := generation.pictures_missing:
        label = f"Make the missing {missing}"
        button = _button(label, ActionId.MAKE_MISSING, generation)
        button.confirm = _confirm(quote.missing, generation, missing)
        elements.append(button)
    if quote.can_post:
        elements.append(_button("Use in post", ActionId.USE_IN_POST, generation))
    elements.append(_menu(generation))
    return ActionsBlock(block_id=BlockId.ACTIONS, elements=elements)


def _menu(generation: Generation) -> OverflowMenuElement:
    menu = [
        (MenuChoice.MORE_LIKE, "More like this"),
        (MenuChoice.SHARE, "Share to channel"),
        (MenuChoice.ORIGINAL, "Download"),
        (MenuChoice.MORE, "More…"),
        (MenuChoice.DELETE, "Delete"),
    ]
    return OverflowMenuElement(
        action_id=ActionId.RESULT_MENU,
        options=[
            Option(value=f"{choice}:{generation.id}", text=PlainTextObject(text=label))
            for choice, label in menu
        ],
    )


def show_originals(said: str, generation: Generation) -> Message:
    """Links to the files, and a button for all of them as one. `said` is mrkdwn."""
    pack = _button("All as a ZIP file", ActionId.DOWNLOAD, generation)
    blocks = [mrkdwn_section(said), ActionsBlock(block_id=BlockId.ACTIONS, elements=[pack])]
    return Message(said, blocks)


def buttons_of(
    generation: Generation, *, can_repeat: bool = False, can_post: bool = False
) -> list[Block]:
    """The form and the menu of a result, for those who asked in words for what they do; with
    Regenerate, if it `can_repeat`, and Use in post, if drafts are set up."""
    elements: list[InteractiveElement] = [_button("Edit", ActionId.EDIT, generation)]
    if can_repeat and generation.pictures:
        elements.insert(0, _regenerate(generation, _ASKS_NOTHING))
    if can_repeat:
        elements[:0] = _ways_on(generation)
    if generation.pictures and generation.deleted_at is None:
        if can_post:
            elements.append(_button("Use in post", ActionId.USE_IN_POST, generation))
        elements.append(_menu(generation))
    return [ActionsBlock(block_id=BlockId.ACTIONS, elements=elements)]


def _feedback(generation: Generation) -> Block:
    buttons = FeedbackButtonsElement(
        action_id=ActionId.FEEDBACK,
        positive_button=FeedbackButtonObject(
            text="Good",
            accessibility_label="A good result",
            value=f"{Opinion.GOOD}:{generation.id}",
        ),
        negative_button=FeedbackButtonObject(
            text="Bad", accessibility_label="A bad result", value=f"{Opinion.BAD}:{generation.id}"
        ),
    )
    return ContextActionsBlock(block_id=BlockId.FEEDBACK, elements=[buttons])


def _button(label: str, action_id: ActionId, generation: Generation) -> ButtonElement:
    return ButtonElement(text=label, action_id=action_id, value=generation.id)


def _regenerate(generation: Generation, quote: Quote) -> ButtonElement:
    label = "Again" if generation.show is Show.ME else "Regenerate"
    button = _button(label, ActionId.REGENERATE, generation)
    button.confirm = _confirm(quote.again, generation, generation.request.quantity)
    return button


def _confirm(
    estimate: Estimate | None, generation: Generation, quantity: int
) -> ConfirmObject | None:
    """The question before it is made (https://docs.slack.dev, "Confirmation dialog object")."""
    if estimate is None:
        return None
    return ConfirmObject(
        title=price_texts.confirm_title(estimate),
        text=PlainTextObject(
            text=price_texts.confirm_text(estimate, generation.request.model, quantity)
        ),
        confirm="Make it",
        deny="Not now",
    )


def _typed(generation: Generation) -> str:
    request = generation.whole_request
    prompt = shorten(generation_texts.prompt_of(generation), 1900)
    return f"{prompt} ({generation_texts.options(request)}, {picture_count(request.quantity)})"
