"""What Slack makes of typed text: & < > escaped, mentions, channels and links in angle brackets,
emoji by their names.

https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re

from bot.sandbox.emoji import name_emoji
from bot.sandbox.slack.workspace import Workspace

# A link with words, as people type it.
LABELLED = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()<>|]+)\)")
LINK = re.compile(r"(?<![<|])https?://[^\s<>|]+[^\s<>|.,;:!?)\"']")
BROADCAST = re.compile(r"(?<![\w@])@(channel|here|everyone)\b")
PASTED = re.compile(r"&lt;@([A-Z0-9]+)(?:\|[^&]*)?&gt;")


def escape_text(text: str) -> str:
    """Escape exactly & < and >."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def compose_text(workspace: Workspace, text: str) -> str:
    """A typed message as Slack stores it: `@Imagine` becomes `<@U…>`; `#design`, links too, those
    with words as `<url|words>`."""
    composed = link_names(workspace, escape_text(name_emoji(text)), with_label=False)
    composed = BROADCAST.sub(lambda found: f"<!{found[1]}>", composed)
    composed = LABELLED.sub(lambda found: f"<{found[2]}|{found[1]}>", composed)
    return LINK.sub(lambda found: f"<{found[0]}>", composed)


def compose_command(text: str) -> str:
    """A typed command's text as Slack sends it: emoji by their names, a link's words without the
    link (bolt-js#1285, #1469); bold and code keep the marks that they were typed with."""
    return LABELLED.sub(lambda found: found[1], escape_text(name_emoji(text)))


def link_names(workspace: Workspace, text: str, *, with_label: bool) -> str:
    """Turn names of people and channels in escaped text into ids; longer names first.

    `with_label` writes people as `<@U1|name>`, as commands with `should_escape` get them.
    """
    text = PASTED.sub(
        lambda found: f"<@{found[1]}>" if found[1] in workspace.users else found[0], text
    )
    names: dict[str, str] = {}
    for user in workspace.users.values():
        label = f"|{user.name}" if with_label else ""
        for name in (user.name, user.real_name):
            names[f"@{name.lower()}"] = f"<@{user.id}{label}>"
    for channel in workspace.channels.values():
        if channel.kind != "im":
            names[f"#{channel.name.lower()}"] = f"<#{channel.id}|{channel.name}>"
    wanted = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w@#<|])({wanted})(?![\w-])", re.IGNORECASE)
    return pattern.sub(lambda found: names[found[0].lower()], text)
