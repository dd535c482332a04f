"""`python -m tests.benchmarks`: measure everything and print a table (about six minutes)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from tests.benchmarks.run import BENCHMARKS, run_benchmarks
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import describe_machine, format_table

Name = StrEnum("Name", [(name.upper(), name) for name in BENCHMARKS])  # type: ignore[misc]


def main(
    only: Annotated[list[Name] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    seconds: Annotated[float, typer.Option(help="Of each round of the acks.")] = 2.0,
    rounds: Annotated[int, typer.Option(help="Of the acks, of both apps by turns.")] = 3,
    waiting: Annotated[int, typer.Option(help="Jobs that wait while memory is read.")] = 2000,
) -> None:
    """Measure the bot as it is run, between the stand-ins, beside an empty Bolt app.

    Exit code 1 where something to reach was not reached.
    """
    sizes = replace(Sizes(), round_seconds=seconds, rounds=rounds, waiting=waiting)
    names = [name.value for name in only] if only else list(BENCHMARKS)
    machine, begun = describe_machine(), time.perf_counter()
    rows = asyncio.run(run_benchmarks(names, sizes, lambda said: typer.echo(said, err=True)))
    typer.echo(format_table(rows))
    typer.echo(f"\n{machine}; it took {time.perf_counter() - begun:.0f} s.")
    if any(row.is_met is False for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
