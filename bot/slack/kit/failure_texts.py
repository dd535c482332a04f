"""The words for what went wrong, chosen by its cause: what it cost, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.credits.amounts import amount
from bot.errors import Cause
from bot.generations.record import Generation, RefusedFile, State
from bot.generations.usage import Usage
from bot.images.catalogue import MODELS
from bot.policy.rules import RuleName
from bot.slack.kit import budget_texts
from bot.slack.kit.generation_texts import upstream_text, usage_text
from bot.slack.kit.text import (
    ASK_OPERATOR,
    NOTHING_SPENT,
    credit_count,
    escape,
    joined,
    picture_count,
    shorten,
)


def failure_text(generation: Generation, usage: Usage) -> str:
    """What went wrong with a generation that has no pictures, and what to do. Plain text."""
    match generation.state:
        case State.FAILED:
            said = upstream_text(generation) or "PowerPost gave no reason."
            return (
                f"PowerPost could not make {_these(generation)}. {said} "
                f"Failed pictures are refunded: {usage_text(usage)}. "
                "Changing the words or the model often helps."
            )
        case State.UNKNOWN:
            return _unknown_text(generation)
        case _:
            return f"{_refusal(generation)} {NOTHING_SPENT}"


def failure_mrkdwn(generation: Generation, usage: Usage) -> str:
    """The same as mrkdwn; over budget, as at the door, with what is left by now."""
    if generation.over_budget is None:
        return escape(failure_text(generation, usage))
    return f"I have not started this. {budget_texts.over_budget(generation.over_budget)}"


def _these(generation: Generation) -> str:
    return "this picture" if generation.request.quantity == 1 else "these pictures"


def _unknown_text(generation: Generation) -> str:
    if generation.image_generation_id is not None:
        what = "PowerPost has not finished after a day, and I have stopped looking."
        if generation.cause is Cause.NOT_FOUND:
            what = (
                "PowerPost took this request, and more than an hour later it says that it does "
                "not know it. I have stopped looking."
            )
        taken = generation.credits_used
        took = "It did not say what it took" if taken is None else f"It took {credit_count(taken)}"
        return (
            f"{what} {took} for this: PowerPost's support can tell more. "
            f"Its id there is {generation.image_generation_id}."
        )
    before, after = generation.balance_before, generation.balance_at_end
    if before is None or after is None:
        balance_now = "I could not read the balance"
        if after is not None:
            balance_now += f" before; it is {amount(after)} now"
        money = f"{balance_now}, so I cannot tell whether credits were spent."
    elif after < before:
        money = (
            f"The balance was {amount(before)} before and is {amount(after)} now: credits were "
            "probably spent (or someone else spent them in the same moment)."
        )
    else:
        money = (
            f"The balance was {amount(before)} before and is {amount(after)} now: probably nothing "
            "was spent."
        )
    what = {
        Cause.INTERRUPTED: "This app was interrupted while it was asking PowerPost for your "
        "pictures, so it does not know whether the request arrived.",
        Cause.STORAGE: "This app's data was restored from a backup, so it does not know whether "
        "your pictures were made and paid for since then.",
        Cause.NO_ANSWER: "PowerPost was asked for your pictures and did not answer, so it is not "
        "known whether it is making them.",
    }.get(
        generation.cause or Cause.NO_ANSWER,
        "PowerPost was asked for your pictures and its answer was broken, so it is not known "
        "whether it is making them.",
    )
    return (
        f"{what} {money} I will not send it again by myself. If you do, it may cost a second time."
    )


def _refusal(generation: Generation) -> str:
    match generation.cause:
        case Cause.INSUFFICIENT_CREDITS:
            left = generation.balance_before
            has = f" (it has {credit_count(left)})" if left is not None else ""
            return (
                f"The PowerPost account has too few credits for this{has}. "
                "Ask for fewer pictures, or have credits added at powerpost.ai."
            )
        case Cause.NOT_FOUND:
            return (
                "PowerPost does not know a reference picture or caption of this request any more. "
                f"Choose it again, or leave it out.{_of_preset(generation)}"
            )
        case Cause.INVALID_REQUEST | Cause.TOO_LARGE:
            said = upstream_text(generation)
            return f"PowerPost did not accept this request. {said} Change it and try again."
        case _ if generation.refused_files:
            return bad_references(generation.refused_files)
        case reason if reason in _OF_REFERENCE:
            return bad_reference(generation.upstream_message or "A picture", reason)
        case Cause.NOT_ALLOWED:
            return _not_allowed_any_more(generation)
        case Cause.MISSING_SCOPE if generation.sources.references:
            return f"{NO_FILES_HERE} Leave the pictures out."
        case cause:
            return _REFUSED.get(
                cause,
                "I could not post in this conversation. Please try again, or in another one.",
            )


_OF_REFERENCE: Final = (
    Cause.REFERENCE_NOT_A_PICTURE,
    Cause.REFERENCE_TOO_LARGE,
    Cause.REFERENCE_GONE,
    Cause.REFERENCE_FORBIDDEN,
    Cause.REFERENCE_NO_ROOM,
)
_BUSY: Final = (
    "PowerPost was busy or away for half an hour, so I stopped trying. Please try again later."
)
_MAY_NOT_POST: Final = f"Slack does not let this app post. {ASK_OPERATOR}"
# What depends on nothing but the cause.
_REFUSED: Final[dict[Cause | None, str]] = {
    Cause.INVALID_KEY: f"PowerPost does not accept this app's key. {ASK_OPERATOR}",
    Cause.FORBIDDEN: f"This app may not use its PowerPost workspace. {ASK_OPERATOR}",
    Cause.INSUFFICIENT_SCOPE: f"This app's PowerPost key may not make pictures. {ASK_OPERATOR}",
    Cause.RATE_LIMITED: _BUSY,
    Cause.UNREACHABLE: _BUSY,
    Cause.SERVER_ERROR: _BUSY,
    Cause.CANCELLED: "You cancelled it.",
    Cause.APP_REMOVED: (
        "The app was removed from this workspace before this was paid for. Send it again."
    ),
    Cause.OUTSIDER: "Only members of the workspace that I belong to can make pictures with me.",
    Cause.OVER_BUDGET: (
        "The budget doesn't have enough left for this any more. Ask for less, or ask an admin."
    ),
    Cause.STORAGE: (
        "I couldn't reach my database for half an hour, so I stopped trying. "
        "Please try again later."
    ),
    Cause.GROUPS_UNKNOWN: (
        "Only members of certain user groups can make pictures here, and Slack doesn't tell me "
        "who is in them. Try again later. If that doesn't help, tell the person who runs this app."
    ),
    Cause.APP_NOT_ALLOWED: (
        "Slack doesn't let this app post. An admin of this workspace has to allow it. "
        f"{ASK_OPERATOR}"
    ),
    Cause.SLACK_ACCESS: _MAY_NOT_POST,
    Cause.MISSING_SCOPE: _MAY_NOT_POST,
    Cause.THREAD_GONE: "The thread is gone. Send your request again, in the channel.",
    Cause.NOT_IN_CHANNEL: (
        "I can't post in this conversation because I'm not in it. Invite me with "
        "/invite @Imagine and send your command again; or send it in a direct message to me."
    ),
    Cause.CHANNEL_GONE: (
        "I can't post in this channel any more. Send your command in another one."
    ),
    Cause.NO_THREADS: (
        "This channel takes no replies, and my pictures come in a thread. Send your command in "
        "another channel, or in a direct message to me."
    ),
    Cause.ONLY_THREADS: (
        "This channel only takes replies in threads. Open the menu of a message and choose "
        "“Make an image of this”, or send your command in another channel."
    ),
    Cause.TOO_MANY_MESSAGES: (
        "This workspace has reached Slack's limit on messages. Try again later; an admin can "
        "look at the limits."
    ),
    Cause.ACCESS_DENIED: (
        "Slack denies me access to this conversation. Try another one, or ask an admin of this "
        "workspace what this app may do."
    ),
}


# Without the scope `files:read`. Plain text.
NO_FILES_HERE: Final = (
    "I'm not allowed to open files in this workspace, so you can't use pictures as references. "
    "The person who runs this app can grant files:read."
)


# In a conversation of two people, where no app can be. Plain text.
COMES_DIRECTLY: Final = (
    "Apps can't join a conversation between two people, so your pictures come in your direct "
    "message with me."
)


def elsewhere(cause: Cause, channel_id: str) -> str:
    """Why a result stands in the direct message. mrkdwn."""
    where = f"<#{channel_id}>" if channel_id.startswith(("C", "G")) else "that conversation"
    why = {
        Cause.THREAD_GONE: f"its thread in {where} is gone",
        Cause.NO_THREADS: f"{where} takes no replies any more",
        Cause.ONLY_THREADS: f"{where} only takes replies",
        Cause.NOT_IN_CHANNEL: f"I am not in {where} any more (/invite @Imagine brings me back)",
        Cause.CHANNEL_GONE: f"I can't post in {where} any more",
    }.get(cause, f"Slack doesn't accept it in {where}; an admin can look into this app's log")
    return f"This is here because {why}."


# Under a result in a channel that the bot is not in. mrkdwn.
UNHEARD: Final = (
    "I am not in this channel: the buttons work, but I do not hear replies that mention me. "
    "`/invite @Imagine` brings me in."
)


def _of_preset(generation: Generation) -> str:
    applied = generation.sources.preset
    if applied is None or not applied.style_images:
        return ""
    return (
        f" It may be one of the preset “{shorten(applied.name, 40)}”: then an admin has to set "
        "that again."
    )


def _not_allowed_any_more(generation: Generation) -> str:
    """The names of the rules are kept with it, and not what they allow by now."""
    model = MODELS[generation.request.model].name
    number = picture_count(generation.request.quantity)
    words = {
        RuleName.PERSON: "you can't make pictures here",
        RuleName.CHANNEL: "pictures can't be made in this channel",
        RuleName.MODEL: f"{model} isn't allowed here",
        RuleName.QUANTITY: f"{number} at a time are too many here",
        RuleName.WORD: "the prompt has words that are not allowed here",
        RuleName.PRESET: "this channel's rules require another preset",
    }
    named = (generation.upstream_message or "").split(", ")
    said = [text for rule, text in words.items() if rule.value in named]
    return f"By the rules as they are now, {joined(said or ['this is not allowed here'])}."


def where_mrkdwn(generation: Generation) -> str:
    """The channel that was meant, as its person sees its name; empty for a direct message."""
    channel_id = generation.place.ruled_channel_id
    return f"Where: <#{channel_id}>" if channel_id.startswith(("C", "G")) else ""


def support_text(request_id: str) -> str:
    """The one id that a person may need."""
    return f"For PowerPost's support: request {request_id}"


def bad_references(files: Sequence[RefusedFile]) -> str:
    """Reference pictures that cannot be used, each by its name. Plain text."""
    said = " ".join(bad_reference(file.name, file.cause) for file in files)
    return f"I have not started this. {said}" if len(files) > 1 else said


def bad_reference(name: str, reason: Cause) -> str:
    """A reference picture that cannot be used, by the file's name. Plain text."""
    named = f"“{shorten(name, 80)}”"
    match reason:
        case Cause.REFERENCE_TOO_LARGE:
            return f"{named} is too large for me. Make it smaller, or leave it out."
        case Cause.REFERENCE_GONE:
            return f"{named} isn't in Slack any more, or I can't see it. Pick it again."
        case Cause.REFERENCE_FORBIDDEN:
            return f"{named} isn't stored in Slack, and I only fetch files from there. Upload it."
        case Cause.REFERENCE_NOT_READY:
            return f"Slack is still checking {named}. Wait a minute and try again, or leave it out."
        case Cause.REFERENCE_NO_ROOM:
            return (
                f"PowerPost's storage is full, so it can't take {named}. Leave it out, or ask "
                "somebody to free some space at powerpost.ai."
            )
        case _:
            return (
                f"{named} isn't a picture that I can read. Leave it out, or send it as JPEG, PNG "
                "or WebP."
            )
