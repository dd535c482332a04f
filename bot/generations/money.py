"""What a generation cost, as far as it can be said honestly. Pure.

PowerPost says what it took (`credits_used`) and that it gives back, but never how much it gave
back: only the balance tells, and other people use the same account. So a refund is a number only
when nobody else of ours was out at the time and the number is possible.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.generations.record import Generation, State


@dataclass(frozen=True, slots=True)
class Usage:
    """Credits of one generation. None: not known.

    `left` is the balance at the latest moment that we know of.
    """

    used: float | None
    left: float | None
    refunded: float | None = None
    is_refund_due: bool = False


def pictures_missing(generation: Generation) -> int:
    """How many of the pictures that were asked for PowerPost did not make."""
    return max(0, generation.request.quantity - len(generation.pictures))


def count_usage(generation: Generation, *, is_alone: bool) -> Usage:
    """What `generation` used. `is_alone`: no other generation of ours may have moved the balance
    between its charge and its end."""
    is_refund_due = generation.state is State.FAILED or (
        generation.state in (State.FINISHED, State.DELIVERED) and pictures_missing(generation) > 0
    )
    at_end, after = generation.balance_at_end, generation.balance_after
    refunded = None
    if is_refund_due and is_alone and at_end is not None and after is not None:
        used = generation.credits_used
        back = at_end - after
        if back > 0 and (used is None or back <= used):
            refunded = back
    left = at_end if at_end is not None else after
    return Usage(generation.credits_used, left, refunded, is_refund_due)
