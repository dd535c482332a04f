"""`python -m bot run` as a real process: ready, stopped, refused, resumed."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from pathlib import Path

import pytest

from bot.sandbox.powerpost.service import SubmitFault
from tests.support.process import PATIENCE_SECONDS, BotProcess, start_bot
from tests.support.stage import DESIGN, Stage, hold, images_of, open_stage


async def join(stage: Stage, bot: BotProcess) -> None:
    """Let the stage's people talk to this process."""
    stage.delivery.bot_url = bot.url
    await bot.until_page("/readyz", 200)


async def test_it_is_alive_and_ready_and_a_signal_ends_it_with_exit_code_0(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        for name in (signal.SIGTERM, signal.SIGINT):
            async with start_bot(stage.settings, tmp_path, from_nothing=True) as bot:
                assert await bot.until_page("/healthz", 200) == "ok"
                body = json.loads(await bot.until_page("/readyz", 200))
                code = await bot.stop(name)

            assert body == {"ready": True, "running": 0, "problems": {}}
            assert code == 0, bot.output
            assert "Traceback" not in bot.output


async def test_while_slack_is_away_it_is_alive_and_not_ready_and_comes_back(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        stage.workspace.faults.away = True
        async with start_bot(stage.settings, tmp_path) as bot:
            body = json.loads(await bot.until_page("/readyz", 503))
            assert (await bot.get("/healthz"))[0] == 200
            stage.workspace.faults.away = False
            await bot.until_page("/readyz", 200)

            assert body["problems"] == {"slack": "not connected yet"}
            assert await bot.stop() == 0
            assert "Traceback" not in bot.output


async def test_jobs_under_way_are_resumed_by_the_next_process_and_paid_once(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        with hold(stage.powerpost):
            async with start_bot(stage.settings, tmp_path) as bot:
                await join(stage, bot)
                for number in range(5):
                    person = stage.ada if number < 3 else stage.ben  # three of one's run at a time
                    shown = await person.run_command(DESIGN, "/imagine", f"lighthouse {number}")
                    assert shown.ok
                await stage.until(lambda: stage.submits() == 5, what="five submitted")
                assert await bot.stop() == 0, bot.output
            assert stage.replies() == []

        async with start_bot(stage.settings, tmp_path) as bot:
            await join(stage, bot)
            replies = await stage.until_told(5)
            assert await bot.stop() == 0, bot.output

        assert all(len(images_of(reply)) == 1 for reply in replies)
        assert len(replies) == 5
        assert stage.powerpost.paid_posts == 5
        assert stage.submits() == 5


async def test_a_paid_answer_that_is_on_its_way_is_waited_for(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        stage.powerpost.faults.next_submit(SubmitFault.SLOW)
        stage.powerpost.faults.slow_seconds = 1.5
        async with start_bot(stage.settings, tmp_path) as bot:
            await join(stage, bot)
            await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
            await stage.until(lambda: stage.powerpost.paid_posts == 1, what="paid")
            assert await bot.stop() == 0, bot.output

        async with start_bot(stage.settings, tmp_path) as bot:
            await join(stage, bot)
            (result,) = await stage.until_told()

        assert len(images_of(result)) == 1
        assert stage.submits() == 1


async def test_a_paid_answer_that_never_comes_does_not_hold_the_stop(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        stage.powerpost.faults.next_submit(SubmitFault.HANG)
        async with start_bot(stage.settings, tmp_path) as bot:
            await join(stage, bot)
            await stage.ada.run_command(DESIGN, "/imagine", "a lighthouse")
            await stage.until(lambda: stage.submits() == 1, what="submitted")
            code = await bot.stop()

        assert code == 0, bot.output
        assert "process.stop_timed_out" not in bot.output


async def test_a_request_that_never_ends_does_not_hold_the_stop(tmp_path: Path) -> None:
    async with open_stage(tmp_path, runs_bot=False, port=0) as stage:
        async with start_bot(stage.settings, tmp_path) as bot:
            port = int(bot.url.rpartition(":")[2])
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
            await writer.drain()
            code = await bot.stop()
            writer.close()

        assert code == 0, bot.output
        assert "Traceback" not in bot.output


async def test_a_second_process_on_the_same_file_is_refused_in_one_line(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, port=0) as stage,
        start_bot(stage.settings, tmp_path) as second,
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await second.process.wait()

    refusals = [line for line in second.lines if not line.startswith("{")]
    assert code == 1
    assert len(refusals) == 1, second.output
    assert "imagine.sqlite3 is in use by another running bot" in refusals[0]


async def test_a_port_that_is_taken_is_said_before_any_work_is_begun(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with (
            open_stage(tmp_path, runs_bot=False, port=port) as stage,
            start_bot(stage.settings, tmp_path) as bot,
        ):
            async with asyncio.timeout(PATIENCE_SECONDS):
                code = await bot.process.wait()

    assert code == 1
    assert len(bot.lines) == 1, bot.output
    assert f"port {port} of 127.0.0.1 cannot be used" in bot.lines[0]
    assert not (tmp_path / "imagine.sqlite3").exists()


@pytest.mark.parametrize(
    ("database_url", "says"),
    [
        ("sqlite:////proc/none/a.sqlite3", "cannot be opened"),
        ("postgresql://u:very-secret@127.0.0.1:1/x", "cannot be used"),
    ],
)
async def test_a_database_that_cannot_be_used_is_said_in_one_line(
    tmp_path: Path, database_url: str, says: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, database_url=database_url) as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await bot.process.wait()

    refusals = [line for line in bot.lines if not line.startswith("{")]
    assert code == 1
    assert len(refusals) == 1, bot.output
    assert says in refusals[0]
    assert "very-secret" not in bot.output
