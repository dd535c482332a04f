"""The fields of the Home tab's forms: drawn for Slack, and read back from `view.state`. Pure.

Selects that may stay empty are multi-selects with one choice, or have a choice that says so: what
was once chosen in another select cannot be taken back in every one of Slack's clients.
Source of the shapes: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from slack_sdk.models.blocks import (
    CheckboxesElement,
    ConversationFilter,
    ConversationMultiSelectElement,
    ConversationSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserMultiSelectElement,
    UserSelectElement,
)
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.blocks.block_elements import FileInputElement, InputInteractiveElement

from bot.images.typed import clean
from bot.slack.home.screens import Values
from bot.slack.kit.emoji import replace_names
from bot.slack.kit.files import PICTURE_EXTENSIONS
from bot.slack.kit.ids import HomeField
from bot.slack.kit.modals import ViewState
from bot.slack.kit.payloads import clean_text
from bot.slack.kit.text import shorten

NOT_SET: Final = "none"
YES: Final = "yes"
# Slack takes so many in a list of initial choices, so nobody may choose more.
CHOSEN_MAX: Final = 100
_OPTION_MAX: Final = 75
_TEXT_MAX: Final = 3000  # of a text field: no more can be typed
_ID: Final = re.compile(r"[A-Z][A-Z0-9]{1,30}")
_CHANNELS: Final = ConversationFilter(include=["public", "private"], exclude_bot_users=True)


def read_fields(state: Mapping[str, Any]) -> dict[HomeField, tuple[str, ...]]:
    """Everything that was typed or chosen, by field; without what is no field of ours."""
    elements = ViewState.of(state).elements
    return {
        HomeField(action_id): _read_element(element)
        for action_id, element in elements.items()
        if action_id in set(HomeField)
    }


def are_ids(values: tuple[str, ...]) -> bool:
    """Whether these look like Slack's ids: they are shown as mentions."""
    return all(_ID.fullmatch(value) for value in values)


def one(values: Values, field: HomeField) -> str | None:
    """What stands in a field of one value; None where nothing does, or where it says so."""
    value = next(iter(values.get(field, ())), None)
    return None if value == NOT_SET else value


def many(values: Values, field: HomeField) -> tuple[str, ...]:
    """What stands in a field of several values."""
    return tuple(values.get(field, ()))


def draw_text(
    field: HomeField,
    label: str,
    values: Values,
    *,
    most: int,
    hint: str | None = None,
    is_optional: bool = True,
    is_multiline: bool = False,
) -> InputBlock:
    """A field to write in, of at most `most` characters."""
    element = PlainTextInputElement(
        action_id=field,
        multiline=is_multiline,
        max_length=most,
        initial_value=(one(values, field) or "")[:most] or None,
    )
    return _input(field, label, element, hint, is_optional)


def draw_number(
    field: HomeField,
    label: str,
    values: Values,
    *,
    hint: str | None = None,
    is_optional: bool = True,
) -> InputBlock:
    """A number of credits."""
    element = NumberInputElement(
        action_id=field,
        is_decimal_allowed=True,
        min_value="0",
        max_value="1000000",
        initial_value=one(values, field),
    )
    return _input(field, label, element, hint, is_optional)


def draw_select(
    field: HomeField,
    label: str,
    values: Values,
    choices: Sequence[tuple[str, str]],
    *,
    hint: str | None = None,
) -> InputBlock:
    """One of `choices` (value, text); the first where none is chosen."""
    options = _options(choices)
    chosen = set(values.get(field, ()))
    first = next((option for option in options if option.value in chosen), options[0])
    element = StaticSelectElement(action_id=field, options=options, initial_option=first)
    return _input(field, label, element, hint, is_optional=False)


def draw_radio(
    field: HomeField,
    label: str,
    values: Values,
    choices: Sequence[tuple[str, str]],
    *,
    redraws: bool = False,
) -> InputBlock:
    """One of a few, in sight at once; with `redraws` Slack tells when another one is chosen."""
    options = _options(choices)
    chosen = set(values.get(field, ()))
    first = next((option for option in options if option.value in chosen), options[0])
    element = RadioButtonsElement(action_id=field, options=options, initial_option=first)
    block = _input(field, label, element, None, is_optional=False)
    block.dispatch_action = redraws or None
    return block


