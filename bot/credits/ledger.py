"""The entries of the ledger, and what each moment of a generation enters. Pure.

An entry is never changed. `credits` is what PowerPost took (+) or was seen to give back (-): their
sum is what it charged. `expected` is what is still to come back (-), until a balance has shown it
and another entry takes the expectation away (+). Both together are what counts against a budget,
in the window in which the charge was made, however late the refund is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.images.catalogue import Model


class EntryKind(StrEnum):
    """What an entry is of; each kind once a generation."""

    CHARGE = "charge"
    REFUND_EXPECTED = "refund_expected"
    REFUND_CONFIRMED = "refund_confirmed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Credits are PowerPost's numbers; times are aware, UTC."""

    kind: EntryKind
    generation_id: str
    team_id: str
    channel_id: str
    user_id: str
    model: Model
    quantity: int
    credits: float | None  # None: PowerPost did not say
    expected: float
    balance: float | None  # PowerPost's, after it
    entered_at: datetime
    counts_at: datetime
    approved_by: str | None = None
