"""A database of a year, and what people wait for on it: each call as the bot makes it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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
from bot.generations.library import Cursor, Search, Viewer
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
from bot.store.library import LibraryStore
from bot.store.migrate import migrate
from bot.store.people import PREFIX
from bot.store.prices import PriceStore
from bot.store.spending import SpendingStore
from bot.store.tables import generations, ledger, people, pictures
from bot.store.usage import UsageStore
from bot.store.versions import VersionStore

PEOPLE: Final = 300
CHANNELS: Final = 40
NOW: Final = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)  # a month is nearly over
LONG: Final = ("usage report", "audit")  # nobody waits for these in a form
SEARCH: Final = "a search"  # of the library
YEAR: Final = timedelta(days=365)
MONTH: Final = timedelta(days=32)
TEAM: Final = "T1"
_ROWS_AT_ONCE: Final = 5_000
_MODELS: Final = list(Model)
_BUDGETS: Final = tuple(
    Budget(id=f"{scope}-{period}", scope=scope, period=period, credits=1_000_000)
    for scope in Scope
    for period in Period
)


@contextlib.asynccontextmanager
async def open_aged(database_url: str, number: int) -> AsyncIterator[Database]:
    """With `number` generations of the last year, entered as the schema has it."""
    await asyncio.to_thread(migrate, database_url)
    database = Database(database_url)
    try:
        await Year(number).enter(database)
        if number and database.dialect == "postgresql":  # as autovacuum has done in a year
            await database.write(lambda on: on.exec_driver_sql("ANALYZE"))
        yield database
    finally:
        await database.close()


class Year:
    """`number` generations of the last year, the same in every run."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._entered = 0
        self._account = _Account()

    async def enter(self, database: Database, until: int | None = None) -> None:
        """Go on from what is entered, to the end or so far."""
        until = self._number if until is None else until
        if until and not self._entered:
            await database.write(_enter_people)
        while self._entered < until:
            some = range(self._entered, min(until, self._entered + _ROWS_AT_ONCE))
            await database.write(partial(self._fill, some=some))
            self._entered = some.stop

    def _fill(self, on: sa.Connection, some: range) -> None:
        step = YEAR / (self._number + 1)
        _fill(on, [_Made(n, NOW - YEAR + step * (n + 1), self._account) for n in some])


@dataclass
class _Account:
    """PowerPost's."""

    balance: float = 1e8


def _enter_people(on: sa.Connection) -> None:
    who = (f"U{n}" for n in range(PEOPLE))
    rows = [{"team_id": TEAM, "user_id": each, "pseudonym": PREFIX + each} for each in who]
    on.execute(sa.insert(people), rows)


def _fill(on: sa.Connection, made: Sequence[_Made]) -> None:
    rows = [each.row() for each in made]
    if on.dialect.name == "sqlite":  # given while it is made, as all the rest of a row
        rows = [row | {"number": each.number + 1} for row, each in zip(rows, made, strict=True)]
    on.execute(sa.insert(generations), rows)
    shown = [row for each in made for row in each.picture_rows()]
    if shown:
        on.execute(sa.insert(pictures), shown)
    entered = [row for each in made for row in each.entries()]
    if entered:
        on.execute(sa.insert(ledger), entered)


@dataclass
class _Made:
    """One generation of the past."""

    number: int
    at: datetime
    account: _Account = field(default_factory=_Account)
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.number)  # noqa: S311 - the same each time
        # Half of it is one person's, and half stands in one channel.
        self.user_id = f"U{self.draw.choice([0, self.draw.randrange(PEOPLE)])}"
        self.channel_id = f"C{self.draw.choice([0, self.draw.randrange(CHANNELS)])}"
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
    def campaign(self) -> str | None:
        """Half of it is for one of ten."""
        return f"Campaign {self.number % 20}" if self.number % 20 < 10 else None

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
            "team_id": TEAM,
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
            "campaign": self.campaign,
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
            "team_id": TEAM,
            "channel_id": self.channel_id,
            "user_id": PREFIX + self.user_id,
            "model": self.model,
            "quantity": self.quantity,
            "credits": 9.0 * self.quantity,
            "expected": 0.0,
            "balance": self.balance_after,
            "campaign": self.campaign,
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


