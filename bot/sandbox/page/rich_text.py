"""Slack's ``rich_text`` block as safe HTML. Pure. Source: docs.slack.dev, "Rich text block"."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from bot.sandbox.emoji import find_emoji
from bot.sandbox.page.mrkdwn import (
    RenderContext,
    render_broadcast,
    render_channel,
    render_date,
    render_link,
    render_user,
)

Element = Mapping[str, Any]
_STYLES = (("code", "code"), ("strike", "s"), ("italic", "em"), ("bold", "strong"))


def render_rich_text(block: Element, context: RenderContext) -> Markup:
    """The whole block; raises ``ValueError`` for an element that is not known."""
    return Markup("").join(_render_part(part, context) for part in block["elements"])


def _render_part(part: Element, context: RenderContext) -> Markup:
    kind = part["type"]
    if kind == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        items = Markup("").join(
            Markup("<li>{}</li>").format(_render_inlines(item, context))
            for item in part["elements"]
        )
        indent = min(int(part.get("indent", 0)), 8)
        return Markup("<{} class='indent-{}'>{}</{}>").format(tag, indent, items, tag)
    wrap = {
        "rich_text_section": "<div class='rich-section'>{}</div>",
        "rich_text_preformatted": "<pre class='code'>{}</pre>",
        "rich_text_quote": "<blockquote>{}</blockquote>",
    }.get(kind)
    if wrap is None:
        raise ValueError(f"rich text element {kind!r}")
    return Markup(wrap).format(_render_inlines(part, context))  # noqa: S704 from the table above


def _render_inlines(part: Element, context: RenderContext) -> Markup:
    return Markup("").join(_render_inline(item, context) for item in part["elements"])


def _render_inline(item: Element, context: RenderContext) -> Markup:
    draw = _INLINE.get(item["type"])
    if draw is None:
        raise ValueError(f"rich text element {item['type']!r}")
    shown = draw(item, context)
    style = item.get("style") or {}
    for name, tag in _STYLES:
        if style.get(name):
            shown = Markup("<{}>{}</{}>").format(tag, shown, tag)
    return shown


def _text(item: Element, context: RenderContext) -> Markup:
    return Markup("<br>").join(escape(line) for line in str(item["text"]).split("\n"))


def _link(item: Element, context: RenderContext) -> Markup:
    return render_link(item["url"], escape(item.get("text") or item["url"]), context)


def _emoji(item: Element, context: RenderContext) -> Markup:
    name = item["name"]
    glyph = item.get("unicode")
    shown = "".join(chr(int(code, 16)) for code in glyph.split("-")) if glyph else find_emoji(name)
    return escape(shown or f":{name}:")


_INLINE: dict[str, Callable[[Element, RenderContext], Markup]] = {
    "text": _text,
    "link": _link,
    "emoji": _emoji,
    "user": lambda item, context: render_user(item["user_id"], context),
    "channel": lambda item, context: render_channel(item["channel_id"], context),
    "usergroup": lambda item, context: Markup('<span class="mention">@{}</span>').format(
        item["usergroup_id"]
    ),
    "broadcast": lambda item, context: render_broadcast(item["range"]),
    "color": lambda item, context: Markup("<code>{}</code>").format(item["value"]),
    "date": lambda item, context: render_date(
        int(item["timestamp"]), item["format"], item.get("url"), context
    ),
}
