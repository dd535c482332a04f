"""The words in a message's blocks and attachments, as a person reads them. Pure.

A forwarded message has no text of its own: it lies in an attachment (`is_share`), whose
`message_blocks` hold the blocks of the original. Messages of apps may be blocks alone.
Sources: https://docs.slack.dev/reference/block-kit/blocks, …/reference/messaging/attachments, and
payloads that other apps have recorded of forwarded messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from bot.slack.kit.payloads import clean_text
from bot.slack.kit.text import unescape

# What people press and choose is none of a message's words.
_CONTROLS: Final = frozenset(
    {"actions", "context_actions", "input", "button", "overflow", "feedback_buttons", "checkboxes"}
    | {"radio_buttons", "datepicker", "timepicker", "datetimepicker", "icon_button", "image"}
    | {"static_select", "external_select", "users_select", "conversations_select"}
    | {"channels_select", "multi_static_select", "multi_external_select", "multi_users_select"}
    | {"multi_conversations_select", "multi_channels_select", "workflow_button"}
)
# Each is a line of its own.
_LINES: Final = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
_DEPTH_MAX: Final = 12
_ATTACHMENTS_MAX: Final = 20
_ATTACHED: Final = ("pretext", "title", "text")

# What a text with Slack's own syntax becomes (messages.py).
Plain = Callable[[str], str]


def read_blocks(blocks: Any, plain: Plain) -> str:
    """The words of blocks of any kind, a line for each."""
    return "\n".join(line for line in _walk(blocks, plain, _DEPTH_MAX) if line.strip())


def read_attachments(attachments: Any, plain: Plain, *, is_all: bool) -> str:
    """The words of forwarded messages; with `is_all` also those of what apps attach, and of links
    that are shown with what is behind them."""
    return "\n".join(
        text
        for each in list_attachments(attachments)
        if (is_forwarded(each) or is_all) and (text := _read_attachment(each, plain))
    )


def list_attachments(attachments: Any) -> list[Mapping[str, Any]]:
    """Those that are well-formed, of as many as Slack shows."""
    found = attachments if isinstance(attachments, list | tuple) else ()
    return [each for each in found[:_ATTACHMENTS_MAX] if isinstance(each, dict)]


def is_forwarded(attachment: Mapping[str, Any]) -> bool:
    """Whether it is another message: forwarded, or linked to."""
    return bool(attachment.get("is_share") or attachment.get("is_msg_unfurl"))


def list_blocks(attachment: Mapping[str, Any]) -> list[Any]:
    """The blocks of an attachment, and those of the message that it is."""
    found = list(_list(attachment.get("blocks")))
    for each in _list(attachment.get("message_blocks")):
        message = each.get("message") if isinstance(each, dict) else None
        found += _list(message.get("blocks")) if isinstance(message, dict) else ()
    return found


def _read_attachment(attachment: Mapping[str, Any], plain: Plain) -> str:
    said = [plain(_text(attachment.get(name))) for name in _ATTACHED]
    for field in _list(attachment.get("fields")):
        if isinstance(field, dict):
            said += [plain(_text(field.get("title"))), plain(_text(field.get("value")))]
    lines = [text for text in said if text.strip()]
    if not lines:
        lines = [read_blocks(list_blocks(attachment), plain)]
    if not any(lines):
        lines = [plain(_text(attachment.get("fallback")))]
    return "\n".join(line for line in lines if line.strip())


def _walk(value: Any, plain: Plain, depth: int) -> Iterator[str]:
    """Each line of what is said in `value`."""
    if depth == 0:
        return
    if isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each, plain, depth - 1)
    if not isinstance(value, dict) or value.get("type") in _CONTROLS:
        return
    kind, text = value.get("type"), _text(value.get("text"))
    if kind in _LINES:
        yield "".join(_read_inline(each, plain) for each in _list(value.get("elements")))
    elif kind in ("mrkdwn", "markdown"):
        yield plain(text)
    elif kind in ("plain_text", "raw_text"):
        yield unescape(text)
    else:
        for name, part in value.items():
            if name not in ("accessory", "block_id"):
                yield from _walk(part, plain, depth - 1)


def _read_inline(element: Any, plain: Plain) -> str:
    """A piece of a line: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    if not isinstance(element, dict):
        return ""
    match element.get("type"):
        case "text":
            return _text(element.get("text"))
        case "link":
            return _text(element.get("text")) or _text(element.get("url"))
        case "emoji":
            name = _text(element.get("name"))
            own = _read_emoji(_text(element.get("unicode")))
            return own or (plain(f":{name}:") if name else "")
        case "date":
            return _text(element.get("fallback"))
        case "color":
            return _text(element.get("value"))
        case _:  # people, groups and channels, whose names are not in it
            return ""


def _read_emoji(codes: str) -> str:
    """`1f469-200d-1f4bb` as the emoji; empty for what is none."""
    try:
        return "".join(chr(int(code, 16)) for code in codes.split("-") if code)
    except (ValueError, OverflowError):
        return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(clean_text(value)) if isinstance(value, str) else ""
