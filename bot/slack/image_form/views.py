"""The form: every option of the specification in one modal.

Limits: title and buttons 24 characters, options 75, `private_metadata` 3,000 (slack-facts.md).
The file picker stands last and its ids never change: whether picked files survive a redraw is not
documented, so nothing gives Slack a reason to draw it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import DispatchActionConfig, PlainTextObject
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from bot.credits.estimates import Estimate
from bot.images.captions import CaptionFacts, CaptionSummary
from bot.images.catalogue import (
    MODELS,
    PROMPT_MAX_CHARACTERS,
    STYLE_IMAGES_MAX,
)
from bot.images.showing import Show
from bot.policy.budgets import BudgetUse
from bot.policy.presets import OFFERED_MAX
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.offers import EVERYTHING, Offer
from bot.slack.image_form.several_views import show_list, show_several, show_switch
from bot.slack.image_form.values import (
    ALL_CAPTIONS,
    NO_PRESET,
    PRESET_PREFIX,
    Destination,
    FormContext,
    FormValues,
)
from bot.slack.kit.campaigns import option_of
from bot.slack.kit.files import PICTURE_EXTENSIONS
from bot.slack.kit.ids import ActionId, Field, ViewId
from bot.slack.kit.message import mrkdwn_context, plain_context
from bot.slack.kit.preset_texts import preset_effect, preset_summary
from bot.slack.kit.show_texts import SHOWN_AS
from bot.slack.kit.text import picture_count, post_type_name, shorten
from bot.slack.kit.thumbnails import show_thumbnails

_OPTION_MAX: Final = 75
_SHOWN: Final = {**SHOWN_AS, Show.ME: "First only to me, so that I can share them"}


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the form tells beside what it asks: None is not known (yet)."""

    estimate: Estimate | None = None
    balance: float | None = None
    caption: CaptionFacts | None = None
    notice: str | None = None
    budget: BudgetUse | None = None
    offer: Offer = EVERYTHING
    pictures: int = 0  # of a brief


def show_form(context: FormContext, values: FormValues, facts: FormFacts) -> View:
    """The modal."""
    blocks: list[Block] = []
    if context.is_restored:
        blocks += _restored()
    if context.said:
        blocks.append(plain_context(context.said, "said"))
    if facts.notice:
        blocks.append(plain_context(facts.notice, "notice"))
    elif facts.offer.lost_preset:
        lost = form_texts.preset_left_out(facts.offer, facts.offer.lost_preset)
        blocks.append(plain_context(lost, "notice"))
    blocks.append(_prompt(context, values))
    blocks += _lines(context, values)
    blocks += _pictures(context, values)
    blocks.append(show_switch(context, values))
    if values.is_several:
        blocks += show_list(context, values)
    blocks += _preset(context, values, facts.offer)
    if values.is_several:
        blocks += show_several(context, values, facts.offer)
    else:
        blocks += [make(context, values, facts.offer) for make in (_model, _size)]
    blocks += [make(context, values, facts.offer) for make in (_quantity, _enhance)]
    cost = form_texts.cost_mrkdwn(facts.estimate, facts.balance, values, facts.pictures)
    if facts.budget is not None:
        cost += "\n" + form_texts.budget_mrkdwn(facts.budget, facts.estimate)
    blocks.append(mrkdwn_context(cost))
    blocks += _caption(context, values, facts.caption, facts.offer.powerpost_workspace)
    blocks += _destination(context, values)
    blocks += _show(context, values, facts.offer)
    blocks.append(_campaign(context, values, facts.offer))
    blocks += _references(context, values)
    return View(
        type="modal",
        callback_id=ViewId.IMAGE_FORM,
        title="Create image",
        submit="Create",
        close="Cancel",
        notify_on_close=True,
        private_metadata=context.model_copy(update={"counted": facts.pictures}).write(),
        blocks=blocks,
    )


def caption_options(found: Sequence[CaptionSummary]) -> list[Option]:
    """What the caption search offers."""
    return [_option(one.caption_id, form_texts.caption_title(one)) for one in found[:100]]


