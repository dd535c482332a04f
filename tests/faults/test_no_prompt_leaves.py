"""A marked prompt goes every way, the failing ones too; logs, metrics and traces never show it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from bot.sandbox.powerpost.faults import DownloadFault, Outcome, PollFault, SubmitFault
from tests.support.process import BotProcess, start_bot
from tests.support.stage import DESIGN, GENERAL, Stage, open_stage
from tests.support.threads import element, press
from tests.support.traces import open_collector

MARK: Final = "xylophonemermaid"
# The others hang until the bot's patience is over: the same ways, later.
SUBMITS: Final = [each for each in SubmitFault if each not in (SubmitFault.HANG, SubmitFault.SLOW)]
POLLS: Final = [each for each in PollFault if each is not PollFault.HANG]
OUTCOMES: Final = (Outcome.PARTIAL, Outcome.FAILED, Outcome.TRANSPARENT)
DOWNLOADS: Final = (DownloadFault.NOT_FOUND, DownloadFault.DROPPED)
# By turns: in one of them Slack takes a message a second.
CHANNELS: Final = (DESIGN, GENERAL, "D0ADA", "C0HARBOUR")
SLACK: Final = (
    ("chat.postMessage", "invalid_blocks"),
    ("chat.postMessage", "http_500"),
    ("chat.update", "msg_too_long"),
    ("files.getUploadURLExternal", "http_500"),
    ("files.completeUploadExternal", "file_uploads_disabled"),
)


def count(stage: Stage, condition: str = "1 = 1") -> int:
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"SELECT count(*) FROM generations WHERE {condition}")  # noqa: S608
        return int(found.fetchone()[0])


async def make(stage: Stage, text: str = "", channel: str = DESIGN) -> None:
    """One request, to its end."""
    before = count(stage)
    await stage.ada.run_command(channel, "/imagine", f"a {MARK} in fog {text}")
    await stage.until(lambda: count(stage) > before, what="promised")
    await stage.until(lambda: count(stage, "told_at IS NULL") == 0, what="told")


async def meet_powerposts_faults(stage: Stage) -> None:
    faults, channels = stage.powerpost.faults, itertools.cycle(CHANNELS)
    for submit in SUBMITS:
        faults.next_submit(submit)
        await make(stage, channel=next(channels))
    for poll in POLLS:
        faults.next_poll(poll)
        await make(stage, channel=next(channels))
    for outcome in OUTCOMES:
        faults.next_outcome(outcome)
        await make(stage, "-n 2", channel=next(channels))
    for download in DOWNLOADS:
        faults.next_download(download)
        await make(stage, channel=next(channels))


async def meet_slacks_faults(stage: Stage) -> None:
    for method, fault in SLACK:
        stage.workspace.faults.next_call(method, fault)
        await make(stage)


async def talk(stage: Stage) -> None:
    """Asked back, answered in the thread, pressed, looked up, sent as a form."""
    await stage.ada.run_command(DESIGN, "/imagine", f"a {MARK} --size protrait")
    await stage.ada.run_command(DESIGN, "/imagine", f"history {MARK}")
    await stage.ada.run_command(DESIGN, "/imagine", f"{MARK} " * 600)
    await make(stage)
    result = next(m for m in reversed(stage.replies()) if "regenerate" in str(m.blocks))
    assert element(result, "regenerate")
    for text in (f"make it a {MARK}", f"prompt: two {MARK}s", f"{MARK}?"):
        await stage.ada.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=result.thread_ts)
    await press(stage.ada, result, "regenerate")
    await stage.until(lambda: count(stage, "told_at IS NULL") == 0, what="told")
    dm = stage.workspace.open_dm(stage.ada.user.id).id
    await stage.ada.say(dm, f"a {MARK}")


async def lose_the_database(stage: Stage) -> None:
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE generations RENAME TO hidden")
        await stage.ada.run_command(DESIGN, "/imagine", f"a {MARK} in the rain")
        connection.execute("ALTER TABLE hidden RENAME TO generations")


async def read_metrics(bot: BotProcess) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{bot.url}/metrics") as answer:
        return await answer.text()


@pytest.mark.parametrize("ways", [meet_powerposts_faults, meet_slacks_faults, talk])
async def test_no_prompt_is_in_logs_metrics_or_traces(
    tmp_path: Path, ways: Callable[[Stage], Awaitable[None]]
) -> None:
    async with (
        open_collector() as (collector, url),
        open_stage(
            tmp_path,
            runs_bot=False,
            port=0,
            log_level="DEBUG",
            otel_exporter_otlp_endpoint=url,
        ) as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        stage.delivery.bot_url = bot.url
        stage.powerpost.balance = 10_000
        await bot.until_page("/readyz", 200)
        await ways(stage)
        await lose_the_database(stage)
        metrics = await read_metrics(bot)
        assert await bot.stop() == 0

    assert "imagine_answer_seconds_count" in metrics
    assert collector.named("generation")
    assert '"request.not_saved"' in bot.output
    for shown in (bot.output, metrics, collector.raw.decode("utf-8", "replace")):
        assert MARK not in shown.lower()
