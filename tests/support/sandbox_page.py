"""The page of the sandbox, without its bot."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.modals import open_view, publish_home
from bot.sandbox.slack.workspace import Workspace

FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Create an image"},
    "submit": {"type": "plain_text", "text": "Create"},
    "blocks": [
        {
            "type": "input",
            "block_id": "prompt",
            "label": {"type": "plain_text", "text": "Prompt"},
            "element": {"type": "plain_text_input", "action_id": "v", "max_length": 2000},
        },
        {
            "type": "input",
            "block_id": "refs",
            "optional": True,
            "label": {"type": "plain_text", "text": "References"},
            "element": {"type": "file_input", "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "caption",
            "optional": True,
            "label": {"type": "plain_text", "text": "Caption"},
            "element": {"type": "external_select", "action_id": "c", "min_query_length": 0},
        },
    ],
}


@dataclass
class LittleBot:
    """Keeps what Slack sent, and answers with what the test put into `answer`."""

    received: list[dict[str, Any]] = field(default_factory=list)
    answer: Any = ""
    is_silent: bool = False

    async def handle(self, request: Request) -> Response:
        raw = (await request.body()).decode()
        if request.headers["content-type"].startswith("application/json"):
            self.received.append(json.loads(raw))
            return Response()
        fields = dict(parse_qsl(raw))
        self.received.append(json.loads(fields["payload"]) if "payload" in fields else fields)
        if self.is_silent:
            await asyncio.sleep(60)
        return Response() if self.answer == "" else JSONResponse(self.answer)


@dataclass
class Process:
    """The bot's process, as far as the page knows one."""

    is_running: bool = True
    is_starting: bool = False
    why_not: str = ""
    """Set to let it fail to start."""

    async def kill(self) -> None:
        self.is_running = False

    async def until_ready(self) -> None:
        self.is_starting = False

    async def start(self) -> None:
        if self.why_not:
            raise RuntimeError(self.why_not)
        self.is_running = True


@dataclass
class Desk:
    """Everything that a test of the page touches."""

    workspace: Workspace
    powerpost: PowerPost
    bot: LittleBot
    process: Process
    client: httpx.AsyncClient
    delivery: Delivery

    async def get(self, path: str, status: int = 200) -> str:
        response = await self.client.get(path)
        assert response.status_code == status, response.text
        return response.text

    async def do(self, name: str, **fields: Any) -> dict[str, Any]:
        fields = {"as": "U0ADA", "channel": "C0DESIGN", **fields}
        response = await self.client.post(f"/do/{name}", data=fields)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def silence_bot(self) -> None:
        """It answers no more, and Slack does not wait for it long."""
        self.bot.is_silent = True
        self.delivery.answer_seconds = 0.2

    def open_form(self, user: str = "U0ADA") -> str:
        return open_view(self.workspace, user, FORM, "C0DESIGN").id

    def publish_home(self, blocks: list[dict[str, Any]]) -> str:
        return publish_home(self.workspace, "U0ADA", {"type": "home", "blocks": blocks}).id
