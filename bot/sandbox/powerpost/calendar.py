"""The content calendar: what is planned for which day.

Source: powerpost-neighbours.md, "Learned since". Not said: the answers' shape, and in which time
zone a time is; entries are answered with what was sent, under an `entry_id`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.sandbox.powerpost.captions import format_time
from bot.sandbox.powerpost.catalogue import PLATFORM_OF_POST_TYPE
from bot.sandbox.powerpost.errors import ApiError, invalid, not_found
from bot.sandbox.powerpost.fields import read_words

MAX_TITLE: Final = 500
MAX_DESCRIPTION: Final = 5000
MAX_DAYS: Final = 366
PLATFORMS: Final = tuple(dict.fromkeys(PLATFORM_OF_POST_TYPE.values()))
_TIME: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")


@dataclass(slots=True)
class CalendarEntry:
    """Something that is planned."""

    entry_id: str
    workspace_id: str
    created_at: float  # Unix seconds
    title: str = ""
    description: str | None = None
    scheduled_date: str = ""
    scheduled_time: str | None = None
    platforms: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        return {
            "entry_id": self.entry_id,
            "title": self.title,
            "description": self.description,
            "scheduled_date": self.scheduled_date,
            "scheduled_time": self.scheduled_time,
            "platforms": list(self.platforms),
            "created_at": format_time(self.created_at),
        }

    def change(self, body: object, *, is_new: bool = False) -> None:
        """Take the fields of a body, all of them checked first. Raises ApiError 400."""
        if not isinstance(body, dict):
            raise invalid("Request body must be a JSON object")
        title = read_words(body, "title", MAX_TITLE)
        if (is_new or "title" in body) and not (title or "").strip():
            raise invalid("title is required")
        description = read_words(body, "description", MAX_DESCRIPTION)
        day = body.get("scheduled_date", None if is_new else self.scheduled_date)
        _read_date(day, "scheduled_date")
        time = read_words(body, "scheduled_time", 8)
        if time is not None and not _TIME.fullmatch(time):
            raise invalid("scheduled_time must be HH:MM")
        platforms = _read_platforms(body)
        self.title, self.scheduled_date = title or self.title, str(day)
        self.description = self.description if description is None else description
        self.scheduled_time = time or self.scheduled_time
        self.platforms = self.platforms if platforms is None else platforms


class Calendar:
    """The entries of all workspaces. Raises ApiError."""

    def __init__(self) -> None:
        self.entries: dict[str, CalendarEntry] = {}

    def add(self, workspace_id: str, body: object, now: float) -> CalendarEntry:
        """POST /calendar/entries."""
        entry = CalendarEntry(str(uuid.uuid4()), workspace_id, now)
        entry.change(body, is_new=True)
        self.entries[entry.entry_id] = entry
        return entry

    def find(self, workspace_id: str, entry_id: str) -> CalendarEntry:
        """404, also for another workspace's."""
        entry = self.entries.get(entry_id)
        if entry is None or entry.workspace_id != workspace_id:
            raise not_found("Calendar entry")
        return entry

    def list(self, workspace_id: str, query: Mapping[str, str]) -> dict[str, Any]:
        """GET /calendar/entries between two dates, both included, at most 366 days apart."""
        since = _read_date(query.get("start_date"), "start_date")
        until = _read_date(query.get("end_date"), "end_date")
        if not 0 <= (until - since).days <= MAX_DAYS:
            raise invalid(f"end_date must be 0 to {MAX_DAYS} days after start_date")
        own = (each for each in self.entries.values() if each.workspace_id == workspace_id)
        within = [e for e in own if since <= date.fromisoformat(e.scheduled_date) <= until]
        within.sort(key=lambda entry: (entry.scheduled_date, entry.scheduled_time or ""))
        return {"data": [entry.describe() for entry in within]}


def _read_date(value: object, field: str) -> date:
    text = value if isinstance(value, str) and len(value) == 10 else ""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad_date(field) from None


def _bad_date(field: str) -> ApiError:
    return invalid(f"{field} is required: YYYY-MM-DD")


def _read_platforms(body: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "platforms" not in body:
        return None
    value = body["platforms"]
    if not isinstance(value, list) or not all(each in PLATFORMS for each in value):
        raise invalid(f"platforms must be an array of: {', '.join(PLATFORMS)}")
    return tuple(value)
