"""The words of buttons and replies in a thread."""

from __future__ import annotations

from typing import Final

from bot.errors import Cause
from bot.images.catalogue import MODELS, PROMPT_MAX_CHARACTERS, Model
from bot.images.reply import Change, Kind, Understood
from bot.slack.words.text import NOTHING_SPENT, joined, picture_count, shorten

REPLY_EXAMPLES: Final = (
    "@Imagine with a darker sky",
    "@Imagine again x3 --size portrait",
    "@Imagine prompt: a red fox in snow",
)


def cannot_cancel() -> str:
    """It is too late, or somebody else's."""
    return "That can be cancelled only by who asked for it, and only while it waits."


def understood(change: Change, number_of_files: int = 0) -> str:
    """What was understood of a reply, to be shown before it runs. Plain text."""
    said = [_understood_one(one, number_of_files) for one in change.understood]
    return "Understood: " + joined(part for part in said if part)


def _understood_one(one: Understood, number_of_files: int) -> str:
    match one.kind:
        case Kind.AGAIN:
            return "once more"
        case Kind.WORDS_ADDED:
            return f"added “{shorten(one.value, 200)}”"
        case Kind.PROMPT_REPLACED:
            return "a new prompt"
        case Kind.MODEL:
            return f"model {MODELS[Model(one.value)].name}"
        case Kind.SIZE:
            return f"size {one.value}"
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
        case Kind.REFERENCES:
            return f"the style of {'this picture' if number_of_files == 1 else 'these pictures'}"


def reply_not_understood() -> str:
    """A reply that says nothing to make pictures of."""
    return "I make another version from a reply that says what to change, such as:"


def nothing_in_thread() -> str:
    """The bot was mentioned where it has made nothing."""
    return (
        "I have made nothing in this thread that I could change. "
        "Send /imagine and what the picture should show, in the channel; or open the menu of a "
        "message and choose “Make an image of this”."
    )


def outside_threads() -> str:
    """A message to the bot that hangs under no picture."""
    return (
        "Send /imagine and what the picture should show. "
        "To change a picture, reply in its thread and say what should be different."
    )


def prompt_grew_too_long(length: int) -> str:
    """Added words would make the prompt longer than PowerPost takes."""
    return (
        f"With these words the prompt would have {length:,} characters; PowerPost takes at most "
        f"{PROMPT_MAX_CHARACTERS:,}. Press Edit to shorten it. {NOTHING_SPENT}"
    )


def runs_already() -> str:
    """The same button was pressed a moment ago."""
    return "That is being made already. Press again in a moment for yet another one."


def missing_made_already() -> str:
    """The missing pictures were asked for before, and are there or under way."""
    return (
        "The missing pictures were asked for before, so I don't make them again. "
        f"Press Regenerate for more. {NOTHING_SPENT}"
    )


def not_there_any_more() -> str:
    """A button of a generation that is not in the store."""
    return "I do not know these pictures any more, so I cannot do that. Nothing was spent."


def members_only() -> str:
    """Somebody of another workspace, in a channel that both share."""
    return f"Only members of the workspace that I belong to can do that. {NOTHING_SPENT}"


def nothing_to_share() -> str:
    """None of the pictures is a file in Slack."""
    return "None of these pictures is in Slack: they were linked only. Nothing was shared."


def may_not_delete(owner: str) -> str:
    """Somebody else's pictures. mrkdwn."""
    return f"Only <@{owner}> and workspace admins can delete these pictures."


def not_deleted() -> str:
    """Slack did not let us."""
    return "Slack did not let me delete everything. Please try again in a minute."


def not_shared(cause: Cause) -> str:
    """Slack did not take the message."""
    match cause:
        case Cause.NOT_IN_CHANNEL:
            return (
                "I could not post there. Invite me with /invite @Imagine, or choose another "
                "channel."
            )
        case Cause.CHANNEL_GONE:
            return "Nobody can post in that channel any more. Choose another one."
        case _:
            return "Slack did not let me share the picture. Please try again in a minute."


def picture_gone() -> str:
    """Slack refuses the picture itself."""
    return "That picture is not in Slack any more, so it cannot be shared."


def click_failed() -> str:
    """Slack did not do what a click asked for."""
    return f"Slack did not let me do that just now. Please try again. {NOTHING_SPENT}"
