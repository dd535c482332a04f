"""The library as blocks: in a private message, and in the Home tab. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ImageElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, SlackFile

from bot.generations.record import Generation
from bot.slack.kit import generation_texts
from bot.slack.kit import library_texts as texts
from bot.slack.kit.ids import ActionId, BlockId
from bot.slack.kit.library import LibraryPage, Wanted
from bot.slack.kit.links import generation_link, shown_pictures
from bot.slack.kit.message import Message, mrkdwn_section, plain_context, plain_section
from bot.slack.kit.text import escape, shorten

# The row of buttons and the menu under a result.
ShowRow = Callable[[Generation], Sequence[Block]]


def show_library(
    page: LibraryPage, workspace_url: str | None, show_row: ShowRow, *, has_thumbnails: bool = True
) -> Message:
    """A page: each picture with what it is and what can be done with it, as under its result."""
    head = texts.head_mrkdwn(page)
    lines = [texts.entry_mrkdwn(x, generation_link(workspace_url, x)) for x in page.found]
    blocks: list[Block] = [mrkdwn_section(head), _search(page.wanted)]
    for generation, line in zip(page.found, lines, strict=True):
        blocks.append(_entry(generation, line, has_thumbnail=has_thumbnails))
        blocks += [_name(row, generation) for row in show_row(generation)]
    if not page.found:
        lines = [texts.nothing(page)]
        blocks.append(mrkdwn_section(lines[0]))
    notes = [] if page.is_whole else [texts.NOT_WHOLE]
    blocks += [plain_context(note) for note in notes]
    if pager := _pager(page):
        blocks.append(ActionsBlock(block_id=BlockId.PAGES, elements=pager))
    return Message("\n".join((head, *lines, *notes)), blocks)


def _name(row: Block, generation: Generation) -> Block:
    """`row` under its generation's id, its buttons told apart for those who hear them."""
    row.block_id = f"{BlockId.LIBRARY}{generation.id}"
    prompt = generation_texts.prompt_of(generation)
    for element in row.elements if isinstance(row, ActionsBlock) else ():
        if isinstance(element, ButtonElement) and element.text:
            element.accessibility_label = shorten(f"{element.text.text}: {prompt}", 75)
    return row


def _search(wanted: Wanted) -> Block:
    search = ButtonElement(
        text="Search",
        action_id=ActionId.SEARCH_LIBRARY,
        value=wanted.first_page.write(),
        accessibility_label="Search the library",
    )
    return ActionsBlock(block_id=BlockId.SEARCH, elements=[search])


def _pager(page: LibraryPage) -> list[ButtonElement]:
    buttons = []
    if page.wanted.after:
        newest = page.wanted.first_page.write()
        buttons.append(
            ButtonElement(text="Newest", action_id=ActionId.NEWEST_LIBRARY, value=newest)
        )
    if page.has_more:
        older = page.next.write()
        buttons.append(ButtonElement(text="Older", action_id=ActionId.OLDER_LIBRARY, value=older))
    return buttons


def show_not_searched(said: str, wanted: Wanted) -> Message:
    """Why nothing was looked for, and the button of the form, which has what was understood."""
    return Message(escape(said), [plain_section(said), _search(wanted)])


def _entry(generation: Generation, line: str, *, has_thumbnail: bool) -> Block:
    pictures = shown_pictures(generation) if has_thumbnail else []
    pictures.sort(key=lambda picture: picture.chosen_at is None)  # the winner of a vote first
    thumbnail = None
    if pictures:
        thumbnail = ImageElement(
            slack_file=SlackFile(id=pictures[0].slack_file_id),
            alt_text=generation_texts.picture_alt(generation, pictures[0].position),
        )
    return SectionBlock(text=MarkdownTextObject(text=line), accessory=thumbnail)
