"""Budgets and what was charged against them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.credits.ledger import EntryKind
from bot.generations.record import NewGeneration, Place
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.policy.budgets import Budget, Ceiling, Period, Scope, find_ceilings
from bot.policy.terms import Terms
from bot.store.database import Database
from bot.store.tables import ledger

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def budget(credits_: float, scope: Scope = Scope.WORKSPACE, period: Period = Period.DAY) -> Budget:
    return Budget(id=f"{scope}-{period}", scope=scope, period=period, credits=credits_)


def ceilings(
    *budgets: Budget,
    user: str = "U1",
    channel: str = "C1",
    now: datetime = NOW,
    campaign: str | None = None,
) -> tuple[Ceiling, ...]:
    return find_ceilings(
        budgets,
        channel_id=channel,
        user_id=user,
        now=now,
        zone=UTC_ZONE,
        campaign=campaign,
    )


def asked(
    id_: str,
    *budgets: Budget,
    user: str = "U1",
    channel: str = "C1",
    quantity: int = 1,
    model: Model = Model.IDEOGRAM_3,
    now: datetime = NOW,
    approved_by: str | None = None,
    version: int = 0,
    campaign: str | None = None,
) -> NewGeneration:
    """A request that counts against `budgets`."""
    return NewGeneration(
        id_,
        f"command:{id_}",
        Place("T1", channel, user),
        ImageRequest(prompt="fog", model=model, quantity=quantity),
        now,
        approved_by=approved_by,
        terms=Terms(
            version, ceilings(*budgets, user=user, channel=channel, now=now, campaign=campaign)
        ),
        campaign=campaign,
    )


async def enter(database: Database, id_: str, credits_: float | None, **changes: Any) -> None:
    """An entry of the ledger, as a charge makes it."""
    row = {
        "generation_id": id_,
        "kind": EntryKind.CHARGE.value,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "model": Model.IDEOGRAM_3.value,
        "quantity": 1,
        "credits": credits_,
        "expected": 0.0,
        "entered_at": NOW,
        "counts_at": NOW,
    }
    entry = database.insert(ledger).values(row | changes).on_conflict_do_nothing()
    await database.write(lambda on: on.execute(entry))
