"""Slack's mrkdwn as safe HTML. Pure: names, clock and time zone come in as arguments.

Source: docs.slack.dev, "Formatting message text". Slack escapes exactly ``&``, ``<`` and ``>``;
what stands between ``<`` and ``>`` is a link or a mention. All else is text, and leaves escaped.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.sandbox.emoji import find_emoji

_FENCE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_EMOJI = re.compile(r":([a-z0-9_+'-]+):")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<![\w])_(?=\S)(?P<italic>[^_\n]+(?:_\w[^_\n]*)*)(?<=\S)_(?!\w)"
    r"|(?<![\w~])~(?=\S)(?P<strike>[^~\n]+)(?<=\S)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]+):"
    r"|(?P<url>https?://[^\s<>|\"'`*~]+[^\s<>|\"'`*~.,;:!?)_\]}])"
)
_PERMALINK = re.compile(r"^/archives/([A-Z0-9]+)/p(\d{10})(\d{6})$")
_THREAD = re.compile(r"(?:^|&)thread_ts=(\d+\.\d+)")
_DATE = re.compile(r"^!date\^(?P<at>-?\d+)\^(?P<form>[^|^]+)(?:\^(?P<link>[^|]+))?(?:\|.*)?$")


class Names(Protocol):
    """Who and what the ids in a text stand for; ``None`` when nobody knows."""

    def user_name(self, user_id: str) -> str | None: ...
    def channel_name(self, channel_id: str) -> str | None: ...
    def link_to(self, channel_id: str, thread_ts: str | None, ts: str | None) -> str: ...


@dataclass(frozen=True)
class RenderContext:
    """What a text is read with: whose names, at what time (epoch seconds), in which time zone."""

    names: Names
    now: float
    zone: tzinfo
    viewer: str | None = None


def render_mrkdwn(text: str, context: RenderContext) -> Markup:
    """Text in mrkdwn -> HTML; every character of the text that is not markup arrives escaped."""
    parts: list[Markup] = []
    end = 0
    for fence in _FENCE.finditer(text):
        parts.append(_render_lines(text[end : fence.start()].strip("\n"), context))
        parts.append(Markup("<pre class='code' dir='auto'>{}</pre>").format(_plain(fence[1])))
        end = fence.end()
    rest = text[end:]
    parts.append(_render_lines(rest.strip("\n") if parts else rest, context))
    return Markup("").join(parts)


def render_plain(text: str, *, emoji: bool = True) -> Markup:
    """A ``plain_text`` object -> HTML: no formatting, but emoji names become emoji."""
    safe = escape(text)
    if emoji:
        safe = Markup(_EMOJI.sub(lambda found: find_emoji(found[1]) or found[0], safe))  # noqa: S704 escaped above
    return Markup(safe.replace("\n", Markup("<br>")))  # noqa: S704 escaped above


def strip_mrkdwn(text: str, context: RenderContext) -> str:
    """The words alone, for previews, tooltips and titles."""
    return Markup(re.sub(r"<br>|</p>|</pre>", " ", render_mrkdwn(text, context))).striptags()  # noqa: S704


def format_date(form: str, at: float, context: RenderContext) -> str:
    """``<!date^…>``: Slack's tokens (``{date_short}``, ``{time}``), in the reader's time zone."""
    then = datetime.fromtimestamp(at, context.zone)
    today = datetime.fromtimestamp(context.now, context.zone).date()
    near = {
        today: "today",
        today - timedelta(days=1): "yesterday",
        today + timedelta(days=1): "tomorrow",
    }.get(then.date())
    clock = f"{then.hour % 12 or 12}:{then:%M} {then:%p}"
    short, long = f"{then:%b} {then.day}, {then.year}", f"{then:%A, %B} {then.day}, {then.year}"
    middle = f"{then:%B} {then.day}, {then.year}"
    tokens = {
        "date_num": f"{then:%Y-%m-%d}", "date_slash": f"{then:%m/%d/%Y}",
        "date_short": short, "date": middle, "date_long": long,
        "date_short_pretty": near or short, "date_pretty": near or middle,
        "date_long_pretty": near or long, "day_divider_pretty": near or f"{then:%A, %B} {then.day}",
        "time": clock, "time_secs": f"{then.hour % 12 or 12}:{then:%M:%S} {then:%p}",
        "ago": _ago(context.now - at),
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda found: tokens.get(found[1], found[0]), form)


def permalink_target(url: str) -> tuple[str, str | None, str] | None:
    """Channel, thread and ts of a Slack permalink, which the page opens itself; else ``None``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    found = _PERMALINK.match(parts.path)
    if found is None:
        return None
    thread = _THREAD.search(parts.query)
    return found[1], thread[1] if thread else None, f"{found[2]}.{found[3]}"


