"""The messages of a brief: the root, the pictures, the last line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ImageBlock,
    InteractiveElement,
    Option,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import ConfirmObject, PlainTextObject, SlackFile

from bot.credits.estimates import Estimate
from bot.generations.brief import Brief, PartPhase, find_phase
from bot.generations.record import Generation, State
from bot.images.showing import Show
from bot.slack.briefs import texts
from bot.slack.kit import generation_texts
from bot.slack.kit.ids import ActionId, BlockId
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_context,
    plain_section,
)
from bot.slack.kit.picture_blocks import picture_block
from bot.slack.kit.text import escape, shorten

# A section takes 3,000 characters, and a line at most some 130.
_LINES_A_SECTION: Final = 20
_PROMPT_MAX: Final = 2900
_OPTION_MAX: Final = 75


def show_root(brief: Brief, estimate: Estimate | None) -> Message:
    """The root message while it is under way."""
    where = ":thread: The pictures come into this thread"
    if brief.new.show is Show.ME:
        where = ":eyes: Only you see this"
    root = _root(brief, texts.status_mrkdwn(brief, estimate), where)
    if not any(find_phase(part) is PartPhase.WAITING for part in brief.parts):
        return root
    cancel = ButtonElement(
        text="Cancel what waits", action_id=ActionId.CANCEL_BRIEF, value=brief.first_part_id
    )
    blocks = [*root.blocks, ActionsBlock(block_id=BlockId.ACTIONS, elements=[cancel])]
    return Message(root.text, blocks)


def show_ended_root(brief: Brief, money: texts.Money, link: str | None) -> Message:
    """The root message for good; pictures that stand nowhere else are linked here."""
    root = _root(brief, texts.ended_mrkdwn(brief, money, link))
    homeless = [part for part in brief.parts if part.pictures and part.result_ts is None]
    if not homeless:
        return root
    links = [
        generation_texts.linked_picture_mrkdwn(part, picture.position)
        for part in homeless
        for picture in part.pictures
    ]
    return Message(" ".join([*links, root.text]), [*root.blocks, *map(mrkdwn_section, links[:30])])


def _root(brief: Brief, status: str, *small_print: str) -> Message:
    asked = texts.asked_mrkdwn(brief)
    prompt = shorten(generation_texts.prompt_of(brief.new), _PROMPT_MAX)
    lines = texts.lines_mrkdwn(brief)
    blocks: list[Block] = [mrkdwn_section(asked, BlockId.WHO)]
    if prompt:
        blocks.append(plain_section(prompt, BlockId.PROMPT))
    for first in range(0, len(lines), _LINES_A_SECTION):
        blocks.append(mrkdwn_section("\n".join(lines[first : first + _LINES_A_SECTION])))
    understood = brief.new.understood
    if understood:
        blocks.append(plain_context(understood, BlockId.UNDERSTOOD))
    blocks.append(mrkdwn_context(status, *small_print, block_id=BlockId.STATUS))
    said = f" {escape(understood)}." if understood else ""
    text = f"{asked}: “{escape(prompt)}”.{said} {' · '.join([status, *small_print])}"
    return Message("\n".join([text, *lines]), blocks)


def show_parts(brief: Brief, parts: Sequence[Generation], again: Estimate | None = None) -> Message:
    """The pictures of these parts, each under what makes it different, and what went wrong. `again`
    is what all of its group would probably take."""
    who = f"<@{brief.new.place.user_id}> {texts.parts_intro(brief, parts)}"
    blocks: list[Block] = [mrkdwn_section(who, BlockId.WHO)]
    said = [who]
    for part in parts:
        name = texts.name_of(brief, part)
        if part.deleted_at is not None:
            blocks.append(plain_section(texts.deleted_line(name)))
            said.append(escape(texts.deleted_line(name)))
            continue
        blocks += [picture_block(part, picture, name) for picture in part.pictures]
        if part.pictures:
            said.append(f"{escape(name)}: {generation_texts.options(part.whole_request)}.")
        if part.pictures and not part.pictures_missing:
            continue
        wrong = texts.failure_line(brief, part)
        if part.pictures:
            wrong = f"{name}: {generation_texts.result_intro(part)}"
        blocks.append(plain_section(f"⚠ {shorten(wrong, _PROMPT_MAX)}"))
        said.append(escape(wrong))
    models = dict.fromkeys(generation_texts.made_by(part) for part in parts if part.pictures)
    if models:
        blocks.append(mrkdwn_context(*models, block_id=BlockId.CREDITS))
    if chosen := [part for part in parts if _can_be_picked(part)]:
        blocks.append(_pick(brief, chosen, again))
    return Message(" ".join(said), blocks)


def _can_be_picked(part: Generation) -> bool:
    """Whether a button of its own does something: also of what nobody knows the outcome of, and of
    what may be approved."""
    is_approvable = part.over_budget is not None and part.over_budget.approval_id is not None
    return bool(part.pictures) or part.state is State.UNKNOWN or is_approvable


def _pick(brief: Brief, parts: Sequence[Generation], again: Estimate | None) -> Block:
    """What can be done with all that belong into one message; and each part has the buttons of a
    result, which come once it is chosen, for who chose it."""
    options = [
        Option(
            value=part.id,
            text=PlainTextObject(
                text=shorten(texts.name_of(brief, part), _OPTION_MAX), emoji=False
            ),
        )
        for part in parts
    ]
    select = StaticSelectElement(
        action_id=ActionId.PICK_PART,
        placeholder=PlainTextObject(text="Do something with one…"),
        options=options,
    )
    elements: list[InteractiveElement] = [select]
    group = brief.group_of(parts[0])
    if 1 < len(group) < len(brief.parts):  # else the last message has these buttons
        count = sum(brief.new.parts[number - 1].request.quantity for number in group)
        named = f"Regenerate these {len(group)}"
        elements += [
            _button(named, ActionId.GROUP_AGAIN, parts[0].id, _confirm(count, again)),
            _button(f"Edit these {len(group)}", ActionId.EDIT_GROUP, parts[0].id),
        ]
    return ActionsBlock(block_id=BlockId.ACTIONS, elements=elements)


def _button(
    label: str, action_id: ActionId, value: str, confirm: ConfirmObject | None = None
) -> ButtonElement:
    return ButtonElement(text=label, action_id=action_id, value=value, confirm=confirm)


def show_summary(
    brief: Brief,
    money: texts.Money,
    *,
    missing: Estimate | None = None,
    again: Estimate | None = None,
    sheet: str | None = None,
) -> Message:
    """What all of it came to, and what can be done. `sheet` is the Slack file of a picture with all
    of them; `missing` and `again` are what those buttons will probably take."""
    intro = f"<@{brief.new.place.user_id}> {texts.summary_intro(brief)}"
    blocks: list[Block] = [mrkdwn_section(intro, BlockId.WHO)]
    said = [intro]
    if sheet is not None:
        named = "; ".join(_name_aloud(brief, part) for part in brief.parts if part.pictures)
        alt = shorten(f"All pictures of this request with their labels: {named}", 2000)
        blocks.append(ImageBlock(slack_file=SlackFile(id=sheet), alt_text=alt))
    if waits := texts.no_credits(brief):
        blocks.append(plain_section(waits))
        said.append(escape(waits))
    blocks.append(mrkdwn_context(f":coin: {escape(money.text)}", block_id=BlockId.CREDITS))
    said.append(f"{escape(money.text)}.")
    if len([part for part in brief.parts if part.pictures]) > 1:
        hint = texts.reply_hint(is_direct=brief.channel_id.startswith("D"))
        blocks.append(plain_context(hint, BlockId.HINT))
        said.append(hint)
    blocks.append(ActionsBlock(block_id=BlockId.ACTIONS, elements=_buttons(brief, missing, again)))
    return Message(" ".join(said), blocks)


def _name_aloud(brief: Brief, part: Generation) -> str:
    """With what somebody has written of its pictures."""
    own = [picture.alt_text for picture in part.pictures if picture.alt_text]
    return ": ".join([texts.name_of(brief, part), *([", ".join(own)] if own else [])])


def _buttons(
    brief: Brief, missing: Estimate | None, again: Estimate | None
) -> list[InteractiveElement]:
    elements: list[InteractiveElement] = []
    first = brief.first_part_id
    if failed := brief.failed:
        count = sum(part.request.quantity for part in failed)
        label, confirm = texts.missing_label(failed), _confirm(count, missing)
        make_missing = _button(label, ActionId.BRIEF_MISSING, first, confirm)
        make_missing.style = "primary"
        elements.append(make_missing)
    count = sum(part.request.quantity for part in brief.parts)
    confirm = _confirm(count, again)
    elements.append(_button("Regenerate all", ActionId.BRIEF_AGAIN, first, confirm))
    elements.append(_button("Edit", ActionId.EDIT_BRIEF, first))
    if any(part.pictures for part in brief.parts):
        elements.append(_button("Pick", ActionId.START_VOTE, first))
        elements.append(_button("Download all", ActionId.DOWNLOAD_BRIEF, first))
    return elements


def _confirm(count: int, estimate: Estimate | None) -> ConfirmObject:
    """Several pictures are never made by one press alone."""
    return ConfirmObject(
        title=texts.again_title(estimate),
        text=PlainTextObject(text=texts.again_text(count, estimate)),
        confirm="Make them",
        deny="Not now",
    )


def show_nothing_made(brief: Brief) -> Message:
    """Privately: no first message could be posted, so nothing was made."""
    first = brief.parts[0] if brief.parts else None
    why = texts.failure_line(brief, first) if first else texts.GONE
    asked = f"You asked for: {shorten(generation_texts.prompt_of(brief.new), 1900)}"
    blocks: list[Block] = [plain_section(shorten(why, _PROMPT_MAX)), plain_context(asked)]
    return Message(f"{escape(why)} {escape(asked)}", blocks)
