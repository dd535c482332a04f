"""Runs the audit beside the bot: reads the ledger, asks for the balance, and holds one against the
other. It only reads, and spends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from bot.credits.audit import Audit, WrongSum, audit
from bot.credits.balances import ChargeWindow
from bot.credits.ledger import Entry

_TRIES: Final = 5
# No window of a budget is longer; older sums are swept away (bot/store/retention.py).
_SUMS_KEPT: Final = timedelta(days=60)


class Books(Protocol):
    """The ledger (bot/store/ledger.py)."""

    async def read_entries(self, since: datetime | None = None) -> Sequence[Entry]: ...
    async def read_charge_windows(
        self, since: datetime | None = None
    ) -> Sequence[ChargeWindow]: ...
    async def find_wrong_sums(self, since: datetime) -> Sequence[WrongSum]: ...


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found; None where no balance was ever seen. `wrong`: where the sums that budgets go
    by are not what the ledger comes to."""

    found: Audit | None
    wrong: Sequence[WrongSum]

    @property
    def adds_up(self) -> bool:
        """Whether nothing is left to be explained."""
        return (self.found is None or self.found.adds_up) and not self.wrong


class Auditor:
    """One for the process: one audit at a time."""

    def __init__(self, books: Books, ask_balance: Callable[[], Awaitable[float]]) -> None:
        self._books = books
        self._ask_balance = ask_balance
        self._turn = asyncio.Lock()

    async def run(self, since: datetime | None) -> Audited:
        """Audit what was sent to be paid `since`. Raises what books and balance raise."""
        async with self._turn:
            before = await self._read(since)
            wrong = await self._books.find_wrong_sums(datetime.now(UTC) - _SUMS_KEPT)
            for _ in range(_TRIES):
                balance = await self._ask_balance()
                now = datetime.now(UTC)
                after = await self._read(since)
                if after == before:  # else something was charged while the balance was asked for
                    break
                before = after
            return Audited(await asyncio.to_thread(audit, *after, balance, now), wrong)

    async def _read(self, since: datetime | None) -> tuple[Sequence[Entry], Sequence[ChargeWindow]]:
        entries = await self._books.read_entries(since)
        return entries, await self._books.read_charge_windows(since)
