"""`python -m bot sandbox` as a person starts it: quick, private to this machine, cleanly gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.support.root import ROOT
from tests.support.sandbox_command import start

pytestmark = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="what processes do is read from /proc"
)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_it_starts_and_stops_with_its_bot(sign: signal.Signals) -> None:
    async with start("sandbox", "--port", "0", "--no-open", from_nothing=True) as sandbox:
        await sandbox.read_until("Ctrl-C stops it.")
        async with httpx.AsyncClient(base_url=sandbox.url, follow_redirects=True) as http:
            assert "Imagine" in (await http.get("/")).text
        (bot,) = sandbox.bot_ids()
        sandbox.process.send_signal(sign)
        async with asyncio.timeout(45):
            assert await sandbox.process.wait() == 0
        with pytest.raises(ProcessLookupError):
            os.kill(bot, 0)


async def test_a_command_that_comes_before_the_bot_is_up_waits_for_it() -> None:
    async with start("sandbox", "--port", "0", "--no-open") as sandbox:
        await sandbox.read_until("Ctrl-C stops it.")
        url = sandbox.url
        async with httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=60) as http:
            assert (await http.post("/do/kill", data={"as": "U0ADA"})).json()["ok"]
            starting = asyncio.create_task(http.post("/do/start", data={"as": "U0ADA"}))
            seen = ""
            async with asyncio.timeout(45):
                while "The bot is starting" not in seen:
                    seen = (await http.get("/part/status?as=U0ADA")).text
            fields = {"as": "U0ADA", "channel": "C0DESIGN", "text": "/imagine help"}
            assert (await http.post("/do/say", data=fields)).json() == {"ok": True}
            shown = (await http.get("/part/messages?as=U0ADA&channel=C0DESIGN")).text
            assert "Make pictures from words" in shown
            assert "The bot is running" in (await http.get("/part/status?as=U0ADA")).text
            assert (await starting).json()["ok"]


async def test_the_demo_is_four_weeks_of_a_team_whose_ledger_adds_up(tmp_path: Path) -> None:
    async with start(
        "sandbox", "--port", "0", "--no-open", "--demo", "--db", f"{tmp_path}/a b.sqlite3"
    ) as sandbox:
        await sandbox.read_until("Ctrl-C stops it.")
        await sandbox.read_until("-m bot audit")
        async with httpx.AsyncClient(base_url=sandbox.url) as http:

            async def read(part: str) -> str:
                return (await http.get(f"/part/{part}")).text

            channel = await read("messages?as=U0ADA&channel=C0DESIGN")
            card = await read("messages?as=U0ADA&channel=D0ADA")
        (command,) = [line for line in sandbox.output.splitlines() if "bot audit" in line]
        async with asyncio.timeout(60):
            audit = await asyncio.create_subprocess_shell(
                command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
            )
            said, _ = await audit.communicate()

    assert "Not all of the history" not in sandbox.output
    assert all(name in channel for name in ("Ada Park", "Ben Osei", "Dana Lind"))
    assert channel.count('class="replies"') == 9
    assert len(set(re.findall(r'class="day"[^>]*>\s*<[^>]*>([^<]+)', channel))) >= 7
    assert "asks for approval" in card
    assert audit.returncode == 0, said


async def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in (["sandbox", "--no-open"], ["stand-in", "slack"], ["stand-in", "powerpost"]):
            async with start(*command, "--port", port) as sandbox:
                await sandbox.read_until("never said")
                assert await sandbox.process.wait() == 1
                (line,) = sandbox.output.splitlines()
                assert line.startswith(f"Port {port} cannot be used")


async def test_it_listens_on_loopback_only() -> None:
    async with start("sandbox", "--port", "0", "--no-open") as sandbox:
        await sandbox.read_until("Ctrl-C stops it.")
        url = sandbox.url
        async with httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=60) as http:
            await http.post("/do/open_home", data={"as": "U0ADA"})  # waits until the bot is up
        ports = list_listening({sandbox.process.pid, *sandbox.bot_ids()})
    assert len(ports) == 4
    assert {address for address, _ in ports} == {"0100007F"}


def list_listening(processes: set[int]) -> set[tuple[str, str]]:
    """(address, port) in hexadecimal of what these processes listen on, from /proc/net/tcp."""
    inodes = set()
    for process in processes:
        for handle in Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                inodes.add(str(handle.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.add((address, port))
    return found


async def test_jobs_are_kept_in_the_file_that_is_named(tmp_path: Path) -> None:
    database = tmp_path / "kept.sqlite3"
    command = ["sandbox", "--port", "0", "--no-open", "--db", str(database)]
    async with start(*command) as sandbox:
        await sandbox.read_until("Ctrl-C stops it.")
        url = sandbox.url
        async with httpx.AsyncClient(base_url=url, headers={"origin": url}, timeout=60) as http:
            fields = {"as": "U0ADA", "channel": "C0DESIGN", "text": "/imagine help"}
            await http.post("/do/say", data=fields)
        sandbox.process.send_signal(signal.SIGTERM)
        await sandbox.process.wait()
    assert database.stat().st_size > 0


async def test_if_the_bot_cannot_start_its_sentence_is_all_that_is_said(tmp_path: Path) -> None:
    no_directory = tmp_path / "a file"
    no_directory.touch()
    async with start(
        *("sandbox", "--port", "0", "--no-open"), *("--db", str(no_directory / "jobs.sqlite3"))
    ) as sandbox:
        await sandbox.read_until("nothing that it would say")
        assert await sandbox.process.wait() == 1

    assert sandbox.output.startswith(f"The bot cannot start: {no_directory}/jobs.sqlite3 cannot be")
    assert sandbox.output.count("\n") == 1
