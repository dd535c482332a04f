"""Which exchanges belong to the same generation, though no id stands in all of them. Pure.

An exchange leaves clues: the ids of messages, files, pictures, views and generations that it names.
Two that share one belong together. The bot's own id (in its messages' metadata) and PowerPost's
are nowhere side by side, and neither is in the command that began it; those links are made by time
and by the prompt, as a person would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_STORED = re.compile(rf"/storage/images/({_UUID.pattern})")
_UPLOADED = re.compile(r"/upload/v1/(\w+)")
_SECONDS_TO_ROOT = 60.0
"""How long after the command its message may appear."""

Entry = tuple[float, str, SlackExchange | PowerPostExchange]
"""When it was, its key, and the exchange."""


@dataclass
class Clues:
    """What one exchange tells. `begins` is the prompt of a message that opens a generation."""

    names: frozenset[str] = frozenset()
    generation: str | None = None
    """The bot's own id of it."""
    paid: str | None = None
    """PowerPost's id of it."""
    text: str = ""
    """Everything that it says, for finding a prompt in it."""
    is_root: bool = False
    is_submit: bool = False
    is_asking: bool = False
    """A person's doing, which a generation may have begun with; its `text` is how the prompt began,
    where it stood there."""
    where: str = ""
    """The channel."""


def tell_stories(clues: Sequence[tuple[float, str, Clues]]) -> dict[str, str]:
    """Key of an exchange -> the id of its generation, for those that have one. In time order."""
    groups = _Groups()
    for _, key, clue in clues:
        for name in clue.names:
            groups.join(f"key:{key}", name)
    _link_askings(clues, groups)
    _link_payments(clues, groups)
    titles: dict[str, str] = {}
    for _, key, clue in clues:
        title = clue.generation or clue.paid
        if title is not None:
            titles.setdefault(groups.find(f"key:{key}"), title)
    return {
        key: titles[group] for _, key, _ in clues if (group := groups.find(f"key:{key}")) in titles
    }


def _link_askings(clues: Sequence[tuple[float, str, Clues]], groups: _Groups) -> None:
    """What a person did, to the message that answered it: the last doing before it that was in
    the same channel (a form knows none), one with the prompt's first words before any other."""
    asked: list[tuple[float, str, Clues]] = []
    for at, key, clue in clues:
        if clue.is_asking:
            asked.append((at, key, clue))
        elif clue.is_root:
            near = [
                other
                for other in reversed(asked)
                if at - other[0] <= _SECONDS_TO_ROOT and other[2].where in ("", clue.where)
            ]
            told = [other for other in near if other[2].text and other[2].text in clue.text]
            for other in (told or near)[:1]:
                groups.join(f"key:{key}", f"key:{other[1]}")
                asked.remove(other)


def _link_payments(clues: Sequence[tuple[float, str, Clues]], groups: _Groups) -> None:
    """A paid request, to the oldest message with its prompt that has none yet."""
    waiting: list[tuple[str, Clues]] = []
    for _, key, clue in clues:
        if clue.is_root:
            waiting.append((key, clue))
        elif clue.is_submit and waiting:
            told = [item for item in waiting if clue.text and clue.text in item[1].text]
            chosen = (told or waiting)[0]
            groups.join(f"key:{key}", f"key:{chosen[0]}")
            if clue.paid is not None:  # refused ones are tried again
                waiting.remove(chosen)


