"""`--demo`: a small history, made by the real bot, so that there is something to look at."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Final

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.wiring import Sandbox

ADA: Final = "U0ADA"
BEN: Final = "U0BEN"
DESIGN: Final = "C0DESIGN"
GENERAL: Final = "C0GENERAL"

_TALK: Final = (
    (DESIGN, ADA, "Morning! The landing page for the harbour tour needs a hero picture by noon."),
    (DESIGN, BEN, "On it. Something calm: sea, fog, a lighthouse?"),
)
# In one thread each, with the outcome of its generation.
_ASKED: Final = (
    (
        DESIGN,
        BEN,
        "a lighthouse in fog, soft morning light --size landscape --quantity 2",
        Outcome.COMPLETED,
    ),
    (
        DESIGN,
        ADA,
        "harbour tour poster, bold letters --model ideogram-3 --quantity 3",
        Outcome.PARTIAL,
    ),
    (
        GENERAL,
        ADA,
        "confetti over the sea --model nano-banana-2 --size portrait",
        Outcome.COMPLETED,
    ),
)
_PATIENCE_SECONDS: Final = 30.0


async def seed_history(sandbox: Sandbox) -> None:
    """Let both people talk and ask for pictures, and wait until all of it is told.

    TimeoutError where that takes more than 30 s. The bot must be ready.
    """
    for channel, who, text in _TALK:
        await sandbox.person(who).say(channel, text)
    with _at_once(sandbox.powerpost):
        for number, (channel, who, text, outcome) in enumerate(_ASKED, 1):
            sandbox.powerpost.faults.next_outcome(outcome)
            await sandbox.person(who).run_command(channel, "/imagine", text)
            accepted = partial(_has_accepted, sandbox.powerpost, number)
            await _until(sandbox.powerpost.subscribe(), accepted)
        await _until(sandbox.workspace.subscribe(), partial(_is_told, sandbox))


@contextlib.contextmanager
def _at_once(powerpost: PowerPost) -> Iterator[None]:
    """Pictures take next to no time to be made: as long as it takes to begin to wait for them."""
    usual, powerpost.seconds_per_generation = powerpost.seconds_per_generation, 0.3
    try:
        yield
    finally:
        powerpost.seconds_per_generation = usual


async def _until(news: AsyncIterator[object], holds: Callable[[], bool]) -> None:
    """Wait until it holds, looking whenever there is news."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while not holds():
            await anext(news)


def _has_accepted(powerpost: PowerPost, number: int) -> bool:
    return len(powerpost.generations) >= number


def _is_told(sandbox: Sandbox) -> bool:
    """Whether each thread of the bot's has its pictures."""
    threads = [
        message
        for channel in (DESIGN, GENERAL)
        for message in sandbox.workspace.messages[channel]
        if message.bot_id is not None and not message.is_reply
    ]
    return len(threads) == len(_ASKED) and all(thread.reply_count for thread in threads)
