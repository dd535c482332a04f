"""A year later: what people wait for, on a database with many generations, beside an empty one."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from typing import Final

from bot.store.database import Database
from bot.store.ledger import LedgerStore
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds
from tests.support.aged import LONG, NOW, SEARCH, YEAR, Waits, open_aged
from tests.support.postgres import make_database, serve_postgres

_SHORT_SECONDS: Final = 0.010
_SEARCH_SECONDS: Final = 0.020
_LONG_SECONDS: Final = 1.0
_MANY: Final = 200_000  # more than these may take twice as long


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
        allowed = _LONG_SECONDS if what in LONG else _SHORT_SECONDS
        allowed = _SEARCH_SECONDS if what.startswith(SEARCH) else allowed
        allowed *= 2 if number > _MANY and what not in LONG else 1
        yield Row(
            f"{name}: {what}, p50",
            f"{milliseconds(took)} ({took / empty[what]:.1f} × an empty one's)",
            target=f"at most {allowed * 1e3:.0f} ms",
            is_met=took <= allowed,
        )


async def _check_sums(database: Database, name: str) -> Row:
    wrong = await LedgerStore(database).find_wrong_sums(NOW - 2 * YEAR)
    said = f"{len(wrong)} are off" if wrong else "as the entries"
    return Row(f"{name}: the ledger's sums", said, target="as the entries", is_met=not wrong)


async def _time_all(database: Database, number: int, calls: int) -> dict[str, float]:
    """The median of each, in seconds."""
    waits = Waits(database, number)
    seconds = {}
    for what, call in waits.calls.items():
        times = []
        for turn in range(3 if what in LONG else calls):
            await waits.prepare(what, turn)
            begun = time.perf_counter()
            await call(turn)
            times.append(time.perf_counter() - begun)
        seconds[what] = statistics.median(times)
    return seconds
