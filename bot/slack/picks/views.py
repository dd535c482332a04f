"""The message of a vote, what is said of it in the thread, and its modals. Pure.

Slack takes 50 blocks a message, 25 elements a row, and about 13,000 characters (slack-facts.md):
up to ten pictures are shown large, more as thumbnails, one beside each line of the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ImageBlock,
    ImageElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    SectionBlock,
    StaticMultiSelectElement,
)
from slack_sdk.models.blocks.basic_components import (
    ConfirmObject,
    MarkdownTextObject,
    PlainTextObject,
    SlackFile,
)
from slack_sdk.models.views import View

from bot.generations.brief import PICTURES_A_MESSAGE
from bot.generations.pick import Candidate, Note, NoteKind, Round, Tally, find_left, tally_of
from bot.generations.record import Picture, PictureState
from bot.images.catalogue import MODELS
from bot.slack.kit.ids import ActionId, BlockId, ViewId, VoteField
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.picture_blocks import linked_picture_block
from bot.slack.kit.rights import ResultContext
from bot.slack.kit.text import escape, shorten
from bot.slack.picks import texts
from bot.slack.picks.subject import Subject

_ROW_MAX: Final = 25
_LABEL_MAX: Final = 60
_SMALL_LABEL_MAX: Final = 24  # of 40 pictures, in a text of 4,000 characters
_SMALL_NAMES_MAX: Final = 2
_ALT_MAX: Final = 200
_BUTTON_MAX: Final = 75


class VoteContext(ResultContext):
    """What the modals of a vote remember."""

    round_id: str = ""


def show_round(
    round_: Round, subject: Subject, *, has_names: bool = True, has_pictures: bool = True
) -> Message:
    """The message of a vote, as it stands. Without names it tells nobody that they were named."""
    left = find_left(round_.candidates, subject.made)
    tallies = tally_of(round_, left if round_.is_open else round_.candidates)
    is_large = len(round_.candidates) <= PICTURES_A_MESSAGE
    lines = [
        _line(round_, subject, tally, has_names=has_names, is_large=is_large) for tally in tallies
    ]
    head = texts.asked(round_, len(left)) if round_.is_open else texts.outcome(round_, tallies)
    blocks: list[Block] = [mrkdwn_section(head, BlockId.WHO)]
    blocks += _show_pictures(subject, tallies, lines, is_large=is_large, has_pictures=has_pictures)
    said = [head, *(f"{line}." for line in lines)]
    if has_names:
        turnout = texts.turnout(round_)
        said.append(f"{turnout}.")
        blocks.append(mrkdwn_context(turnout, block_id=BlockId.STATUS))
    if round_.is_open:
        blocks += [*_rows(round_, subject, left), plain_context(texts.HOW_TO_VOTE, BlockId.HINT)]
        said.append(texts.HOW_TO_VOTE)
    return Message("\n".join(said), blocks)


def _line(round_: Round, subject: Subject, tally: Tally, *, has_names: bool, is_large: bool) -> str:
    """All pictures of a result have one prompt, which is not said of each."""
    label = ""
    if subject.brief is not None or not find_left([tally.candidate], subject.made):
        most = _LABEL_MAX if is_large else _SMALL_LABEL_MAX
        label = subject.describe(tally.candidate, most)
    return texts.line(
        tally,
        label,
        has_names=has_names,
        is_winner=tally.candidate.key in round_.winners,
        most=texts.NAMES_MAX if is_large else _SMALL_NAMES_MAX,
    )


def _show_pictures(
    subject: Subject,
    tallies: Sequence[Tally],
    lines: Sequence[str],
    *,
    is_large: bool,
    has_pictures: bool,
) -> list[Block]:
    if not has_pictures:
        count = "\n".join(lines)
        return [mrkdwn_section(count[first : first + 2900]) for first in range(0, len(count), 2900)]
    if not is_large:
        return [
            _with_thumbnail(subject, tally.candidate, line)
            for tally, line in zip(tallies, lines, strict=True)
        ]
    pictures = [
        block for tally in tallies if (block := _large(subject, tally.candidate)) is not None
    ]
    return [*pictures, mrkdwn_section("\n".join(lines))] if lines else pictures


def _large(subject: Subject, candidate: Candidate) -> Block | None:
    """A picture under its number; its link, if it is not in Slack; None if it is gone."""
    found = subject.find(candidate)
    if found is None or found[0].deleted_at is not None:
        return None
    generation, picture = found
    if not _is_file(picture):
        return linked_picture_block(generation, picture)
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height} px"
    title = f"{candidate.name} · {subject.describe(candidate)} · {pixels}"
    return ImageBlock(
        slack_file=SlackFile(id=picture.slack_file_id),
        alt_text=_alt(subject, candidate),
        title=PlainTextObject(text=title, emoji=False),
    )


def _with_thumbnail(subject: Subject, candidate: Candidate, line: str) -> Block:
    found = subject.find(candidate)
    accessory = None
    if found is not None and found[0].deleted_at is None and _is_file(found[1]):
        accessory = ImageElement(
            slack_file=SlackFile(id=found[1].slack_file_id),
            alt_text=shorten(texts.picture_called(candidate, subject, _SMALL_LABEL_MAX), 75),
        )
    return SectionBlock(text=MarkdownTextObject(text=line), accessory=accessory)


def _is_file(picture: Picture) -> bool:
    return picture.state is PictureState.UPLOADED and picture.slack_file_id is not None


def _alt(subject: Subject, candidate: Candidate) -> str:
    found = subject.find(candidate)
    if found and found[1].alt_text:  # what somebody has written
        return shorten(f"Picture {candidate.name}: {found[1].alt_text}", _ALT_MAX)
    by = f" Made by AI ({MODELS[found[0].request.model].name})." if found else ""
    called = texts.picture_called(candidate, subject, _ALT_MAX - len(by) - 20)
    return f"{called}.{by}"


def _rows(round_: Round, subject: Subject, left: Sequence[Candidate]) -> list[Block]:
    """A button for each picture, and those that are about all of it."""
    buttons = [
        ButtonElement(
            text=candidate.name,
            action_id=f"{ActionId.VOTE}:{candidate.key}",
            value=_value(round_, candidate.key),
            accessibility_label=shorten(
                f"Vote for {texts.picture_called(candidate, subject)}", _BUTTON_MAX
            ),
        )
        for candidate in left
    ]
    rows: list[Block] = [
        ActionsBlock(elements=buttons[first : first + _ROW_MAX])
        for first in range(0, len(buttons), _ROW_MAX)
    ]
    changes = ButtonElement(
        text="Changes wanted", action_id=ActionId.WANT_CHANGES, value=_value(round_)
    )
    close = ButtonElement(
        text="Close",
        action_id=ActionId.CLOSE_VOTE,
        value=_value(round_),
        accessibility_label="Close this vote and mark the picture that won",
        confirm=ConfirmObject(
            title="Close this vote?",
            text=PlainTextObject(
                text="The picture with most votes is marked as chosen. In a tie you choose."
            ),
            confirm="Close it",
            deny="Not now",
        ),
    )
    return [*rows, ActionsBlock(block_id=BlockId.ACTIONS, elements=[changes, close])]


def _value(round_: Round, key: int = 0) -> str:
    """What a button carries: whose a click is is looked at by the generation, which comes last."""
    return f"{key}:{round_.id}:{round_.generation_id}"


def read_press(value: str | None) -> tuple[int, str, str]:
    """Key, round and generation of a button; zero and empty where that cannot be read."""
    key, _, rest = (value or "").partition(":")
    round_id, _, generation_id = rest.partition(":")
    return (
        (int(key) if key.isascii() and key.isdigit() and len(key) < 5 else 0),
        round_id,
        generation_id,
    )


def show_note(said: Note, round_: Round, subject: Subject) -> Message:
    """What is said in the thread: what somebody wants changed, or what it came to, with the picture
    that won."""
    tallies = tally_of(round_, round_.candidates)
    sentence = texts.note(
        said, texts.outcome(round_, tallies), subject, sum(each.count for each in tallies)
    )
    blocks: list[Block] = [mrkdwn_section(sentence)]
    if said.kind is NoteKind.CLOSED:
        won = [each for each in round_.candidates if each.key in round_.winners]
        shown = [_large(subject, each) for each in won[:PICTURES_A_MESSAGE]]
        blocks += [each for each in shown if each is not None]
        called = ". ".join(escape(texts.picture_called(each, subject)) for each in won)
        return Message(f"{sentence} {called}".strip(), blocks)
    if said.kind is NoteKind.CHANGES:
        how = texts.how_to_change(subject)
        return Message(f"{sentence} {escape(how)}", [*blocks, plain_context(how)])
    return Message(sentence, blocks)


def show_changes_form(round_: Round, channel_id: str) -> View:
    """What should change?"""
    sentence = PlainTextInputElement(
        action_id=VoteField.CHANGES,
        max_length=texts.CHANGES_MAX,
        focus_on_load=True,
        placeholder=PlainTextObject(text="The sky should be darker"),
    )
    return View(
        type="modal",
        callback_id=ViewId.WANT_CHANGES,
        title="Changes wanted",
        submit="Send",
        close="Cancel",
        private_metadata=_remember(round_, channel_id),
        blocks=[
            InputBlock(
                block_id=VoteField.CHANGES,
                label="What should change?",
                hint="Shown in the thread with your name. Nothing is made of it by itself.",
                element=sentence,
            )
        ],
    )


def show_choice(round_: Round, subject: Subject, offered: Sequence[Tally], channel_id: str) -> View:
    """Several have most votes, or none has any: what wins? `offered` are those."""
    options = [
        Option(
            value=str(each.candidate.key),
            text=PlainTextObject(
                text=shorten(texts.picture_called(each.candidate, subject), _BUTTON_MAX),
                emoji=False,
            ),
        )
        for each in offered
    ]
    has_votes = any(each.count for each in offered)
    select = StaticMultiSelectElement(
        action_id=VoteField.WINNERS,
        options=options,
        placeholder=PlainTextObject(text="Choose one, or several"),
    )
    return View(
        type="modal",
        callback_id=ViewId.CHOOSE_WINNER,
        title="Close the vote",
        submit="Close it",
        close="Cancel",
        private_metadata=_remember(round_, channel_id),
        blocks=[
            plain_section(texts.tie(offered if has_votes else ())),
            InputBlock(
                block_id=VoteField.WINNERS,
                label="Chosen",
                element=select,
                optional=True,
                hint="Leave it empty to close the vote without a choice.",
            ),
        ],
    )


def _remember(round_: Round, channel_id: str) -> str:
    return VoteContext(
        generation_id=round_.generation_id, channel_id=channel_id, round_id=round_.id
    ).write()
