"""Text for people: escaped, shortened, counted. Pure.

What came from outside (prompts, PowerPost's messages) goes through `escape` before it stands in
mrkdwn. Source of the escapes: slack-facts.md, "Escape exactly & < >".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.credits.amounts import amount
from bot.images.typed import clean

NOTHING_SPENT: Final = "Nothing was spent."


ASK_OPERATOR: Final = "Please tell the person who runs this app: the app's log says why."


# Categories of Unicode: control, format, halves of characters, separators of lines and paragraphs.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200d\u200c")


_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}


def escape(text: str) -> str:
    """`text` for mrkdwn, so that nothing in it can ping, link or format as Slack's syntax."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What a person typed, from Slack's escaped form of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clean_line(text: str) -> str:
    """`text` on one line, without what is not seen: control characters, and those that turn the
    direction of others. What joins emoji stays."""
    shown = (" " if unicodedata.category(c) in _UNSEEN and c not in _JOINERS else c for c in text)
    return " ".join("".join(shown).split())


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, on one line; nothing in it turns what follows round."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def credit_count(credits_: float) -> str:
    """`9 credits`."""
    return f"{amount(credits_)} credit" + ("" if credits_ == 1 else "s")


def number(value: float) -> str:
    """`1,234.5`: at most two decimals, and none that say nothing."""
    return amount(round(value, 2))


def credits_of(value: float) -> str:
    """`1,234.5 credits`."""
    return credit_count(round(value, 2))


def picture_count(number: int) -> str:
    """`2 pictures`."""
    return f"{number} picture" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """`12 s`, `3 min 20 s`, `1 h 4 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def moment_mrkdwn(moment: datetime, *, is_relative: bool = True) -> str:
    """A date with its time, in the reader's own time zone. `is_relative` says "tomorrow" of it, and
    "yesterday" to who reads it later."""
    fallback = moment.strftime("%d %B %Y %H:%M UTC")
    day = "{date_short_pretty}" if is_relative else "{date_short}"
    return f"<!date^{int(moment.timestamp())}^{day} at {{time}}|{fallback}>"


def joined(items: Iterable[str], word: str = "and") -> str:
    """`a, b and c`."""
    *rest, last = list(items)
    return f"{', '.join(rest)} {word} {last}" if rest else last


def post_type_name(post_type: str) -> str:
    """`instagram-feed` as `Instagram feed`."""
    names = {"x": "X", "tiktok": "TikTok", "youtube": "YouTube", "linkedin": "LinkedIn"}
    platform, _, kind = post_type.partition("-")
    return f"{names.get(platform, platform.capitalize())} {kind}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_SUFFIXES.get(number % 10, 'th')}"
