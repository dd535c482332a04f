"""The grammar of `/imagine`: one untrusted string in, what the person meant out. Pure.

    /imagine a lighthouse in fog --model ideogram-3 --size landscape --quantity 2 --enhance
    /imagine "a sign that says --open--" -m nano-banana-2 -s portrait -n 4 -e

How flags are found stands in `flags`. What is not a flag is the prompt, to the letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.images.catalogue import DEFAULT_MODEL, DEFAULT_SIZE
from bot.images.flags import (
    Flag,
    Forbidden,
    Help,
    Misunderstood,
    MisunderstoodError,
    Options,
    Problem,
    find_model,
    find_size,
    join_words,
    read_options,
    refuse_overlong,
    split_flags,
    suggest_model,
    suggest_size,
)
from bot.images.request import ImageRequest, find_violations
from bot.images.usage import ShowUsage, UsageMisunderstood, parse_usage

__all__ = [
    "Command",
    "Flag",
    "Forbidden",
    "Generate",
    "Help",
    "Misunderstood",
    "OpenForm",
    "Problem",
    "ShowCredits",
    "ShowUsage",
    "UsageMisunderstood",
    "find_model",
    "find_size",
    "parse_command",
    "suggest_model",
    "suggest_size",
]


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The person said nothing: every option is in the form."""


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """The person asked for what they made before."""


@dataclass(frozen=True, slots=True)
class ShowCredits:
    """The person asked for the balance."""


@dataclass(frozen=True, slots=True)
class Generate:
    """The person asked for pictures, and the specification allows it."""

    request: ImageRequest
    options: Options = field(default=Options(), compare=False)  # what of it the person named


@dataclass(frozen=True, slots=True)
class ShowPresets:
    """The person asked for the presets that there are."""


Command = (
    OpenForm
    | Help
    | ShowCredits
    | ShowHistory
    | ShowPresets
    | Generate
    | Misunderstood
    | Forbidden
    | ShowUsage
    | UsageMisunderstood
)


def parse_command(text: str) -> Command:
    """What `text`, the command's unescaped `text` as Slack sent it, asks for."""
    stripped = text.strip()
    match stripped.casefold():
        case "":
            return OpenForm()
        case "help" | "-h" | "--help" | "—help" | "–help" | "?":
            return Help()
        case "history":
            return ShowHistory()
        case "credits" | "balance":
            return ShowCredits()
        case "presets":
            return ShowPresets()
    if (overlong := refuse_overlong(stripped, ImageRequest())) is not None:
        return overlong
    if (usage := parse_usage(stripped)) is not None:
        return usage
    try:
        split = split_flags(stripped)
        options = read_options(split.values)
        request = _build_request(options, join_words(stripped, split.words))
    except MisunderstoodError as error:
        return error.answer
    violations = find_violations(request)
    return Forbidden(request, tuple(violations)) if violations else Generate(request, options)


def _build_request(options: Options, prompt: str) -> ImageRequest:
    return ImageRequest(
        prompt=prompt or None,
        model=options.model or DEFAULT_MODEL,
        size=options.size or DEFAULT_SIZE,
        quantity=1 if options.quantity is None else options.quantity,
        enhance_prompt=options.enhance or False,
    )
