"""How much is measured: enough for a table, or just enough to see that each benchmark works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from tests.support.forking import Process, fork_module, start_module

Start = Callable[..., Awaitable[Process]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of every benchmark."""

    concurrencies: tuple[int, ...] = (1, 16, 64)
    rounds: int = 3  # of both apps by turns
    round_seconds: float = 2.0
    commands: int = 300
    command_concurrency: int = 32
    delayed: int = 30  # generations whose way to Slack is timed
    delayed_seconds: tuple[float, float] = (2.0, 8.0)  # how long PowerPost takes for each of these
    upstream_seconds: float = 3.0  # and for each of the others
    costed: int = 4  # generations whose requests and writes are counted
    waiting: int = 2000
    starts: int = 5  # after the first
    in_flight: int = 20  # paid for when the process is killed
    simulated: int = 2000  # generations of each kind that nobody waits for
    idle_seconds: float = 10.0
    silent: int = 2000  # connections that say nothing
    dripping: int = 200  # and that never come to an end
    crowd_commands: int = 50  # answered meanwhile
    bodies: int = 200  # unsigned, of 990 kB
    aged: tuple[int, ...] = (200_000,)  # generations of a year, in a database each
    aged_calls: int = 40  # of each thing that people wait for
    swept: int = 20_000  # generations whose size on disk is read before and after the sweep
    brief: int = 40  # pictures of one brief, and of as many commands
    patience_seconds: float = 150.0
    start: Start = start_module  # how the bots come up: as an operator starts them


TINY: Final = Sizes(
    concurrencies=(1, 4),
    rounds=1,
    round_seconds=0.2,
    commands=4,
    command_concurrency=2,
    delayed=1,
    delayed_seconds=(0.1, 0.2),
    upstream_seconds=0.5,
    costed=1,
    waiting=4,
    starts=1,
    in_flight=2,
    simulated=50,
    idle_seconds=0.5,
    silent=40,
    dripping=10,
    crowd_commands=3,
    bodies=5,
    aged=(240,),
    aged_calls=2,
    swept=240,
    brief=4,
    patience_seconds=30.0,
    start=fork_module,
)
