"""Doing again: what is final ends it, what is temporary does not."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Cause, ImagineError, Misconfigured, OutcomeUnknown, Rejected, Transient
from bot.generations.retry import retry_forever, retry_until, wait_seconds
from tests.support.leaping import run_leaping


class Attempts:
    """Fails with each error in turn, then succeeds; notes when (the loop's seconds)."""

    def __init__(self, *errors: ImagineError) -> None:
        self._errors = list(errors)
        self.made_at: list[float] = []

    async def __call__(self) -> str:
        self.made_at.append(asyncio.get_running_loop().time())
        if self._errors:
            raise self._errors.pop(0)
        return "done"


def asking(seconds: float | None = None, cause: Cause = Cause.SLACK_AWAY) -> Transient:
    return Transient(cause, retry_after_seconds=seconds)


def test_what_is_temporary_is_tried_again_when_it_says_else_ever_later() -> None:
    attempts = Attempts(asking(5.0), asking(), asking(), asking(1.0))

    assert run_leaping(retry_until(attempts, patience_seconds=30)) == "done"
    # 5; then the second and third failure in a row, give or take a tenth; then 1.
    assert attempts.made_at[:2] == pytest.approx([0.0, 5.0], abs=0.01)
    assert 1.8 <= attempts.made_at[2] - attempts.made_at[1] <= 2.21
    assert 3.6 <= attempts.made_at[3] - attempts.made_at[2] <= 4.41
    assert attempts.made_at[4] - attempts.made_at[3] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    "error",
    [
        Rejected(Cause.NOT_FOUND),
        Misconfigured(Cause.INVALID_KEY),
        OutcomeUnknown(Cause.NO_ANSWER),
    ],
)
def test_what_is_final_is_raised_at_once(error: ImagineError) -> None:
    attempts = Attempts(error)

    with pytest.raises(type(error)):
        run_leaping(retry_until(attempts, patience_seconds=10))
    assert len(attempts.made_at) == 1


@pytest.mark.parametrize(("patience", "tries"), [(29, 1), (31, 2), (59, 2), (61, 3)])
def test_patience_ends_before_a_wait_that_would_outlast_it(patience: int, tries: int) -> None:
    attempts = Attempts(*[asking(30.0)] * 9)

    with pytest.raises(Transient):
        run_leaping(retry_until(attempts, patience_seconds=patience))
    assert len(attempts.made_at) == tries


def test_patience_is_counted_from_the_first_try() -> None:
    async def begin_late() -> str:
        await asyncio.sleep(1000)
        return await retry_until(Attempts(asking(30.0)), patience_seconds=31)

    assert run_leaping(begin_late()) == "done"


def test_patience_may_depend_on_the_cause() -> None:
    def patience(cause: Cause) -> float:
        return 10.0 if cause is Cause.SLACK_AWAY else 0.0

    assert run_leaping(retry_until(Attempts(asking(1.0)), patience)) == "done"
    with pytest.raises(Transient):
        run_leaping(retry_until(Attempts(asking(1.0, Cause.NO_ANSWER)), patience))


def test_patience_with_one_is_not_used_up_by_another() -> None:
    def patience(cause: Cause) -> float:
        return 1000.0 if cause is Cause.SLACK_AWAY else 10.0

    attempts = Attempts(asking(500.0), asking(1.0, Cause.NO_ANSWER))

    assert run_leaping(retry_until(attempts, patience)) == "done"


def test_what_is_owed_is_written_however_long_it_takes() -> None:
    attempts = Attempts(*[asking(cause=Cause.STORAGE)] * 5000)

    assert run_leaping(retry_forever(attempts)) == "done"
    assert attempts.made_at[-1] > 3 * 24 * 3600


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
