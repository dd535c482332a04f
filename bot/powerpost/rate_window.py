"""PowerPost's limit as all processes together know it: one small book. Pure; the clock is theirs.

Every call takes a token from the book, so the tokens given out in a window never exceed what any
answer said was left of it, whoever got the answer. Source of the headers: rate_limiter.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from bot.powerpost.headers import WAIT_MAX_SECONDS, clamp_wait
from bot.powerpost.rate_limiter import PENALTY_SECONDS, UNKNOWN_IN_FLIGHT_MAX, Reading

# While no answer has told of the window, so few go in this many seconds.
UNKNOWN_SECONDS: Final = 10.0
# How soon to ask again where only another's answer, or its end, can bring tokens.
ASK_AGAIN_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Window:
    """What is known. Times are seconds of one clock that all processes share."""

    limit: int | None = None
    """Calls per window."""
    end: float | None = None
    """When it ends on the server's clock, which is its name. None: no answer has told yet."""
    until: float = 0.0
    """The same on the shared clock."""
    left: int = 0
    """Tokens that may still be given out."""
    given: int = 0
    """Tokens given out since nobody knew of the window that was before."""
    blocked_until: float = 0.0
    """No call before this: a 429 said so."""

    def is_open(self, now: float) -> bool:
        """Whether it has not ended. One that ends too far ahead is of a clock that was set back."""
        return 0 < self.until - now <= WAIT_MAX_SECONDS


@dataclass(frozen=True, slots=True)
class Grant:
    """How many calls may begin now; where none may, when to ask again."""

    number: int
    wait_seconds: float = 0.0


def take_tokens(window: Window, wanted: int, now: float) -> tuple[Window, Grant]:
    """As many tokens as are wanted and left."""
    wait = window.blocked_until - now
    if 0 < wait <= WAIT_MAX_SECONDS:
        return window, Grant(0, wait)
    if not window.is_open(now):
        most = min(window.limit or UNKNOWN_IN_FLIGHT_MAX, UNKNOWN_IN_FLIGHT_MAX)
        window = replace(window, end=None, until=now + UNKNOWN_SECONDS, left=most, given=0)
    number = min(wanted, window.left)
    if number == 0:
        rest = window.until - now
        return window, Grant(0, rest if window.end is not None else min(rest, ASK_AGAIN_SECONDS))
    window = replace(window, left=window.left - number, given=window.given + number)
    return window, Grant(number)


def note_reading(window: Window, reading: Reading, in_flight: int, now: float) -> Window:
    """What is known after an answer, `in_flight` other calls of that process being under way.

    Tokens that were given out are spent, whether PowerPost has counted their calls yet or not; so
    in a window that is known an answer can only tell of others who use the same key.
    """
    until = now + reading.wait_seconds
    limit = reading.limit or window.limit
    if window.end is None or not window.is_open(now) or reading.window > window.end:
        given = window.given if window.end is None and window.is_open(now) else 0
        # Calls under way may be counted in `remaining`, or not.
        left = (
            min(reading.remaining, limit - given)
            if given and limit
            else (reading.remaining - (max(in_flight, given - 1)))
        )
        return replace(
            window, limit=limit, end=reading.window, until=until, left=max(0, left), given=given
        )
    if reading.window < window.end:
        return window  # a late answer of a window that is over
    # Date is cut to whole seconds and answers travel: the earlier guess is the better.
    left, until = min(reading.remaining, window.left), min(until, window.until)
    return replace(window, limit=limit, left=left, until=until)


def is_news(window: Window | None, reading: Reading) -> bool:
    """Whether an answer says more than is known: another window, or less left. `window` may be
    old: what was left then is at least what is left now."""
    if window is None or window.end is None or reading.window > window.end:
        return True
    return reading.window == window.end and reading.remaining < window.left


def penalise_all(window: Window, retry_after_seconds: float | None, now: float) -> Window:
    """What is known after a 429: nothing goes before `retry_after_seconds` (2, if not said)."""
    wait = PENALTY_SECONDS if retry_after_seconds is None else clamp_wait(retry_after_seconds)
    known = window.blocked_until if window.blocked_until - now <= WAIT_MAX_SECONDS else 0.0
    return replace(window, blocked_until=max(known, now + wait))


def give_back(window: Window, now: float) -> Window:
    """A call has ended and no answer told of the window: another may go in its stead."""
    if window.end is not None or not window.is_open(now):
        return window
    most = min(window.limit or UNKNOWN_IN_FLIGHT_MAX, UNKNOWN_IN_FLIGHT_MAX)
    return replace(window, left=min(most, window.left + 1))


def read_book(kept: dict[str, Any] | None) -> Window:
    """The window as it was kept; what another version of the bot added is left out."""
    names = {field.name for field in fields(Window)}
    return Window(**{name: value for name, value in (kept or {}).items() if name in names})


def write_book(window: Window) -> dict[str, Any]:
    """The window as JSON."""
    return asdict(window)
