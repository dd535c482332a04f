"""A backup that is restored pays nothing again: the start notices it, and says how to go on."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from bot.sandbox.slack.records import Message
from bot.store.tables import heartbeats
from tests.support.process import BotProcess, start_bot
from tests.support.stage import DESIGN, Stage, images_of, open_stage, run_bot, status_of

PROMPTS = ("a lighthouse", "a harbour")


class Backup:
    """A copy of the bot's database, of whichever kind."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._url = sa.make_url(database_url)
        self._file = directory / "backup.sqlite3"
        self._copy = f"{self._url.database}_backup"

    def take(self) -> None:
        """Copy what is there now."""
        if self._url.get_backend_name() == "sqlite":
            with (
                closing(sqlite3.connect(str(self._url.database))) as source,
                closing(sqlite3.connect(self._file)) as target,
            ):
                source.backup(target)
        else:
            self._run(f"CREATE DATABASE {self._copy} TEMPLATE {self._url.database}")

    def restore(self) -> None:
        """Put it in place of what is there now. Nobody may have that open."""
        if self._url.get_backend_name() == "sqlite":
            for suffix in ("-wal", "-shm"):
                Path(f"{self._url.database}{suffix}").unlink(missing_ok=True)
            shutil.copy(self._file, str(self._url.database))
        else:
            self._run(f"DROP DATABASE {self._url.database} WITH (FORCE)")
            self._run(f"CREATE DATABASE {self._url.database} TEMPLATE {self._copy}")

    def _run(self, statement: str) -> None:
        url = self._url.set(database="postgres")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


def count_heartbeats(stage: Stage) -> int:
    engine = sa.create_engine(stage.settings.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return len(connection.execute(sa.select(heartbeats)).all())


def is_held_up(root: Message) -> bool:
    return "PowerPost is busy or away" in status_of(root)


async def accept_unpaid(stage: Stage) -> None:
    """Two requests that are on disk, and that PowerPost has not been asked for."""
    await stage.until(lambda: count_heartbeats(stage) == 1, what="a sign of life")
    stage.powerpost.faults.away = True
    for prompt in PROMPTS:
        assert (await stage.ada.run_command(DESIGN, "/imagine", prompt)).ok
    await stage.until(lambda: sum(map(is_held_up, stage.roots())) == 2, what="accepted")


async def pay_after_backup(stage: Stage, backup: Backup) -> None:
    """What was accepted when the backup was taken, and is paid for and delivered after it."""
    async with run_bot(stage):
        await accept_unpaid(stage)
    backup.take()
    stage.powerpost.faults.away = False
    async with run_bot(stage):
        await stage.until_told(2)
    assert (stage.submits(), stage.powerpost.balance) == (2, 94)


async def test_what_was_paid_after_the_backup_is_not_paid_again(
    tmp_path: Path, any_database_url: str
) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0, database_url=any_database_url) as stage:
        backup = Backup(any_database_url, tmp_path)
        await pay_after_backup(stage, backup)
        backup.restore()

        async with start_bot(stage.settings, tmp_path) as refused:
            assert await refused.process.wait() == 1
        check_what_is_said(refused)
        assert stage.submits() == 2

        async with start_bot(stage.settings, tmp_path, "--after-restore") as bot:
            stage.delivery.bot_url = bot.url
            await bot.until_page("/readyz", 200)
            await stage.until(lambda: len(stage.replies()) == 4, what="told")
            told = stage.replies()[2:]
            assert all("was restored from a backup" in each.text for each in told)
            await stage.ben.run_command(DESIGN, "/imagine", "something new")
            await stage.until(lambda: len(stage.replies()) == 5, what="pays again")

        assert (stage.submits(), stage.powerpost.balance) == (3, 91)


def check_what_is_said(refused: BotProcess) -> None:
    (sentence,) = [line for line in refused.lines if not line.startswith("{")]
    assert sentence.startswith("The bot cannot start: PowerPost has taken 6 credits")
    assert "2 requests in it would be paid now" in sentence
    assert "python -m bot run --after-restore" in sentence


async def test_an_ordinary_restart_with_requests_that_wait_needs_no_word(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False) as stage:
        async with run_bot(stage):
            await stage.ada.run_command(DESIGN, "/imagine", "paid before")
            await stage.until_told(1)
            await accept_unpaid(stage)
        stage.powerpost.faults.away = False
        async with run_bot(stage):
            await stage.until_told(3)

        assert [len(images_of(reply)) for reply in stage.replies()] == [1, 1, 1]
        assert stage.submits() == 3


async def test_while_powerpost_is_away_the_bot_starts_and_pays_only_once_it_has_asked(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, runs_bot=False) as stage:
        backup = Backup(stage.settings.database_url, tmp_path)
        await pay_after_backup(stage, backup)
        backup.restore()
        stage.powerpost.faults.away = True

        async with start_bot(stage.settings.model_copy(update={"port": 0}), tmp_path) as bot:
            await bot.until_page("/readyz", 200)
            stage.powerpost.faults.away = False
            await stage.until(lambda: "backup.restored" in bot.output, what="noticed")
            assert "--after-restore" in bot.output

        assert stage.submits() == 2
