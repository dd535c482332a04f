"""The words of what is asked back before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.credits.estimates import Estimate
from bot.generations.record import NewGeneration
from bot.images.catalogue import MODELS
from bot.images.request import ImageRequest
from bot.slack.kit import generation_texts, price_texts
from bot.slack.kit.text import NOTHING_SPENT, picture_count, shorten

# A section has room for about so many lines (3,000 characters).
_PARTS_SHOWN: Final = 12
_CAMPAIGN_SHOWN: Final = 36  # of a button's 75 characters
OPEN_FORM: Final = "Open the form"  # nothing is in it yet


MAKE: Final = "Make it"
NEAREST: Final = "Take the nearest"  # a model lacks a size


def make_it(estimate: Estimate | None, verb: str = MAKE) -> str:
    """A button that makes what was understood, with its price. At most 75 characters."""
    return verb if estimate is None else f"{verb} · {price_texts.about(estimate)}"


def this_way(new: NewGeneration, other: NewGeneration) -> str:
    """The button that makes `new`, beside one that makes `other`."""
    return NEAREST if new.campaign == other.campaign else _make_for(new)


def other_way(new: NewGeneration, other: NewGeneration) -> str:
    """The button that makes `other`: for another campaign, or by another model where one lacks a
    size."""
    return _other_model(other) if new.campaign == other.campaign else _make_for(other)


def _make_for(new: NewGeneration) -> str:
    return f"Make it for {shorten(new.campaign or 'no campaign', _CAMPAIGN_SHOWN)}"


def _other_model(new: NewGeneration) -> str:
    substitute = new.spread.substitute if new.spread else None
    return f"Use {MODELS[substitute or new.request.model].name} for that"


def would_make(new: NewGeneration, request: ImageRequest) -> str:
    """What that button makes; `request` is the whole of it. Plain text."""
    prompt = shorten(generation_texts.prompt_of(new), 600)
    said = f"I would make {picture_count(request.quantity)}: “{prompt}”"
    return f"{said} · {generation_texts.options(request)}"


def would_make_brief(new: NewGeneration, requests: Sequence[ImageRequest]) -> str:
    """The same for a brief: all of its parts by what makes them different; `requests` are the whole
    of each. Plain text."""
    count = picture_count(sum(request.quantity for request in requests))
    lines = [f"I would make {count}: “{shorten(generation_texts.prompt_of(new), 300)}”"]
    pairs = list(zip(new.parts, requests, strict=True))
    for number, (part, request) in enumerate(pairs[:_PARTS_SHOWN], 1):
        lines.append(f"{number}. {_describe_part(part.label, request, requests)}")
        if request.quantity > 1:
            lines[-1] += f" · {picture_count(request.quantity)}"
    if len(pairs) > _PARTS_SHOWN:
        lines.append(f"… and {len(pairs) - _PARTS_SHOWN} more")
    return "\n".join(lines)


def _describe_part(label: str, request: ImageRequest, requests: Sequence[ImageRequest]) -> str:
    """Its label and its options; a label ends with model and size if they differ, and the options
    say both."""
    words = label.split(" · ") if label else []
    if len({each.size for each in requests}) > 1 and words[-1:] == [request.size.value]:
        words.pop()
    name = MODELS[request.model].name
    if len({each.model for each in requests}) > 1 and words[-1:] == [name]:
        words.pop()
    said = shorten(" · ".join(words), 80)
    options = generation_texts.options(request)
    return f"{said} · {options}" if said else options


def made(new: NewGeneration) -> str:
    """The button was pressed. Plain text."""
    prompt, count = new.request.prompt or "", len(new.parts)
    if count:
        return f"All {count} are being made: “{shorten(prompt, 200)}”"
    return f"It is being made: “{shorten(prompt, 200)}”"


# The button was pressed before.
MADE_ALREADY: Final = (
    "You asked for that already, so I won't make it again. Nothing more was spent."
)


# It was asked so long ago that its price may be another by now.
TOO_OLD: Final = (
    f"I asked this more than a day ago, and the price may have changed. {NOTHING_SPENT} "
    "Press Edit to see it as it is now."
)


# The question is not known, or is another person's.
GONE: Final = (
    f"This is somebody else's, or so old that I don't know it any more. {NOTHING_SPENT} Please "
    "ask again."
)
