"""What stays of a generation on the disk once the nightly sweep was there: a month after it was
made, its prompt and every index included."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from bot.app.sweep import NightlySweep
from bot.store.database import Database
from bot.store.retention import Kept, RetentionStore
from bot.store.tables import (
    approval_messages,
    approvals,
    drafts,
    generations,
    media,
    metadata,
    pictures,
    questions,
)
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds
from tests.support.aged import NOW, PEOPLE, open_aged
from tests.support.postgres import make_database, serve_postgres

_LATER: Final = NOW + timedelta(days=31)
_BYTES_MAX: Final = 2_000  # of a generation that is older than 30 days
# As long as the real ones are.
_LINK: Final = "https://media.example/" + "x" * 600
_RESPONSE_URL: Final = "https://hooks.slack.com/commands/" + "x" * 60
_WORDS: Final = "a lighthouse in the fog, long shadows, early morning light " * 4
_RARE: Final = 20  # one of so many is asked back about, or needs approval


async def measure_disk(sizes: Sizes) -> list[Row]:
    """The size before and after, of each kind of database; and how long others waited for it."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="imagine-disk-") as directory, serve_postgres() as url:
        for kind in ("SQLite", "PostgreSQL"):
            file = f"sqlite:///{directory}/disk.sqlite3"
            address = file if kind == "SQLite" else make_database(url)
            async with open_aged(address, 0):
                empty = _read_bytes(address)
            async with open_aged(address, sizes.swept) as database:
                await database.write(partial(_add_what_goes, number=sizes.swept))
                rows += await _sweep(database, address, kind, sizes.swept, empty)
    return rows


async def _sweep(database: Database, address: str, kind: str, number: int, empty: int) -> list[Row]:
    """`empty`: the bytes of a database in which there is nothing."""
    before = (_read_bytes(address) - empty) / number
    store = _TimedStore(database)
    begun = time.perf_counter()
    await NightlySweep(store, _Nobody(), clock=lambda: _LATER, sleep=_go_on).look()
    took = time.perf_counter() - begun
    after = (_read_bytes(address) - empty) / number
    name = f"{kind}, {number:,} generations, a month later"
    return [
        Row(
            f"{name}: bytes of each on disk",
            f"{after:.0f}, before the sweep {before:.0f}",
            target=f"at most {_BYTES_MAX}",
            is_met=after <= _BYTES_MAX,
        ),
        Row(
            f"{name}: the longest portion that others wait for",
            f"{milliseconds(max(store.seconds))} of {took:.0f} s",
        ),
    ]


class _TimedStore(RetentionStore):
    """Notes how long each transaction took, in seconds."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, None)  # prompts are kept for ever
        self.seconds: list[float] = []

    async def sweep(self, kept: Kept, now: datetime, limit: int) -> int:
        begun = time.perf_counter()
        try:
            return await super().sweep(kept, now, limit)
        finally:
            self.seconds.append(time.perf_counter() - begun)

    async def give_back_space(self, pages: int) -> int:
        begun = time.perf_counter()
        try:
            return await super().give_back_space(pages)
        finally:
            self.seconds.append(time.perf_counter() - begun)


class _Nobody:
    def note_swept(self, kind: str, rows: int) -> None: ...
    def note_sweep_ended(self, at: datetime) -> None: ...


async def _go_on(_seconds: float) -> None:
    """Nobody else is there whom a pause would let through."""


def _read_bytes(address: str) -> int:
    """What the tables take, with their indexes: of PostgreSQL without what it has freed and will
    use again."""
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as on:
        if on.dialect.name == "sqlite":
            on.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            pages = on.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(on.exec_driver_sql("PRAGMA page_size").scalar_one())
        on.exec_driver_sql("VACUUM FULL")
        sizes = [sa.func.pg_total_relation_size(name) for name in metadata.tables]
        return sum(on.execute(sa.select(*sizes)).one())


def _add_what_goes(on: sa.Connection, number: int) -> None:
    """What the sweep takes away, beside what `open_aged` made."""
    noted: dict[str, Any] = dict.fromkeys(
        ("place_wanted_at", "placed_at", "result_intended_at"), NOW
    )
    noted |= {"intent": "0" * 32, "request_id": "req_" + "0" * 24, "preset": "Brand"}
    on.execute(sa.update(generations).values(response_url=_RESPONSE_URL, **noted))
    is_reply = generations.c.parent_id.is_not(None)
    on.execute(sa.update(generations).where(is_reply).values(understood=_WORDS))
    on.execute(sa.update(pictures).values(url=_LINK, expires_at=NOW))
    makers: dict[sa.Table, Callable[[int], dict[str, Any]]] = {
        drafts: _make_draft,
        questions: _make_question,
        media: _make_media,
        approvals: _make_approval,
        approval_messages: _make_card,
    }
    for table, make in makers.items():
        rows = list(map(make, range(PEOPLE if table is drafts else number // _RARE)))
        if rows:
            on.execute(sa.insert(table), rows)


def _make_draft(number: int) -> dict[str, Any]:
    who = {"team_id": "T1", "user_id": f"U{number}"}
    return {**who, "form": {"prompt": _WORDS}, "saved_at": NOW}


def _make_question(number: int) -> dict[str, Any]:
    who = {"id": f"q{number}", "team_id": "T1", "user_id": f"U{number}"}
    return {**who, "request": {"prompt": _WORDS}, "asked_at": NOW}


def _make_media(number: int) -> dict[str, Any]:
    made = {"media_id": f"media_{number:020}", "uploaded_at": NOW - timedelta(days=60)}
    return {"workspace_id": "w", "content_hash": f"{number:064}", **made}


def _make_approval(number: int) -> dict[str, Any]:
    request = {"place": {"user_id": f"U{number}"}, "request": {"prompt": _WORDS}}
    what = {"team_id": "T1", "state": "approved", "request": request, "shortfalls": []}
    return {"id": f"a{number}", **what, "expires_at": NOW, "decided_at": NOW, "decided_by": "U1"}


def _make_card(number: int) -> dict[str, Any]:
    return {"approval_id": f"a{number}", "address": "U1", "channel_id": "D1", "ts": "1.1"}
