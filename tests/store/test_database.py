"""The database's threads and patience: nobody waits for what is slow, or gone, for minutes."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
import sqlalchemy as sa

from bot.errors import Cause, Transient
from bot.store.database import LIBPQ_PATIENCE, Database, add_patience
from bot.store.generations import ACCEPT_SECONDS, GenerationStore
from tests.support.rows import new_generation

SHORT = sa.text("SELECT 1")


async def test_slow_reads_keep_no_request_from_being_accepted(any_database: Database) -> None:
    is_over, slow = threading.Event(), threading.Semaphore(0)

    def read_slowly(on: sa.Connection) -> None:
        on.execute(SHORT)
        slow.release()
        assert is_over.wait(60)

    reads = [asyncio.create_task(any_database.read(read_slowly)) for _ in range(50)]
    await asyncio.to_thread(slow.acquire)  # at least one is under way

    try:
        assert await GenerationStore(any_database).accept(new_generation())
    finally:
        is_over.set()
        await asyncio.gather(*reads)


async def test_a_server_that_answers_nothing_is_given_up_within_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        port = black_hole.getsockname()[1]
        database = Database(f"postgresql+psycopg://u:p@127.0.0.1:{port}/x")
        begun = time.monotonic()

        with pytest.raises(Transient) as raised:
            await database.read(lambda on: on.execute(SHORT))

        assert raised.value.cause is Cause.STORAGE
        assert LIBPQ_PATIENCE["connect_timeout"] <= time.monotonic() - begun < 60
        await database.close()


async def test_every_connection_notices_a_server_that_has_vanished(postgres_url: str) -> None:
    database = Database(postgres_url)

    def read_parameters(on: sa.Connection) -> dict[str, str]:
        driver = on.connection.driver_connection
        assert driver is not None
        parameters: dict[str, str] = driver.info.get_parameters()
        return parameters

    used = await database.read(read_parameters)

    assert {name: used[name] for name in LIBPQ_PATIENCE} == {
        name: str(value) for name, value in LIBPQ_PATIENCE.items()
    }
    await database.close()


async def test_a_statement_that_takes_too_long_is_ended(postgres_url: str) -> None:
    database = Database(postgres_url)

    def sleep(on: sa.Connection) -> None:
        on.execute(sa.text("SET LOCAL statement_timeout = '20ms'"))
        on.execute(sa.text("SELECT pg_sleep(60)"))

    with pytest.raises(Transient, match="QueryCanceled"):
        await database.write(sleep)
    limit = await database.read(lambda on: on.scalar(sa.text("SHOW statement_timeout")))
    assert limit == "30s"
    assert ACCEPT_SECONDS < 30  # who waits for the disk is told before
    await database.close()


def test_what_the_operator_says_in_the_address_goes_before() -> None:
    url = sa.make_url("postgresql+psycopg://u@h/x?connect_timeout=60&keepalives_idle=1")

    assert set(LIBPQ_PATIENCE) - set(add_patience(url)) == {"connect_timeout", "keepalives_idle"}
