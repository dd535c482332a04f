"""What is said in a thread beside results: examples, refusals of a reply, shared pictures."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ImageBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject, SlackFile

from bot.generations.record import Generation, Picture
from bot.slack.kit import generation_texts
from bot.slack.kit.ids import ActionId, BlockId
from bot.slack.kit.message import (
    Message,
    mrkdwn_context,
    mrkdwn_section,
    plain_section,
)
from bot.slack.kit.text import escape, shorten
from bot.slack.results import texts as thread_texts
from bot.slack.results.result_views import buttons_of


def show_deed(sentence: str, generation: Generation) -> Message:
    """The words that asked for it, answered with the button or menu that does it."""
    blocks: list[Block] = [plain_section(sentence), *buttons_of(generation)]
    return Message(escape(sentence), blocks)


def show_part(generation: Generation, *, is_next: bool = False, can_post: bool = False) -> Message:
    """One of a brief, with what can be done with it. `is_next`: the next reply changes it."""
    prompt = escape(shorten(generation_texts.prompt_of(generation), 300))
    options = escape(generation_texts.options(generation.whole_request))
    said = thread_texts.part(generation.part or 1, f"“{prompt}” · {options}")
    if is_next:
        said = f"{said}. {thread_texts.CHANGES_NEXT}"
    buttons = buttons_of(generation, can_repeat=True, can_post=can_post)
    return Message(said, [mrkdwn_section(said), *buttons])


def show_taken_up(generation: Generation, version: int) -> Message:
    """Which version a person is back at, and what can be done with it."""
    prompt = escape(shorten(generation_texts.prompt_of(generation), 300))
    options = escape(generation_texts.options(generation.whole_request))
    said = thread_texts.taken_up(version, f"“{prompt}” · {options}")
    return Message(said, [mrkdwn_section(said), *buttons_of(generation)])


def show_shared(
    generation: Generation,
    pictures: Sequence[Picture],
    sharer: str,
    *,
    note: str = "",
    link: str | None = None,
) -> Message:
    """Pictures in a channel: who shares and made them, a `note`, the prompt once, and a `link` to
    the thread that they come from."""
    said = generation_texts.shared_mrkdwn(generation, sharer, len(pictures))
    prompt = generation_texts.prompt_of(generation)
    small_print = [generation_texts.made_by(generation)]
    if link is not None:
        small_print.insert(0, f":thread: <{link}|The thread they come from>")
    noted = f" “{escape(note)}”" if note else ""
    blocks: list[Block] = [mrkdwn_section(said)]
    blocks += [plain_section(note)] if note else []
    blocks.append(plain_section(prompt, BlockId.PROMPT))
    total = len(pictures)
    blocks += [
        _show_picture(generation, picture, number, total)
        for number, picture in enumerate(pictures, 1)
    ]
    blocks.append(mrkdwn_context(*small_print))
    text = f"{said}:{noted} “{escape(prompt)}”. {'. '.join(small_print)}."
    return Message(text, blocks)


def show_not_shared(said: str, generation: Generation, again: ActionId) -> Message:
    """Why pictures were not shared, with the button that opens the modal `again`. `said` is
    mrkdwn."""
    button = ButtonElement(text="Share again", action_id=again, value=generation.id)
    actions = ActionsBlock(block_id=BlockId.ACTIONS, elements=[button])
    return Message(said, [mrkdwn_section(said), actions])


def _show_picture(generation: Generation, picture: Picture, number: int, total: int) -> Block:
    """One of so many. The prompt stands above; a voice hears it with the first."""
    wanted = generation.request.dimensions
    pixels = f"{picture.width or wanted.width}×{picture.height or wanted.height} px"
    which = f"{number} of {total} · " if total > 1 else ""
    alt = generation_texts.picture_alt(generation, picture.position)
    if number > 1 and picture.alt_text is None:
        alt = f"Picture {number} of {total} of the same. Made by AI."
    return ImageBlock(
        slack_file=SlackFile(id=picture.slack_file_id),
        alt_text=alt,
        title=PlainTextObject(text=f"{which}{pixels}", emoji=False),
    )
