"""Before a process pays for the first time: is its database a backup that was restored?

Such a database would pay again for what it has as accepted. So nothing is paid until PowerPost's
balance was held against the newest one on record (credits/restore.py). Where something was taken
that is on no record, nothing is paid at all: the operator says how to go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.credits.amounts import amount
from bot.credits.estimates import Basis, Prices
from bot.credits.restore import LastSeen, find_unknown_charge
from bot.errors import ImagineError, Transient
from bot.images.catalogue import Model
from bot.periodic import PeriodicTask
from bot.telemetry.instrumentation import Observer

HEARTBEAT_SECONDS: Final = 60.0
# The start waits this long for PowerPost's balance; then it goes on, and only paying waits.
START_SECONDS: Final = 3.0
_AGAIN_SECONDS: Final = 5.0
_BALANCE_SECONDS: Final = 10.0
# Charged a little later than it was sent, by clocks that may differ.
_AROUND: Final = timedelta(minutes=10)

_PRICES_RISE: Final = 2.0

log = structlog.get_logger()


class RestoredBackupError(Exception):
    """PowerPost has taken credits that the database does not know of; the sentence says how to go
    on. Nothing was paid."""


class Heartbeats(Protocol):
    """See bot/store/heartbeats.py."""

    async def note(self, balance: float, now: datetime) -> None: ...
    async def count_unpaid(self) -> int: ...
    async def last_seen(self) -> LastSeen | None: ...
    async def list_out(self, since: datetime) -> Sequence[tuple[str, int]]: ...


class RestoreGuard:
    """Whether this process may pay. One for the process."""

    def __init__(
        self,
        rows: Heartbeats,
        prices: Prices,
        ask_balance: Callable[[], Awaitable[float]],
        is_alone: Callable[[], Awaitable[bool]],
        observer: Observer | None = None,
    ) -> None:
        """`is_alone`: no other process works on this database; if one does, it was cleared."""
        self._rows = rows
        self._prices = prices
        self._ask_balance = ask_balance
        self._is_alone = is_alone
        self.given = asyncio.Event()
        """Set once this process may pay."""
        self._asking: asyncio.Task[None] | None = None
        self._beating = PeriodicTask(
            "note_balance", HEARTBEAT_SECONDS, self._beat, observer, jitter=0.1
        )

    async def open(self) -> None:
        """Begin to ask. Raises RestoredBackupError if the answer is no and comes soon; if it comes
        later, nothing is paid, and the log says why."""
        self._asking = asking = asyncio.create_task(self._ask_until_known())
        await asyncio.wait({asking}, timeout=START_SECONDS)
        if asking.done():
            await asking
        self._beating.start()

    async def close(self) -> None:
        """Ask no more."""
        await self._beating.stop()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask_until_known(self) -> None:
        while True:
            try:
                await self._check()
            except (Transient, TimeoutError):
                await asyncio.sleep(_AGAIN_SECONDS)
            except RestoredBackupError as error:
                log.critical("backup.restored", detail=str(error))
                raise
            except ImagineError as error:  # a key that may not read the balance, say
                log.warning("backup.check_failed", cause=error.cause, detail=error.detail)
                break
            else:
                break
        self.given.set()

    async def _check(self) -> None:
        unpaid = await self._rows.count_unpaid()
        last = await self._rows.last_seen() if unpaid else None
        if last is None or not await self._is_alone():
            return
        may_be_out = await self._price_what_is_out(last.at - _AROUND)
        async with asyncio.timeout(_BALANCE_SECONDS):
            balance = await self._ask_balance()
        if gone := find_unknown_charge(last, balance, may_be_out):
            raise RestoredBackupError(_explain(gone, last, unpaid))

    async def _price_what_is_out(self, since: datetime) -> float:
        """Generously: an ordinary crash in the middle of paying must not look like a backup."""
        out = 0.0
        for model, quantity in await self._rows.list_out(since):
            if model not in set(Model):
                return float("inf")
            price = await self._prices.estimate(Model(model), quantity)
            if price.basis is not Basis.SEEN:
                return float("inf")
            out += _PRICES_RISE * price.credits
        return out

    async def _beat(self) -> None:
        await self.given.wait()
        async with asyncio.timeout(_BALANCE_SECONDS):
            balance = await self._ask_balance()
        await self._rows.note(balance, datetime.now(UTC))


def _explain(gone: float, last: LastSeen, unpaid: int) -> str:
    requests = "1 request" if unpaid == 1 else f"{unpaid} requests"
    when = last.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return (
        f"PowerPost has taken {amount(gone)} credits since this database was last used ({when}) "
        f"that it does not know of, and {requests} in it would be paid now. If it was restored "
        "from a backup, they may have been paid already. Start once with `python -m bot run "
        "--after-restore`: these requests then end as unknown, their people are told, and nothing "
        "is paid twice. If someone else spent from the account, the same command is safe: people "
        "can ask again."
    )