def _restored() -> list[Block]:
    button = ButtonElement(text="Start over", action_id=ActionId.START_AFRESH)
    return [
        plain_context("Restored from your draft. Add your pictures again."),
        ActionsBlock(block_id="restored", elements=[button]),
    ]


def _prompt(context: FormContext, values: FormValues) -> Block:
    has_caption = values.caption_id is not None
    is_long = values.is_several or len(values.prompt) > PROMPT_MAX_CHARACTERS
    return InputBlock(
        block_id=context.block_id(Field.PROMPT),
        label="Further instructions" if has_caption else "Prompt",
        dispatch_action=True,
        element=PlainTextInputElement(
            action_id=Field.PROMPT,
            multiline=True,
            max_length=form_texts.PROMPTS_MAX if is_long else PROMPT_MAX_CHARACTERS,
            # So that the draft holds what was typed, however the form is closed: what Slack
            # sends with `view_closed` has no values to rely on.
            dispatch_action_config=DispatchActionConfig(
                trigger_actions_on=["on_character_entered"]
            ),
            initial_value=values.prompt or None,
            placeholder="Dark background with neon accents"
            if has_caption
            else "A lighthouse in fog",
        ),
        optional=has_caption or values.is_several,
        hint="Beside the caption; may stay empty." if has_caption else "What the picture shows.",
    )


def _lines(context: FormContext, values: FormValues) -> list[Block]:
    """What versions have added to the prompt, to be struck one by one."""
    if not context.lines:
        return []
    options = [_option(str(at), line) for at, line in enumerate(context.lines)]
    ticked = set(values.lines)
    chosen = [option for option, line in zip(options, context.lines, strict=True) if line in ticked]
    return [
        _ticks(context, Field.LINES, "Added since", options, chosen, form_texts.LINES_HINT),
    ]


def _pictures(context: FormContext, values: FormValues) -> list[Block]:
    """The pictures of the version before, which may be kept."""
    if not context.pictures:
        return []
    options = [_option(each.key, each.name) for each in context.pictures]
    kept = {each.key for each in values.pictures}
    chosen = [option for option in options if option.value in kept]
    hint = form_texts.keep_hint(values.model)
    return [
        *show_thumbnails("pictures", ((each.file_id, each.name) for each in context.pictures)),
        _ticks(context, Field.PICTURES, "The picture before", options, chosen, hint),
    ]


def _ticks(
    context: FormContext,
    field: Field,
    label: str,
    options: Sequence[Option],
    chosen: Sequence[Option],
    hint: str,
) -> Block:
    return InputBlock(
        block_id=context.block_id(field),
        label=label,
        optional=True,
        hint=hint,
        element=CheckboxesElement(
            action_id=field, options=options, initial_options=list(chosen) or None
        ),
    )


def _preset(context: FormContext, values: FormValues, offer: Offer) -> list[Block]:
    """Which preset, and what it does; nothing where there is none to choose. Those that the rules
    bar are named in the small print."""
    barred = form_texts.presets_barred(offer)
    small_print: list[Block] = [plain_context(barred, "presets_barred")] if barred else []
    required = offer.required_preset
    if required is not None:
        why = form_texts.preset_required(offer)
        small_print.append(plain_context(why, "preset_required"))
    if not offer.presets:
        return small_print
    # What was chosen before gives way where only one may be.
    reset = ("required",) if required is not None else ()
    options = [] if required is not None else [_option(NO_PRESET, "No preset")]
    options += [
        _option(PRESET_PREFIX + preset.name, preset.name, preset_summary(preset))
        for preset in offer.presets[:OFFERED_MAX]
    ]
    chosen = PRESET_PREFIX + values.preset if values.preset else NO_PRESET
    blocks: list[Block] = [
        InputBlock(
            block_id=context.block_id(Field.PRESET, *reset),
            label="Preset",
            dispatch_action=True,
            element=StaticSelectElement(
                action_id=Field.PRESET,
                options=options,
                initial_option=_chosen(options, chosen) or options[0],
            ),
        )
    ]
    if offer.preset is not None:
        blocks.append(plain_context(preset_effect(offer.preset), "preset_effect"))
    return blocks + small_print