class Waits:
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
        self._library = LibraryStore(database)
        self._approvals = ApprovalStore(database, LOCAL_OWNER)

    @property
    def calls(self) -> dict[str, Callable[[int], Awaitable[object]]]:
        """Each with what it is called. The number says which time it is; before it, `prepare`."""
        return {
            "accept under a day's and a month's budgets": self.accept,
            "a reply in a thread": self.reply,
            "a reply in somebody else's thread": self.reply_elsewhere,
            "facts of the form": self.open_form,
            "durations of a model": self.look_up_durations,
            "Home": self.open_home,
            "a page of the history, of half a year ago": self.turn_page,
            "a message's picture": self.find_shown,
            f"{SEARCH} for what most prompts have": self.search,
            f"{SEARCH} for one's own of a model, a page of half a year ago": self.search_own,
            f"{SEARCH} for what nobody has made": self.search_in_vain,
            "settle a charge": self.settle_charge,
            "settle a refund": self.settle_refund,
            "sweeps": self.sweep,
            "usage report": self.report,
            "audit": self.audit,
        }

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
            Place(TEAM, f"C{turn % CHANNELS}", f"U{turn % PEOPLE}"),
            ImageRequest(prompt="fog", model=Model.FLUX2_FLEX),
            NOW,
            terms=Terms(0, self._ceilings(turn)),
            approved_by="U0",  # of a million there is none within the largest budget
        )

    async def accept(self, turn: int) -> None:
        assert await self._generations.accept(self._new(f"new{turn}", turn))

    async def reply(self, turn: int) -> None:
        number = self._number * (turn % 999 + 1) // 1000
        channel_id = _Made(number, NOW).channel_id
        found = await self._versions.newest_in_thread(TEAM, channel_id, f"{number}.000100")
        assert (found is not None) == (self._number > 0)

    async def reply_elsewhere(self, turn: int) -> None:
        assert await self._versions.newest_in_thread(TEAM, "C1", f"9{turn}.77") is None

    async def open_form(self, turn: int) -> None:
        await self._prices.look([(Model.FLUX2_FLEX, 1)])
        await self._drafts.find(TEAM, f"U{turn}", NOW)
        await self._spending.usage(TEAM, self._ceilings(turn))

    async def look_up_durations(self, turn: int) -> None:
        model = list(Model)[turn % len(Model)]
        found = await self._generations.recent_durations(model, 1, 20)
        assert self._number < 10_000 or len(found) == 20

    async def open_home(self, turn: int) -> None:
        await self._versions.history(TEAM, f"U{turn}", None, 5)
        await self._balances.last()
        await self._spending.usage(TEAM, self._ceilings(turn))

    async def turn_page(self, turn: int) -> None:
        before = NOW - YEAR / 2
        await self._versions.history(TEAM, f"U{turn}", before, 20)

    async def find_shown(self, turn: int) -> None:
        files = [f"F{turn:010}1"]
        await self._versions.find_shown(TEAM, "C1", f"8{turn}.9", None, files)

    async def search(self, turn: int) -> None:
        found = await self._library.find(self._viewer(turn), Search("the light"), NOW, 11)
        assert self._number < 10_000 or len(found) == 11

    async def search_own(self, turn: int) -> None:
        viewer, wanted = self._viewer(turn), Search("fog", f"U{turn % PEOPLE}", model=_MODELS[0])
        before = Cursor(NOW - YEAR / 2, "")
        await self._library.find(viewer, wanted, NOW, 11, before)

    async def search_in_vain(self, turn: int) -> None:
        wanted = Search("lighthouse zeppelin", since=NOW - YEAR, mark="good")
        assert await self._library.find(self._viewer(turn), wanted, NOW, 11) == []

    def _viewer(self, turn: int) -> Viewer:
        """Who is in a few of the channels."""
        channels = (f"C{(turn + n) % CHANNELS}" for n in range(1, 9))
        return Viewer(TEAM, f"U{turn % PEOPLE}", frozenset(channels))

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
        await self._usage.add_up(By.USER, TEAM, window)

    async def audit(self, _turn: int) -> None:
        since = await self._ledger.find_beginning(CHARGES_MAX)
        for _ in range(2):  # before the balance is asked for, and after it
            entries = await self._ledger.read_entries(since)
            windows = await self._ledger.read_charge_windows(since)
        assert not await self._ledger.find_wrong_sums(NOW - MONTH)
        audit(entries, windows, 1e6, NOW)
