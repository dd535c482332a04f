"""The presets of a conversation, listed privately."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from slack_sdk.models.blocks import Block, ImageElement, SectionBlock
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, SlackFile

from bot.policy.choices import find_barred
from bot.policy.policy import Policy
from bot.policy.presets import Preset
from bot.slack.kit import preset_texts
from bot.slack.kit.ids import CommandName
from bot.slack.kit.message import Message, mrkdwn_context, mrkdwn_section
from bot.slack.kit.text import escape, shorten

# Below Slack's 50 blocks, and its 13,000 characters in all.
_SHOWN: Final = 40
_ROOM: Final = 10_000


def show_presets(
    policy: Policy, channel_id: str, user_id: str, *, has_thumbnails: bool = True
) -> Message:
    """What may be chosen there, what each does, and its first reference picture."""
    presets = policy.seen_by(user_id).presets_in(channel_id)
    yours = policy.own_presets.get(user_id, ())
    own = preset_texts.own_defaults(policy.defaults.get(user_id))
    if not presets:
        said = " ".join(filter(None, (preset_texts.NO_PRESETS, own)))
        return Message(escape(said), [mrkdwn_section(escape(said))])
    example = f"`{CommandName.IMAGINE} a lighthouse in fog --preset {_quoted(presets[0])}`"
    barred = {p.name for p in presets if find_barred(policy.rules_in(channel_id), p)}
    lines = _list_lines(presets, barred, yours)
    blocks: list[Block] = [
        SectionBlock(
            text=MarkdownTextObject(text=line),
            accessory=_thumbnail(preset) if has_thumbnails else None,
        )
        for preset, line in zip(presets, lines, strict=False)
    ]
    rest = (
        f" {len(presets) - len(lines)} more are in the form." if len(lines) < len(presets) else ""
    )
    required = policy.rules_in(channel_id).preset
    if required is not None:
        hint = escape(preset_texts.required_here(required))
        return Message("\n".join((*lines, hint)), [*blocks, mrkdwn_context(hint)])
    hint = f"Use one with {example}, or choose it in the form.{rest} {escape(own)}".strip()
    return Message("\n".join((*lines, hint)), [*blocks, mrkdwn_context(hint)])


def _thumbnail(preset: Preset) -> ImageElement | None:
    for reference in preset.references:
        if reference.file_id is not None:
            name = shorten(f"{preset.name}: {reference.name}", 200)
            return ImageElement(slack_file=SlackFile(id=reference.file_id), alt_text=name)
    return None


def _list_lines(
    presets: tuple[Preset, ...], barred: Collection[str], yours: Collection[Preset]
) -> list[str]:
    """As many as Slack takes in one message."""
    lines: list[str] = []
    for preset in presets[:_SHOWN]:
        line = f"*{escape(preset.name)}* · {escape(preset_texts.preset_summary(preset))}"
        if preset in yours:
            line += f" · {preset_texts.YOURS}"
        if preset.name in barred:
            line += f" · {preset_texts.BARRED}"
        if around := preset_texts.words_around(preset):
            line += f"\n{escape(around)}"
        if sum(map(len, lines)) + len(line) > _ROOM:
            break
        lines.append(line)
    return lines


def _quoted(preset: Preset) -> str:
    """The name as it is typed in a command."""
    name = escape(shorten(preset.name, 40)).replace("`", "'")
    return f'"{name}"' if " " in name else name
