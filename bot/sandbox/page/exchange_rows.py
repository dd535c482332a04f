"""The drawer: what Slack and PowerPost saw, both in one order, with curl for each. Pure."""

import asyncio
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from bot.sandbox.page.exchange_groups import (
    Entry,
    Ids,
    group_exchanges,
    read_powerpost,
    read_slack,
)
from bot.sandbox.powerpost.exchanges import Exchange as PowerPostExchange
from bot.sandbox.slack.records import Exchange as SlackExchange

_GENERATION = re.compile(r'"(?:image_)?generation_id": ?"([0-9a-zA-Z-]{6,})"')
_HIDDEN = re.compile(r"(?:xox[abpe]|xapp|pp_live_sk)[-_][\w-]+")
_MOST_GROUPED = 2000
"""Exchanges that are searched for what belongs together; older ones keep to themselves."""
_DROPPED_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "user-agent", "accept"}
)


@dataclass(frozen=True)
class ExchangeRow:
    """One exchange, in words. `curl` holds placeholders ($POWERPOST_API_KEY), never a secret."""

    key: str
    at: float
    service: str
    source: str
    target: str
    call: str
    words: str
    verdict: str
    is_bad: bool
    took: str
    generation: str | None
    clock: str
    exact: str
    headers: list[tuple[str, str]]
    request: str
    answer: str
    curl: str

    def matches(self, query: str) -> bool:
        """True when every word of the query stands somewhere in it."""
        hay = (
            f"{self.source} {self.target} {self.call} {self.verdict} {self.request} {self.answer} "
            f"{self.generation or ''}"
        )
        low = hay.lower()
        return all(word in low for word in query.lower().split())


