"""How fast others may be called: the arithmetic, and the state that all processes share.

Slack's limits are rates that are known (`Rate`); PowerPost's is a window that each of its answers
tells of (`Window`). Both are pure. `RateLimitState` keeps them, in memory or in step with every
process on the database.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Protocol, TypeVar

import structlog
from cachetools import LRUCache

from bot.errors import Transient

_T = TypeVar("_T")
State = dict[str, Any]
"""JSON; what it means is its owner's business."""
Change = Callable[[State | None, float], tuple[State | None, _T]]
"""From the state under a name (None: there is none) and the time to the new state (None: as it
was) and a result. May be called twice."""

WAIT_MIN_SECONDS: Final = 0.5
WAIT_MAX_SECONDS: Final = 300.0

# As long as nothing is known of the window, so few go at once that a surprise costs little.
UNKNOWN_AT_ONCE: Final = 8
# While no answer has told of the window, so few go in this many seconds.
UNKNOWN_SECONDS: Final = 10.0
# How soon to ask again where only another's answer, or its end, can bring tokens.
ASK_AGAIN_SECONDS: Final = 0.25
PENALTY_SECONDS: Final = 2.0

# A shared clock that is behind its own last time by this much was set back.
_SET_BACK_SECONDS: Final = 60.0
# Kept without a time, by an older version: what is due later than this is of such a clock, too.
_LATEST_SECONDS: Final = 900.0
_STATES_KEPT: Final = 2000

log = structlog.get_logger()


def clamp_wait(seconds: float) -> float:
    """Seconds that it is reasonable to wait, whatever was said."""
    return min(max(seconds, WAIT_MIN_SECONDS), WAIT_MAX_SECONDS)


@dataclass
class Rate:
    """A steady rate with a burst (GCRA): `due` is when the next turn would be due at full rate."""

    per_second: float
    burst: int
    due: float = float("-inf")

    def wait_seconds(self, now: float) -> float:
        """How long until a turn is free."""
        allowance = (self.burst - 1) / self.per_second
        return max(0.0, self.due - allowance - now)

    def take(self, now: float) -> None:
        """Use a turn, free now or later."""
        self.due = max(self.due, now) + 1 / self.per_second

    def hold(self, until: float) -> None:
        """No turn before `until`: the other side said so."""
        self.due = max(self.due, until + (self.burst - 1) / self.per_second)


def read_due(kept: State | None, now: float) -> float:
    """When the next turn is due, as it was kept, however long the queue is. If the clock was set
    back since, it is due as much earlier."""
    kept = kept or {}
    due, at = float(kept.get("due", -math.inf)), kept.get("at")
    if at is None:
        return -math.inf if due - now > _LATEST_SECONDS else due
    set_back = float(at) - now
    return due - set_back if set_back > _SET_BACK_SECONDS else due


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer says of the window."""

    limit: int | None
    remaining: int
    window: float
    """When it ends, on the server's clock: its name."""
    wait_seconds: float
    """How long until then, within 0.5-300 s."""


@dataclass(frozen=True, slots=True)
class Window:
    """A limit as the answers told of it. Times are seconds of one clock that all users share.

    Every call takes a token, so those given out in a window never exceed what any answer said was
    left of it, whoever got the answer; only a call without an answer gives its token back.
    """

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

    @property
    def unknown_at_once(self) -> int:
        """How many may go while no answer has told of it."""
        return min(self.limit or UNKNOWN_AT_ONCE, UNKNOWN_AT_ONCE)


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
        until, most = now + UNKNOWN_SECONDS, window.unknown_at_once
        window = replace(window, end=None, until=until, left=most, given=0)
    number = min(wanted, window.left)
    if number == 0:
        rest = window.until - now
        return window, Grant(0, rest if window.end is not None else min(rest, ASK_AGAIN_SECONDS))
    window = replace(window, left=window.left - number, given=window.given + number)
    return window, Grant(number)


def note_reading(window: Window, reading: Reading, in_flight: int, now: float) -> Window:
    """What is known after an answer, `in_flight` other calls of that process being under way.

    Tokens that were given out are spent, whether the server has counted their calls yet or not; so
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


def penalise(window: Window, retry_after_seconds: float | None, now: float) -> Window:
    """What is known after a 429: nothing goes before `retry_after_seconds` (2, if not said)."""
    wait = PENALTY_SECONDS if retry_after_seconds is None else clamp_wait(retry_after_seconds)
    known = window.blocked_until if window.blocked_until - now <= WAIT_MAX_SECONDS else 0.0
    return replace(window, blocked_until=max(known, now + wait))


def give_back(window: Window, now: float, taken_in: float | None = None) -> Window:
    """A call has ended and no answer told of the window: another may go in its stead. `taken_in`
    is the `end` of the window that gave its token: another window owes it nothing."""
    if window.end != taken_in or not window.is_open(now):
        return window
    left = window.left + 1
    return replace(window, left=left if taken_in is not None else min(window.unknown_at_once, left))


def read_window_state(kept: State | None) -> Window:
    """The window as it was kept; what another version of the bot added is left out."""
    names = {field.name for field in fields(Window)}
    return Window(**{name: value for name, value in (kept or {}).items() if name in names})


def write_window_state(window: Window) -> State:
    """The window as JSON."""
    return asdict(window)


class SharedState(Protocol):
    """Where all processes keep their states (bot/store/rate_limits.py)."""

    async def change(self, name: str, do: Change[_T]) -> _T:
        """The result of `do`, whose new state is kept. Nobody else changes it meanwhile.

        Raises Transient at once, or within a second, where the database is away.
        """


class RateLimitState:
    """The states of one process: in step with all where they have a `shared` one, else its own.

    While the shared one is out of reach, the process goes by what it last knew, and on by itself.
    One event loop only.
    """

    def __init__(
        self, shared: SharedState | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._ahead_seconds = 0.0  # the shared clock's, of ours
        self._known: LRUCache[str, State] = LRUCache(_STATES_KEPT)

    async def change(self, name: str, do: Change[_T]) -> _T:
        """See `SharedState`. Raises only what `do` does."""
        if self._shared is not None:
            try:
                return await self._change_shared(self._shared, name, do)
            except Transient:
                pass  # it is logged where it was noticed
            except Exception:  # whatever it is, nobody may wait for ever
                log.exception("rate_limit.unavailable")
        after, result = do(*self.look(name))
        if after is not None:
            self._known[name] = after
        return result

    def look(self, name: str) -> tuple[State | None, float]:
        """The state as it was last known here, and the time."""
        return self._known.get(name), self._clock() + self._ahead_seconds

    async def _change_shared(self, shared: SharedState, name: str, do: Change[_T]) -> _T:
        def change(kept: State | None, now: float) -> tuple[State | None, tuple[State, float, _T]]:
            after, result = do(kept, now)
            return after, (after or kept or {}, now, result)

        state, now, result = await shared.change(name, change)
        self._known[name], self._ahead_seconds = state, now - self._clock()
        return result
