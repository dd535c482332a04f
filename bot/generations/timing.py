"""When to poll again, when to show progress, when to give up. Pure: the time is passed in.

Source of the first numbers: powerpost-neighbours.md, "Polling advice".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.errors import Cause

POLL_SECONDS: Final = 2.5
FIRST_POLL_SECONDS: Final = 2.0
# Between two questions whether Slack can show a file yet: the first pause; each is longer.
FILE_POLL_SECONDS: Final = 0.15
# After this long something is unusual: poll seldom, but poll.
PATIENT_AFTER_SECONDS: Final = 180.0
PATIENT_POLL_SECONDS: Final = 30.0
# After this long the person is told that it may never end; a poll now and then costs nothing.
RESIGNED_AFTER_SECONDS: Final = 3600.0
RESIGNED_POLL_SECONDS: Final = 600.0
GIVE_UP_AFTER_SECONDS: Final = 24 * 3600.0
# The same where PowerPost does not even answer: by then its pictures cannot be fetched any more.
ABANDON_AFTER_SECONDS: Final = 7 * 24 * 3600.0
# An unpaid request that PowerPost would not take for this long, since the first try, is refused.
SUBMIT_PATIENCE_SECONDS: Final = 1800.0
# The same where the whole workspace sends too many messages: its people are told soon.
CROWDED_SECONDS: Final = 15.0
# A paid request that is not answered for this long is said to hang.
ASKED_AFTER_SECONDS: Final = 3.0
# Reference pictures that cannot be fetched or uploaded for this long end the request.
GATHER_PATIENCE_SECONDS: Final = 120.0
# A picture that PowerPost's storage does not hand out for this long is linked instead.
DOWNLOAD_PATIENCE_SECONDS: Final = 120.0
# A picture that the host for Slack's uploads does not take for this long is linked, too.
UPLOAD_PATIENCE_SECONDS: Final = 120.0
# So long after PowerPost has made it, it may replace its link after all; tried at first so often.
LATE_SECONDS: Final = 3600.0
LATE_PAUSE_SECONDS: Final = 30.0
# Slack may be away for long; the pictures wait for it, as their links live for 7 days.
SLACK_PATIENCE_SECONDS: Final = 6 * 24 * 3600.0
# The last edit of a status line, once the outcome is told in the thread.
STATUS_PATIENCE_SECONDS: Final = 900.0
# The balance is good to know, and never worth much waiting.
BALANCE_SECONDS: Final = 10.0
# Whether the rules still allow it: where Slack or the database does not say within this, later.
PERMISSION_SECONDS: Final = 5.0
# What was paid for, and PowerPost does not know, is looked for this long, and so often in a row.
MISSING_AFTER_SECONDS: Final = 3600.0
MISSING_POLLS: Final = 3
_LONGEST_BACKOFF_SECONDS: Final = 60.0
_RESUMED_SPREAD_SECONDS: Final = 0.5


def root_patience_seconds(cause: Cause) -> float:
    """How long the first message is tried for, by what keeps Slack from taking it."""
    return CROWDED_SECONDS if cause is Cause.TOO_MANY_MESSAGES else SUBMIT_PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a picture is tried for before its link is shown instead."""

    download_seconds: float = DOWNLOAD_PATIENCE_SECONDS
    upload_seconds: float = UPLOAD_PATIENCE_SECONDS
    # And afterwards, where only the way to Slack's files was broken: it may still be shown.
    late_seconds: float = LATE_SECONDS
    late_pause_seconds: float = LATE_PAUSE_SECONDS

    def seconds(self, cause: Cause) -> float:
        """Shortly where PowerPost's storage is at fault, or the host that takes Slack's uploads;
        for days where Slack is, since a link could not be shown there either."""
        if cause is Cause.SLACK_AWAY:
            return SLACK_PATIENCE_SECONDS
        return self.upload_seconds if cause is Cause.UPLOAD_FAILED else self.download_seconds

    def pause_seconds(self, tries: int) -> float:
        """How long to wait before the next late try, after so many."""
        return self.late_pause_seconds * min(2.0 ** min(tries, 16), 10.0)


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """How often to poll at a generation that is under way, how long to try for its pictures, and
    how soon to ask whether Slack can show a file."""

    first_poll_seconds: float = FIRST_POLL_SECONDS
    poll_seconds: float = POLL_SECONDS
    patience: Patience = Patience()
    file_poll_seconds: float = FILE_POLL_SECONDS


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """How long ago something was that is on disk. The wall clock is asked once, at the start: one
    that is set afterwards, by an hour say, changes nothing."""

    begun_seconds: float
    begun_at: float

    @classmethod
    def start(cls, since: datetime, now: datetime, clock: float) -> Stopwatch:
        """Running since `since`, it being `now` by the wall clock and `clock` by a steady one."""
        return cls(max(0.0, (now - since).total_seconds()), clock)

    def read(self, clock: float) -> float:
        """The seconds until `clock`, which is by the same steady clock."""
        return self.begun_seconds + clock - self.begun_at


