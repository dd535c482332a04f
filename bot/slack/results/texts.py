"""The words of buttons and replies in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import Cause
from bot.generations.record import Picture
from bot.images.catalogue import PROMPT_MAX_CHARACTERS
from bot.images.meaning import Deed
from bot.policy.rules import RuleName
from bot.slack.kit.text import (
    NOTHING_SPENT,
    credits_of,
    escape,
    moment_mrkdwn,
    ordinal,
    picture_count,
    shorten,
)

REPLY_EXAMPLES: Final = (
    "@Imagine with a darker sky",
    "@Imagine again x3 --size portrait",
    "@Imagine prompt: a red fox in snow",
)


# It is too late, or somebody else's.
CANNOT_CANCEL: Final = "Only the person who asked can cancel this, and only while it's waiting."


# The reply asks for nothing.
MAKES_NOTHING: Final = f"OK, I won't make anything. {NOTHING_SPENT}"


def taken_up(version: int, wanted: str) -> str:
    """An earlier version is what the person's next reply changes. mrkdwn; `wanted` is escaped."""
    return (
        f"You are back at the *{ordinal(version)} version*: {wanted}. Your next reply here changes "
        f"that one. {NOTHING_SPENT}"
    )


def alt_texts(each: Sequence[str], most: int) -> str:
    """What screen readers say of the pictures, each in at most so many characters. Plain text."""
    lines = [
        f"Picture {number}: “{shorten(text, most)}”"
        if len(each) > 1
        else f"“{shorten(text, most)}”"
        for number, text in enumerate(each, 1)
    ]
    return "\n".join(["Alt text, for those who can't see the picture:", *lines]) if lines else ""


ALT_TEXT_HINT: Final = (
    "Screen readers say it in place of the picture. Leave it empty to have it made from the prompt."
)
MAY_NOT_CHANGE_ALT_TEXT: Final = (
    "Only the person who asked for these pictures and workspace admins can change their alt text."
)
ALT_TEXT_NOT_SAVED: Final = "I couldn't save this right now. Please send it again in a minute."
ALT_TEXT_SAVED: Final = "Saved: that is the alt text of these pictures from now on."
ALT_TEXT_NOT_SHOWN: Final = (
    "The alt text is saved, and used from now on. Slack didn't let me change the message that "
    "stands here already."
)
NOTHING_MORE: Final = "There is nothing else to do with these pictures."


def originals(pictures: Sequence[Picture], *, is_renewed: bool = False) -> str:
    """Links to the files as PowerPost has them. mrkdwn."""
    lines = [
        "The files as PowerPost made them, with its own content credentials if they have any. "
        "Nothing was changed in them:"
    ]
    for picture in pictures:
        name = f"Picture {picture.position}"
        if not picture.url.startswith(("https://", "http://")):
            lines.append(
                f"• {name}: PowerPost doesn't hand it out any more. Its media id there is "
                f"`{escape(picture.media_id)}`."
            )
            continue
        link = escape(picture.url).replace("|", "%7C")
        until = "" if is_renewed else f", until {moment_mrkdwn(picture.expires_at)}"
        lines.append(f"• <{link}|{name}>{until}")
    return "\n".join(lines)


ORIGINALS_UNKNOWN: Final = (
    "PowerPost doesn't say right now where the original files are. Please try again in a minute."
)


def part(number: int, wanted: str) -> str:
    """Which of a brief the buttons below are for. mrkdwn; `wanted` is escaped."""
    return f"*Number {number}*: {wanted}"


CHANGES_NEXT: Final = f"Your next reply here changes that one. {NOTHING_SPENT}"


def which_part(count: int, typed: str) -> str:
    """A reply that may be meant for any of several pictures. Plain text."""
    said = " ".join(typed.split())[:80]
    return (
        f"There are {count} requests in this thread, so I don't know which one you mean. Name its "
        f"number, for example “@Imagine the 2nd one, {said}”, or choose it in the list under its "
        f"pictures. {NOTHING_SPENT}"
    )


# There is nothing to go back to.
IS_FIRST_VERSION: Final = "This is the first version, so there's none to go back to."


def versions_there_are(count: int) -> str:
    """Which ones can be named."""
    return "There is only the 1st." if count == 1 else f"There are 1 to {count}."


def deed(asked: Deed) -> str:
    """The person asked in words for what a button does. Plain text."""
    return {
        Deed.SHARE: "To share a picture, choose “Share to channel” in this menu.",
        Deed.DELETE: "To delete these pictures, choose “Delete” in this menu.",
        Deed.CANCEL: (
            "What waits can be cancelled with the button under its first message; what is being "
            "made is paid, and can't be stopped."
        ),
        Deed.EDIT: "Press Edit to open the form with everything filled in.",
        Deed.SAVE: "To save a picture, open it in Slack and choose Download there.",
    }[asked] + f" {NOTHING_SPENT}"


