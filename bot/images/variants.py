r"""A prompt with choices in braces, and the prompts that it stands for. Pure.

    a {red|blue} kite over {sand, dunes|a grey sea}     four prompts
    a {|red} kite                                       with and without: "a kite", "a red kite"
    a {red {kite|balloon}|grey sea}                     choices within choices: three prompts
    \{red\|blue\}                                       braces and bars that are meant as such

Braces without a bar are text, and so are bars without braces, and choices that are all empty. Each
choice counts once, however often it stands there. Braces hold in quotes, too. A brace with a bar
that is not closed, or was not opened, is read as text, but is most likely a slip (`is_unsure`).

How many prompts there are is known before one is built, and reading takes time in proportion to the
length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Final

_PIECES: Final = re.compile(r"\\[{|}]|[{|}]|[^\\{|}]+|\\")
_SPECIAL: Final = re.compile(r"[{|}]")
_STICKS: Final = tuple(",.;:!?)…。、，；！？")
_LABEL_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Group:
    """Choices in braces; each is a row of texts and further groups. `count`: of what it may be."""

    options: tuple[tuple[str | Group, ...], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt that was read. `count` is how many prompts it stands for, before those that turn out
    the same are taken together; `is_unsure`: a brace with a bar has no counterpart."""

    nodes: tuple[str | Group, ...]
    count: int
    is_unsure: bool = False

    @property
    def has_choices(self) -> bool:
        """Whether there is anything to choose."""
        return any(isinstance(node, Group) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the prompts, and what was chosen for it, as a person would call that."""

    prompt: str
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class _Open:
    """A brace that is not closed yet: where it stands, and the bars after it."""

    at: int
    bars: list[int] = field(default_factory=list)


def read_template(text: str) -> Template:
    """What `text` is, taken apart."""
    nodes: list[str | Group] = []
    opened: list[_Open] = []
    has_bar = is_unsure = False
    for piece in _PIECES.findall(text):
        if piece == "{":
            opened.append(_Open(len(nodes)))
        elif piece == "|" and opened:
            opened[-1].bars.append(len(nodes))
        elif piece == "|":
            has_bar = True
        elif piece == "}" and opened:
            group = _close(nodes, opened.pop())
            if group is not None:
                nodes.append(group)
                continue
        elif piece == "}":
            is_unsure = is_unsure or has_bar
        nodes.append(piece[-1] if len(piece) == 2 and piece[0] == "\\" else piece)
    is_unsure = is_unsure or any(each.bars for each in opened)
    return Template(tuple(nodes), _count(nodes), is_unsure)


def _close(nodes: list[str | Group], opened: _Open) -> Group | None:
    """The group that ends here, taken out of `nodes`; None if what it has is text."""
    if not opened.bars:
        return None
    edges = [opened.at, *opened.bars, len(nodes)]
    options: dict[object, tuple[str | Group, ...]] = {}
    for before, after in pairwise(edges):
        option = _strip(nodes[before + 1 : after])
        is_text = all(isinstance(node, str) for node in option)
        options.setdefault("".join(map(str, option)) if is_text else object(), option)
    if list(options) == [""]:
        return None
    del nodes[opened.at :]
    return Group(tuple(options.values()), sum(map(_count, options.values())))


def _strip(nodes: Sequence[str | Group]) -> tuple[str | Group, ...]:
    """A choice without the spaces around it."""
    first, last = 0, len(nodes)
    while first < last and isinstance(nodes[first], str) and not str(nodes[first]).strip():
        first += 1
    while first < last and isinstance(nodes[last - 1], str) and not str(nodes[last - 1]).strip():
        last -= 1
    kept = list(nodes[first:last])
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return tuple(kept)


def _count(nodes: Sequence[str | Group]) -> int:
    count = 1
    for node in nodes:
        count *= node.count if isinstance(node, Group) else 1
    return count


def expand(template: Template) -> tuple[Variant, ...]:
    """Its prompts, each once, in the order in which their choices stand. Only for a `count` that
    may be built."""
    found: dict[str, Variant] = {}
    for pieces, labels in _expand(template.nodes):
        prompt = _join(pieces).strip()
        found.setdefault(prompt, Variant(prompt, labels))
    return tuple(found.values())


def _expand(nodes: Sequence[str | Group]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """The texts of each combination, an empty choice as "", and the names of what was chosen."""
    groups = [list(_choose(node)) for node in nodes if isinstance(node, Group)]
    for chosen in product(*groups):
        following = iter(chosen)
        pieces = [node if isinstance(node, str) else next(following)[0] for node in nodes]
        yield pieces, tuple(label for _, label in chosen)


def _choose(group: Group) -> Iterator[tuple[str, str]]:
    """Each text that a group may be, with its name."""
    said = [
        [_join(pieces) for pieces, _ in _expand(option)] if option else [""]
        for option in group.options
    ]
    full = next(text for texts in said for text in texts if text)
    for texts in said:
        for text in texts:
            yield text, name_choice(text or f"without {full}")


def name_choice(text: str) -> str:
    """`text` as a short name, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LABEL_MAX else line[: _LABEL_MAX - 1].rstrip() + "…"


def _join(pieces: Sequence[str]) -> str:
    """`pieces` in a row; where one is empty, without the space that it leaves."""
    joined = ""
    for number, piece in enumerate(pieces):
        if not piece:
            after = next((each for each in pieces[number + 1 :] if each), "")
            if not after or after.startswith(_STICKS) or after[:1].isspace():
                joined = joined.rstrip(" ")
        else:
            joined += piece
    return joined


def unescape(text: str) -> str:
    """The only prompt that `text` stands for; `text` itself if there are several."""
    template = read_template(text)
    return text if template.has_choices else "".join(map(str, template.nodes))


def escape(text: str) -> str:
    """The template that stands for `text` alone, whatever is added to it."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)
