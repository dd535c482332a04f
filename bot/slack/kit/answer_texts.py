"""The words that answer a command, a form or a click, privately."""

from __future__ import annotations

from typing import Final

from bot.errors import Cause
from bot.images.brief import PICTURES_MAX, BriefPlan, name_use
from bot.images.campaigns import CAMPAIGN_MAX
from bot.images.catalogue import (
    MODELS,
    PROMPT_MAX_CHARACTERS,
    QUANTITY_MAX,
    STYLE_IMAGES_MAX,
    Model,
    Size,
)
from bot.images.flags import Flag
from bot.images.meaning import AgainstSpec, Misunderstood, Problem
from bot.images.request import ImageRequest, Rule, SpecViolation
from bot.images.usage import UsageMisunderstood, UsageProblem
from bot.slack.kit.text import (
    ASK_OPERATOR,
    NOTHING_SPENT,
    clean_line,
    credit_count,
    joined,
    shorten,
)

_COUNTED_MAX: Final = 1_000_000
_USAGE_EXAMPLE: Final = "/imagine usage --by user --month 2026-11"


def balance(credits_: float) -> str:
    """The answer to `/imagine credits`."""
    return f"The PowerPost account has {credit_count(credits_)} left. It is shared by everyone."


# The promise could not be kept, so it is not made.
NOT_SAVED: Final = (
    "I couldn't save your request, so I haven't started it. "
    f"{NOTHING_SPENT} Please send it again in a minute."
)


# Nobody can say yet whether the promise is on disk.
IN_DOUBT: Final = (
    "I do not know yet whether I have your request: the database did not say whether it kept "
    "it. Please do not send it again: I keep looking, and tell you privately as soon as I know."
)


def settled(prompt: str, *, is_kept: bool) -> str:
    """What became of that."""
    asked = f"Your request “{shorten(prompt, 200)}”" if prompt else "Your last request"
    if is_kept:
        return f"{asked} was kept after all, and is being made. You don't need to send it again."
    return f"{asked} was not kept, so I have not started it. {NOTHING_SPENT} Please send it again."


# A fault of ours in answering.
SOMETHING_BROKE: Final = (
    "Something went wrong, and I couldn't take your request. "
    f"{NOTHING_SPENT} Please try again; if it happens again, tell the person who "
    "runs this app."
)


# What it is about was made by a newer version of this app.
NEWER_VERSION: Final = (
    "A newer version of this app made this, and this one can't work with it. "
    f"{NOTHING_SPENT} Please try again in a few minutes. If that doesn't help, tell the "
    "person who runs this app."
)


def balance_unavailable(cause: Cause | None) -> str:
    """`/imagine credits` without an answer from PowerPost."""
    if cause in (Cause.INVALID_KEY, Cause.FORBIDDEN, Cause.INSUFFICIENT_SCOPE):
        return f"PowerPost doesn't let this app see the balance. {ASK_OPERATOR}"
    return "PowerPost isn't answering right now. Please try again in a minute."


