"""`/imagine history`: a person's own generations, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ImageElement,
    InteractiveElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, SlackFile

from bot.credits.ledger import Bill
from bot.generations.record import Generation
from bot.slack.kit import generation_texts, history_texts
from bot.slack.kit.ids import ActionId
from bot.slack.kit.links import generation_link, shown_pictures
from bot.slack.kit.message import Message, plain_section
from bot.slack.kit.text import shorten

HISTORY_PAGE = 20


def show_history(
    page: Sequence[Generation],
    workspace_url: str | None,
    bills: Mapping[str, Bill],
    versions: Mapping[str, int],
    *,
    has_more: bool,
    has_thumbnails: bool = True,
) -> Message:
    """One page. Each with its thumbnail, cost (`bills`, by its id), version, state, a link to its
    thread, and what can be done with it: two blocks, of the 50 that a message may have."""
    if not page:
        return Message(history_texts.NO_HISTORY, [plain_section(history_texts.NO_HISTORY)])
    lines = [
        history_texts.history_mrkdwn(
            each,
            generation_link(workspace_url, each),
            bills.get(each.id),
            versions.get(each.id, 1),
        )
        for each in page
    ]
    blocks: list[Block] = []
    for each, line in zip(page, lines, strict=True):
        blocks.append(_entry(each, line, has_thumbnail=has_thumbnails))
        if buttons := _buttons(each):
            blocks.append(ActionsBlock(elements=buttons))
    if has_more:
        button = ButtonElement(
            text="Older",
            action_id=ActionId.OLDER_HISTORY,
            value=page[-1].accepted_at.isoformat(),
        )
        blocks.append(ActionsBlock(elements=[button]))
    return Message("\n".join(lines), blocks)


def _buttons(generation: Generation) -> list[InteractiveElement]:
    """What is not kept any more cannot be used, nor what is not in Slack be shared."""
    if generation.blanked_at is not None:
        return []
    prompt = shorten(generation_texts.prompt_of(generation), 40)
    offered = [("Use again", ActionId.USE_AGAIN)]
    if generation.upstream_prompt:
        offered.append((generation_texts.USE_UPSTREAM_PROMPT, ActionId.USE_PROMPT))
    if generation.deleted_at is None and shown_pictures(generation):
        offered.append(("Share", ActionId.SHARE_OWN))
    return [
        ButtonElement(
            text=label,
            action_id=action_id,
            value=generation.id,
            accessibility_label=f"{label}: {prompt}",
        )
        for label, action_id in offered
    ]


def _entry(generation: Generation, line: str, *, has_thumbnail: bool) -> Block:
    is_shown = has_thumbnail and generation.deleted_at is None
    pictures = shown_pictures(generation) if is_shown else []
    thumbnail = None
    if pictures:
        thumbnail = ImageElement(
            slack_file=SlackFile(id=pictures[0].slack_file_id),
            alt_text=shorten(pictures[0].alt_text or generation_texts.prompt_of(generation), 100)
            or "A picture",
        )
    return SectionBlock(text=MarkdownTextObject(text=line), accessory=thumbnail)