def _model(context: FormContext, values: FormValues, offer: Offer) -> Block:
    options = [
        _option(model.value, MODELS[model].name, MODELS[model].best_for)
        for model in offer.offered_models
    ]
    return InputBlock(
        block_id=context.block_id(Field.MODEL),
        label="Model",
        dispatch_action=True,
        element=StaticSelectElement(
            action_id=Field.MODEL,
            options=options,
            initial_option=_chosen(options, values.model) or options[0],
        ),
        hint=form_texts.model_hint(offer),
    )


def _size(context: FormContext, values: FormValues, offer: Offer) -> Block:
    options = [
        _option(
            size.value,
            f"{size.value.capitalize()} {pixels.ratio} · {pixels} px",
            pixels.best_for,
        )
        for size, pixels in MODELS[values.model].dimensions.items()
        if size in offer.sizes_of(values.model)
    ]
    return InputBlock(
        # A new model has another list: with its own id the field is drawn and chosen anew.
        block_id=context.size_block_id(values.model),
        label="Size",
        element=StaticSelectElement(
            action_id=Field.SIZE,
            options=options,
            initial_option=_chosen(options, values.size) or options[0],
        ),
        hint=form_texts.size_hint(offer),
    )


def _quantity(context: FormContext, values: FormValues, offer: Offer) -> Block:
    options = [_option(str(n), picture_count(n)) for n in offer.quantities]
    return InputBlock(
        block_id=context.block_id(Field.QUANTITY),
        label="How many of each" if values.is_several else "How many",
        dispatch_action=True,
        element=StaticSelectElement(
            action_id=Field.QUANTITY,
            options=options,
            initial_option=_chosen(options, str(values.quantity)) or options[0],
        ),
        hint=form_texts.quantity_hint(offer),
    )


def _enhance(context: FormContext, values: FormValues, offer: Offer) -> Block:
    option = _option("yes", "Let AI improve my prompt")
    return InputBlock(
        block_id=context.block_id(Field.ENHANCE),
        label="Prompt enhancement",
        optional=True,
        element=CheckboxesElement(
            action_id=Field.ENHANCE,
            options=[option],
            initial_options=[option] if values.enhance_prompt else None,
        ),
        hint=form_texts.enhance_hint(offer),
    )


def _caption(
    context: FormContext,
    values: FormValues,
    facts: CaptionFacts | None,
    workspace: str | None,
) -> list[Block]:
    chosen = None
    if values.caption_id is not None:
        chosen = _option(values.caption_id, values.caption_title or "The chosen caption")
    blocks: list[Block] = [
        InputBlock(
            block_id=context.block_id(Field.CAPTION),
            label="From a caption",
            optional=True,
            dispatch_action=True,
            hint=form_texts.caption_hint(workspace),
            element=ExternalDataSelectElement(
                action_id=Field.CAPTION,
                placeholder="Search your captions",
                min_query_length=0,
                initial_option=chosen,
            ),
        )
    ]
    if values.caption_id is None:
        return blocks
    blocks += _source(context, values, values.caption_id, facts or CaptionFacts())
    if facts is not None and facts.is_unavailable:
        blocks.append(plain_context(form_texts.CAPTION_UNAVAILABLE))
    preview = form_texts.caption_preview(facts.previews if facts else {}, values.source_post_type)
    if preview:
        blocks.append(plain_context(preview, "caption_preview"))
    return blocks


def _source(
    context: FormContext, values: FormValues, caption_id: str, facts: CaptionFacts
) -> list[Block]:
    """The platforms of the chosen caption. What was chosen is offered also while (or where) its
    platforms are not known, or it would be lost."""
    chosen = values.source_post_type
    kinds = facts.post_types or ((chosen,) if chosen else ())
    if not kinds:
        return []
    options = [_option(ALL_CAPTIONS, "All of its captions")]
    options += [_option(kind, post_type_name(kind)) for kind in kinds]
    element = StaticSelectElement(
        action_id=Field.SOURCE,
        options=options,
        initial_option=_chosen(options, chosen or ALL_CAPTIONS),
    )
    return [
        InputBlock(
            block_id=context.source_block_id(caption_id),
            label="Platform",
            optional=True,
            dispatch_action=True,
            element=element,
        )
    ]