class _Groups:
    """Disjoint sets of names."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def find(self, name: str) -> str:
        parents = self._parents
        root = name
        while (above := parents.get(root, root)) != root:
            root = above
        while parents.get(name, name) != root:
            parents[name], name = root, parents[name]
        return root

    def join(self, one: str, other: str) -> None:
        self._parents[self.find(one)] = self.find(other)


def read_powerpost(exchange: PowerPostExchange) -> Clues:
    """The clues of an exchange with PowerPost."""
    names = set()
    paid = exchange.image_generation_id
    if paid:
        names.add(f"paid:{paid}")
    if stored := _STORED.search(exchange.path):
        names.add(f"picture:{stored[1]}")
    answer = exchange.answer_json
    if isinstance(answer, dict) and paid:
        images = answer.get("images")
        for image in images if isinstance(images, list) else ():
            names.add(f"picture:{image.get('media_id')}")
    is_submit = exchange.method == "POST" and exchange.path.endswith("/images/generate")
    body = exchange.request_json if is_submit else None
    prompt = body.get("prompt") if isinstance(body, dict) else None
    return Clues(
        frozenset(names),
        paid=paid,
        text=prompt if isinstance(prompt, str) else "",
        is_submit=is_submit,
    )


def read_slack(exchange: SlackExchange) -> Clues:
    """The clues of an exchange with Slack, either way."""
    if exchange.direction == "to_bot":
        return _read_doing(exchange)
    request = _as_object(exchange.request)
    answer = _as_object(exchange.answer)
    if exchange.method not in _TELLING and not _UPLOADED.search(exchange.method):
        return Clues()
    generation = _find_generation(request.get("metadata"))
    names = {f"file:{file}" for file in _find_files(request, answer, exchange.method)}
    channel, ts = str(request.get("channel") or ""), request.get("ts") or answer.get("ts")
    if channel and ts:
        names.add(f"message:{answer.get('channel') or channel}:{ts}")
    if generation:
        names.add(f"generation:{generation}")
    texts = request.get("text"), json.dumps(request.get("blocks"), ensure_ascii=False)
    return Clues(
        frozenset(names),
        generation,
        text=_plain(" ".join(str(text) for text in texts if text)),
        is_root=generation is not None and '"root"' in json.dumps(request.get("metadata")),
        where=str(answer.get("channel") or channel),
    )


_TELLING = frozenset(
    {
        "chat.postMessage",
        "chat.update",
        "chat.delete",
        "files.getUploadURLExternal",
        "files.completeUploadExternal",
        "files.info",
        "files.delete",
    }
)


def _read_doing(exchange: SlackExchange) -> Clues:
    body = _as_object(exchange.request)
    payload = _as_object(body.get("payload")) or body
    event = _as_object(payload.get("event"))
    kind = payload.get("type")
    # A click on a result is taken for the beginning of the next one: what it belongs to is what
    # came of it.
    is_asking = (
        exchange.kind == "command"
        or kind == "view_submission"
        or (kind == "block_actions" and bool(payload.get("message")))
        or event.get("type") in ("app_mention", "message")
    )
    channel = payload.get("channel_id") or event.get("channel")
    channel = channel or _as_object(payload.get("channel")).get("id")
    said = str(payload.get("text") or "").split(" -", 1)[0] if exchange.kind == "command" else ""
    return Clues(is_asking=is_asking, where=str(channel or ""), text=_plain(said.strip()))


def _find_generation(metadata: Any) -> str | None:
    """The id in a message's metadata, which may have come as a string of JSON."""
    if metadata is None:
        return None
    found = _UUID.search(metadata if isinstance(metadata, str) else json.dumps(metadata))
    return found[0] if found else None


def _find_files(request: dict[str, Any], answer: dict[str, Any], method: str) -> Iterator[str]:
    if uploaded := _UPLOADED.search(method):
        yield uploaded[1]
    if isinstance(answer.get("file_id"), str):
        yield answer["file_id"]
    if isinstance(request.get("file"), str):
        yield request["file"]
    files = request.get("files")
    if isinstance(files, str):
        with_ids = re.findall(r'"id": ?"(\w+)"', files)
    else:
        items: Iterable[Any] = files if isinstance(files, list) else ()
        with_ids = [str(item.get("id")) for item in items if isinstance(item, dict)]
    yield from with_ids
    if method == "chat.postMessage":
        shown = json.dumps(request.get("blocks"), ensure_ascii=False)
        yield from re.findall(r'slack_file\\*": ?\{\\*"id\\*": ?\\*"(\w+)', shown)


def _as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _plain(text: str) -> str:
    """As typed: blocks carry quotes and line ends escaped by JSON, texts & < > by Slack's rule."""
    return (
        text.replace("\\n", "\n")
        .replace('\\"', '"')
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )
