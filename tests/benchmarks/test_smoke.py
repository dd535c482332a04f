"""Each benchmark runs and loses nothing. Nothing here looks at a time: machines differ."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.acks import find_median_round, measure_acks
from tests.benchmarks.aged import measure_aged
from tests.benchmarks.briefs import measure_briefs
from tests.benchmarks.burst import measure_burst
from tests.benchmarks.calm import measure_calm
from tests.benchmarks.crowd import measure_crowd
from tests.benchmarks.disk import measure_disk
from tests.benchmarks.load import Load, find_percentile, read_head
from tests.benchmarks.looks import DURATIONS, measure_looks
from tests.benchmarks.pair import measure_pair
from tests.benchmarks.recovery import measure_recovery
from tests.benchmarks.run import BENCHMARKS
from tests.benchmarks.sizes import TINY
from tests.benchmarks.start import measure_start
from tests.benchmarks.table import Row, format_table
from tests.benchmarks.waiting import measure_waiting

reads_proc = pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")


def row(rows: list[Row], part: str) -> Row:
    (found,) = [row for row in rows if part in row.measure]
    return found


@reads_proc
async def test_acks_are_measured_beside_the_empty_app_and_none_is_lost() -> None:
    rows = await measure_acks(TINY)

    assert row(rows, "not acked").value.startswith("0 of ")
    assert row(rows, "not acked").is_met
    for concurrency in TINY.concurrencies:
        speed = row(rows, f"{concurrency} at once: acks a second")
        assert float(speed.value.split()[0]) > 0
        assert float(speed.beside) > 0


async def test_an_aged_database_is_measured_of_each_kind_and_its_books_add_up() -> None:
    rows = await measure_aged(TINY)

    for kind in ("SQLite", "PostgreSQL"):
        assert row(rows, f"{kind}, 240 generations: the ledger's sums").value == "as the entries"
        assert "× an empty one" in row(rows, f"{kind}, 240 generations: accept").value


async def test_the_size_on_disk_is_read_before_and_after_the_sweep() -> None:
    rows = await measure_disk(TINY)

    for kind in ("SQLite", "PostgreSQL"):
        said = row(rows, f"{kind}, 240 generations, a month later: bytes").value
        after, before = (float(word.rpartition(" ")[2]) for word in said.split(", before"))
        assert 0 < after < before


@reads_proc
async def test_a_burst_is_delivered_whole_and_paid_for_once() -> None:
    rows = await measure_burst(TINY)

    assert row(rows, "acked, delivered, paid for").value == "4, 4, 4"
    assert row(rows, "acked, delivered, paid for").is_met


@reads_proc
async def test_a_brief_delivers_what_as_many_commands_do() -> None:
    rows = await measure_briefs(TINY)

    assert row(rows, "delivered, paid for").value == "4 and 4, 4 and 4"
    assert row(rows, "delivered, paid for").is_met
    for part in ("calls to Slack", "calls to PowerPost", "written to disk"):
        assert row(rows, part).value.endswith(" ×")


@reads_proc
async def test_a_calm_bot_is_measured_to_the_end() -> None:
    rows = await measure_calm(TINY)

    assert row(rows, "idle CPU").value
    assert "transactions" in row(rows, "database writes").value
    assert "inf" not in row(rows, "finished to posted, p50").value
    assert "inf" not in row(rows, "with the webhook").value


@reads_proc
async def test_jobs_that_wait_are_all_there() -> None:
    rows = await measure_waiting(TINY)

    assert row(rows, "with 4 jobs waiting").is_met


@reads_proc
async def test_a_start_is_measured_until_it_is_ready() -> None:
    rows = await measure_start(TINY)

    for part in ("start to ready, CPU", "memory idle", "--help"):
        assert float(row(rows, part).value.split()[0]) > 0
        assert row(rows, part).target


@reads_proc
async def test_two_processes_deliver_what_one_does() -> None:
    rows = await measure_pair(TINY)

    assert row(rows, "to one process and to two").value == "4 and 4, 4 and 4"
    assert row(rows, "to one process and to two").is_met


@reads_proc
async def test_what_was_in_flight_comes_after_a_kill() -> None:
    rows = await measure_recovery(TINY)

    assert float(row(rows, "ready to the last").value.split()[0]) > 0
    assert float(row(rows, "taken over to the last").value.split()[0]) > 0


@reads_proc
async def test_a_crowd_stops_no_command_and_its_bodies_are_not_kept() -> None:
    rows = await measure_crowd(TINY)

    assert row(rows, "not answered").value == "0 of 3"
    assert row(rows, "bodies").is_met


async def test_looks_are_compared_for_every_kind_of_duration() -> None:
    rows = await measure_looks(TINY)

    assert len(rows) == len(DURATIONS)


def test_every_benchmark_has_its_smoke() -> None:
    assert set(BENCHMARKS) == {
        "acks",
        "aged",
        "brief",
        "burst",
        "calm",
        "crowd",
        "disk",
        "looks",
        "pair",
        "recovery",
        "start",
        "waiting",
    }


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([1.0], 50, 1.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 99, 99.0),
    ],
)
def test_percentiles_are_by_nearest_rank(
    values: list[float], percent: float, expected: float
) -> None:
    assert find_percentile(values, percent) == expected


def test_the_round_with_the_median_ratio_is_shown() -> None:
    ours = [Load([0.01] * count, seconds=1.0) for count in (50, 30, 90)]
    empty = [Load([0.01] * count, seconds=1.0) for count in (100, 100, 100)]

    assert find_median_round(ours, empty) == (50.0, 100.0)
    assert find_median_round(ours[:2], empty[:2]) == (30.0, 100.0)


def test_an_answers_head_is_read_whatever_the_case() -> None:
    assert read_head(b"HTTP/1.1 200 OK\r\nCONTENT-length: 12") == (200, 12)
    assert read_head(b"HTTP/1.1 503 Service Unavailable\r\ndate: x") == (503, 0)


def test_the_table_is_aligned_markdown() -> None:
    table = format_table([Row("acks", "10", "20", "0.5 ×", False), Row("memory", "120 MB")])

    assert table.splitlines()[2].startswith("| acks    | 10")
    assert len({len(line) for line in table.splitlines()}) == 1
