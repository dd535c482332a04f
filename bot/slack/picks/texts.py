"""The words of votes. mrkdwn, if nothing else is said; what people wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.errors import Cause
from bot.generations.pick import Candidate, Note, NoteKind, Round, Tally, Voted, find_leaders
from bot.slack.kit.failure_texts import elsewhere
from bot.slack.kit.generation_texts import mention
from bot.slack.kit.text import escape, joined, picture_count
from bot.slack.picks.subject import Subject

# Of a picture with more votes, so many people are named.
NAMES_MAX: Final = 3
CHANGES_MAX: Final = 500

PICK: Final = "Pick"
# In "More…". Plain text.
SECTION: Final = (
    "Pick: start a vote on these pictures in the thread. Everyone there has one vote; closing it "
    "marks the picture that was chosen. It costs no credits."
)
HOW_TO_VOTE: Final = (
    "Press a picture's number to vote for it. You have one vote: another number moves it, the same "
    "number again takes it back."
)
NO_PICTURES: Final = "There are no pictures to pick from here (any more)."
_PICK_IS: Final = "Pick (under More…, or at the end of a brief)"
OVER: Final = (
    f"This vote is closed, so your press did not count. To start a new one, choose {_PICK_IS}."
)
GONE: Final = f"I no longer have this vote. To start a new one, choose {_PICK_IS}."
PICTURE_GONE: Final = "This picture was deleted, so it cannot be voted for any more."
WRITE_ONE_SENTENCE: Final = "Say in a sentence what should change."
NOT_ALLOWED: Final = (
    "Only the person who asked for these pictures, an approver or an admin can close the vote. "
    "It is still open."
)
VOTES_CHANGED: Final = "The votes have changed since. Cancel, and press Close again."
STARTED: Final = "The vote is open, in the thread."


def votes(number: int) -> str:
    """`3 votes`."""
    return "no votes" if not number else "1 vote" if number == 1 else f"{number} votes"


def names(user_ids: Sequence[str], count: int | None = None, most: int = NAMES_MAX) -> str:
    """`Ada, Ben, Cat and 97 others`: of `count` people, of whom some may not be known any more."""
    total = len(user_ids) if count is None else count
    shown = [mention(each) for each in user_ids[:most]]
    rest = max(0, total - len(shown))
    if not shown:
        return ""
    if not rest:
        return joined(shown)
    return f"{', '.join(shown)} and {rest} other{'s' if rest != 1 else ''}"


def line(
    tally: Tally,
    label: str,
    *,
    has_names: bool = True,
    is_winner: bool = False,
    most: int = NAMES_MAX,
) -> str:
    """`*2* · harbour at dawn: 3 votes · Ada, Ben and Cat`: what a picture has. `label` is plain."""
    named = f"*{tally.candidate.name}* · {escape(label)}" if label else f"*{tally.candidate.name}*"
    said = f"{named}: {votes(tally.count)}"
    if has_names and tally.count and (who := names(tally.voters, tally.count, most)):
        said += f" · {who}"
    return f":trophy: {said} · *chosen*" if is_winner else said


def picture_called(candidate: Candidate, subject: Subject, most: int = 60) -> str:
    """`Picture 2, harbour at dawn`. Plain text."""
    return f"Picture {candidate.name}, {subject.describe(candidate, most)}"


def asked(round_: Round, count: int) -> str:
    """The first line of an open vote."""
    which = f" (vote {round_.number})" if round_.number > 1 else ""
    what = "Is this the picture" if count == 1 else f"Which of these {picture_count(count)} is it"
    who = mention(round_.opened_by)
    return f":ballot_box_with_ballot: *{what}?*{which} {who} asks for your vote."


def turnout(round_: Round) -> str:
    """How many have voted, and who wants changes."""
    count = sum(round_.counts.values()) if round_.counts else len(round_.votes)
    said = "1 person has voted" if count == 1 else f"{count} people have voted"
    if not count:
        said = "Nobody has voted yet" if round_.is_open else "Nobody voted"
    changes = [note for note in round_.notes if note.kind is NoteKind.CHANGES]
    if wanting := list(dict.fromkeys(note.user_id for note in changes)):
        said += f" · changes wanted by {names(wanting)}"
    return said


def outcome(round_: Round, tallies: Sequence[Tally]) -> str:
    """What a closed vote has come to."""
    by = f" Closed by {mention(round_.closed_by)}." if round_.closed_by else ""
    total = sum(round_.counts.values())
    won = [each for each in tallies if each.candidate.key in round_.winners]
    if not won:
        why = "" if round_.closed_by else " Its pictures were deleted."
        return f":ballot_box_with_ballot: *Closed, and no picture was chosen.*{why}{by}"
    numbers = joined(each.candidate.name for each in won)
    what = f"Picture {numbers} was chosen" if len(won) == 1 else f"Pictures {numbers} were chosen"
    most = won[0].count
    if not total:
        return f":trophy: *{what}*, without a vote.{by}"
    each_ = " each" if len(won) > 1 else ""
    said = f":trophy: *{what}* with {most} of {votes(total)}{each_}."
    tied = find_leaders(tallies)
    if len(tied) > len(won) and all(each.candidate in tied for each in won):
        also = joined(each.name for each in tied)
        said = f":trophy: *{what}*, from {also}, which had {votes(most)} each."
    return f"{said}{by}"


def note(said: Note, outcome_: str, subject: Subject, number: int) -> str:
    """What is said in the thread."""
    match said.kind:
        case NoteKind.CHANGES:
            return f":pencil2: {mention(said.user_id)} wants changes: “{escape(said.text)}”"
        case NoteKind.CLOSED:
            return outcome_
        case NoteKind.LOST:
            kept = f"its {votes(number)} {'is' if number == 1 else 'are'}" if number else "it is"
            return (
                f"The message of the vote was deleted, but {kept} kept. To see it again, choose "
                f"{_PICK_IS}."
            )


def how_to_change(subject: Subject) -> str:
    """How what somebody wants becomes a new version. Plain text."""
    to = "" if subject.channel_id.startswith("D") else "@Imagine "
    how = f"here: {to}with a darker sky"
    if subject.brief is not None:
        how = f"here with its number: {to}the 2nd one, with a darker sky"
    return (
        f"To make a new version, reply {how}. Then choose Pick under More… below it, for a vote of "
        "its own."
    )


def pressed(voted: Voted, called: str) -> str:
    """What a press came to, for who pressed. `called` names the picture. Plain text."""
    match voted:
        case Voted.PLACED:
            return (
                f"Your vote is for {called}. Press another number to move it, or the same one "
                "again to take it back."
            )
        case Voted.MOVED:
            return f"Your vote is now for {called}."
        case Voted.TAKEN_BACK:
            return f"Your vote for {called} is taken back. You have none now."
        case Voted.CLOSED:
            return OVER


def open_already(link: str | None) -> str:
    """Somebody starts what is open."""
    where = f"<{link}|here>" if link else "in the thread"
    return (
        f"A vote on these pictures is open already, {where}. If its message was deleted, I post "
        "it again."
    )


def may_not_close(requester: str) -> str:
    """Who has pressed Close may not."""
    return (
        f"Only {mention(requester)}, who asked for these pictures, an approver or an admin can "
        "close the vote. It is still open."
    )


def not_posted(cause: Cause, channel_id: str) -> str:
    """The vote could not be shown where it belongs, and is over. For who started it."""
    return (
        "I couldn't post the vote on these pictures, so it is closed, and nobody has voted. "
        f"{elsewhere(cause, channel_id)} Choose Pick again once that is mended."
    )


def tie(leaders: Sequence[Tally]) -> str:
    """Why the closer is asked. Plain text."""
    if not leaders or not leaders[0].count:
        return "Nobody has voted. Choose a picture, or close it without a choice."
    numbers = joined(each.candidate.name for each in leaders)
    return f"Pictures {numbers} have {votes(leaders[0].count)} each. Choose the winner."
