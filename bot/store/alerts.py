"""The alerts that were raised, each once, and which of them were told to whom.

Raised by whoever sees it first, told by whoever takes it: two processes never tell one twice. Who
takes it has it for `LEASE`; where that process dies, another one goes on with those who were not
told yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from bot.credits.alerts import BALANCE_KEY, Alert, BalanceAlert, BudgetAlert, Raised
from bot.credits.budget_alerts import TakenAlert
from bot.store.database import Database
from bot.store.tables import alerts

LEASE: Final = timedelta(minutes=2)
_AT_ONCE: Final = 20
_ALERT: Final[TypeAdapter[BudgetAlert | BalanceAlert]] = TypeAdapter(Alert)


class AlertStore:
    """Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def raise_new(self, team_id: str, raised: Sequence[Raised], now: datetime) -> bool:
        """Keep those that were not raised before; whether there is one to tell among them."""
        if not raised:
            return False
        known = await self._database.read(lambda on: _read_keys(on, team_id, raised))
        new = [each for each in raised if each.alert.key not in known]
        if not new:
            return False
        rows = [_row(team_id, each, now) for each in new]
        keep = self._database.insert(alerts).on_conflict_do_nothing()
        await self._database.write(lambda on: on.execute(keep, rows))
        return any(not each.is_covered for each in new)

    async def end_balance(self, team_id: str) -> None:
        """The balance is above its line (again): the next time it falls is told."""
        ended = (alerts.c.team_id == team_id) & (alerts.c.key == BALANCE_KEY)
        found = sa.select(alerts.c.id).where(ended)
        if await self._database.read(lambda on: on.execute(found).first()) is not None:
            await self._database.write(lambda on: on.execute(sa.delete(alerts).where(ended)))

    async def take_pending(self, now: datetime) -> list[TakenAlert]:
        """Those that nobody tells right now, the oldest first: they are the caller's for LEASE."""
        is_free = alerts.c.told_at.is_(None) & (
            alerts.c.taken_until.is_(None) | (alerts.c.taken_until <= now)
        )
        free = sa.select(alerts.c.id).where(is_free).order_by(alerts.c.id).limit(_AT_ONCE)
        if await self._database.read(lambda on: on.execute(free).first()) is None:
            return []
        locked = free.with_for_update(skip_locked=True).scalar_subquery()
        take = (
            sa.update(alerts)
            .where(alerts.c.id.in_(locked))
            .values(taken_until=now + LEASE)
            .returning(alerts)
        )
        rows = await self._database.write(lambda on: on.execute(take).all())
        known = [taken for row in rows if (taken := _read_taken(row)) is not None]
        return sorted(known, key=lambda taken: taken.id)

    async def note_delivered_to(self, alert_id: int, people: Iterable[str]) -> None:
        """All who were told up to now."""
        await self._note(alert_id, told_to=list(people))

    async def note_delivered(self, alert_id: int, now: datetime) -> None:
        """Nobody is left to be told."""
        await self._note(alert_id, told_at=now)

    async def release(self, alert_id: int, until: datetime) -> None:
        """It could not be told: whoever comes first after `until` tries again."""
        await self._note(alert_id, taken_until=until)

    async def _note(self, alert_id: int, **changes: Any) -> None:
        note = sa.update(alerts).where(alerts.c.id == alert_id).values(**changes)
        await self._database.write(lambda on: on.execute(note))


def _read_keys(on: sa.Connection, team_id: str, raised: Collection[Raised]) -> set[str]:
    keys = [each.alert.key for each in raised]
    found = sa.select(alerts.c.key).where(alerts.c.team_id == team_id).where(alerts.c.key.in_(keys))
    return set(on.execute(found).scalars())


def _row(team_id: str, raised: Raised, now: datetime) -> dict[str, Any]:
    return {
        "team_id": team_id,
        "key": raised.alert.key,
        "document": raised.alert.model_dump(mode="json"),
        "told_to": [],
        "raised_at": now,
        "told_at": now if raised.is_covered else None,
    }


def _read_taken(row: sa.Row[Any]) -> TakenAlert | None:
    """None where only a newer version knows what it says, and tells it."""
    try:
        alert = _ALERT.validate_python(row.document)
    except ValidationError:
        return None
    return TakenAlert(row.id, row.team_id, alert, row.raised_at, tuple(row.told_to))
