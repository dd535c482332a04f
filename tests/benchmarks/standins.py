"""The stand-ins for Slack and PowerPost in a process of their own, and an address to steer them.

`python -m tests.benchmarks.standins PORT`: `POST /settings` and `GET /report` on that port.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.powerpost.service import Outcome, PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.run import API_KEY, WORKSPACE_ID
from bot.sandbox.serving import serve
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace

CHANNELS: Final = 2000
_PLENTY: Final = 100_000_000


def name_channel(number: int) -> str:
    """The id of the `number`-th channel, counted round: Slack takes one message a second in each,
    so load is spread over many."""
    return f"C0BENCH{number % CHANNELS:04d}"


class StandIns:
    """Both services with nothing that holds load up: rates are not what is measured here."""

    def __init__(self) -> None:
        self.workspace = Workspace(enforce_rates=False)
        self.powerpost = PowerPost(
            api_key=API_KEY,
            workspace_id=WORKSPACE_ID,
            balance=_PLENTY,
            rate_limit_per_minute=_PLENTY,
        )
        self.urls: dict[str, str] = {}
        for number in range(CHANNELS):
            name = name_channel(number)
            members = {"U0ADA", self.workspace.bot.id}
            self.workspace.add_channel(Channel(name, name.lower(), "public", members))

    def build_app(self) -> Starlette:
        """What the benchmarks talk to."""
        return Starlette(
            routes=[
                Route("/settings", self.set, methods=["POST"]),
                Route("/report", self.report, methods=["GET"]),
            ]
        )

    async def set(self, request: Request) -> Response:
        """`seconds_per_generation`, how many generations shall never end, and the webhook."""
        wanted: dict[str, Any] = await request.json()
        self.powerpost.seconds_per_generation = wanted["seconds_per_generation"]
        self.powerpost.webhook_url = wanted["webhook_url"]
        self.powerpost.faults.clear()
        for _ in range(wanted["never_ending"]):
            self.powerpost.faults.next_outcome(Outcome.NEVER)
        return JSONResponse({})

    async def report(self, _request: Request) -> Response:
        """What has happened so far. Times are Unix seconds of this process."""
        messages = [m for found in self.workspace.messages.values() for m in found]
        calls = [e for e in self.workspace.exchanges if e.direction == "from_bot"]
        return JSONResponse(
            {
                "urls": self.urls,
                "paid_posts": self.powerpost.paid_posts,
                "powerpost_requests": len(self.powerpost.exchanges),
                "slack_requests": len(calls),
                "upstream": self._describe_upstream(),
                "results": {m.channel: float(m.ts) for m in messages if is_result(m)},
                "result_count": sum(is_result(m) for m in messages),
                "complete_count": sum(is_result(m) and has_picture(m) for m in messages),
                "picture_count": sum(count_pictures(m) for m in messages if is_result(m)),
                "summary_count": sum(is_summary(m) for m in messages),
                "settled_count": sum(is_settled(m) for m in messages),
            }
        )

    def _describe_upstream(self) -> list[dict[str, float | None]]:
        """Per generation in the order of the submits: when it ended, and when the bot saw that."""
        seen: dict[str | None, float] = {}
        for exchange in self.powerpost.exchanges:
            answer = exchange.answer_json
            if isinstance(answer, dict) and answer.get("status") == "completed":
                seen.setdefault(exchange.image_generation_id, exchange.at)
        return [
            {"ended_at": generation.ends_at, "seen_at": seen.get(name)}
            for name, generation in self.powerpost.generations.items()
            if generation.outcome is not Outcome.NEVER
        ]


def is_result(message: Message) -> bool:
    """Whether this is the bot's message with the pictures."""
    payload = (message.metadata or {}).get("event_payload") or {}
    return payload.get("kind") == "result" and message.is_reply


def has_picture(message: Message) -> bool:
    """Whether a picture is in it that Slack shows."""
    shown = [block for block in message.blocks if block["type"] == "image"]
    return bool(shown) and all("slack_file" in block for block in shown)


def count_pictures(message: Message) -> int:
    """How many pictures it shows."""
    return sum(block["type"] == "image" for block in message.blocks)


def is_summary(message: Message) -> bool:
    """Whether this is the last line of a brief."""
    payload = (message.metadata or {}).get("event_payload") or {}
    return bool(payload.get("kind") == "summary")


def is_settled(message: Message) -> bool:
    """Whether this is a root message whose status line has its last state."""
    payload = (message.metadata or {}).get("event_payload") or {}
    return payload.get("kind") == "root" and "Done" in str(message.blocks)


async def _run(port: int) -> None:
    standins = StandIns()
    async with (
        serve(build_powerpost(standins.powerpost)) as powerpost_url,
        serve(build_slack(standins.workspace)) as slack_url,
    ):
        standins.workspace.base_url = slack_url
        standins.urls = {"powerpost": powerpost_url, "slack": slack_url}
        async with serve(standins.build_app(), port):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
