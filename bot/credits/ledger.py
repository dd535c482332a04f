"""The entries of the ledger, and what each moment of a generation enters. Pure.

An entry is never changed. `credits` is what PowerPost took (+) or was seen to give back (-): their
sum is what it charged. `expected` is what is still to come back (-), until a balance has shown it,
or a day has passed, and another entry takes the expectation away (+). Both together are what counts
against a budget, in the window in which the charge was made, however late the refund is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.generations.record import Generation

# In place of a model: the texts that PowerPost writes.
CAPTIONS: Final = "captions"


class EntryKind(StrEnum):
    """What an entry is of; each kind once a generation."""

    CHARGE = "charge"
    REFUND_EXPECTED = "refund_expected"
    REFUND_CONFIRMED = "refund_confirmed"
    REFUND_MISSED = "refund_missed"  # it was expected for a day, and did not come


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Credits are PowerPost's numbers; times are aware, UTC."""

    kind: EntryKind
    generation_id: str
    team_id: str
    channel_id: str
    user_id: str
    model: str  # PowerPost's id of it, perhaps one that only a newer version knows
    quantity: int  # pictures that were charged for; of a refund, those that it is for
    credits: float | None  # None: PowerPost did not say
    expected: float
    balance: float | None  # PowerPost's, after it
    entered_at: datetime  # of a confirmed refund: when the balance was seen that shows it
    counts_at: datetime
    approved_by: str | None = None
    campaign: str | None = None
    powerpost_workspace: str | None = None  # None: the default one


@dataclass(frozen=True, slots=True)
class Bill:
    """What all entries of one generation come to: credits that were taken, that came back, and
    that are still expected back."""

    taken: float
    back: float = 0.0
    coming_back: float = 0.0


def enter_charge(generation: Generation) -> Entry:
    """The entry of a generation that PowerPost has said it charged for."""
    charged_at = generation.submitted_at or generation.accepted_at
    return Entry(
        kind=EntryKind.CHARGE,
        generation_id=generation.id,
        team_id=generation.place.team_id,
        channel_id=generation.place.ruled_channel_id,
        user_id=generation.place.user_id,
        model=generation.request.model,
        quantity=generation.request.quantity,
        credits=generation.credits_used,
        expected=0.0,
        balance=generation.balance_after,
        entered_at=charged_at,
        counts_at=charged_at,
        approved_by=generation.approved_by,
        campaign=generation.campaign,
        powerpost_workspace=generation.powerpost_workspace,
    )


def expect_refund(generation: Generation, charge: Entry) -> Entry | None:
    """The entry of a generation that failed, in whole or in part: of several pictures each has the
    same share. None where nothing comes back, or where nobody can say how much."""
    missing = generation.pictures_missing
    if not generation.is_refund_due or not missing or not charge.credits:
        return None
    return replace(
        charge,
        kind=EntryKind.REFUND_EXPECTED,
        quantity=missing,
        credits=0.0,
        expected=-charge.credits * missing / generation.request.quantity,
        balance=generation.balance_at_end,
        entered_at=generation.finished_at or charge.entered_at,
    )


@dataclass(frozen=True, slots=True)
class PaidText:
    """A text that PowerPost was paid to write, for a draft (bot/posts/record.py)."""

    id: str  # the draft's
    team_id: str
    channel_id: str
    user_id: str
    pictures: int
    credits: float | None
    balance_after: float | None
    charged_at: datetime
    campaign: str | None = None
    powerpost_workspace: str | None = None


def enter_text(text: PaidText) -> Entry:
    """The entry of a text that PowerPost has said it charged for. Its quantity is the pictures that
    it was written for: they are in its price."""
    return Entry(
        kind=EntryKind.CHARGE,
        generation_id=text.id,
        team_id=text.team_id,
        channel_id=text.channel_id,
        user_id=text.user_id,
        model=CAPTIONS,
        quantity=text.pictures,
        credits=text.credits,
        expected=0.0,
        balance=text.balance_after,
        entered_at=text.charged_at,
        counts_at=text.charged_at,
        campaign=text.campaign,
        powerpost_workspace=text.powerpost_workspace,
    )


def expect_text_refund(charge: Entry, balance: float | None, ended_at: datetime) -> Entry | None:
    """The entry of a text that failed: all of it comes back. None if nobody can say how much."""
    if not charge.credits:
        return None
    return replace(
        charge,
        kind=EntryKind.REFUND_EXPECTED,
        credits=0.0,
        expected=-charge.credits,
        balance=balance,
        entered_at=ended_at,
    )


def confirm_refund(expected: Entry, came: float, balance: float, seen_at: datetime) -> Entry:
    """The entry of a refund that the balance of `seen_at` has shown: `came` credits, which may be
    others than the expected ones. Nothing more is expected then."""
    return replace(
        expected,
        kind=EntryKind.REFUND_CONFIRMED,
        credits=-came,
        expected=-expected.expected,
        balance=balance,
        entered_at=seen_at,
    )


def miss_refund(expected: Entry, now: datetime) -> Entry:
    """The entry of a refund that has not come in time: nothing more is expected, and what was taken
    counts as spent."""
    return replace(
        expected,
        kind=EntryKind.REFUND_MISSED,
        credits=0.0,
        expected=-expected.expected,
        balance=None,
        entered_at=now,
    )
