"""Server-sent events: tells an open page which of its parts have changed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.slack.records import Change
from bot.sandbox.slack.workspace import Workspace

_QUIET_SECONDS = 15.0


async def stream_changes(
    workspace: Workspace, powerpost: PowerPost, viewer: str
) -> AsyncIterator[str]:
    """Events for one person: `{"kind": …, "channel": …}`; a comment when nothing happens.

    Changes that only someone else may see (their views, their ephemeral messages) are left out.
    """
    news: asyncio.Queue[dict[str, str | None]] = asyncio.Queue()

    changes = workspace.subscribe()
    exchanges = powerpost.subscribe()

    async def follow_slack() -> None:
        async for change in changes:
            if concerns(change, viewer):
                news.put_nowait({"kind": change.kind, "channel": change.channel})

    async def follow_powerpost() -> None:
        async for _ in exchanges:
            news.put_nowait({"kind": "exchange", "channel": None})

    followers = [asyncio.create_task(follow_slack()), asyncio.create_task(follow_powerpost())]
    try:
        yield "retry: 500\n\n"
        yield write_event({"kind": "hello", "channel": None})
        while True:
            try:
                item = await asyncio.wait_for(news.get(), _QUIET_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
            else:
                yield write_event(item)
    finally:
        for follower in followers:
            follower.cancel()
        for follower in followers:
            with contextlib.suppress(asyncio.CancelledError):
                await follower
        await changes.aclose()


def concerns(change: Change, viewer: str) -> bool:
    """True when this person's page may have to be redrawn."""
    return change.user in (None, viewer) or change.kind in ("exchange", "file", "channel")


def write_event(data: dict[str, str | None]) -> str:
    """One event in the wire format of server-sent events."""
    return f"data: {json.dumps(data)}\n\n"