def next_poll_seconds(
    elapsed_seconds: float, failures: int, schedule: PollSchedule, jitter: float
) -> float:
    """How long to wait before the next poll, counted from now.

    `elapsed_seconds` since the submit, `failures` polls in a row that told nothing, `jitter` a
    random number in [0, 1): jobs that began together do not poll together.
    """
    if elapsed_seconds < schedule.first_poll_seconds and failures == 0:
        return schedule.first_poll_seconds - elapsed_seconds
    if elapsed_seconds >= RESIGNED_AFTER_SECONDS:
        base = RESIGNED_POLL_SECONDS
    elif elapsed_seconds >= PATIENT_AFTER_SECONDS:
        base = PATIENT_POLL_SECONDS
    else:
        base = schedule.poll_seconds
    if failures:
        base = max(base, backoff_seconds(failures, jitter=0.5))
    return base * (0.9 + 0.2 * jitter)


def first_poll_seconds(elapsed_seconds: float, schedule: PollSchedule, jitter: float) -> float:
    """How long to wait before a process's own first poll: after a restart, however late, it may
    have ended long ago. Jobs that are resumed together do not poll all in the same moment."""
    if elapsed_seconds < schedule.first_poll_seconds:
        return schedule.first_poll_seconds - elapsed_seconds
    return min(schedule.poll_seconds, _RESUMED_SPREAD_SECONDS) * jitter


def heed_notification_seconds(vain_notifications: int) -> float:
    """How long after a poll a notification that PowerPost has finished is heeded again, by how
    many notifications were in vain: a notification may be forged, and must not make polls
    frequent."""
    return (
        0.0
        if vain_notifications == 0
        else min(2.0 ** (min(vain_notifications, 16) - 1), _LONGEST_BACKOFF_SECONDS)
    )


def overdue_seconds(longest_seconds: float | None) -> float:
    """How long after the submit a generation hangs: then others have its place. `longest_seconds`
    is the longest that its model has needed, None if that is not known. One that once took hours
    is no measure."""
    longest = min(longest_seconds or 0.0, RESIGNED_AFTER_SECONDS)
    return max(PATIENT_AFTER_SECONDS, longest)


def is_missing(elapsed_seconds: float, times: int) -> bool:
    """Whether what PowerPost did not know `times` in a row is given up, so long after the
    submit."""
    return elapsed_seconds >= MISSING_AFTER_SECONDS and times >= MISSING_POLLS


def give_up_seconds(*, is_answered: bool) -> float:
    """How long after the submit polling ends, by whether PowerPost answers at all."""
    return GIVE_UP_AFTER_SECONDS if is_answered else ABANDON_AFTER_SECONDS


def backoff_seconds(failures: int, *, jitter: float) -> float:
    """How long to wait after the `failures`-th failure in a row: 1, 2, 4 … 60 seconds."""
    base: float = min(2.0 ** (min(failures, 16) - 1), _LONGEST_BACKOFF_SECONDS)
    return base * (0.9 + 0.2 * jitter)


def progress_seconds(elapsed_seconds: float) -> float:
    """How often the status line is edited: Slack allows about 50 edits a minute for all jobs."""
    return 4.0 if elapsed_seconds < 60 else 15.0 if elapsed_seconds < 180 else 60.0
