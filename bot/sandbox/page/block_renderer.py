"""Draws Block Kit as HTML: one Jinja macro for each kind of block and element, in `blocks.html`.

A block or element that cannot be drawn becomes a visible error box with its JSON, never nothing.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape

from bot.sandbox.page.mrkdwn import RenderContext, render_mrkdwn, render_plain
from bot.sandbox.page.rich_text import render_rich_text

Json = dict[str, Any]
_UNDRAWABLE = (
    jinja2.TemplateError,
    TypeError,
    KeyError,
    ValueError,
    AttributeError,
    IndexError,
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DRAWABLE_TYPES = ("image/png", "image/jpeg", "image/gif")


@dataclass(frozen=True)
class Picture:
    """A picture to draw: its address on this computer, or why there is none."""

    url: str | None
    why: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Option:
    """A choice in a select of people or conversations; `kind` is Slack's ("public", "im", …)."""

    value: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class ChosenFile:
    """A file that stands in a `file_input`."""

    id: str
    name: str
    url: str | None


@dataclass(frozen=True)
class Surface:
    """Where blocks are drawn, and what is already filled in there."""

    kind: Literal["message", "modal", "home"]
    key: str
    """Unique on the page: goes into the ids of fields and menus."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    broken_files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lookups:
    """What blocks refer to: files, people and conversations of the workspace."""

    picture_of_file: Callable[[str], Picture]
    file_of_url: Callable[[str], str | None]
    name_of_file: Callable[[str], str]
    people: Callable[[], list[Option]]
    conversations: Callable[[], list[Option]]


def build_environment() -> jinja2.Environment:
    """The templates, escaping everything, and failing loudly on what is not there."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    environment.filters["compact_json"] = compact_json
    return environment


