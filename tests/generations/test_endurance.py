"""Doing again: what is final ends it, what is temporary does not."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Cause, ImagineError, Misconfigured, OutcomeUnknown, Rejected, Transient
from bot.generations.endurance import persist, surely, wait_seconds


class Attempts:
    """Fails with each error in turn, then succeeds."""

    def __init__(self, *errors: ImagineError) -> None:
        self._errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self._errors:
            raise self._errors.pop(0)
        return "done"


def soon(cause: Cause = Cause.SLACK_AWAY) -> Transient:
    return Transient(cause, retry_after_seconds=0.001)


def later(cause: Cause = Cause.SLACK_AWAY) -> Transient:
    return Transient(cause, retry_after_seconds=50.0)


async def test_what_is_temporary_is_tried_again() -> None:
    attempts = Attempts(soon(), soon(), soon())

    assert await persist(attempts, patience_seconds=10) == "done"
    assert attempts.made == 4


@pytest.mark.parametrize(
    "error",
    [
        Rejected(Cause.NOT_FOUND),
        Misconfigured(Cause.INVALID_KEY),
        OutcomeUnknown(Cause.NO_ANSWER),
    ],
)
async def test_what_is_final_is_raised_at_once(error: ImagineError) -> None:
    attempts = Attempts(error)

    with pytest.raises(type(error)):
        await persist(attempts, patience_seconds=10)
    assert attempts.made == 1


async def test_patience_ends_before_a_wait_that_would_outlast_it() -> None:
    attempts = Attempts(soon(), later())

    with pytest.raises(Transient):
        await persist(attempts, patience_seconds=49)
    assert attempts.made == 2


async def test_patience_may_depend_on_the_cause() -> None:
    def patience(cause: Cause) -> float:
        return 10.0 if cause is Cause.SLACK_AWAY else 0.0

    assert await persist(Attempts(soon(Cause.SLACK_AWAY)), patience) == "done"
    with pytest.raises(Transient):
        await persist(Attempts(soon(Cause.NO_ANSWER)), patience)


async def test_what_is_owed_is_written_however_long_it_takes() -> None:
    writing = asyncio.create_task(surely(Attempts(soon(Cause.STORAGE), later(Cause.STORAGE))))
    await asyncio.sleep(0.05)

    assert not writing.done()  # it waits, and does not raise
    writing.cancel()


@pytest.mark.parametrize(
    ("error", "failures", "least", "most"),
    [
        (Transient(Cause.SLACK_AWAY, retry_after_seconds=7), 1, 7, 7),
        (Transient(Cause.SLACK_AWAY, retry_after_seconds=0), 5, 0, 0),
        (Transient(Cause.SLACK_AWAY), 1, 0.9, 1.1),
        (Transient(Cause.SLACK_AWAY), 4, 7.2, 8.8),
        (Transient(Cause.SLACK_AWAY), 50, 54, 66),
    ],
)
def test_it_waits_as_long_as_it_was_asked_to_else_longer_each_time(
    error: Transient, failures: int, least: float, most: float
) -> None:
    assert least <= wait_seconds(error, failures) <= most
