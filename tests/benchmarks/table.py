"""What was measured, as a table, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HEAD = ("Measure", "Imagine", "empty Bolt app", "to reach", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `is_met` is None where there is nothing to reach."""

    measure: str
    value: str
    beside: str = ""
    target: str = ""
    is_met: bool | None = None


def format_table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, aligned. Pure."""
    lines = [_HEAD, *((r.measure, r.value, r.beside, r.target, _mark(r.is_met)) for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    shown = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([shown[0], rule, *shown[1:]])


def describe_machine() -> str:
    """One line: processor, memory, versions, and how long this disk takes to be sure."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {_name_processor()}, {memory:.0f} GiB; "
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}; fdatasync {_measure_disk_ms():.2f} ms; "
        "bot, stand-ins and load generator each a process of this machine, on loopback; "
        f"load average {os.getloadavg()[0]:.1f} before the run"
    )


def milliseconds(seconds: float) -> str:
    """`seconds` in words for a table. Pure."""
    value = seconds * 1e3
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def _mark(is_met: bool | None) -> str:
    return "" if is_met is None else "yes" if is_met else "NO"


def _name_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def _measure_disk_ms() -> float:
    seconds = []
    with tempfile.TemporaryFile() as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds) * 1e3
