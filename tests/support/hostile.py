"""Requests as an attacker sends them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from yarl import URL

from tests.support.signed_requests import FORM, JSON, SECRET, Slack
from tests.support.stage import API_KEY, Stage

# What must never be seen outside: our insides, and what opens doors.
INSIDES = ("Traceback", 'File "', "/work/", "site-packages", "xoxb-", API_KEY, SECRET)


@dataclass
class Door:
    """The bot's real endpoint, and somebody with Slack's secret before it."""

    slack: Slack
    stage: Stage
    generation_id: str = ""

    async def send(self, body: bytes, content_type: str) -> None:
        """Never a 5xx, and never a word of our insides."""
        status, answer = await self.slack.post_signed(body, content_type)
        assert status < 500, answer
        for inside in INSIDES:
            assert inside not in answer

    async def send_interaction(self, payload: Any) -> None:
        """As Slack sends clicks and forms."""
        await self.send(make_form({"payload": payload}), FORM)

    async def send_event(self, payload: Any) -> None:
        """As Slack sends events."""
        await self.send(to_json(payload).encode(), JSON)


def to_json(payload: Any) -> str:
    """JSON, halves of characters and all."""
    return json.dumps(payload)


def make_form(fields: dict[str, Any]) -> bytes:
    """A form; what is no text becomes JSON. By yarl: urllib takes as long as the bot."""
    texts = {k: v if isinstance(v, str) else to_json(v) for k, v in fields.items()}
    whole = {k: v.encode(errors="replace").decode() for k, v in texts.items()}
    return URL.build(query=whole).raw_query_string.encode()
