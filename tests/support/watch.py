"""A bot in a thread of its own, whose event loop is watched: for how long did anything hold it?

What is measured is the CPU time of that thread between two beats of its loop, and not the wall:
on a busy machine a loop that does nothing wrong waits, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from structlog.testing import capture_logs

from bot.app.app import Bot
from bot.generations.timing import PollSchedule
from bot.sandbox.serving import serve
from tests.support.stage import Stage

_BEAT_SECONDS: Final = 0.001


@dataclass
class Watched:
    """Where the bot listens, and the longest that its loop was held, in seconds of CPU."""

    url: str = ""
    longest: float = 0.0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    loop: asyncio.AbstractEventLoop | None = None
    up: threading.Event = field(default_factory=threading.Event)

    async def beat(self) -> None:
        """Note what each turn of the loop took, until it is stopped."""
        before = time.thread_time()
        while not self.stop.is_set():
            await asyncio.sleep(_BEAT_SECONDS)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now

    def reset(self) -> None:
        """Forget what was seen."""
        self.longest = 0.0


@contextlib.asynccontextmanager
async def watch_bot(stage: Stage) -> AsyncIterator[Watched]:
    """The stage's bot, watched."""
    watched = Watched()
    thread = threading.Thread(target=lambda: asyncio.run(_live(stage, watched)), daemon=True)
    thread.start()
    assert await asyncio.to_thread(watched.up.wait, 60)
    stage.bot_url = stage.delivery.bot_url = watched.url
    # As the server does.
    gc.collect()
    gc.freeze()
    try:
        # Not shown: tracebacks for people, with the values of all variables, take their time.
        with capture_logs() as logs:
            yield watched
    finally:
        assert watched.loop is not None
        watched.loop.call_soon_threadsafe(watched.stop.set)
        await asyncio.to_thread(thread.join, 60)
    faults = [str(line)[:500] for line in logs if line["log_level"] == "error"]
    assert not faults, faults[:3]


async def _live(stage: Stage, watched: Watched) -> None:
    watched.loop, watched.stop = asyncio.get_running_loop(), asyncio.Event()
    bot = Bot(stage.settings, PollSchedule(first_poll_seconds=0.1, poll_seconds=0.1))
    async with serve(bot.web_app()) as watched.url:
        while not bot.is_connected:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
        watched.up.set()
        await watched.beat()
