"""A year later: what people wait for, on a database with many generations, beside an empty one."""

from __future__ import annotations

import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.credits.audit import audit
from bot.credits.auditor import CHARGES_MAX
from bot.credits.ledger import EntryKind
from bot.credits.reports import find_month_window
from bot.generations.record import NewGeneration, Picture, PictureState, Place, State
from bot.images.catalogue import Model
from bot.images.request import ImageRequest
from bot.images.usage import By, Month
from bot.policy.budgets import Budget, Ceiling, Period, Scope, find_ceilings
from bot.policy.terms import Terms
from bot.store.alerts import AlertStore
from bot.store.approvals import ApprovalStore
from bot.store.balances import BalanceStore
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.generations import LOCAL_OWNER, GenerationStore
from bot.store.ledger import LedgerStore
from bot.store.migrate import migrate
from bot.store.prices import PriceStore
from bot.store.spending import SpendingStore
from bot.store.tables import generations, ledger, pictures
from bot.store.usage import UsageStore
from bot.store.versions import VersionStore
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds
from tests.support.postgres import make_database, serve_postgres

PEOPLE: Final = 300
CHANNELS: Final = 40
NOW: Final = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)  # a month is nearly over
_TEAM: Final = "T1"
_YEAR: Final = timedelta(days=365)
_MONTH: Final = timedelta(days=32)
_ROWS_AT_ONCE: Final = 5_000
_LONG: Final = ("usage report", "audit")  # nobody waits for these in a form
_SHORT_SECONDS: Final = 0.010
_LONG_SECONDS: Final = 1.0
_MANY: Final = 200_000  # more than these may take twice as long
_BUDGETS: Final = tuple(
    Budget(id=f"{scope}-{period}", scope=scope, period=period, credits=1_000_000)
    for scope in Scope
    for period in Period
)


async def measure_aged(sizes: Sizes) -> list[Row]:
    """A row for each thing that is waited for, each kind of database, and each size."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="imagine-aged-") as directory, serve_postgres() as url:
        for kind in ("SQLite", "PostgreSQL"):
            empty: dict[str, float] = {}
            for number in (0, *sizes.aged):
                file = f"sqlite:///{directory}/{number}.sqlite3"
                address = file if kind == "SQLite" else make_database(url)
                async with open_aged(address, number) as database:
                    seconds = await _time_all(database, number, sizes.aged_calls)
                    if number == 0:
                        empty = seconds
                        continue
                    name = f"{kind}, {number:,} generations"
                    rows += _shape_rows(name, number, seconds, empty)
                    rows.append(await _check_sums(database, name))
    return rows


def _shape_rows(
    name: str, number: int, seconds: dict[str, float], empty: dict[str, float]
) -> Iterator[Row]:
    for what, took in seconds.items():
        allowed = _LONG_SECONDS if what in _LONG else _SHORT_SECONDS
        allowed *= 2 if number > _MANY and what not in _LONG else 1
        yield Row(
            f"{name}: {what}, p50",
            f"{milliseconds(took)} ({took / empty[what]:.1f} × an empty one's)",
            target=f"at most {allowed * 1e3:.0f} ms",
            is_met=took <= allowed,
        )


async def _check_sums(database: Database, name: str) -> Row:
    wrong = await LedgerStore(database).find_wrong_sums(NOW - 2 * _YEAR)
    said = f"{len(wrong)} are off" if wrong else "as the entries"
    return Row(f"{name}: the ledger's sums", said, target="as the entries", is_met=not wrong)


# -- The database ---------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def open_aged(database_url: str, number: int) -> AsyncIterator[Database]:
    """With `number` generations of the last year, entered as the schema has it."""
    await asyncio.to_thread(migrate, database_url)
    database = Database(database_url)
    try:
        account = _Account()
        for first in range(0, number, _ROWS_AT_ONCE):
            some = range(first, min(number, first + _ROWS_AT_ONCE))
            await database.write(partial(_fill, some=some, number=number, account=account))
        yield database
    finally:
        await database.close()


@dataclass
class _Account:
    """PowerPost's."""

    balance: float = 1e8


def _fill(on: sa.Connection, some: range, number: int, account: _Account) -> None:
    made = [_Made(n, NOW - _YEAR + _YEAR * (n + 1) / (number + 1), account) for n in some]
    on.execute(sa.insert(generations), [each.row() for each in made])
    shown = [row for each in made for row in each.picture_rows()]
    if shown:
        on.execute(sa.insert(pictures), shown)
    entered = [row for each in made for row in each.entries()]
    if entered:
        on.execute(sa.insert(ledger), entered)


@dataclass
class _Made:
    """One generation of the past, the same in every run."""

    number: int
    at: datetime
    account: _Account = field(default_factory=_Account)
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.number)  # noqa: S311 - the same each time
        self.user_id = f"U{self.draw.randrange(PEOPLE)}"
        self.channel_id = f"C{self.draw.randrange(CHANNELS)}"
        self.model = self.draw.choice(list(Model)).value
        self.quantity = self.draw.choice([1, 1, 1, 2, 4])
        (self.state,) = self.draw.choices(
            [State.DELIVERED, State.FAILED, State.REFUSED, State.UNKNOWN], [93, 4, 2, 1]
        )
        self.ended_at = self.at + timedelta(seconds=self.draw.uniform(5, 20))
        self.balance_before = self.account.balance
        if self.state is State.DELIVERED:
            self.account.balance -= 9.0 * self.quantity

    @property
    def balance_after(self) -> float:
        """Once it was charged."""
        return self.balance_before - 9.0 * self.quantity

    @property
    def is_charged(self) -> bool:
        return self.state in (State.DELIVERED, State.FAILED)

    def row(self) -> dict[str, Any]:
        request = ImageRequest(
            prompt="a lighthouse in the fog, long shadows, early morning light " * 2,
            model=Model(self.model),
            quantity=self.quantity,
        )
        charged = {
            "image_generation_id": f"ig_{self.number:020}",
            "credits_used": 9.0 * self.quantity,
            "balance_after": self.balance_after,
            "submitted_at": self.at + timedelta(seconds=1),
        }
        nothing = dict.fromkeys(charged)
        is_shown = self.state is State.DELIVERED
        return {
            "id": f"g{self.number:035}",
            "origin": f"command:{self.number:050}",
            "team_id": _TEAM,
            "channel_id": self.channel_id,
            "user_id": self.user_id,
            "request": request.model_dump(mode="json"),
            "sources": {},
            "owner": LOCAL_OWNER,
            "state": self.state.value,
            "root_ts": f"{self.number}.000100",
            "thread_ts": f"{self.number - 1}.000100" if self.number % 4 == 3 else None,
            "result_ts": f"{self.number}.000200" if is_shown else None,
            "result_channel_id": self.channel_id if is_shown else None,
            "parent_id": f"g{self.number - 1:035}" if self.number % 4 == 3 else None,
            "balance_before": self.balance_before,
            "balance_at_end": self.balance_before if self.state is State.FAILED else None,
            "accepted_at": self.at,
            "root_intended_at": self.at,
            "intended_at": None if self.state is State.REFUSED else self.at,
            "finished_at": self.ended_at,
            "told_at": self.ended_at,
            "estimate": 9.0 * self.quantity,
            **(charged if self.is_charged else nothing),
        }

    def picture_rows(self) -> list[dict[str, Any]]:
        if self.state is not State.DELIVERED:
            return []
        return [
            {
                "generation_id": f"g{self.number:035}",
                "position": position,
                "media_id": f"media_{self.number:020}_{position}",
                "url": f"https://media.example/{self.number:040}/{position}.webp",
                "width": 1024,
                "height": 1024,
                "state": PictureState.UPLOADED.value,
                "slack_file_id": f"F{self.number:010}{position}",
                "expires_at": self.at + timedelta(days=7),
            }
            for position in range(1, self.quantity + 1)
        ]

    def entries(self) -> list[dict[str, Any]]:
        if not self.is_charged:
            return []
        charge = {
            "generation_id": f"g{self.number:035}",
            "kind": EntryKind.CHARGE.value,
            "team_id": _TEAM,
            "channel_id": self.channel_id,
            "user_id": self.user_id,
            "model": self.model,
            "quantity": self.quantity,
            "credits": 9.0 * self.quantity,
            "expected": 0.0,
            "balance": self.balance_after,
            "entered_at": self.at + timedelta(seconds=1),
            "counts_at": self.at + timedelta(seconds=1),
        }
        if self.state is not State.FAILED:
            return [charge]
        due = 9.0 * self.quantity
        end = {**charge, "entered_at": self.ended_at}
        return [
            charge,
            {**end, "kind": EntryKind.REFUND_EXPECTED.value, "credits": 0.0, "expected": -due},
            {**end, "kind": EntryKind.REFUND_CONFIRMED.value, "credits": -due, "expected": due},
        ]


