"""Trials that mostly wait, run side by side: each test then says how its own went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Trial = Callable[[], Awaitable[None]]


async def run_abreast(trials: Mapping[str, Trial], at_once: int) -> dict[str, BaseException | None]:
    """What each of them complains of, by name."""
    places = asyncio.Semaphore(at_once)

    async def run(trial: Trial) -> None:
        async with places:
            await trial()

    found = await asyncio.gather(*map(run, trials.values()), return_exceptions=True)
    return dict(zip(trials, found, strict=True))
