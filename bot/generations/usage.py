"""What a generation cost, as far as it can be said honestly. Pure.

PowerPost says what it took (`credits_used`) and that it gives back, but never how much it gave
back: only the balance tells (bot/credits/balances.py), and other people use the same account.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.generations.record import Generation


@dataclass(frozen=True, slots=True)
class Usage:
    """Credits of one generation. None: not known.

    `left` is the balance at the latest moment that we know of.
    """

    used: float | None
    left: float | None
    refunded: float | None = None
    is_refund_due: bool = False


def count_usage(generation: Generation, refunded: float | None) -> Usage:
    """What `generation` used. `refunded`: credits that a balance has shown to be back."""
    at_end, after = generation.balance_at_end, generation.balance_after
    left = at_end if at_end is not None else after
    return Usage(generation.credits_used, left, refunded, generation.is_refund_due)