def misunderstood(answer: Misunderstood) -> str:
    """A word that we do not know or are not sure of, and what to write instead. Plain text."""
    typed = shorten(clean_line(answer.typed), 80)
    meant = f" Did you mean {answer.suggestion}?" if answer.suggestion else ""
    match answer.problem:
        case Problem.UNKNOWN_FLAG:
            return (
                f"I don't know the option {typed}.{meant} The options are "
                f"{joined(f'--{flag}' for flag in Flag)}. "
                "If it belongs to the prompt, put the prompt in double quotes."
            )
        case Problem.UNKNOWN_MODEL:
            return f"There is no model “{typed}”.{meant} The models are {joined(Model)}."
        case Problem.UNKNOWN_SIZE:
            return f"There is no size “{typed}”.{meant} The sizes are {joined(Size)}."
        case Problem.UNKNOWN_SHOW:
            return (
                f"Pictures can't be shown in “{typed}”. Write --show thread, --show channel (also "
                "in the channel), or --show me (only to you, until you share them)."
            )
        case Problem.UNKNOWN_USE:
            return (
                f"I don't know which size “{typed}” needs.{meant} Name where it is shown, such as "
                "instagram-feed, story or youtube, or the size."
            )
        case Problem.TOO_MANY:
            return too_many(int(typed) if typed.isdecimal() else PICTURES_MAX + 1)
        case Problem.BAD_QUANTITY:
            return f"“{typed}” isn't a number of pictures. Write --quantity 1 to {QUANTITY_MAX}."
        case Problem.VALUE_MISSING:
            return f"{typed} needs a value after it, such as {_example_value(typed)}."
        case Problem.CAMPAIGN_TOO_LONG:
            return f"A campaign's name has at most {CAMPAIGN_MAX} characters. “{typed}” has more."
        case Problem.GIVEN_TWICE:
            return f"{typed} appears twice. Use it once."
        case Problem.BAD_STATE:
            return f"“{typed}” is neither on nor off. Write --enhance on, or --enhance off."
        case _:
            return _unsure(answer, typed)


def too_many(pictures: int) -> str:
    """A brief of more pictures than may be asked for at once. Plain text."""
    number = f"{pictures:,}" if pictures < _COUNTED_MAX else f"more than {_COUNTED_MAX:,}"
    return (
        f"That would be {number} pictures, and at most {PICTURES_MAX} are made at once. "
        "Leave out choices, sizes or models, or ask for it in several parts."
    )


def _unsure(answer: Misunderstood, typed: str) -> str:
    """What a word may mean, where it may be part of the picture as well."""
    meant = answer.suggestion or ""
    match answer.problem:
        case Problem.VALUE_OR_WORD:
            return (
                f"In “{typed}” I am not sure whether “{meant}” belongs to the option or to the "
                "picture. Join it with =, such as --enhance=on, or put the picture in quotes."
            )
        case Problem.LIST_OR_WORD:
            return (
                f"In “{typed}” I am not sure whether “{meant}” belongs to the list or to the "
                "picture. Write the list without spaces, such as feed,portrait."
            )
        case Problem.UNCLOSED:
            return (
                f"In “{typed}” a brace has no counterpart. Choices stand in two of them, such as "
                "a {red|blue} kite; a brace in the picture is written \\{."
            )
        case Problem.SIZE_DIFFERS if answer.other is not None and answer.other.brief is not None:
            return _size_differs(answer.other.brief)
        case Problem.SIZE_DIFFERS if answer.other is not None and answer.guess is not None:
            name = MODELS[answer.guess.request.model].name
            return f"{name} has no {typed}, its nearest is {meant}. {_WHICH_WAY}"
        case Problem.NEARLY_CAMPAIGN:
            return f"There is a campaign “{meant}”. Did you mean it, or is “{typed}” a new one?"
        case Problem.CAMPAIGN_OR_WORDS:
            return (
                f"In “{typed}” I am not sure where the campaign's name ends. I take it to be "
                f'“{meant}”. Put a new name of several words in quotes: --campaign "Spring 27"'
            )
        case Problem.CAMPAIGN_ALONE:
            return (
                "Pictures that are made already stay with their campaign. Shall I make them once "
                "more?"
            )
        case Problem.SIZE_DIFFERS:
            return f"This model has no {typed}. Its nearest size is {meant}."
        case Problem.COMMAND_WORD:
            return _command_word(typed, meant)
        case Problem.ONLY_OPTIONS:
            return (
                f"“{typed}” names an option, and not what the picture shows. Say that, too, such "
                "as: a lighthouse in fog --size landscape"
            )
        case Problem.NAMES_VERSION:
            return (
                f"“{typed}” may mean another version. To continue from one, write “go back to "
                "version 2”; your next reply then changes it."
            )
        case Problem.OTHER_MODEL:
            return f"Which model? There are {joined(facts.name for facts in MODELS.values())}."
        case Problem.NO_VERSION:
            return f"“{typed}”: there is no such version in this thread. {meant}".strip()
        case Problem.NAMES_NUMBER:
            return f"“{typed}” may mean how many pictures. {_IN_PICTURE}"
        case _:
            what = "sizes" if " + " in meant else "size"
            models = "models" if " + " in meant else "model"
            what = models if answer.problem is Problem.NAMES_MODEL else what
            return f"“{typed}” may mean the {what} {meant}. {_IN_PICTURE}"