def _plain(text: str) -> Markup:
    return escape(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _render_lines(text: str, context: RenderContext) -> Markup:
    parts: list[Markup] = []
    quoted: list[Markup] = []
    lines: list[Markup] = []

    def flush() -> None:
        if quoted:
            parts.append(Markup("<blockquote>{}</blockquote>").format(Markup("<br>").join(quoted)))
        if lines:
            parts.append(Markup("<br>").join(lines))
        quoted.clear()
        lines.clear()

    for line in text.split("\n") if text else []:
        mark = _QUOTE.match(line)
        if bool(mark) != bool(quoted):
            flush()
        (quoted if mark else lines).append(
            _render_inline(line[mark.end() :] if mark else line, context)
        )
    flush()
    return Markup("").join(parts)


def _render_inline(text: str, context: RenderContext) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in _INLINE.finditer(text):
        kind = found.lastgroup
        parts.append(_plain(text[end : found.start()]))
        parts.append(_INLINE_KINDS[str(kind)](found[str(kind)], context))
        end = found.end()
    parts.append(_plain(text[end:]))
    return Markup("").join(parts)


def _wrap(tag: str) -> Callable[[str, RenderContext], Markup]:
    opening, closing = Markup(f"<{tag}>"), Markup(f"</{tag}>")  # noqa: S704 our own words
    return lambda inner, context: opening + _render_inline(inner, context) + closing


def _code(inner: str, context: RenderContext) -> Markup:
    return Markup("<code>{}</code>").format(_plain(inner))


def _emoji(name: str, context: RenderContext) -> Markup:
    glyph = find_emoji(name)
    if glyph is None:
        return escape(f":{name}:")
    return Markup('<span class="emoji" role="img" aria-label="{}">{}</span>').format(
        f"{name.replace('_', ' ')} emoji", glyph
    )


def render_link(url: str, label: Markup | str, context: RenderContext) -> Markup:
    """A link as Slack shows it; one to a message of this workspace stays in the page."""
    target = permalink_target(url)
    if target is not None and context.names.channel_name(target[0]) is not None:
        channel, thread, ts = target
        href = context.names.link_to(channel, thread, ts)
        return Markup('<a href="{}" data-go>{}</a>').format(href, label)
    if not url.lower().startswith(("http://", "https://", "mailto:")):
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        url, label
    )


def _bare_url(url: str, context: RenderContext) -> Markup:
    clean = url.replace("&amp;", "&")
    return render_link(clean, clean, context)


def render_user(user_id: str, context: RenderContext, label: str | None = None) -> Markup:
    """A mention of a person, highlighted when it is the one who looks."""
    name = context.names.user_name(user_id) or label or user_id
    kind = "mention me" if user_id == context.viewer else "mention"
    return Markup('<span class="{}">@{}</span>').format(kind, name)


def render_channel(channel_id: str, context: RenderContext, label: str | None = None) -> Markup:
    """A mention of a channel, which opens it."""
    name = context.names.channel_name(channel_id)
    if name is None:
        return Markup('<span class="mention">#{}</span>').format(label or "private-channel")
    href = context.names.link_to(channel_id, None, None)
    return Markup('<a class="mention" href="{}" data-go>#{}</a>').format(href, name)


def render_broadcast(range_name: str) -> Markup:
    """``@channel``, ``@here`` or ``@everyone``, drawn loudly, because it rings for everybody."""
    return Markup('<span class="mention broadcast">@{}</span>').format(range_name)


def _angle(inner: str, context: RenderContext) -> Markup:
    target, _, label = inner.partition("|")
    shown = label or None
    if re.fullmatch(r"@[UW][A-Z0-9]+", target):
        return render_user(target[1:], context, shown)
    if re.fullmatch(r"#[CGD][A-Z0-9]+", target):
        return render_channel(target[1:], context, shown)
    if target in ("!channel", "!here", "!everyone"):
        return render_broadcast(target[1:])
    if target.startswith("!subteam^"):
        return Markup('<span class="mention">{}</span>').format(_plain(label or "@group"))
    date = _DATE.match(inner)
    if date is not None:
        return render_date(int(date["at"]), date["form"], date["link"], context)
    if re.match(r"(?:https?://|mailto:)", target, re.IGNORECASE):
        url = target.replace("&amp;", "&")
        words = _plain(label) if label else escape(url.removeprefix("mailto:"))
        return render_link(url, words, context)
    return escape("<") + _plain(inner) + escape(">")


def render_date(at: int, form: str, link: str | None, context: RenderContext) -> Markup:
    """A moment in the reader's own time zone."""
    try:
        words = format_date(form, at, context)
        exact = datetime.fromtimestamp(at, context.zone).isoformat()
    except (OverflowError, OSError, ValueError):
        return escape(form)
    shown = Markup('<time datetime="{}">{}</time>').format(exact, words)
    return render_link(link, shown, context) if link else shown


def _ago(seconds: float) -> str:
    if abs(seconds) < 60:
        return "just now"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if abs(seconds) >= size:
            count = int(abs(seconds) // size)
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"


_INLINE_KINDS: dict[str, Callable[[str, RenderContext], Markup]] = {
    "code": _code,
    "angle": _angle,
    "bold": _wrap("strong"),
    "italic": _wrap("em"),
    "strike": _wrap("s"),
    "emoji": _emoji,
    "url": _bare_url,
}