def compact_json(value: Any) -> str:
    """JSON for a data attribute."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_mrkdwn(markdown: str) -> str:
    """Standard Markdown -> mrkdwn, as far as both can say it: bold, italic, links, headings."""
    text = markdown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"(?<![*\w])\*(?=[^\s*])([^*\n]+)\*(?![*\w])", r"_\1_", text)
    text = re.sub(r"\*\*(?=\S)([^*\n]+)\*\*", r"*\1*", text)
    text = re.sub(r"~~(?=\S)([^~\n]+)~~", r"~\1~", text)
    text = re.sub(r"^#{1,6} +(.+)$", r"*\1*", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*)[-*+] +", r"\1• ", text, flags=re.MULTILINE)
    return re.sub(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)", r"<\2|\1>", text)


class BlockRenderer:
    """Draws blocks for one reader on one surface; the macros call back into it."""

    def __init__(
        self,
        environment: jinja2.Environment,
        context: RenderContext,
        lookups: Lookups,
        surface: Surface,
    ) -> None:
        self._macros = cast(Any, environment.get_template("blocks.html").module)
        self.context = context
        self.lookups = lookups
        self.surface = surface

    def blocks(self, blocks: Iterable[Json]) -> Markup:
        """All blocks of a message or view, in order."""
        return Markup("\n").join(self.block(block) for block in blocks)

    def block(self, block: Json) -> Markup:
        """One block, or the error box in its place."""
        return self._draw("block", block)

    def element(self, element: Json, block: Json) -> Markup:
        """One interactive element or picture inside a block, or the error box in its place."""
        return self._draw("element", element, block)

    def text(self, text: Json) -> Markup:
        """A text object: `plain_text` or `mrkdwn`."""
        if text["type"] == "plain_text":
            return render_plain(str(text["text"]), emoji=text.get("emoji") is not False)
        if text["type"] == "mrkdwn":
            return render_mrkdwn(str(text["text"]), self.context)
        raise ValueError(f"text object {text['type']!r}")

    def rich_text(self, block: Json) -> Markup:
        """A `rich_text` block or cell."""
        return render_rich_text(block, self.context)

    def words(self, text: Json) -> str:
        """The words of a text object alone, for labels and options."""
        return self.text(text).striptags()

    def field_id(self, block: Json, element: Json, suffix: str = "") -> str:
        """The id of a field: the same as long as view, block_id and action_id are."""
        names = (self.surface.key, block.get("block_id"), element.get("action_id"), suffix)
        return "f-" + "-".join(str(name) for name in names if name)

    def filled(self, block: Json, element: Json) -> Mapping[str, Any]:
        """What stands in a field now; empty when nobody has touched it yet."""
        values = self.surface.values.get(str(block.get("block_id")), {})
        found = values.get(str(element.get("action_id")))
        return found if isinstance(found, Mapping) else {}

    def is_touched(self, block: Json, element: Json) -> bool:
        """True when the state holds this field, even if as empty."""
        return str(element.get("action_id")) in self.surface.values.get(
            str(block.get("block_id")), {}
        )

    def value(self, block: Json, element: Json, name: str, initial: str) -> Any:
        """The state's `name`, or the element's `initial` when it was not touched."""
        if self.is_touched(block, element):
            return self.filled(block, element).get(name)
        return element.get(initial)

    def chosen(self, block: Json, element: Json) -> list[str]:
        """The values of the chosen options, of every kind of select, radio and checkbox."""
        found: list[str] = []
        for one, many in _CHOICES:
            single = self.value(block, element, f"selected_{one}", f"initial_{one}")
            several = self.value(block, element, f"selected_{many}", f"initial_{many}")
            for choice in [single] if single else several or []:
                found.append(str(choice["value"]) if isinstance(choice, dict) else str(choice))
        return found

    def chosen_option(self, block: Json, element: Json) -> Json | None:
        """The chosen option of an `external_select`, whose options are not in the block."""
        option = self.value(block, element, "selected_option", "initial_option")
        return option if isinstance(option, dict) else None

    def chosen_files(self, block: Json, element: Json) -> list[ChosenFile]:
        """The files that stand in a `file_input`."""
        files = self.filled(block, element).get("files") or []
        ids = [str(file["id"]) if isinstance(file, dict) else str(file) for file in files]
        return [
            ChosenFile(
                file_id,
                self.lookups.name_of_file(file_id),
                self.lookups.picture_of_file(file_id).url,
            )
            for file_id in ids
        ]

    def conversations(self, element: Json) -> list[Option]:
        """What a `conversations_select` offers: its filter keeps kinds, and may leave out DMs."""
        kinds = (element.get("filter") or {}).get("include")
        found = self.lookups.conversations()
        return [one for one in found if not kinds or one.kind in kinds]

    def channels(self) -> list[Option]:
        """What a `channels_select` offers: public channels."""
        return [one for one in self.lookups.conversations() if one.kind == "public"]

    def column_align(self, block: Json, index: int) -> str:
        """How a column of a `table` is aligned: left, center or right."""
        align = self._column(block, index).get("align") or "left"
        return align if align in ("left", "center", "right") else "left"

    def column_title(self, block: Json, index: int) -> str:
        """What stands over a column of a `table`; a phone shows it beside each cell."""
        head = block["rows"][0]
        cell = head[index] if index < len(head) else {}
        return str(cell.get("text", "")) if cell.get("type") in ("raw_text", "raw_number") else ""

    def is_column_wrapped(self, block: Json, index: int) -> bool:
        """Whether long words of a `table`'s column go on in the next line: not by default."""
        return self._column(block, index).get("is_wrapped") is True

    def _column(self, block: Json, index: int) -> Json:
        settings = block.get("column_settings") or []
        setting = settings[index] if index < len(settings) else None
        return setting or {}

    def markdown(self, text: str) -> Markup:
        """A `markdown` block: the few signs of standard Markdown that have an equal in mrkdwn."""
        return render_mrkdwn(to_mrkdwn(text), self.context)

    def error(self, block: Json) -> str | None:
        """What was refused about this block at the last submit."""
        return self.surface.errors.get(str(block.get("block_id")))

    def picture(self, holder: Json) -> Picture:
        """The picture of an `image` block or element."""
        if holder.get("slack_file") is not None:
            return self._slack_file(holder["slack_file"])
        return _picture_of_url(str(holder["image_url"]))

    def _slack_file(self, reference: Json) -> Picture:
        file_id = reference.get("id") or self.lookups.file_of_url(str(reference.get("url")))
        if file_id is None:
            return Picture(None, "No such file in this workspace.")
        if file_id in self.surface.broken_files:
            return Picture(
                None, "Slack shows a broken picture: chat.update added this file to the message."
            )
        return self.lookups.picture_of_file(str(file_id))

    def _draw(self, family: str, thing: Json, *more: Json) -> Markup:
        try:
            kind = str(thing["type"])
            macro = getattr(self._macros, f"{family}_{kind}", None)
            if macro is None:
                return self.error_box(f"This page does not know how to draw {kind!r}.", thing)
            return cast(Markup, macro(self, thing, *more))
        except _UNDRAWABLE as problem:
            return self.error_box(f"This {family} could not be drawn: {problem}", thing)

    def error_box(self, why: str, thing: Any) -> Markup:
        """What stands where something could not be drawn."""
        return Markup(
            '<div class="undrawable" role="alert"><strong>{}</strong>'
            "<details><summary>Its JSON</summary><pre>{}</pre></details></div>"
        ).format(escape(why), json.dumps(thing, indent=2, ensure_ascii=False, default=str))


def picture_of_file(
    file_id: str, *, mimetype: str, is_ready: bool, is_deleted: bool, width: int, height: int
) -> Picture:
    """How a file of the workspace is drawn; the address is the page's own."""
    if is_deleted:
        return Picture(None, "This file was deleted.")
    if not is_ready:
        return Picture(None, "Slack is still processing this file.")
    if mimetype not in _DRAWABLE_TYPES:
        return Picture(None, f"Slack does not show {mimetype or 'this kind of file'} in a message.")
    return Picture(f"/file/{file_id}", width=width, height=height)


def _picture_of_url(url: str) -> Picture:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return Picture(None, "This is not a web address.")
    if parts.scheme not in ("http", "https"):
        return Picture(None, "This is not a web address.")
    if host not in _LOOPBACK:
        return Picture(None, f"The sandbox fetches nothing from {host}.")
    return Picture(url)


_CHOICES = (
    ("option", "options"),
    ("user", "users"),
    ("conversation", "conversations"),
    ("channel", "channels"),
)
