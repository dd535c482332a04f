"""The words for a request that is refused at the door: nothing was promised, nothing was spent."""

from __future__ import annotations

from typing import Final

from bot.credits.amounts import amount
from bot.errors import Rejected
from bot.images.catalogue import MODELS
from bot.policy.choices import PresetConflictError, UnknownPreset
from bot.policy.rules import BlockedWord, RuleName, RuleViolation
from bot.policy.terms import AboveThreshold, ExceededBudget, NotAllowed, OverBudget, TooManyAtOnce
from bot.policy.workspaces import Elsewhere, InOtherWorkspace, WorkspaceUnknown
from bot.slack.kit import preset_texts
from bot.slack.kit.price_texts import GUIDE
from bot.slack.kit.text import NOTHING_SPENT, credit_count, joined, picture_count, shorten


def refused(error: Rejected) -> str:
    """Why, and what to do about it. Plain text."""
    match error:
        case PresetConflictError(misfits=misfits):
            said = [preset_texts.misfit(each) for each in misfits]
        case NotAllowed(breaks=breaks):
            said = [forbidden(each) for each in breaks]
        case TooManyAtOnce(pictures=pictures, most=most):
            said = [
                f"That would be {picture_count(pictures)} at once, and this workspace allows "
                f"{most}. Ask for fewer variants, sizes or models, or in several requests."
            ]
        case OverBudget(shortfalls=shortfalls):
            said = [_short(each) for each in shortfalls]
        case WorkspaceUnknown():
            said = [WORKSPACE_UNKNOWN]
        case InOtherWorkspace():
            said = [_in_other_workspace(error)]
        case _:
            said = [TOO_MANY_WAITING]
    return " ".join([*said, NOTHING_SPENT])


def can_mend(error: Rejected) -> bool:
    """Whether a form can: not who may make pictures, and not a channel where no model may."""
    if not isinstance(error, NotAllowed):
        return not isinstance(error, WorkspaceUnknown)
    return not any(
        broken.rule is RuleName.PERSON
        or (broken.rule is RuleName.MODEL and broken.preset is None and not broken.rules.models)
        for broken in error.breaks
    )


# The channel is set to one that the operator has taken out. Admins see which in the Home tab.
WORKSPACE_UNKNOWN: Final = (
    "This channel is set to a PowerPost workspace that isn't set up here any more. An admin can "
    "choose another one in the Home tab, under Rules, in the rules of this channel; or the person "
    "who runs this app can add it again."
)


def _in_other_workspace(error: InOtherWorkspace) -> str:
    here = f"pictures here are made in {error.wanted}"
    if error.what is Elsewhere.CAPTION:
        return (
            f"This caption is in the PowerPost workspace {error.found}, and {here}. Choose one of "
            f"{error.wanted}'s captions, or ask for it in a channel of {error.found}."
        )
    if error.what is Elsewhere.PRESET:
        return (
            f"The preset's reference pictures aren't in the PowerPost workspace {error.wanted}, in "
            "which pictures here are made, and I can't find their files in Slack. An admin has to "
            "add them to the preset again; or leave the preset out."
        )
    return (
        f"A reference picture is in the PowerPost workspace {error.found}, and {here}. I can't "
        "find its file in Slack to bring it over: leave it out, or add the picture again."
    )


def find_near_preset(error: Rejected) -> str | None:
    """The name that was probably meant, if nothing but a preset's name was typed wrong."""
    if not isinstance(error, PresetConflictError) or len(error.misfits) != 1:
        return None
    (misfit,) = error.misfits
    return misfit.suggestion if isinstance(misfit, UnknownPreset) else None


def above(error: AboveThreshold) -> str:
    """Why it is asked about. Plain text."""
    if error.threshold is None:
        return _many(error)
    wish = f"You want to be asked above {credit_count(error.threshold)}"
    if error.price is None:
        return f"{wish}, and I can't look up the price of this right now."
    guide = f" ({GUIDE})" if error.is_guide else ""
    return f"{wish}: this would probably take {credit_count(round(error.price, 2))}{guide}."


