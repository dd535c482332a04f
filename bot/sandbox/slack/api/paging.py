"""Answers that come a page at a time: `limit`, `cursor` and `next_cursor`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.api.call import Call, SlackError
from bot.sandbox.slack.records import Json


def take_page(call: Call, items: list[Any], key: str, show: Callable[[Any], Any]) -> Json:
    """The page of `items` that a call asks for, each as `show` has it, under `key`."""
    limit = min(max(call.find_number("limit", 100), 1), 999)
    start = _read_cursor(call.find_text("cursor"))
    page, is_more = items[start : start + limit], start + limit < len(items)
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if is_more else ""
    return {
        "ok": True,
        key: [show(item) for item in page],
        "has_more": is_more,
        "response_metadata": {"next_cursor": cursor},
    }


def _read_cursor(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise SlackError("invalid_cursor") from None
