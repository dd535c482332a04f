"""`python -m tests.benchmarks`: measure everything and print a table (about six minutes)."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace

import click

from tests.benchmarks.run import BENCHMARKS, run_benchmarks
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import describe_machine, format_table

_USUAL = Sizes()


@click.command()
@click.option(
    "--only",
    type=click.Choice(list(BENCHMARKS)),
    multiple=True,
    help="Only this one; may be repeated.",
)
@click.option(
    "--seconds",
    default=_USUAL.round_seconds,
    show_default=True,
    help="Of each round of the acks.",
)
@click.option(
    "--rounds",
    default=_USUAL.rounds,
    show_default=True,
    help="Of the acks, of both apps by turns.",
)
@click.option(
    "--waiting",
    default=_USUAL.waiting,
    show_default=True,
    help="Jobs that wait while memory is read.",
)
@click.option(
    "--aged",
    default=_USUAL.aged,
    show_default=True,
    multiple=True,
    help="Generations of an aged database; may be repeated. 1000000 takes some 10 minutes.",
)
def main(
    only: tuple[str, ...], seconds: float, rounds: int, waiting: int, aged: tuple[int, ...]
) -> None:
    """Measure the bot as it is run, between the stand-ins, beside an empty Bolt app.

    Exit code 1 where something to reach was not reached.
    """
    sizes = replace(_USUAL, round_seconds=seconds, rounds=rounds, waiting=waiting, aged=aged)
    names = only or list(BENCHMARKS)
    machine, begun = describe_machine(), time.perf_counter()
    rows = asyncio.run(run_benchmarks(names, sizes, lambda said: click.echo(said, err=True)))
    click.echo(format_table(rows))
    click.echo(f"\n{machine}; it took {time.perf_counter() - begun:.0f} s.")
    if any(row.is_met is False for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