def _many(error: AboveThreshold) -> str:
    """A brief is asked about once, with its price."""
    made = f"That is {picture_count(error.pictures)} at once"
    if error.price is None:
        return f"{made}, and I can't look up the price right now."
    guide = f" ({GUIDE})" if error.is_guide else ""
    left = "" if error.left is None else f"; {amount(error.left)} left"
    if error.is_budgets:
        left += " of your budget"
    return f"{made}, about {credit_count(round(error.price, 2))}{guide} together{left}."


# The person has as many under way as they may.
TOO_MANY_WAITING: Final = (
    "You already have 3 requests running and 10 waiting, which is the limit for one person. "
    "Send this again when one of them is done."
)


def forbidden(broken: RuleViolation, *, is_form: bool = False) -> str:
    """A rule of the workspace or channel, and what goes instead. Plain text."""
    rules, whose = broken.rules, rules_of(is_channels=broken.is_channels)
    if broken.preset is not None:
        return _locked_to_forbidden(broken, broken.preset, whose, is_form=is_form)
    match broken.rule:
        case RuleName.PERSON:
            return (
                f"{_capitalize(whose)} don't let you make pictures here. "
                "The workspace's admins can change that."
            )
        case RuleName.CHANNEL:
            return (
                "The rules of this workspace don't allow pictures in this channel. "
                "Ask in another one, or in a direct message to me."
            )
        case RuleName.MODEL:
            return _other_models(broken, whose)
        case RuleName.QUANTITY:
            most = rules.quantity_max or 1
            return f"You can make at most {picture_count(most)} at a time here. Ask for fewer."
        case RuleName.WORD:
            blocked = blocked_word(broken.found) if broken.found else "that word"
            return f"Prompts can't contain {blocked} here. Use other words."
        case RuleName.PRESET:
            name = preset_texts.named(rules.preset or "")
            return (
                f"{_capitalize(whose)} require the preset {name}, and this was made without it. "
                "Press Edit, or send it again: then it is made with that preset."
            )


def rules_of(*, is_channels: bool) -> str:
    """Whose they are."""
    return "this channel's rules" if is_channels else "the rules of this workspace"


def blocked_word(word: BlockedWord) -> str:
    """`“kite”`, or `words that begin with “kite”`."""
    shown = f"“{shorten(word.text, 80)}”"
    return f"words that begin with {shown}" if word.is_beginning else shown


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _other_models(broken: RuleViolation, whose: str) -> str:
    names = [MODELS[model].name for model in broken.rules.models or ()]
    if not names:
        return f"{_capitalize(whose)} don't allow any model here. An admin can change that."
    asked = MODELS[broken.model].name if broken.model else "that model"
    if broken.is_default:
        asked = f"your default, {asked},"
    return f"{_capitalize(whose)} don't allow {asked} here. Choose {joined(names, 'or')}."


def _locked_to_forbidden(broken: RuleViolation, name: str, whose: str, *, is_form: bool) -> str:
    """One sentence: choosing another model would not help."""
    if broken.rule is RuleName.MODEL and broken.model is not None:
        what = f"to {MODELS[broken.model].name}, which {whose} don't allow here"
    else:
        most = picture_count(broken.rules.quantity_max or 1)
        what = f"to more than {most}, the most that {whose} allow here"
    which = "Your default preset" if broken.is_default else "The preset"
    if broken.rules.preset is not None:
        return f"This channel's preset {preset_texts.named(name)} is locked {what}. Ask an admin."
    way = "none" if is_form else "none (--no-preset)"
    return f"{which} {preset_texts.named(name)} is locked {what}. Choose another preset, or {way}."


def _short(shortfall: ExceededBudget) -> str:
    return (
        f"This would take about {credit_count(shortfall.estimate)}"
        f"{f' ({GUIDE})' if shortfall.is_guess else ''}, and the budget has "
        f"{credit_count(shortfall.left)} left."
    )


# A button of a generation that is not in the store.
NOT_THERE_ANY_MORE: Final = (
    "I no longer have these pictures, so I can't do that. Nothing was spent."
)


# Somebody of another workspace, in a channel that both share.
MEMBERS_ONLY: Final = (
    "Only members of the workspace that I belong to can do that, since it pays for the "
    "pictures. Its admins can allow it to other companies too, for this channel, in the "
    f"settings on my Home tab. {NOTHING_SPENT}"
)
