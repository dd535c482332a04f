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


async def retry_until(
    do: Callable[[], Awaitable[_T]], patience_seconds: float | Callable[[Cause], float]
) -> _T:
    """Do it again until it works.

    What is final is raised at once; what is Transient is raised when the next try would come
    later than `patience_seconds` after the first. Where the patience depends on the cause, it
    counts for each cause from its first failure: an hour without Slack is none without PowerPost.
    """
    loop = asyncio.get_running_loop()
    begun, failures = loop.time(), 0
    begun_by_cause: dict[Cause, float] = {}
    while True:
        try:
            return await do()
        except Transient as error:
            failures += 1
            wait = wait_seconds(error, failures)
            patience, since = patience_seconds, begun
            if callable(patience):
                patience = patience(error.cause)
                since = begun_by_cause.setdefault(error.cause, loop.time())
            if loop.time() + wait - since > patience:
                raise
            log.info(
                "call.retried", cause=error.cause, detail=error.detail, wait_seconds=round(wait, 1)
            )
            await asyncio.sleep(wait)


async def retry_forever(write: Callable[[], Awaitable[_T]]) -> _T:
    """Write what must not be forgotten, however long the database is away, locked or full."""
    return await retry_until(write, patience_seconds=float("inf"))


def wait_seconds(error: Transient, failures: int) -> float:
    """How long to wait after `error`, the `failures`-th in a row: what it asks for, or back-off."""
    if error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return backoff_seconds(failures, jitter=random.random())  # noqa: S311 - not a secret
