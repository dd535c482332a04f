"""A crowd at the port: connections that ask for nothing or never finish, and bodies without a
signature. What a command of Slack's waits for meanwhile, and what it costs in memory."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator
from typing import Final

from tests.benchmarks.fleet import Server, open_bot, open_standins
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.table import Row, milliseconds

_MOST_SECONDS: Final = 0.25
_MOST_MB: Final = 100
_BODY_BYTES: Final = 990_000
_DRIP_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 2.0
_HEAD: Final = b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"


async def measure_crowd(sizes: Sizes) -> list[Row]:
    """On one bot: first the connections, then the bodies."""
    async with open_standins(sizes.start) as standins, open_bot(standins) as bot:
        return [*await _measure_connections(bot, sizes), await _measure_bodies(bot, sizes)]


async def _measure_connections(bot: Server, sizes: Sizes) -> list[Row]:
    """Commands one after another, each over a connection of its own, while the crowd is there. The
    crowd comes again where it is sent away."""
    async with _crowd(bot.port, sizes):
        seconds, lost = [], 0
        for _ in range(sizes.crowd_commands):
            load = await bot.press(1, count=1)
            seconds += load.latencies
            lost += load.faults
    worst = max(seconds, default=float("inf"))
    there = f"{sizes.silent:,} silent and {sizes.dripping} dripping connections"
    return [
        Row(
            f"slowest answer beside {there}",
            milliseconds(worst),
            target=f"< {milliseconds(_MOST_SECONDS)}",
            is_met=worst < _MOST_SECONDS,
        ),
        Row(
            "commands not answered beside them",
            f"{lost} of {sizes.crowd_commands}",
            target="0",
            is_met=lost == 0,
        ),
    ]


@contextlib.asynccontextmanager
async def _crowd(port: int, sizes: Sizes) -> AsyncIterator[None]:
    """As many as are wanted, opened one after another and opened again when they were closed."""
    ready = asyncio.Semaphore(0)
    members = [
        asyncio.create_task(_stay(port, ready, drips=number < sizes.dripping))
        for number in range(sizes.silent + sizes.dripping)
    ]
    for _ in members:
        await ready.acquire()
    try:
        yield
    finally:
        for member in members:
            member.cancel()
        await asyncio.gather(*members, return_exceptions=True)


async def _stay(port: int, ready: asyncio.Semaphore, *, drips: bool) -> None:
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_HEAD if drips else b"")
            ready.release()
            try:
                if drips:
                    await _drip(writer)
                await reader.read(1)
            finally:
                writer.transport.abort()
        await asyncio.sleep(_AWAY_SECONDS)


async def _drip(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"X-A: b\r\n")
        await asyncio.sleep(_DRIP_SECONDS)


async def _measure_bodies(bot: Server, sizes: Sizes) -> Row:
    """Half of them with headers that could be Slack's."""
    before = bot.child.memory_mb()
    sending = [
        asyncio.create_task(_send_body(bot.port, may_be_slacks=number % 2 == 0))
        for number in range(sizes.bodies)
    ]
    most = before
    while not all(task.done() for task in sending):
        most = max(most, bot.child.memory_mb())
        await asyncio.sleep(0.01)
    more = most - before
    return Row(
        f"memory for {sizes.bodies} bodies of 990 kB without a true signature",
        f"{more:.0f} MB",
        target=f"< {_MOST_MB} MB",
        is_met=more < _MOST_MB,
    )


async def _send_body(port: int, *, may_be_slacks: bool) -> None:
    signed = b"X-Slack-Request-Timestamp: %d\r\nX-Slack-Signature: v0=%s\r\n" % (
        int(time.time()),
        secrets.token_hex(32).encode(),
    )
    head = _HEAD + (signed if may_be_slacks else b"")
    with contextlib.suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        # All but the last bytes: so it is held for as long as it may be.
        writer.write(head + b"Content-Length: %d\r\n\r\n" % (_BODY_BYTES + 100))
        writer.write(b"x" * _BODY_BYTES)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader.read(1), 5)
        writer.transport.abort()
