"""Which exchanges belong to the same generation, by the ids that they carry. Pure.

Slack's ids (trigger_id, view id, `ts`, file id) and PowerPost's (image_generation_id, media_id) are
never given out twice, so two exchanges that carry the same one belong together. What joins the
two services is the metadata of the bot's messages: it has the bot's own id of the generation, the
id of what it began with, and PowerPost's id of what was paid for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_STORED = re.compile(rf"/storage/images/({_UUID})")
_UPLOADED = re.compile(r"/upload/v1/(\w+)")
_SHOWN_FILE = re.compile(r'"slack_file": ?\{"id": ?"(\w+)"')
_GENERATION = re.compile(rf'"generation": ?"({_UUID})"')
_PAID = re.compile(rf'"image_generation_id": ?"({_UUID})"')
# What a generation began with: a trigger_id, a `ts` or a view. Another generation's id may be in
# it, too (a click on "Again"), and joins nothing.
_SLACK_ID = re.compile(r"\d+\.\d+(?:\.[0-9a-f]+)?|\bV0\w+")

Entry = tuple[float, str, SlackExchange | PowerPostExchange]
"""When it was, its key, and the exchange."""


@dataclass(frozen=True)
class Ids:
    """What one exchange carries, and the id by which its generation is shown, if it has one."""

    all: frozenset[str] = frozenset()
    generation: str | None = None
    """The bot's own id of it."""
    paid: str | None = None
    """PowerPost's id of it."""


def group_exchanges(exchanges: Sequence[tuple[str, Ids]]) -> dict[str, str]:
    """Key of an exchange -> the id of its generation, for those that have one."""
    groups = _Groups()
    for key, ids in exchanges:
        for one in ids.all:
            groups.join(f"key:{key}", one)
    titles: dict[str, str] = {}
    for kind in ("generation", "paid"):
        for key, ids in exchanges:
            if (title := getattr(ids, kind)) is not None:
                titles.setdefault(groups.find(f"key:{key}"), title)
    return {
        key: titles[group] for key, _ in exchanges if (group := groups.find(f"key:{key}")) in titles
    }


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


def read_powerpost(exchange: PowerPostExchange) -> Ids:
    """The ids in an exchange with PowerPost."""
    paid = exchange.image_generation_id
    found = {paid} if paid else set()
    if stored := _STORED.search(exchange.path):
        found.add(stored[1])
    images = _as_object(exchange.answer_json).get("images")
    if paid and isinstance(images, list):
        found |= {str(image.get("media_id")) for image in images}
    return Ids(frozenset(found), paid=paid)


def read_slack(exchange: SlackExchange) -> Ids:
    """The ids in an exchange with Slack, either way."""
    request, answer = _as_object(exchange.request), _as_object(exchange.answer)
    if exchange.direction == "to_bot":
        return Ids(frozenset(_list_sent(_as_object(request.get("payload")) or request)))
    found = {*_list_files(request, answer, exchange.method), *_list_view(request, answer)}
    if exchange.method.startswith("chat.") and (ts := request.get("ts") or answer.get("ts")):
        found.add(str(ts))
    metadata = _as_json(request.get("metadata"))
    generations = _GENERATION.findall(metadata)
    found |= {*generations, *_PAID.findall(metadata), *_SLACK_ID.findall(metadata)}
    return Ids(frozenset(found), next(iter(generations), None))


def _list_sent(payload: dict[str, Any]) -> Iterator[str]:
    """Of a command, an interaction or an event. The message that a button stands on is left out:
    what a click begins is another generation than the one that it shows."""
    if payload.get("trigger_id"):
        yield str(payload["trigger_id"])
    yield from _list_view({}, payload)
    actions = payload.get("actions")
    for action in actions if isinstance(actions, list) else ():
        yield str(action.get("action_ts"))
    event = _as_object(payload.get("event"))
    if ts := _as_object(event.get("message")).get("ts") or event.get("ts"):
        yield str(ts)


def _list_view(request: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """A modal and the trigger that opened it; the Home tab is one for all that is done there."""
    view = _as_object(answer.get("view"))
    if view.get("type") == "modal":
        yield str(view.get("id"))
        if request.get("trigger_id"):
            yield str(request["trigger_id"])


def _list_files(request: dict[str, Any], answer: dict[str, Any], method: str) -> Iterator[str]:
    if uploaded := _UPLOADED.search(method):
        yield uploaded[1]
    for one in (answer.get("file_id"), request.get("file")):
        if isinstance(one, str):
            yield one
    if method == "files.completeUploadExternal":
        yield from re.findall(r'"id": ?"(\w+)"', _as_json(request.get("files")))
    if method == "chat.postMessage":
        yield from _SHOWN_FILE.findall(_as_json(request.get("blocks")))


def _as_json(value: Any) -> str:
    """Arguments of a form come as strings of JSON already."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
