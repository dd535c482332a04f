"""The words that answer a command, a form or a click, privately."""

from __future__ import annotations

from bot.errors import Cause
from bot.images.catalogue import (
    MODELS,
    PROMPT_MAX_CHARACTERS,
    QUANTITY_MAX,
    STYLE_IMAGES_MAX,
    Model,
    Size,
)
from bot.images.command import Flag, Misunderstood, Problem
from bot.images.request import ImageRequest, Rule, Violation
from bot.slack.words.text import ASK_OPERATOR, NOTHING_SPENT, credit_count, joined, shorten


def balance(credits_: float) -> str:
    """The answer to `/imagine credits`."""
    return f"The PowerPost account has {credit_count(credits_)} left. It is shared by everyone."


def not_saved() -> str:
    """The promise could not be kept, so it is not made."""
    return (
        "I could not save your request, so I have not started it. "
        f"{NOTHING_SPENT} Please send it again in a minute."
    )


def in_doubt() -> str:
    """Nobody can say yet whether the promise is on disk."""
    return (
        "I do not know yet whether I have your request: the database did not say whether it kept "
        "it. Please do not send it again: I keep looking, and tell you privately as soon as I know."
    )


def settled(prompt: str, *, is_kept: bool) -> str:
    """What became of that."""
    asked = f"Your request “{shorten(prompt, 200)}”" if prompt else "Your last request"
    if is_kept:
        return f"{asked} was kept after all, and is being made. You need not send it again."
    return f"{asked} was not kept, so I have not started it. {NOTHING_SPENT} Please send it again."


def something_broke() -> str:
    """A fault of ours in answering."""
    return (
        "Something went wrong here, and I could not take your request. "
        f"{NOTHING_SPENT} Please try again; if it happens again, tell whoever runs this app."
    )


def newer_version() -> str:
    """What it is about was made by a newer version of this app."""
    return (
        "A newer version of this app made this, and this one can't work with it. "
        f"{NOTHING_SPENT} Please try again in a few minutes; if it stays so, tell whoever runs "
        "this app."
    )


def balance_unavailable(cause: Cause | None) -> str:
    """`/imagine credits` without an answer from PowerPost."""
    if cause in (Cause.INVALID_KEY, Cause.FORBIDDEN, Cause.INSUFFICIENT_SCOPE):
        return f"PowerPost does not tell this app the balance. {ASK_OPERATOR}"
    return "PowerPost does not answer right now. Please ask again in a minute."


def misunderstood(answer: Misunderstood) -> str:
    """A word of a command that we do not know, and what to write instead. Plain text."""
    typed = shorten(answer.typed, 80)
    meant = f" Did you mean {answer.suggestion}?" if answer.suggestion else ""
    match answer.problem:
        case Problem.UNKNOWN_FLAG:
            return (
                f"I do not know the option {typed}.{meant} The options are "
                f"{joined(f'--{flag}' for flag in Flag)}. "
                "If it belongs to the prompt, put the prompt in double quotes."
            )
        case Problem.UNKNOWN_MODEL:
            return f"There is no model “{typed}”.{meant} The models are {joined(Model)}."
        case Problem.UNKNOWN_SIZE:
            return f"There is no size “{typed}”.{meant} The sizes are {joined(Size)}."
        case Problem.BAD_QUANTITY:
            return f"“{typed}” is not a number of pictures. Write --quantity 1 to {QUANTITY_MAX}."
        case Problem.VALUE_MISSING:
            return f"{typed} needs a value after it, such as {_example_value(typed)}."
        case Problem.GIVEN_TWICE:
            return f"{typed} is there twice. Give it once."


def _example_value(flag: str) -> str:
    examples = {
        "--model": Model.IDEOGRAM_3.value,
        "--size": Size.LANDSCAPE.value,
        "--preset": "brand",
    }
    return f"{flag} {examples.get(flag, '2')}"


def violation(broken: Violation, request: ImageRequest) -> str:
    """A rule of the specification, in words that say what to do. Plain text."""
    model = MODELS[request.model]
    length = len(request.prompt or "")
    return {
        Rule.PROMPT_MISSING: "Say what the picture should show, such as: a lighthouse in fog",
        Rule.PROMPT_TOO_LONG: (
            f"The prompt has {length:,} characters; PowerPost takes at most "
            f"{PROMPT_MAX_CHARACTERS:,}. Shorten it by {length - PROMPT_MAX_CHARACTERS:,}."
        ),
        Rule.QUANTITY_OUT_OF_RANGE: (
            f"{request.quantity} pictures cannot be made at once. Ask for 1 to {QUANTITY_MAX}."
        ),
        Rule.SIZE_NOT_IN_MODEL: (
            f"{model.name} has no size {request.size}. It has {joined(model.sizes)}."
        ),
        Rule.TOO_MANY_STYLE_IMAGES: (
            f"At most {STYLE_IMAGES_MAX} reference pictures can be used. Take some away."
        ),
        Rule.SOURCE_POST_TYPE_UNKNOWN: "Choose one of the platforms that the caption was made for.",
        Rule.SOURCE_POST_TYPE_WITHOUT_CAPTION: "Choose a caption before its platform.",
    }[broken.rule]
