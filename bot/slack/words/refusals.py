"""The words for a request that is refused at the door: nothing was promised, nothing was spent."""

from __future__ import annotations

from bot.errors import Rejected
from bot.images.catalogue import MODELS
from bot.policy.choices import Unfit
from bot.policy.rules import Break, RuleName, Rules
from bot.policy.terms import NotAllowed, OverBudget, Shortfall
from bot.slack.words import presets as preset_words
from bot.slack.words.text import NOTHING_SPENT, credit_count, joined, picture_count


def refused(error: Rejected) -> str:
    """Why, and what to do about it. Plain text."""
    match error:
        case Unfit(misfits=misfits):
            said = [preset_words.misfit(each) for each in misfits]
        case NotAllowed(breaks=breaks):
            said = [forbidden(each) for each in breaks]
        case OverBudget(shortfalls=shortfalls):
            said = [_short(each) for each in shortfalls]
        case _:
            said = [too_many_waiting()]
    return " ".join([*said, NOTHING_SPENT])


def too_many_waiting() -> str:
    """The person has as many under way as they may."""
    return (
        "You have as many requests under way as one person may have (3 running, 10 waiting). "
        "Send this again when one of them has ended."
    )


def forbidden(broken: Break) -> str:
    """A rule of the workspace, and what goes instead. Plain text."""
    rules = broken.rules
    match broken.rule:
        case RuleName.PERSON:
            return (
                "The rules of this workspace do not let you make pictures here. "
                "Its admins can change that."
            )
        case RuleName.CHANNEL:
            return (
                "The rules of this workspace allow no pictures in this channel. "
                "Ask in another one, or in a direct message to me."
            )
        case RuleName.MODEL:
            return _other_models(rules)
        case RuleName.QUANTITY:
            most = rules.quantity_max or 1
            return f"At most {picture_count(most)} at a time may be made here. Ask for fewer."
        case RuleName.WORD:
            return f"A prompt may not have “{broken.found}” here. Say it in other words."


def _other_models(rules: Rules) -> str:
    names = [MODELS[model].name for model in rules.models or ()]
    if not names:
        return "The rules of this workspace allow no model here. Its admins can change that."
    return f"That model may not be used here. Choose {joined(names, 'or')}."


def _short(shortfall: Shortfall) -> str:
    return (
        f"This would take about {credit_count(shortfall.estimate)}, and the budget has "
        f"{credit_count(shortfall.left)} left."
    )
