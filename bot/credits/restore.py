"""Whether a database is older than what PowerPost has taken: a backup that was restored. Pure.

What such a database has as "accepted" may have been made and paid for after the backup. PowerPost
has no list of charges to hold it against (powerpost-neighbours.md, "Credits"), but it tells the
balance: whatever is gone since the last balance that is on record was taken for something that the
database does not know of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.credits.balances import EXACT

# Answers to calls that were under way at the same time are written down in any order.
TOGETHER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The newest balance on record: credits, and when PowerPost told them (UTC)."""

    balance: float
    at: datetime


def find_last_seen(seen: Iterable[LastSeen]) -> LastSeen | None:
    """The time of the newest of `seen`, with the lowest balance that was told with it: of calls
    that were under way together, the one that PowerPost answered last."""
    seen = list(seen)
    newest = max((each.at for each in seen), default=None)
    if newest is None:
        return None
    return LastSeen(min(each.balance for each in seen if each.at >= newest - TOGETHER), newest)


def find_unknown_charge(last: LastSeen | None, balance: float, may_be_out: float) -> float:
    """The credits that PowerPost has taken since `last` that nothing on record accounts for; 0 if
    there are none. `may_be_out` is what was perhaps charged without an answer, as is known. What
    was added to the account meanwhile hides as much."""
    if last is None:
        return 0.0
    gone = last.balance - balance - may_be_out
    return gone if gone > EXACT else 0.0
