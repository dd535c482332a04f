"""Hints: heard by whoever has the job, and needed by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.store.database import Database
from bot.store.notifications import NotificationKind, NotificationStore


def hear_all(hear: Callable[[str], None]) -> dict[NotificationKind, Callable[[str], None]]:
    """The same, whatever has happened."""
    return dict.fromkeys(NotificationKind, hear)


async def test_on_postgresql_a_hint_is_heard_by_every_process(postgres_url: str) -> None:
    heard: list[tuple[str, str]] = []
    web, worker = Database(postgres_url), Database(postgres_url)
    sender = NotificationStore(web, postgres_url, hear_all(lambda id_: heard.append(("web", id_))))
    listener = NotificationStore(
        worker, postgres_url, hear_all(lambda id_: heard.append(("worker", id_)))
    )
    listener.open()

    async with asyncio.timeout(20):
        while not heard:  # what is sent before it listens is lost
            await sender.send(NotificationKind.ENDED, "7a8b")
            await asyncio.sleep(0.02)
    await listener.close()
    await web.close()
    await worker.close()

    assert set(heard) == {("worker", "7a8b")}


async def test_on_sqlite_a_hint_is_for_this_process(tmp_path: Path) -> None:
    heard: list[str] = []
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    database = Database(url)
    hints = NotificationStore(database, url, hear_all(heard.append))
    hints.open()

    await hints.send(NotificationKind.ENDED, "7a8b")
    await hints.close()
    await database.close()

    assert heard == ["7a8b"]


async def test_where_the_database_is_away_a_hint_is_for_this_process_and_nothing_is_raised() -> (
    None
):
    heard: list[str] = []
    url = "postgresql+psycopg://u:p@127.0.0.1:1/x"
    database = Database(url)
    hints = NotificationStore(database, url, hear_all(heard.append))
    hints.open()

    await hints.send(NotificationKind.ENDED, "7a8b")
    await hints.close()
    await database.close()

    assert heard == ["7a8b"]