def not_understood(hint: str | None) -> list[str]:
    """A reply that says nothing to make pictures of; `hint` is what may have been meant. Plain
    text, a line each."""
    said = "To get another version, say what to change, such as:"
    if hint:
        return [hint, *REPLY_EXAMPLES]
    cost = "Each result says what it cost; /imagine usage adds it up."
    return [said, *REPLY_EXAMPLES, cost]


def overheard(changed: str) -> str:
    """Somebody has replied to their picture without a mention. Plain text."""
    version = f"a new version with “{changed}”" if changed else "a new version"
    return f"Make {version}? You did not mention me, so I ask. Only you see this."


def prompt_grew_too_long(length: int) -> str:
    """Added words would make the prompt longer than PowerPost takes."""
    return (
        f"With these words the prompt would have {length:,} characters; PowerPost takes at most "
        f"{PROMPT_MAX_CHARACTERS:,}. Press Edit to shorten it. {NOTHING_SPENT}"
    )


# The same button was pressed a moment ago.
RUNS_ALREADY: Final = "That's already being made. Press again in a moment for another one."


# The missing pictures were asked for before, and are there or under way.
MISSING_MADE_ALREADY: Final = (
    "The missing pictures were asked for before, so I don't make them again. "
    f"Press Regenerate for more. {NOTHING_SPENT}"
)


# A generation whose prompt was blanked (bot/store/retention.py).
NOT_KEPT: Final = (
    "The prompt of these pictures is no longer stored, so I can't make more from them. "
    "Nothing was spent. Send a new request."
)


# None of the pictures is a file in Slack.
NOTHING_TO_SHARE: Final = (
    "These pictures are only linked, not stored in Slack, so they can't be shared."
)


def may_not_delete(owner: str) -> str:
    """Somebody else's pictures; `owner` is as Slack shows a person. mrkdwn."""
    return f"Only {owner} and workspace admins can delete these pictures."


# Slack did not let us.
NOT_DELETED: Final = "Slack did not let me delete everything. Please try again in a minute."


def share_forbidden(rule: RuleName) -> str | None:
    """Why a picture may not be shown in a channel, by its rules; None where a request that breaks
    that rule is refused in the same words."""
    match rule:
        case RuleName.CHANNEL:
            return (
                "The rules of this workspace don't allow pictures in that channel. Choose another "
                "one."
            )
        case RuleName.PERSON:
            return "The rules don't let you make or show pictures in that channel."
        case RuleName.MODEL:
            return (
                "That channel doesn't allow the model that made this picture. Choose another "
                "channel."
            )
        case RuleName.WORD:
            return (
                "The prompt of this picture has words that aren't allowed in that channel. Choose "
                "another channel."
            )
        case RuleName.PRESET:
            return "That channel only allows pictures made with its preset. Choose another channel."
        case _:
            return None


# The channel's rules name user groups, and Slack does not say who is in them.
SHARE_GROUPS_UNKNOWN: Final = (
    "Only members of certain user groups can show pictures in that channel, and Slack doesn't "
    "tell me who is in them. Try again later, or choose another channel."
)


def not_shared(cause: Cause, where: str) -> str:
    """Slack did not take the message; `where` is the channel as Slack shows it. mrkdwn."""
    return f"Nothing was shared in {where}. {_why_not_shared(cause)}"


def _why_not_shared(cause: Cause) -> str:
    match cause:
        case Cause.NOT_IN_CHANNEL:
            return (
                "I can't post there. Invite me with /invite @Imagine and share again, or choose "
                "another channel."
            )
        case Cause.CHANNEL_GONE:
            return (
                "I can't post in that channel any more (it may be archived). Choose another one, "
                "or ask an admin."
            )
        case Cause.ONLY_THREADS:
            return "That channel only takes replies in threads. Choose another one."
        case Cause.SHARED_FILES_OFF:
            return (
                "Your workspace or the other company doesn't allow files in channels that they "
                "share. Choose another channel, or ask an admin."
            )
        case Cause.UPLOADS_OFF | Cause.FILE_NOT_ALLOWED | Cause.STORAGE_FULL | Cause.FILE_TOO_LARGE:
            return "The settings of this workspace don't allow files like these. Ask an admin."
        case Cause.TOO_MANY_MESSAGES:
            return "This workspace has reached Slack's limit on messages. Please try again later."
        case Cause.ACCESS_DENIED | Cause.SLACK_ACCESS | Cause.MISSING_SCOPE | Cause.APP_NOT_ALLOWED:
            return "Slack doesn't let this app post there. An admin can look into the app's log."
        case _:
            return "Slack did not let me share. Please try again in a minute."