def _destination(context: FormContext, values: FormValues) -> list[Block]:
    options = []
    if context.channel_id is not None:
        here = "In this thread" if context.thread_ts else "In this conversation"
        options.append(_option(Destination.HERE, here))
    options.append(_option(Destination.CHANNEL, "In another channel"))
    options.append(_option(Destination.ME, "Only to me, in a direct message"))
    blocks: list[Block] = [
        InputBlock(
            block_id=context.block_id(Field.DESTINATION),
            label="Where to post",
            dispatch_action=True,
            element=RadioButtonsElement(
                action_id=Field.DESTINATION,
                options=options,
                initial_option=_chosen(options, values.destination) or options[-1],
            ),
        )
    ]
    if values.destination is Destination.CHANNEL:
        blocks.append(
            InputBlock(
                block_id=context.block_id(Field.CHANNEL),
                label="Channel",
                dispatch_action=True,  # another channel, other rules and presets
                element=ConversationSelectElement(
                    action_id=Field.CHANNEL,
                    initial_conversation=values.channel_id,
                    filter=ConversationFilter(
                        include=["public", "private"], exclude_bot_users=True
                    ),
                ),
                hint="One that Imagine is in, or any public one.",
            )
        )
    return blocks


def _show(context: FormContext, values: FormValues, offer: Offer) -> list[Block]:
    """Who sees the pictures, and where; nothing in a direct message, where nobody else is."""
    if offer.show is None:
        return []
    options = [_option(show.value, _SHOWN[show]) for show in Show]
    element = RadioButtonsElement(
        action_id=Field.SHOW,
        options=options,
        initial_option=_chosen(options, values.show or offer.show),
    )
    block_id = context.block_id(Field.SHOW, offer.show)
    return [InputBlock(block_id=block_id, label="Show the pictures", element=element)]


def _campaign(context: FormContext, values: FormValues, offer: Offer) -> Block:
    """What it is made for: the last ones are offered, and a new one can be typed."""
    chosen = offer.campaign if values.campaign is None else values.campaign
    return InputBlock(
        block_id=context.block_id(Field.CAMPAIGN, offer.campaign),
        label="Campaign",
        optional=True,
        dispatch_action=True,  # it may have a budget
        element=ExternalDataSelectElement(
            action_id=Field.CAMPAIGN,
            placeholder="Choose one, or type a new name",
            min_query_length=0,
            initial_option=option_of(chosen) if chosen or offer.campaign else None,
        ),
    )


def _references(context: FormContext, values: FormValues) -> list[Block]:
    blocks: list[Block] = []
    if context.offered:
        options = [_option(offered.key, offered.name) for offered in context.offered]
        kept = {reference.key for reference in values.kept}
        chosen = [option for option in options if option.value in kept]
        blocks += show_thumbnails("kept", ((each.file_id, each.name) for each in context.offered))
        blocks.append(
            InputBlock(
                block_id=context.block_id(Field.KEPT),
                label="Reference pictures that are here already",
                optional=True,
                element=CheckboxesElement(
                    action_id=Field.KEPT, options=options, initial_options=chosen or None
                ),
            )
        )
    blocks.append(
        InputBlock(
            block_id=context.block_id(Field.FILES),
            label="Reference pictures",
            optional=True,
            hint=f"Up to {STYLE_IMAGES_MAX} pictures, also HEIC photos from a phone. "
            "They guide the style; they are not edited.",
            element=FileInputElement(
                action_id=Field.FILES,
                filetypes=list(PICTURE_EXTENSIONS),
                max_files=STYLE_IMAGES_MAX,
            ),
        )
    )
    return blocks


def _option(value: str, text: str, description: str | None = None) -> Option:
    return Option(
        value=str(value),
        text=PlainTextObject(text=shorten(text, _OPTION_MAX) or "-", emoji=False),
        description=PlainTextObject(text=shorten(description, _OPTION_MAX))
        if description
        else None,
    )


def _chosen(options: Sequence[Option], value: str) -> Option | None:
    return next((option for option in options if option.value == value), None)
