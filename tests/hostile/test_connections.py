"""Connections that ask for nothing, or never finish asking, stop nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.app.server import configure_server, open_port
from bot.http.connections import Connections, find_most_connections, hear_of_full_files
from tests.support.root import ROOT

HEAD = b"GET /quick HTTP/1.1\r\nHost: x\r\n"
WHOLE = HEAD + b"\r\n"
PATIENCE_SECONDS = 20.0


@dataclass
class Site:
    """A server as the bot is served, with limits that a test can wait for."""

    port: int
    logs: list[Any] = field(default_factory=list)

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that has said so much."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer

    async def is_answered(self) -> bool:
        """Whether somebody new is answered."""
        reader, writer = await self.connect(WHOLE)
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await reader.readline()
        writer.close()
        return b" 200 " in line

    def closed(self) -> list[str]:
        """Why connections were closed, once for each line of the log."""
        return [str(line["why"]) for line in self.logs if line["event"] == "connections.closed"]


@contextlib.asynccontextmanager
async def open_site(connections: Connections) -> AsyncIterator[Site]:
    async def answer_quickly(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def answer_much(_request: Request) -> Response:
        return PlainTextResponse("x" * 20_000_000)

    app = Starlette(routes=[Route("/quick", answer_quickly), Route("/much", answer_much)])
    door = open_port("127.0.0.1", 0)
    config = configure_server(app, connections, host="127.0.0.1", port=0)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    door.listen()  # who calls before it is served waits
    with capture_logs() as logs:
        serving = asyncio.create_task(server.serve(sockets=[door]))
        try:
            yield Site(door.getsockname()[1], logs)
        finally:
            server.should_exit = server.force_exit = True
            await serving


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Wait until the other side has hung up."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            while await reader.read(65536):
                pass
        except ConnectionResetError:
            pass
    return True


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"G",
        HEAD,
        b"POST /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST /quick HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        WHOLE + HEAD,
    ],
    ids=["silent", "a letter", "half a head", "half a body", "half a chunk", "a second one"],
)
async def test_a_connection_without_a_whole_request_is_closed(sent: bytes) -> None:
    async with open_site(Connections(10, request_seconds=0.3)) as site:
        reader, writer = await site.connect(sent)

        assert await is_closed(reader)
        writer.close()


async def test_dripping_does_not_keep_a_connection_open() -> None:
    async with open_site(Connections(10, request_seconds=0.3)) as site:
        reader, writer = await site.connect(HEAD)

        async def drip() -> None:
            while True:
                writer.write(b"X-A: b\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await is_closed(reader)
        dripping.cancel()
        writer.close()


async def test_who_asks_for_much_and_reads_nothing_is_closed() -> None:
    async with open_site(Connections(10, request_seconds=0.2, answer_seconds=0.3)) as site:
        _, writer = await site.connect(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not site.closed():  # noqa: ASYNC110 - the log rings no bell
                await asyncio.sleep(0.02)

        assert site.closed() == ["too slow"]
        assert await site.is_answered()
        writer.close()


async def test_above_the_limit_the_oldest_idle_connection_goes() -> None:
    async with open_site(Connections(3)) as site:
        oldest, *others = [await site.connect(HEAD) for _ in range(3)]
        await asyncio.sleep(0.1)

        assert await site.is_answered()
        assert await is_closed(oldest[0])
        for reader, writer in others:
            writer.write(b"\r\n")
            assert b" 200 " in await reader.readline()
            writer.close()


async def test_a_crowd_larger_than_the_limit_is_closed_and_a_newcomer_is_answered() -> None:
    async with open_site(Connections(32)) as site:
        crowd = [await site.connect(HEAD) for _ in range(300)]

        assert await site.is_answered()
        assert len(site.closed()) == 1, "one line a minute, however many there were"
        for _, writer in crowd:
            writer.transport.abort()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /quick HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        WHOLE + b"\x00\x00\r\n\r\n",
        HEAD + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        HEAD + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
    ids=["TLS", "a version", "a chunk", "after a request", "an upgrade", "a long head"],
)
async def test_what_is_not_http_breaks_nothing(sent: bytes) -> None:
    async with open_site(Connections(10, request_seconds=0.3)) as site:
        for _ in range(3):
            reader, writer = await site.connect(sent)
            assert await is_closed(reader)
            writer.close()

        assert await site.is_answered()
        assert len(site.logs) <= 1


@pytest.mark.parametrize(
    ("files", "most"), [(64, 32), (256, 128), (1024, 512), (20_000, 1000), (10**9, 1000)]
)
def test_connections_leave_files_for_everything_else(files: int, most: int) -> None:
    assert find_most_connections(files) == most


async def test_full_files_are_told_once_and_everything_else_as_ever() -> None:
    loop = asyncio.new_event_loop()
    try:
        hear_of_full_files(loop)
        with capture_logs() as logs:
            for _ in range(100):
                loop.call_exception_handler({"exception": OSError(errno.EMFILE, "full")})
    finally:
        loop.close()

    assert [line["event"] for line in logs] == ["files.exhausted"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_the_limit_on_files_is_raised_to_the_hard_one() -> None:
    program = (
        "import resource as r; from bot.http.connections import raise_file_limit as raise_;"
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]; r.setrlimit(r.RLIMIT_NOFILE, (64, hard));"
        "assert raise_() == r.getrlimit(r.RLIMIT_NOFILE)[0] == hard"
    )
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)  # noqa: S603 - as above
