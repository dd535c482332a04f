"""Reading PowerPost's headers: numbers, dates, the rate limit, the request id. Pure.

Source: powerpost-neighbours.md, "Errors": every response has `X-RateLimit-Limit`,
`X-RateLimit-Remaining`, `X-RateLimit-Reset` (Unix seconds) and `X-Request-Id`. All of it is
untrusted: what cannot be read is None.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from bot.limits import Reading, clamp_wait

Headers = Mapping[str, str]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}", re.ASCII)


def find_header(headers: Headers, name: str) -> str | None:
    """The header's value, its name in any case; None where it is missing or empty."""
    wanted = name.lower()
    for key, value in headers.items():
        if key.lower() == wanted:
            return value.strip() or None
    return None


def read_number(value: object) -> float | None:
    """A number or a string of one; None for anything else, truth values and nan included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isnan(number) else number


def read_count(value: object) -> int | None:
    """A whole number from 0 up; None for anything else."""
    number = read_number(value)
    if number is None or not math.isfinite(number) or number < 0:
        return None
    return int(number)


def read_date(value: str | None) -> float | None:
    """An HTTP date in Unix seconds."""
    if value is None:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def read_request_id(headers: Headers) -> str | None:
    """`X-Request-Id`, which is shown to people: only if it polls like an id."""
    said = find_header(headers, "X-Request-Id")
    return said if said is not None and _REQUEST_ID.fullmatch(said) else None


def read_server_time(headers: Headers, unix_now: float | None) -> float | None:
    """The server's clock in Unix seconds: its `Date`, else ours."""
    date = read_date(find_header(headers, "Date"))
    return unix_now if date is None else date


def read_rate_limit(headers: Headers, unix_now: float | None) -> Reading | None:
    """What an answer's headers say of the window; None if they say nothing usable. `unix_now`
    stands in for the server's clock only if `Date` is missing. A Reset that is past or further
    away than five minutes is held within 0.5-300 s."""
    remaining = read_count(find_header(headers, "X-RateLimit-Remaining"))
    reset = read_number(find_header(headers, "X-RateLimit-Reset"))
    server_now = read_server_time(headers, unix_now)
    if remaining is None or reset is None or server_now is None:
        return None
    wait = clamp_wait(reset - server_now)
    # Untouched where it is believable, so that two answers name one window alike.
    window = reset if wait == reset - server_now else server_now + wait
    limit = read_count(find_header(headers, "X-RateLimit-Limit")) or None
    return Reading(limit, remaining, window, wait)


def read_retry_after(headers: Headers, unix_now: float | None) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date), else by `X-RateLimit-Reset`; clamped.

    None where neither can be read.
    """
    said = find_header(headers, "Retry-After")
    seconds = read_number(said)
    if seconds is not None:
        return clamp_wait(seconds)
    server_now = read_server_time(headers, unix_now)
    moment = read_date(said)
    if moment is None:
        moment = read_number(find_header(headers, "X-RateLimit-Reset"))
    if moment is None or server_now is None:
        return None
    return clamp_wait(moment - server_now)
