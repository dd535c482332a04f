"""The words for a request that is refused at the door: nothing was promised, nothing was spent."""

from __future__ import annotations

from bot.errors import Rejected
from bot.images.catalogue import MODELS
from bot.policy.rules import Break, RuleName
from bot.policy.terms import NotAllowed, OverBudget, Shortfall
from bot.slack.words.text import NOTHING_SPENT, credit_count


def refused(error: Rejected) -> str:
    """Why, and what to do about it. Plain text."""
    match error:
        case NotAllowed(breaks=breaks):
            said = [_forbidden(each) for each in breaks]
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


def _forbidden(broken: Break) -> str:
    rules = broken.rules
    match broken.rule:
        case RuleName.PERSON:
            return "This workspace's rules do not let you make pictures here. Ask an admin of it."
        case RuleName.CHANNEL:
            return "This workspace's rules allow no pictures in this channel. Try another one."
        case RuleName.MODEL:
            names = ", ".join(MODELS[model].name for model in rules.models or ())
            return f"That model is not allowed here. Choose one of these: {names or 'none is'}."
        case RuleName.QUANTITY:
            return f"At most {rules.quantity_max} at a time are allowed here. Ask for fewer."
        case RuleName.WORD:
            return f"A prompt may not have “{broken.found}” here. Say it in other words."


def _short(shortfall: Shortfall) -> str:
    return (
        f"This would take about {credit_count(shortfall.estimate)}, and the budget has "
        f"{credit_count(shortfall.left)} left."
    )