def draw_ticks(
    field: HomeField,
    label: str,
    values: Values,
    choices: Sequence[tuple[str, str]],
    *,
    hint: str | None = None,
) -> InputBlock:
    """Any of a few (at most 10)."""
    options = _options(choices)
    chosen = [option for option in options if option.value in set(values.get(field, ()))]
    element = CheckboxesElement(action_id=field, options=options, initial_options=chosen or None)
    return _input(field, label, element, hint, is_optional=True)


def draw_many(
    field: HomeField,
    label: str,
    values: Values,
    choices: Sequence[tuple[str, str]],
    *,
    hint: str | None = None,
) -> InputBlock:
    """Any of many (at most 100)."""
    options = _options(choices[:CHOSEN_MAX])
    chosen = [option for option in options if option.value in set(values.get(field, ()))]
    element = StaticMultiSelectElement(
        action_id=field, options=options, initial_options=chosen or None
    )
    return _input(field, label, element, hint, is_optional=True)


def draw_search(
    field: HomeField,
    label: str,
    values: Values,
    *,
    hint: str | None = None,
    named: Mapping[str, str] | None = None,
) -> InputBlock:
    """One of more than a select takes: what is typed is searched for. `named` are the texts of
    values that are not their own."""
    chosen = next(iter(values.get(field, ())), None)
    text = (named or {}).get(chosen or "", chosen or "")
    element = ExternalDataSelectElement(
        action_id=field,
        min_query_length=0,
        initial_option=_options([(chosen, text)])[0] if chosen else None,
    )
    return _input(field, label, element, hint, is_optional=False)


def draw_person(field: HomeField, label: str, values: Values) -> InputBlock:
    """One person."""
    element = UserSelectElement(action_id=field, initial_user=one(values, field))
    return _input(field, label, element, None, is_optional=False)


def draw_people(
    field: HomeField, label: str, values: Values, *, hint: str | None = None
) -> InputBlock:
    """Any people."""
    element = UserMultiSelectElement(
        action_id=field,
        initial_users=list(values.get(field, ()))[:CHOSEN_MAX] or None,
        max_selected_items=CHOSEN_MAX,
    )
    return _input(field, label, element, hint, is_optional=True)


def draw_channel(
    field: HomeField, label: str, values: Values, *, hint: str | None = None
) -> InputBlock:
    """One channel."""
    element = ConversationSelectElement(
        action_id=field, initial_conversation=one(values, field), filter=_CHANNELS
    )
    return _input(field, label, element, hint, is_optional=False)


def draw_channels(
    field: HomeField,
    label: str,
    values: Values,
    *,
    hint: str | None = None,
    most: int = CHOSEN_MAX,
) -> InputBlock:
    """Any channels, at most `most`."""
    element = ConversationMultiSelectElement(
        action_id=field,
        initial_conversations=list(values.get(field, ()))[:most] or None,
        max_selected_items=most,
        filter=_CHANNELS,
    )
    return _input(field, label, element, hint, is_optional=True)


def draw_files(field: HomeField, label: str, *, most: int, hint: str) -> InputBlock:
    """Pictures to pick."""
    element = FileInputElement(action_id=field, filetypes=list(PICTURE_EXTENSIONS), max_files=most)
    return _input(field, label, element, hint, is_optional=True)


def offer(choices: Sequence[tuple[str, str]]) -> list[Option]:
    """What a search offers: (value, text)."""
    return _options(choices[:CHOSEN_MAX])


def _input(
    field: HomeField,
    label: str,
    element: InputInteractiveElement,
    hint: str | None,
    is_optional: bool,
) -> InputBlock:
    return InputBlock(
        block_id=field.value,
        label=PlainTextObject(text=label, emoji=False),
        element=element,
        hint=PlainTextObject(text=hint, emoji=False) if hint else None,
        optional=is_optional,
    )


def _options(choices: Sequence[tuple[str, str]]) -> list[Option]:
    return [
        Option(value=value, text=PlainTextObject(text=shorten(text, _OPTION_MAX), emoji=False))
        for value, text in choices
    ]


def _read_element(element: Mapping[str, Any]) -> tuple[str, ...]:
    """What one input holds, of whatever kind it is."""
    held: list[Any] = []
    for name, value in element.items():
        if name == "value" or name.startswith("selected_") or name == "files":
            held += value if isinstance(value, list) else [value]
    texts = [_text(each) for each in held[: CHOSEN_MAX + 1]]
    return tuple(dict.fromkeys(text for text in texts if text))


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("value") or value.get("id")
    return (
        clean(replace_names(str(clean_text(value[:_TEXT_MAX])))).strip()
        if isinstance(value, str)
        else ""
    )
