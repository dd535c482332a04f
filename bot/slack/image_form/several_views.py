"""The fields of the form for several pictures at once. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    Option,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.blocks.block_elements import FileInputElement

from bot.images.brief import name_use
from bot.images.catalogue import MODELS, SOURCE_POST_TYPES, Size
from bot.images.typed import squash
from bot.slack.image_form import texts as form_texts
from bot.slack.image_form.offers import Offer
from bot.slack.image_form.values import FormContext, FormValues, Misfit
from bot.slack.kit.ids import Field
from bot.slack.kit.message import plain_section
from bot.slack.kit.message_content import LIST_EXTENSIONS
from bot.slack.kit.text import shorten

_OPTION_MAX: Final = 75
_CHOSEN_MAX: Final = 10  # so many are read of a field (bot/slack/kit/modals.py)
_BEST_FOR: Final = {
    Size.SQUARE: "Square 1:1",
    Size.FEED: "Feed 4:5",
    Size.PORTRAIT: "Portrait 9:16",
    Size.LANDSCAPE: "Landscape 16:9",
}


def show_switch(context: FormContext, values: FormValues) -> Block:
    """Whether there are fields for several of each."""
    options = [_option("yes", "Choose several of each, or give a list")]
    return InputBlock(
        block_id=context.block_id(Field.SEVERAL),
        label="Several pictures at once",
        optional=True,
        dispatch_action=True,
        hint=form_texts.CHOICES_HINT,
        element=CheckboxesElement(
            action_id=Field.SEVERAL,
            options=options,
            initial_options=options if values.is_several else None,
        ),
    )


def show_several(context: FormContext, values: FormValues, offer: Offer) -> list[Block]:
    """Models, sizes and places; and what is made where a model lacks a size."""
    models = [_option(model, MODELS[model].name) for model in offer.offered_models]
    sizes = [_option(size, _BEST_FOR[size]) for size in Size]
    sizes += [_option(each, each) for each in values.sizes if each not in set(Size)]
    known = {squash(kind) for kind in SOURCE_POST_TYPES}
    uses = [_option(kind, name_use(kind)) for kind in SOURCE_POST_TYPES]
    uses += [_option(each, each) for each in values.uses if squash(each) not in known]
    by_name = {squash(option.value or ""): option.value or "" for option in uses}
    return [
        _many(context, Field.MODELS, "Models", models, values.models, form_texts.model_hint(offer)),
        _many(context, Field.SIZES, "Sizes", sizes, values.sizes, form_texts.size_hint(offer)),
        _many(
            context,
            Field.USES,
            "For",
            uses,
            [by_name[squash(each)] for each in values.uses],
            form_texts.USES_HINT,
        ),
        _misfit(context, values, offer),
    ]


def show_list(context: FormContext, values: FormValues) -> list[Block]:
    """One prompt a line, or a file; and what is wrong with that."""
    one_a_line = [_option("yes", "One prompt a line")]
    blocks: list[Block] = [
        _ticks(context, Field.ONE_A_LINE, "Prompts", one_a_line, values.is_one_a_line)
    ]
    if context.list_file is not None:
        kept = [_option(context.list_file.key, context.list_file.name)]
        is_kept = values.list_file is not None
        blocks.append(_ticks(context, Field.LIST_KEPT, "The list", kept, is_kept))
    blocks.append(
        InputBlock(
            # Once a list is kept, the picker is for another one: empty.
            block_id=context.block_id(Field.LIST, *(["other"] if context.list_file else [])),
            label="Another list" if context.list_file else "A list, as a CSV file",
            optional=True,
            hint=form_texts.LIST_HINT,
            element=FileInputElement(
                action_id=Field.LIST, filetypes=list(LIST_EXTENSIONS), max_files=1
            ),
        )
    )
    if context.faults:
        blocks.append(plain_section(context.faults, "list_faults"))
        leave_out = [_option("yes", "Leave these out, and make the others")]
        digest = hashlib.sha256(context.faults.encode("utf-8", "replace")).hexdigest()[:8]
        blocks.append(
            _ticks(
                context,
                Field.LEAVE_OUT,
                "What can't be made",
                leave_out,
                values.leaves_out,
                digest,  # what else is wrong was not left out yet
            )
        )
    return blocks


def _many(
    context: FormContext,
    field: Field,
    label: str,
    options: Sequence[Option],
    chosen: Sequence[str],
    hint: str | None,
) -> Block:
    by_value = {option.value: option for option in options}
    initial = [by_value[str(each)] for each in chosen if str(each) in by_value]
    return InputBlock(
        block_id=context.block_id(field, *([context.mark] if context.mark else [])),
        label=label,
        optional=field is not Field.MODELS,
        dispatch_action=True,
        hint=hint or None,
        element=StaticMultiSelectElement(
            action_id=field,
            options=list(options),
            initial_options=initial or None,
            max_selected_items=_CHOSEN_MAX,
        ),
    )


def _misfit(context: FormContext, values: FormValues, offer: Offer) -> Block:
    options = [
        _option(Misfit.ASK, "Ask me"),
        _option(Misfit.NEAREST, "Take its nearest size"),
        *(_option(model, f"Use {MODELS[model].name} for that") for model in offer.offered_models),
    ]
    return InputBlock(
        block_id=context.block_id(Field.MISFIT, *([context.mark] if context.mark else [])),
        label="If a model lacks a size",
        element=StaticSelectElement(
            action_id=Field.MISFIT,
            options=options,
            initial_option=next(
                (each for each in options if each.value == values.misfit), options[0]
            ),
        ),
    )


def _ticks(
    context: FormContext,
    field: Field,
    label: str,
    options: list[Option],
    is_ticked: bool,
    *reset_by: str,
) -> Block:
    return InputBlock(
        block_id=context.block_id(field, *reset_by),
        label=label,
        optional=True,
        element=CheckboxesElement(
            action_id=field, options=options, initial_options=options if is_ticked else None
        ),
    )


def _option(value: str, text: str) -> Option:
    shown = PlainTextObject(text=shorten(text, _OPTION_MAX) or "-", emoji=False)
    return Option(value=str(value), text=shown)