_WHICH_WAY: Final = "Shall I take the nearest, or another model for that?"


def _size_differs(brief: BriefPlan) -> str:
    """Which models lack which sizes. Plain text."""
    lacking = [
        f"{MODELS[each.model].name} has no {name_use(each.typed)}, its nearest is {each.size} "
        f"{MODELS[each.model].dimensions[each.size].ratio}"
        for each in brief.misfits
    ]
    return f"{'; '.join(lacking)}. {_WHICH_WAY}"


_IN_PICTURE: Final = "If it belongs in the picture, put it in quotes."


def _command_word(typed: str, meant: str) -> str:
    if meant:
        return f"Did you mean the command /imagine {meant}, or a picture of what you wrote?"
    return (
        f"“{typed}” isn't a command. Buttons under a picture and replies in its thread "
        "change it; /imagine help shows the rest."
    )


def _example_value(flag: str) -> str:
    examples = {
        "--model": Model.IDEOGRAM_3.value,
        "--size": Size.LANDSCAPE.value,
        "--preset": "brand",
        "--show": "me",
        "--campaign": '"Spring 27"',
    }
    return f"{flag} {examples.get(flag, '2')}"


def _beyond(prompt: str) -> str:
    """The end of a prompt that is too long."""
    return shorten(clean_line(prompt[PROMPT_MAX_CHARACTERS:][:400]), 200)


def violations(answer: AgainstSpec) -> list[str]:
    """What the specification forbids in it, or in the first part of it that it forbids."""
    found = answer.brief.find_violations() if answer.brief else None
    request, broken = found or (answer.request, answer.violations)
    return [violation(each, request) for each in broken]


def violation(broken: SpecViolation, request: ImageRequest) -> str:
    """A rule of the specification, in words that say what to do. Plain text."""
    model = MODELS[request.model]
    length = len(request.prompt or "")
    return {
        Rule.PROMPT_MISSING: "Describe the picture, such as: a lighthouse in fog",
        Rule.PROMPT_TOO_LONG: (
            f"The prompt has {length:,} characters; PowerPost takes at most "
            f"{PROMPT_MAX_CHARACTERS:,}. Shorten it by {length - PROMPT_MAX_CHARACTERS:,}. "
            f"This doesn't fit: “{_beyond(request.prompt or '')}”"
        ),
        Rule.QUANTITY_OUT_OF_RANGE: (
            f"{request.quantity} pictures are too many at once. Ask for 1 to {QUANTITY_MAX}."
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


def usage_misunderstood(answer: UsageMisunderstood) -> str:
    """A word after `usage` that we do not know, and what to write instead. Plain text."""
    typed = shorten(answer.typed, 80)
    meant = f" Did you mean {answer.suggestion}?" if answer.suggestion else ""
    match answer.problem:
        case UsageProblem.UNKNOWN_WORD:
            said = f"I don't know the option {typed}.{meant}"
        case UsageProblem.UNKNOWN_BY:
            kinds = "user, channel, model, campaign or workspace"
            said = f"A report is by {kinds}, not by “{typed}”.{meant}"
        case UsageProblem.UNKNOWN_MONTH:
            said = f"I know no month “{typed}”.{meant} Write 2026-11, november or last month."
        case UsageProblem.VALUE_MISSING:
            said = f"{typed} needs a value after it."
        case UsageProblem.GIVEN_TWICE:
            said = f"{typed} appears twice. Use it once."
    return f"{said} An example: {_USAGE_EXAMPLE}. If it is a prompt, put it in double quotes."
