"""The words of what was understood of a command or reply, shown before it runs."""

from __future__ import annotations

from typing import Final

from bot.images.catalogue import MODELS, Model
from bot.images.meaning import Change, Kind, Understood
from bot.images.showing import Show
from bot.slack.kit.show_texts import SHOWN
from bot.slack.kit.text import joined, ordinal, picture_count, shorten

ONCE_MORE: Final = "once more"
MISSING: Final = "the missing pictures"


def understood(change: Change, number_of_files: int = 0, number_before: int = 0) -> str:
    """What was understood of a reply, to be shown before it runs: with so many new reference
    pictures, beside those that were there before; empty where nothing was. Plain text."""
    said = [_understood_one(one, number_of_files, number_before) for one in change.understood]
    return "Understood: " + joined(part for part in said if part) if said else ""


def changed(change: Change, number_of_files: int = 0, number_before: int = 0) -> str:
    """What a reply changed, as lists of versions say it; empty for a new prompt, which says it
    itself. Plain text."""
    if any(one.kind is Kind.PROMPT_REPLACED for one in change.understood):
        return ""
    said = [
        shorten(one.value, 200)
        if one.kind is Kind.WORDS_ADDED
        else _understood_one(one, number_of_files, number_before)
        for one in change.understood
        if one.kind is not Kind.AGAIN
    ]
    return " · ".join(said) or ONCE_MORE


def _understood_one(one: Understood, number_of_files: int, number_before: int) -> str:
    match one.kind:
        case Kind.AGAIN:
            return ONCE_MORE
        case Kind.WORDS_ADDED:
            return f"added “{shorten(one.value, 200)}”"
        case Kind.PROMPT_REPLACED:
            return "a new prompt"
        case Kind.MODEL:
            return f"model {MODELS[Model(one.value)].name}"
        case Kind.SIZE:
            return f"{one.typed} → {one.value}" if one.typed else f"size {one.value}"
        case Kind.SIZE_FELL_BACK:
            return f"size {one.value}, as this model lacks the one before"
        case Kind.QUANTITY:
            return picture_count(int(one.value))
        case Kind.ENHANCE_ON:
            return "prompt improved by AI"
        case Kind.ENHANCE_OFF:
            return "prompt as it is"
        case Kind.PRESET:
            return f"preset “{shorten(one.value, 40)}”" if one.value else "no preset"
        case Kind.CAMPAIGN:
            return f"campaign “{one.value}”" if one.value else "no campaign"
        case Kind.SHOW:
            return SHOWN[Show(one.value)]
        case Kind.FROM_VERSION:
            return f"from the {ordinal(int(one.value))} version"
        case Kind.CUT:
            return f"without “{one.value}”, which does not fit"
        case Kind.REFERENCES:
            these = "this picture" if number_of_files == 1 else "these pictures"
            before = f", beside the {number_before} from before" if number_before else ""
            return f"the style of {these}{before}"