def picture_gone(where: str) -> str:
    """Slack refuses the pictures themselves. mrkdwn."""
    return f"Nothing was shared in {where}. {PICTURE_GONE}"


# The file was deleted, or is no file of this workspace any more.
PICTURE_GONE: Final = "A picture is no longer in Slack, so it can't be shared."


def perhaps_shared(where: str) -> str:
    """No answer came: it may be there, and is not posted again by itself. mrkdwn."""
    return (
        f"Slack did not answer, so I don't know whether the pictures are in {where}. Look there "
        "first; if they aren't, share them again."
    )


def shared(number: int, where: str, link: str | None) -> str:
    """They are there. mrkdwn."""
    see = f" <{link}|See them there.>" if link and number > 1 else ""
    see = f" <{link}|See it there.>" if link and number == 1 else see
    return f":white_check_mark: Shared {picture_count(number)} in {where}.{see}"


def with_note(said: str, note: str) -> str:
    """What was written is not lost with what was not shared. mrkdwn; `note` is escaped."""
    return f"{said} Your note was: “{note}”" if note else said


# Characters that may go with shared pictures: a few sentences.
NOTE_MAX: Final = 1000


# What was asked for in a thread goes back there.
SHARED_INTO_THREAD: Final = "If you choose the channel where you asked, they go into your thread."


# None of several is ticked.
PICK_SOME: Final = "Tick at least one picture."


# Slack did not do what a click asked for.
CLICK_FAILED: Final = f"Slack did not let me do that just now. Please try again. {NOTHING_SPENT}"


# -- Look again --------------------------------------------------------------------------------


LOOKS_MAX: Final = 10  # of one person's, in so many minutes
LOOKS_MINUTES: Final = 10
TOO_MANY_LOOKS: Final = (
    f"You can look {LOOKS_MAX} times in {LOOKS_MINUTES} minutes. Please press it again soon."
)
LOOKING_ALREADY: Final = "I'm looking already. What I find is said here."
OUTCOME_KNOWN: Final = "The outcome is known now: see the newest messages in this thread."
LOOK_FAILED: Final = (
    "I couldn't look: PowerPost or my database doesn't answer. Nothing was spent. Press Look again "
    "in a minute."
)
STILL_BEING_MADE: Final = (
    "I asked PowerPost: it is still making this. It is paid for. Press Look again later; the "
    "pictures come here once they are made. Nothing more was spent."
)
FOUND_FAILED: Final = (
    "I asked PowerPost: it could not make this. What it took comes back; this thread says how "
    "much. Nothing more was spent."
)
CANNOT_COMPARE: Final = (
    "PowerPost has no list of requests to look into, and I know no balances from before this one, "
    "so I can't tell whether it was paid for. PowerPost's support can. Nothing was spent by "
    "looking."
)


def found_pictures(count: int) -> str:
    """They are being brought."""
    it_has = "it has made your picture" if count == 1 else f"it has made {picture_count(count)}"
    come = "It comes" if count == 1 else "They come"
    return f"I asked PowerPost: {it_has}. {come} into this thread now. Nothing more was spent."


def still_not_known(image_generation_id: str) -> str:
    """PowerPost took it, and does not know it. mrkdwn."""
    return (
        "I asked PowerPost: it still does not know this request, though it took it. Its support "
        f"can tell more: the id there is {escape(image_generation_id)}. Nothing more was spent."
    )


def probably_charged(credits_: float, others: int, request_id: str | None) -> str:
    """A balance fell by what no other request explains. mrkdwn."""
    whose = "this request was probably paid for"
    if others:
        more = "1 other one" if others == 1 else f"{others} others"
        whose = f"this request, or {more} without a known outcome, was probably paid for"
    support = f" ({escape(request_id)})" if request_id else ""
    return (
        f"I compared the balances: {credits_of(credits_)} went at that time that nothing else "
        f"explains, so {whose}. PowerPost has no list that I could find the pictures in; its "
        f"support can{support}. If you ask again, it costs again. Nothing was spent by looking."
    )


def probably_not_charged(balance: float) -> str:
    """Nothing is missing."""
    return (
        f"I compared the balances: there are {credits_of(balance)}, and none are missing at that "
        "time, so this request was probably never paid for. You can ask again. Nothing was spent "
        "by looking."
    )