# -- What is waited for ---------------------------------------------------------------------------


async def _time_all(database: Database, number: int, calls: int) -> dict[str, float]:
    """The median of each, in seconds."""
    waits = _Waits(database, number)
    named: dict[str, Callable[[int], Awaitable[object]]] = {
        "accept under a day's and a month's budgets": waits.accept,
        "a reply in a thread": waits.reply,
        "a reply in somebody else's thread": waits.reply_elsewhere,
        "facts of the form": waits.open_form,
        "durations of a model": waits.look_up_durations,
        "Home": waits.open_home,
        "a page of the history, of half a year ago": waits.turn_page,
        "a message's picture": waits.find_shown,
        "settle a charge": waits.settle_charge,
        "settle a refund": waits.settle_refund,
        "sweeps": waits.sweep,
        "usage report": waits.report,
        "audit": waits.audit,
    }
    seconds = {}
    for what, call in named.items():
        times = []
        for turn in range(3 if what in _LONG else calls):
            await waits.prepare(what, turn)
            begun = time.perf_counter()
            await call(turn)
            times.append(time.perf_counter() - begun)
        seconds[what] = statistics.median(times)
    return seconds


class _Waits:
    """The calls, each as the bot makes them."""

    def __init__(self, database: Database, number: int) -> None:
        self._number = number
        self._generations = GenerationStore(database)
        self._versions = VersionStore(database)
        self._prices = PriceStore(database)
        self._spending = SpendingStore(database)
        self._balances = BalanceStore(database)
        self._drafts = DraftStore(database)
        self._usage = UsageStore(database)
        self._ledger = LedgerStore(database)
        self._alerts = AlertStore(database)
        self._approvals = ApprovalStore(database, LOCAL_OWNER)

    async def prepare(self, what: str, turn: int) -> None:
        """What has to be there before: a generation that is being paid for, say."""
        if not what.startswith("settle"):
            return
        id_ = f"{what}{turn}"
        await self._generations.accept(self._new(id_, turn))
        await self._generations.advance(id_, State.ACCEPTED, State.SUBMITTING, intended_at=NOW)
        if what == "settle a refund":
            receipt = {"submitted_at": NOW, "credits_used": 9.0, "balance_after": 1e6}
            await self._generations.advance(id_, State.SUBMITTING, State.PROCESSING, **receipt)
            ended = {"finished_at": NOW, "balance_at_end": 1e6}
            await self._generations.advance(id_, State.PROCESSING, State.FAILED, **ended)

    def _ceilings(self, turn: int) -> tuple[Ceiling, ...]:
        user_id, channel_id = f"U{turn % PEOPLE}", f"C{turn % CHANNELS}"
        return find_ceilings(
            _BUDGETS, channel_id=channel_id, user_id=user_id, now=NOW, zone=ZoneInfo("UTC")
        )

    def _new(self, id_: str, turn: int) -> NewGeneration:
        return NewGeneration(
            id_,
            f"bench:{id_}",
            Place(_TEAM, f"C{turn % CHANNELS}", f"U{turn % PEOPLE}"),
            ImageRequest(prompt="fog", model=Model.FLUX2_FLEX),
            NOW,
            terms=Terms(0, self._ceilings(turn)),
            approved_by="U0",  # of a million there is none within the largest budget
        )

    async def accept(self, turn: int) -> None:
        assert await self._generations.accept(self._new(f"new{turn}", turn))

    async def reply(self, turn: int) -> None:
        number = self._number * (turn + 1) // 1000
        channel_id = _Made(number, NOW).channel_id
        found = await self._versions.newest_in_thread(_TEAM, channel_id, f"{number}.000100")
        assert (found is not None) == (self._number > 0)

    async def reply_elsewhere(self, turn: int) -> None:
        assert await self._versions.newest_in_thread(_TEAM, "C1", f"9{turn}.77") is None

    async def open_form(self, turn: int) -> None:
        await self._prices.estimate(Model.FLUX2_FLEX, 1)
        await self._prices.last_balance()
        await self._drafts.find(_TEAM, f"U{turn}", NOW)
        await self._spending.usage(_TEAM, self._ceilings(turn))

    async def look_up_durations(self, turn: int) -> None:
        model = list(Model)[turn % len(Model)]
        found = await self._generations.recent_durations(model, 1, 20)
        assert self._number < 10_000 or len(found) == 20

    async def open_home(self, turn: int) -> None:
        recent = await self._versions.history(_TEAM, f"U{turn}", None, 5)
        await self._versions.bills([each.id for each in recent])
        await self._balances.last()
        await self._spending.usage(_TEAM, self._ceilings(turn))

    async def turn_page(self, turn: int) -> None:
        before = NOW - _YEAR / 2
        page = await self._versions.history(_TEAM, f"U{turn}", before, 20)
        await self._versions.bills([each.id for each in page])

    async def find_shown(self, turn: int) -> None:
        files = [f"F{turn:010}1"]
        await self._versions.find_shown(_TEAM, "C1", f"8{turn}.9", None, files)

    async def settle_charge(self, turn: int) -> None:
        id_ = f"settle a charge{turn}"
        receipt = {"submitted_at": NOW, "credits_used": 9.0, "balance_after": 1e6}
        await self._generations.advance(id_, State.SUBMITTING, State.PROCESSING, **receipt)
        found = [Picture(1, "m", "https://media.example/1", 1024, 1024, NOW)]
        await self._generations.finish(id_, found, finished_at=NOW)
        await self._ledger.settle(id_, NOW)

    async def settle_refund(self, turn: int) -> None:
        await self._ledger.settle(f"settle a refund{turn}", NOW)

    async def sweep(self, _turn: int) -> None:
        await self._generations.count_pending()
        await self._ledger.read_outstanding()
        await self._ledger.end_overdue(NOW)
        await self._usage.list_spenders(NOW - timedelta(hours=36))
        await self._alerts.take_pending(NOW)
        await self._approvals.has_overdue(NOW)

    async def report(self, _turn: int) -> None:
        window = find_month_window(Month(NOW.year, NOW.month), ZoneInfo("UTC"))
        await self._usage.add_up(By.USER, _TEAM, window)

    async def audit(self, _turn: int) -> None:
        since = await self._ledger.find_beginning(CHARGES_MAX)
        for _ in range(2):  # before the balance is asked for, and after it
            entries = await self._ledger.read_entries(since)
            windows = await self._ledger.read_charge_windows(since)
        assert not await self._ledger.find_wrong_sums(NOW - _MONTH)
        audit(entries, windows, 1e6, NOW)