class ExchangeTable:
    """All exchanges of both stand-ins as rows. What is over never changes, so it is kept."""

    def __init__(
        self,
        slack: Iterable[SlackExchange],
        powerpost: Sequence[PowerPostExchange],
        zone: tzinfo,
        deliveries: Sequence[PowerPostExchange] = (),
    ) -> None:
        self._slack = slack
        self._powerpost = powerpost
        self._deliveries = deliveries
        self._zone = zone
        self._kept: dict[str, ExchangeRow] = {}
        self._ids: dict[str, Ids] = {}

    async def find_last(self, query: str, most: int) -> tuple[list[ExchangeRow], int]:
        """The last `most` exchanges that match, oldest first, and how many match in all.

        Without a query only those are read; with one, all, letting others run in between.
        """
        entries = self._entries()
        groups = self._group(entries)
        if not query.strip():
            return [self._read(entry, groups) for entry in entries[-most:]], len(entries)
        found = []
        for count, entry in enumerate(entries):
            row = self._read(entry, groups)
            if row.matches(query):
                found.append(row)
            if count % 50 == 0:
                await asyncio.sleep(0)
        return found[-most:], len(found)

    def find(self, key: str) -> ExchangeRow | None:
        """One exchange by its key."""
        entries = self._entries()
        for entry in entries:
            if entry[1] == key:
                return self._read(entry, self._group(entries))
        return None

    def _entries(self) -> list[Entry]:
        entries: list[Entry] = [(item.at, f"s{item.id}", item) for item in self._slack]
        entries += [(item.at, f"p{n}", item) for n, item in enumerate(self._powerpost)]
        entries += [(item.at, f"w{n}", item) for n, item in enumerate(self._deliveries)]
        return sorted(entries, key=lambda entry: entry[0])

    def _group(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Key -> generation, for the newest exchanges."""
        return group_exchanges(
            [(key, self._read_ids(key, e)) for _, key, e in entries[-_MOST_GROUPED:]]
        )

    def _read_ids(self, key: str, exchange: SlackExchange | PowerPostExchange) -> Ids:
        if key in self._ids:
            return self._ids[key]
        if isinstance(exchange, SlackExchange):
            ids = self._ids[key] = read_slack(exchange)
            return ids
        ids = read_powerpost(exchange)
        if exchange.is_over:
            self._ids[key] = ids
        return ids

    def _read(self, entry: Entry, groups: Mapping[str, str]) -> ExchangeRow:
        row = self._draw(entry)
        generation = groups.get(row.key)
        return row if generation is None else replace(row, generation=generation)

    def _draw(self, entry: Entry) -> ExchangeRow:
        _, key, exchange = entry
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        if isinstance(exchange, SlackExchange):
            row = self._kept[key] = describe_slack(exchange, self._zone)
            return row
        row = replace(describe_powerpost(int(key[1:]), exchange, self._zone), key=key)
        if exchange.is_over:
            self._kept[key] = row
        return row


def describe_slack(exchange: SlackExchange, zone: tzinfo) -> ExchangeRow:
    """An exchange between Slack and the bot."""
    is_call = exchange.direction == "from_bot"
    answer = exchange.answer
    refused = isinstance(answer, dict) and answer.get("ok") is False
    words = str(answer.get("error")) if refused else summarise(exchange)
    verdict = "no answer" if exchange.status == 0 else str(exchange.status)
    request = pretty(exchange.request)
    return ExchangeRow(
        key=f"s{exchange.id}",
        at=exchange.at,
        service="slack",
        source="Imagine" if is_call else "Slack",
        target="Slack" if is_call else "Imagine",
        call=exchange.method,
        words=words,
        verdict=verdict,
        is_bad=refused or not 200 <= exchange.status < 300,
        took=format_duration(exchange.seconds),
        generation=exchange.generation or find_generation(request, pretty(answer)),
        clock=format_clock(exchange.at, zone),
        exact=format_moment(exchange.at, zone),
        headers=list_headers(exchange.headers),
        request=request,
        answer=pretty(answer),
        curl=_slack_curl(exchange),
    )


def describe_powerpost(number: int, exchange: PowerPostExchange, zone: tzinfo) -> ExchangeRow:
    """An exchange between the bot and PowerPost; `number` is its place in the list."""
    request, answer = pretty(exchange.request_json), pretty(exchange.answer_json)
    path = exchange.path + (f"?{exchange.query}" if exchange.query else "")
    status = exchange.status
    waiting = status is None and not exchange.is_over
    error = exchange.answer_json.get("error") if isinstance(exchange.answer_json, dict) else None
    return ExchangeRow(
        key=f"p{number}",
        at=exchange.at,
        service="powerpost",
        source="PowerPost" if exchange.is_delivery else "Imagine",
        target="Imagine" if exchange.is_delivery else "PowerPost",
        call=f"{exchange.method} {exchange.path}",
        words=str(_as_object(exchange.request_json).get("event", "webhook"))
        if exchange.is_delivery
        else str(error.get("code", ""))
        if isinstance(error, dict)
        else _status_of(exchange),
        verdict="waiting" if waiting else "no answer" if status is None else str(status),
        is_bad=not waiting and (status is None or not 200 <= status < 300),
        took="" if waiting else format_duration(exchange.seconds),
        generation=exchange.image_generation_id or find_generation(request, answer),
        clock=format_clock(exchange.at, zone),
        exact=format_moment(exchange.at, zone),
        headers=list_headers(exchange.request_headers),
        request=request,
        answer=answer,
        curl=_powerpost_curl(exchange, path),
    )


def _status_of(exchange: PowerPostExchange) -> str:
    answer = exchange.answer_json
    return str(answer.get("status", "")) if isinstance(answer, dict) else ""


def summarise(exchange: SlackExchange) -> str:
    """What it was about, in a few words: the command, the kind of click, the message's text."""
    body = _as_object(exchange.request)
    if exchange.kind == "command":
        return f"{body.get('command', '')} {body.get('text', '')}".strip()
    if exchange.kind == "event":
        return f"event {_as_object(body.get('event')).get('type', '')}"
    if exchange.kind == "interaction":
        payload = _as_object(body.get("payload")) or body
        actions = payload.get("actions")
        first = _as_object(actions[0]) if isinstance(actions, list) and actions else {}
        view = _as_object(payload.get("view"))
        what = first.get("action_id") or payload.get("callback_id") or view.get("callback_id")
        return f"{payload.get('type', '')} {what or ''}".strip()
    return str(body.get("text") or body.get("filename") or "")[:120]


def _as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def pretty(value: Any) -> str:
    """JSON as one reads it, with anything that looks like a token hidden."""
    if value is None:
        return "(nothing)"
    text = value if isinstance(value, str) else json.dumps(
        value, indent=2, ensure_ascii=False, default=str
    )  # fmt: skip
    return _HIDDEN.sub("…", text)


def find_generation(*texts: str) -> str | None:
    """The first generation's id that stands in one of these texts."""
    for text in texts:
        found = _GENERATION.search(text)
        if found:
            return found[1]
    return None


def format_duration(seconds: float) -> str:
    """How long it took: milliseconds up to ten seconds."""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def format_clock(at: float, zone: tzinfo) -> str:
    """The time of day with milliseconds."""
    then = datetime.fromtimestamp(at, zone)
    return f"{then:%H:%M:%S}.{then.microsecond // 1000:03d}"


def format_moment(at: float, zone: tzinfo) -> str:
    """Date and time in ISO's way."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")


def list_headers(headers: dict[str, str]) -> list[tuple[str, str]]:
    """The headers that say something, without secrets."""
    return [
        (name, _HIDDEN.sub("…", str(value)))
        for name, value in sorted(headers.items())
        if name.lower() not in _DROPPED_HEADERS
    ]


def write_curl(method: str, url: str, headers: Iterable[str], body: Any) -> str:
    """A command line for a POSIX shell; `$NAMES` in `url` and `headers` are left to the shell."""
    parts = [f'curl -sS -X {method} "{url}"']
    parts += [f'-H "{header}"' for header in headers]
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        if not isinstance(body, str):
            parts.append('-H "Content-Type: application/json"')
        parts.append(f"--data-raw {shlex.quote(_HIDDEN.sub('…', text))}")
    return " \\\n  ".join(parts)


def _shell_safe(path: str) -> str:
    return re.sub(r'(["\\$`])', r"\\\1", path)


def _slack_curl(exchange: SlackExchange) -> str:
    if exchange.direction == "from_bot":
        is_method = "/" not in exchange.method
        path = f"/api/{exchange.method}" if is_method else exchange.method.split(" ", 1)[-1]
        headers = ["Authorization: Bearer $SLACK_BOT_TOKEN"]
        return write_curl("POST", f"$SLACK_URL{_shell_safe(path)}", headers, exchange.request)
    headers = ["X-Slack-Request-Timestamp: $TIMESTAMP", "X-Slack-Signature: $SIGNATURE"]
    body = exchange.request
    if exchange.kind in ("command", "interaction") and isinstance(body, dict):
        fields = body if exchange.kind == "command" else {"payload": json.dumps(body)}
        body = urlencode({name: str(value) for name, value in fields.items()})
    return write_curl("POST", "$BOT_URL/slack/events", headers, body)


def _powerpost_curl(exchange: PowerPostExchange, path: str) -> str:
    if exchange.is_delivery:
        url = f"$BOT_URL{_shell_safe(path.removesuffix('…'))}$POWERPOST_WEBHOOK_TOKEN"
        return write_curl(exchange.method, url, [], exchange.request_json)
    headers = ["x-api-key: $POWERPOST_API_KEY"]
    workspace = exchange.request_headers.get("x-workspace-id")
    if workspace:
        headers.append(f"X-Workspace-Id: {_shell_safe(workspace)}")
    url = f"$POWERPOST_URL{_shell_safe(path)}"
    return write_curl(exchange.method, url, headers, exchange.request_json)
