"""Balances as they are written down, for tests of charges and refunds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.credits.balances import ChargeWindow
from bot.generations.record import State

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def charge_window(
    id_: str,
    begun: float,
    ended: float | None,
    credits_: float | None,
    *,
    state: State = State.FAILED,
    before: float | None = None,
    after: float | None = None,
    at_end: float | None = None,
) -> ChargeWindow:
    """Sent `begun` seconds after noon, charged a second later, seen to end at `ended`."""
    is_charged = state is not State.REFUSED and credits_ is not None
    return ChargeWindow(
        id_,
        state,
        intended_at=at(begun),
        charged_at=at(begun + 1) if is_charged else None,
        ended_at=None if ended is None else at(ended),
        credits=credits_,
        balance_before=before,
        balance_after=after,
        balance_at_end=at_end,
    )


DONE = State.DELIVERED
