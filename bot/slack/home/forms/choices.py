"""What presets and personal defaults have in common: options that may be left open. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from slack_sdk.models.blocks import Block

from bot.images.catalogue import DEFAULT_MODEL, MODELS, QUANTITY_MAX, Model, Size
from bot.slack.home import texts as home_texts
from bot.slack.home.fields import NOT_SET, YES, draw_select, one
from bot.slack.home.forms.form import Errors
from bot.slack.home.screens import Values
from bot.slack.kit.ids import HomeField
from bot.slack.kit.text import picture_count

_T = TypeVar("_T")
_NO: Final = "no"
_ALLOWED: Final[dict[HomeField, set[str]]] = {
    HomeField.MODEL: {model.value for model in Model},
    HomeField.SIZE: {size.value for size in Size},
    HomeField.QUANTITY: {str(n) for n in range(1, QUANTITY_MAX + 1)},
    HomeField.ENHANCE: {YES, _NO},
}
BLANK_CHOICES: Final[Values] = dict.fromkeys(_ALLOWED, (NOT_SET,))


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of a request; None is left open."""

    model: Model | None
    size: Size | None
    quantity: int | None
    enhance_prompt: bool | None


def values_of_choices(choices: Choices) -> Values:
    """The fields that show them."""
    enhance = None if choices.enhance_prompt is None else (YES if choices.enhance_prompt else _NO)
    return {
        HomeField.MODEL: (str(choices.model or NOT_SET),),
        HomeField.SIZE: (str(choices.size or NOT_SET),),
        HomeField.QUANTITY: (str(choices.quantity or NOT_SET),),
        HomeField.ENHANCE: (enhance or NOT_SET,),
    }


def draw_choices(values: Values) -> list[Block]:
    """The four selects."""
    unset = (NOT_SET, "Not set")
    models = [unset, *((model.value, facts.name) for model, facts in MODELS.items())]
    sizes = [unset, *((size.value, size.value.capitalize()) for size in Size)]
    numbers = [unset, *((str(n), picture_count(n)) for n in range(1, QUANTITY_MAX + 1))]
    enhance = [unset, (YES, "Let AI improve the prompt"), (_NO, "Leave the prompt as it is")]
    return [
        draw_select(HomeField.MODEL, "Model", values, models),
        draw_select(HomeField.SIZE, "Size", values, sizes),
        draw_select(HomeField.QUANTITY, "How many", values, numbers),
        draw_select(HomeField.ENHANCE, "Prompt enhancement", values, enhance),
    ]


def find_choice_errors(values: Values) -> Errors:
    """A choice that is not offered, or a size that the model lacks."""
    errors = {
        field: home_texts.CHOOSE_FROM_LIST
        for field, allowed in _ALLOWED.items()
        if one(values, field) not in (None, *allowed)
    }
    if not errors:
        choices = read_choices(values)
        model = choices.model or DEFAULT_MODEL
        if choices.size is not None and choices.size not in MODELS[model].dimensions:
            errors[HomeField.SIZE] = home_texts.size_not_in_model(model, choices.size)
    return errors


def read_choices(values: Values) -> Choices:
    """The choices in fields without errors."""
    enhance = one(values, HomeField.ENHANCE)
    return Choices(
        model=_read(values, HomeField.MODEL, Model),
        size=_read(values, HomeField.SIZE, Size),
        quantity=_read(values, HomeField.QUANTITY, int),
        enhance_prompt=None if enhance is None else enhance == YES,
    )


def _read(values: Values, field: HomeField, make: Callable[[str], _T]) -> _T | None:
    chosen = one(values, field)
    return None if chosen is None else make(chosen)
