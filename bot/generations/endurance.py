"""Doing again what may be repeated: patiently toward others, without end for what we owe."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.errors import Cause, Transient
from bot.generations.timing import backoff_seconds

_T = TypeVar("_T")

log = structlog.get_logger()


async def persist(
    do: Callable[[], Awaitable[_T]], patience_seconds: float | Callable[[Cause], float]
) -> _T:
    """Do it again until it works.

    What is final is raised at once; what is Transient is raised when the next try would come
    later than `patience_seconds` (which may depend on the cause) after the first.
    """
    loop = asyncio.get_running_loop()
    begun, failures = loop.time(), 0
    while True:
        try:
            return await do()
        except Transient as error:
            failures += 1
            wait = wait_seconds(error, failures)
            patience = patience_seconds
            if callable(patience):
                patience = patience(error.cause)
            if loop.time() + wait - begun > patience:
                raise
            log.info("again", cause=error.cause, detail=error.detail, wait_seconds=round(wait, 1))
            await asyncio.sleep(wait)


async def surely(write: Callable[[], Awaitable[_T]]) -> _T:
    """Write what must not be forgotten, however long the database is away, locked or full."""
    return await persist(write, patience_seconds=float("inf"))


def wait_seconds(error: Transient, failures: int) -> float:
    """How long to wait after `error`, the `failures`-th in a row: what it asks for, or back-off."""
    if error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return backoff_seconds(failures, jitter=random.random())  # noqa: S311 - not a secret
