"""The form of a search. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from slack_sdk.models.blocks import (
    ConversationFilter,
    ConversationSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.blocks.basic_components import PlainTextObject
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from bot.images.catalogue import MODELS, Size
from bot.images.find import read_day
from bot.slack.kit.ids import LibraryField, ViewId
from bot.slack.kit.library import WORDS_MAX, Wanted
from bot.slack.kit.modals import Metadata, ViewState
from bot.slack.library import texts

_CHANNELS: Final = ConversationFilter(include=["public", "private"])
_CAMPAIGNS_MAX: Final = 99
_DAY_MAX: Final = 40  # characters
_DAY_HINT: Final = "2026-11-01, yesterday, 3 weeks ago, or a month: 2026-11"
_RATINGS: Final = (
    ("good", "Rated good"),
    ("bad", "Rated bad"),
    ("chosen", "Chosen in a vote"),
)


class FormContext(Metadata):
    """Where the form was opened: a conversation, or (empty) the Home tab."""

    channel_id: str = ""


def show_form(wanted: Wanted, campaigns: Sequence[str], channel_id: str) -> View:
    """Filled with what was looked for last; what is left empty holds of everything."""
    known = list(dict.fromkeys([*([wanted.campaign] if wanted.campaign else []), *campaigns]))
    models = [(model.value, facts.name) for model, facts in MODELS.items()]
    sizes = [(size.value, size.value.capitalize()) for size in Size]
    field = LibraryField
    blocks = [
        _field(field.WORDS, "Words of the prompt", _text(field.WORDS, wanted.words), hint=_WORDS),
        _field(
            field.PERSON,
            "Who asked for it",
            UserSelectElement(action_id=field.PERSON, initial_user=wanted.user or None),
        ),
        _field(
            field.CHANNEL,
            "Channel",
            ConversationSelectElement(
                action_id=field.CHANNEL,
                initial_conversation=wanted.channel or None,
                filter=_CHANNELS,
            ),
        ),
        _choose(field.MODEL, "Model", wanted.model, models),
        _choose(field.SIZE, "Size", wanted.size, sizes),
        _choose(field.RATING, "Rating", wanted.rating, _RATINGS),
        _day(field.SINCE, "From this day", wanted.since),
        _day(field.UNTIL, "To this day", wanted.until),
    ]
    if known:
        offered = [(each, each) for each in known[:_CAMPAIGNS_MAX]]
        blocks.insert(3, _choose(field.CAMPAIGN, "Campaign", wanted.campaign, offered))
    return View(
        type="modal",
        callback_id=ViewId.LIBRARY_FORM,
        private_metadata=FormContext(channel_id=channel_id).write(),
        title="Search the library",
        submit="Search",
        close="Cancel",
        blocks=blocks,
    )


_WORDS: Final = "All of them, in any order. The last one may be the beginning of a word."


def read_form(state: ViewState, today: date) -> tuple[Wanted, dict[str, str]]:
    """What the form asks for, and what is wrong with it, by block."""
    days: dict[LibraryField, date | None] = {}
    errors: dict[str, str] = {}
    for field in (LibraryField.SINCE, LibraryField.UNTIL):
        typed = state.typed(field).strip()
        days[field] = read_day(typed, today, is_end=field is LibraryField.UNTIL) if typed else None
        if typed and days[field] is None:
            errors[field.value] = texts.BAD_DAY
    since, until = days[LibraryField.SINCE], days[LibraryField.UNTIL]
    if since and until and until < since:
        errors[LibraryField.UNTIL.value] = texts.BAD_ORDER
    person = state.element(LibraryField.PERSON).get("selected_user")
    wanted = Wanted(
        words=" ".join(state.typed(LibraryField.WORDS).split())[:WORDS_MAX],
        user=person if isinstance(person, str) else "",
        channel=state.conversation(LibraryField.CHANNEL) or "",
        campaign=state.option(LibraryField.CAMPAIGN) or "",
        model=state.option(LibraryField.MODEL) or "",
        size=state.option(LibraryField.SIZE) or "",
        rating=state.option(LibraryField.RATING) or "",
        since=since,
        until=until,
    )
    return wanted, errors


def _day(field: LibraryField, label: str, value: date | None) -> InputBlock:
    said = value.isoformat() if value else ""
    return _field(field, label, _text(field, said, _DAY_MAX), hint=_DAY_HINT)


def _text(field: LibraryField, value: str, most: int = WORDS_MAX) -> PlainTextInputElement:
    return PlainTextInputElement(action_id=field, initial_value=value or None, max_length=most)


def _choose(
    field: LibraryField, label: str, chosen: str, choices: Sequence[tuple[str, str]]
) -> InputBlock:
    options = [
        Option(value=value, text=PlainTextObject(text=text[:75], emoji=False))
        for value, text in choices
    ]
    initial = next((each for each in options if each.value == chosen), None)
    element = StaticSelectElement(action_id=field, options=options, initial_option=initial)
    return _field(field, label, element)


def _field(
    field: LibraryField, label: str, element: InputInteractiveElement, hint: str | None = None
) -> InputBlock:
    return InputBlock(
        block_id=field.value,
        label=PlainTextObject(text=label, emoji=False),
        element=element,
        hint=PlainTextObject(text=hint, emoji=False) if hint else None,
        optional=True,
    )
