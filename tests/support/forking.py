"""Processes of `python -m …` without the second that importing takes: a server that has imported
everything once forks them.

They are processes like any other: a pid, signals, an exit code, an environment, a directory and
an output of their own. What they skip is finding and loading modules, so some tests still start
the command itself. Where forking is not safe (anywhere but on Linux), all of them do.

`python -m tests.forking FD` is the server. It listens on the socket FD and takes a connection for
each process: arguments, environment and directory as JSON, with the files that take the output
and the errors. It answers with the pid, and in the end with the exit code. All of it is killed with
the tests.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from tests.support.root import ROOT

# What a bot loads besides its own modules, and only when it needs it.
_LIBRARIES: Final = (
    "alembic.command",
    "encodings.idna",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
)
_NOT_IMPORTED: Final = ("bot.__main__", "bot.store.migrations")
_NUMBER: Final = struct.Struct("!i")


@dataclass(frozen=True)
class Command:
    """What a process shall do."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    directory: str


class Process(Protocol):
    """A process, forked or not: as much of asyncio's as the tests need."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int, /) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


class ForkedProcess:
    """A process that the server has forked."""

    def __init__(
        self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._writer = writer
        self._ending = asyncio.create_task(self._see_the_end(reader))

    def send_signal(self, signal: int, /) -> None:
        """Nothing happens if it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """The exit code, once it has ended; the signal's number below zero if one has ended it."""
        return await asyncio.shield(self._ending)

    async def _see_the_end(self, reader: asyncio.StreamReader) -> int:
        code = await _read_number(reader)
        self.returncode = code
        self._writer.close()
        return code


async def fork_module(
    *arguments: str,
    environment: Mapping[str, str],
    directory: Path,
    output: IO[bytes],
    errors: IO[bytes] | None = None,
) -> Process:
    """`python -m {arguments}` without the imports. What it prints goes to `output`, and what it
    says on standard error to `errors`, or there, too."""
    errors = errors or output
    if sys.platform != "linux":
        return await start_module(
            *arguments, environment=environment, directory=directory, output=output, errors=errors
        )
    command = Command(arguments, environment, str(directory))
    body = json.dumps(asdict(command)).encode()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_start_server())
    socket.send_fds(connection, [_NUMBER.pack(len(body))], [output.fileno(), errors.fileno()])
    connection.sendall(body)
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    return ForkedProcess(await _read_number(reader), reader, writer)


async def start_module(
    *arguments: str,
    environment: Mapping[str, str],
    directory: Path,
    output: IO[bytes],
    errors: IO[bytes] | None = None,
    python: str = sys.executable,
) -> Process:
    """The same from nothing, as an operator starts it."""
    return await asyncio.create_subprocess_exec(
        *(python, "-m", *arguments),
        env=environment,
        cwd=directory,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=errors or output,
    )


async def open_pipe() -> tuple[IO[bytes], asyncio.StreamReader]:
    """A file for a process to write to, to be closed here once the process has it; and what comes
    out of it."""
    reading_end, writing_end = os.pipe()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading_end, "rb")
    )
    return os.fdopen(writing_end, "wb"), reader


async def _read_number(reader: asyncio.StreamReader) -> int:
    number: int = _NUMBER.unpack(await reader.readexactly(_NUMBER.size))[0]
    return number


@functools.cache
def _start_server() -> str:
    """The address of this process's server. It ends when we do, however that comes about."""
    directory = tempfile.TemporaryDirectory(prefix="imagine-forking-")
    address = f"{directory.name}/socket"
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        server = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-m", "tests.support.forking", str(door.fileno())],
            cwd=ROOT,
            pass_fds=[door.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for those who know what to do about it
        )

    def stop() -> None:
        assert server.stdin is not None
        server.stdin.close()
        server.wait()
        directory.cleanup()

    atexit.register(stop)
    return address


class _Server:
    """Forks what it is asked for. It has one thread: a fork would not take others along."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door
        self._selector = selectors.DefaultSelector()
        self._children: dict[int, tuple[int, socket.socket]] = {}  # by a handle that is then ready
        self._is_over = False

    def serve(self) -> Command | None:
        """In each process that is forked, what it shall do; here None, when the tests are over."""
        self._listen(self._door.fileno(), self._fork)
        self._listen(sys.stdin.fileno(), self._end)
        while not self._is_over:
            for key, _ in self._selector.select():
                if (command := key.data()) is not None:
                    return command  # type: ignore[no-any-return]  # a selector's data is anything
        return None

    def _listen(self, fd: int, do: Callable[[], Command | None]) -> None:
        self._selector.register(fd, selectors.EVENT_READ, do)

    def _end(self) -> None:
        self._is_over = True
        for pid, _ in self._children.values():
            os.kill(pid, signal.SIGKILL)

    def _fork(self) -> Command | None:
        connection, _ = self._door.accept()
        command, files = _receive(connection)
        pid = os.fork()
        if pid == 0:
            connection.close()
            self._forget_everything()
            for fd, file in enumerate([os.open(os.devnull, os.O_RDONLY), *files]):
                os.dup2(file, fd)
                os.close(file)
            return command
        for file in files:
            os.close(file)
        connection.sendall(_NUMBER.pack(pid))
        handle = os.pidfd_open(pid)
        self._children[handle] = pid, connection
        self._listen(handle, functools.partial(self._bury, handle))
        return None

    def _forget_everything(self) -> None:
        """Close what is the server's, and not leave it to the garbage collection, which would
        close files of the same numbers later."""
        self._selector.close()
        self._door.close()
        for handle, (_, connection) in self._children.items():
            os.close(handle)
            connection.close()

    def _bury(self, handle: int) -> None:
        pid, connection = self._children.pop(handle)
        self._selector.unregister(handle)
        os.close(handle)
        _, status = os.waitpid(pid, 0)
        with connection, contextlib.suppress(OSError):  # who asked may be gone
            connection.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _receive(connection: socket.socket) -> tuple[Command, list[int]]:
    """What shall be done, and the files for output and errors."""
    head, files, _, _ = socket.recv_fds(connection, _NUMBER.size, 2)
    (size,) = _NUMBER.unpack(head)
    body = connection.recv(size, socket.MSG_WAITALL)
    return Command(**json.loads(body)), files


def _import_everything() -> None:
    for library in _LIBRARIES:
        importlib.import_module(library)
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(_NOT_IMPORTED):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()  # nothing of it is garbage, and what nobody looks at stays shared


def _run(command: Command) -> None:
    os.environ.clear()
    os.environ.update(command.environment)
    os.chdir(command.directory)
    sys.path[0] = str(ROOT)
    sys.argv[1:] = command.arguments[1:]
    runpy.run_module(command.arguments[0], run_name="__main__", alter_sys=True)


def main() -> None:
    """The server; and, in what it forks, what was asked for."""
    _import_everything()
    with socket.socket(fileno=int(sys.argv[1])) as door:
        command = _Server(door).serve()
    if command is not None:
        _run(command)


if __name__ == "__main__":
    main()
